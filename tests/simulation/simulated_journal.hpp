#pragma once

#include "tests/memory_journal.hpp"
#include "tests/simulation/random_stream.hpp"
#include "tests/simulation/simulated_disk.hpp"

#include <memory>
#include <string>
#include <utility>

namespace reflector::simulation {

/// The journal of commands on the simulated disk. What a call has written is there after a power
/// cut too; one that the disk fails may have been written all the same.
class simulated_journal final : public command_journal {
 public:
  simulated_journal(simulated_disk& disk, journal_memory& on_disk, random_stream& random)
      : disk_(disk), random_(random), rows_(on_disk) {}

  result<std::vector<reception>> receive(const std::string& queue,
                                         std::span<const received_command> commands) override {
    return written([&] { return rows_.receive(queue, commands); });
  }
  result<void> start(const std::string& queue, const std::string& id,
                     const process_identity& process, const std::string& boot_id) override {
    return written([&] { return rows_.start(queue, id, process, boot_id); });
  }
  result<void> finish(const std::string& queue, const std::string& id,
                      std::string_view body) override {
    return written([&] { return rows_.finish(queue, id, body); });
  }
  result<void> settle(const std::string& queue, const std::string& id) override {
    return written([&] { return rows_.settle(queue, id); });
  }
  result<open_commands> open(const std::string& queue) override {
    if (!disk_.can_read()) return failure(fault_code::io, "the disk can't be read");
    return rows_.open(queue);
  }
  result<void> probe() override {
    return written([&] { return rows_.probe(); });
  }

 private:
  template <class Work>
  auto written(const Work& work) -> decltype(work()) {
    if (disk_.can_write()) return work();
    if (disk_.connected && disk_.io_errors > 0 && random_.one_in(2)) (void)work();
    return failure(fault_code::io, "the disk can't be written");
  }

  simulated_disk& disk_;
  random_stream& random_;
  memory_journal rows_;
};

}  // namespace reflector::simulation
