#include "tests/faultlab/agents/stub_adapter.hpp"

#include "tests/faultlab/agents/program_call.hpp"
#include "tests/faultlab/agents/stub/sample_file.hpp"
#include "tests/faultlab/agents/stub/stub_configuration.hpp"

#include <algorithm>
#include <sstream>

namespace reflector::faultlab {

tl::expected<std::filesystem::path, std::string> stub_adapter::configure(const agent_setup& setup) {
  if (!setup.own_configuration.empty())
    return tl::unexpected{std::string{"the stub takes no configuration of yours"}};
  folder_ = setup.folder;
  state_dir_ = setup.state_dir;
  stub::stub_configuration all{setup.host,     state_dir_, folder_ / "agent.log",
                               setup.interval, {},         {}};
  for (const auto& each : setup.endpoints) {
    stub::stub_endpoint made{each.name, each.url, each.ca_file, {}};
    if (!each.token.empty()) {
      const auto file = write_private(folder_ / ("token-" + each.name), each.token);
      if (!file) return file;
      made.token_file = *file;
    }
    endpoints_.push_back(each.name);
    all.endpoints.push_back(std::move(made));
  }
  if (!setup.commands_url.empty()) {
    all.commands = all.endpoints.front();
    all.commands.url = setup.commands_url;
  }
  return write_private(folder_ / "stub.conf", configuration_text(all));
}

launch_line stub_adapter::launch() const {
  launch_line line{{program_, folder_ / "stub.conf"}, {}};
  if (!breakage_.empty()) line.words.insert(line.words.end(), {"--broken", breakage_});
  return line;
}

std::vector<std::filesystem::path> stub_adapter::logs() const {
  return {folder_ / "agent.log", folder_ / "output"};
}

std::optional<live_counters> stub_adapter::counters() {
  live_counters counters;
  const std::uint64_t newest = stub::newest_sample(state_dir_ / "samples");
  counters.collected = newest;
  for (const auto& each : endpoints_)
    counters.waiting[each] =
        newest - std::min(newest, stub::read_number(state_dir_ / ("cursor-" + each)));
  return counters;
}

tl::expected<agent_books, std::string> stub_adapter::books() {
  agent_books books;
  books.agent_id = file_content(state_dir_ / "agent_id", 100);
  if (books.agent_id.empty()) return tl::unexpected{std::string{"no agent_id in its state_dir"}};
  books.last_sequence = stub::newest_sample(state_dir_ / "samples");
  for (const auto& each : endpoints_) {
    auto& of = books.endpoints[each];
    of.acknowledged = stub::read_number(state_dir_ / ("cursor-" + each));
    of.waiting = books.last_sequence - std::min(books.last_sequence, of.acknowledged);
    std::istringstream dead{file_content(state_dir_ / ("dead-" + each))};
    for (std::uint64_t number = 0; dead >> number;) of.dead_letters.push_back(number);
  }
  return books;
}

}  // namespace reflector::faultlab
