#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/host/faults/repeated.hpp"
#include "tests/faultlab/host/run_program.hpp"
#include "tests/faultlab/lab_world.hpp"

#include <atomic>

namespace reflector::faultlab {

namespace {

std::string name_of(std::uint64_t number) {
  return "flt" + std::to_string(number) + "a";
}

std::optional<std::string> add(std::uint64_t number) {
  return run_program({"ip", "link", "add", name_of(number), "type", "veth", "peer", "name",
                      "flt" + std::to_string(number) + "b"});
}
/// Its peer goes too.
bool remove(std::uint64_t number) {
  return !run_program({"ip", "link", "delete", name_of(number)});
}

class interfaces final : public fault {
 public:
  explicit interfaces(const settings& is) : count_{is.count("count")}, pace_{is.duration("pace")} {}

  std::string hindrance(lab_world&) override {
    const auto problem = add(0);
    if (!problem) remove(0);
    return problem.value_or("");
  }
  std::optional<std::string> begin(lab_world&) override {
    turns_.start(pace_, [this] {
      // One by one until all are there; then the oldest goes as the next one comes.
      if (made_ >= count_ && remove(made_ - count_)) ++fired_;
      if (!add(made_++)) ++fired_;
    });
    return std::nullopt;
  }
  void end(lab_world&) override {
    turns_.stop();
    for (auto i = made_ > count_ ? made_ - count_ : 0; i < made_; ++i) remove(i);
    made_ = 0;
  }
  std::uint64_t fired(lab_world&) const override { return fired_; }

 private:
  std::uint64_t count_, made_ = 0;
  std::chrono::milliseconds pace_;
  std::atomic<std::uint64_t> fired_{0};
  repeated turns_;
};

}  // namespace

fault_kind interfaces_fault() {
  return {.name = "interfaces",
          .group = "host",
          .summary = "network interfaces come and go (counts those that came or went)",
          .specs = {{.name = "count",
                     .kind = setting_kind::count,
                     .meaning = "pairs that are there at once",
                     .fallback = "20",
                     .least = 1,
                     .most = 500},
                    {.name = "pace",
                     .kind = setting_kind::duration,
                     .meaning = "between two changes",
                     .fallback = "50ms",
                     .least = 1}},
          .needs = {need::namespaces},
          .make = [](const settings& is) { return std::make_unique<interfaces>(is); }};
}

}  // namespace reflector::faultlab
