// Fills a state folder's spool with samples that wait for the endpoint "ego", as an agent that had
// no endpoint to reach would have: fill_spool STATE_DIR COUNT BYTES. EGO takes the samples.

#include "actors/deliver/durable_spool.hpp"
#include "actors/state_dir.hpp"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

using namespace reflector;

namespace {

template <class T>
T value_of(result<T> outcome) {
  if (!outcome) throw std::runtime_error(outcome.error().text);
  return std::move(*outcome);
}

std::string sample(std::uint64_t sequence, const std::string& agent, std::size_t bytes) {
  std::string json =
      R"({"hostname":"bench","timestamp":"2026-01-01T00:00:00.000Z","cpu_load":1,)"
      R"("memory_used_percent":1,"load_average":1,"uptime_seconds":1,"agent_version":"bench",)"
      R"("platform":"Linux","agent":{"id":")" +
      agent + R"(","boot_id":"bench","sequence":)" + std::to_string(sequence) + "},\"filler\":\"";
  if (json.size() + 2 < bytes) json.append(bytes - json.size() - 2, 'x');
  return json + "\"}";
}

void fill(const std::string& folder, std::uint64_t count, std::size_t bytes) {
  const auto state = value_of(state_dir::open(folder));
  spool_settings settings;
  settings.state_dir = folder;
  settings.identity = {value_of(state.agent_id()), "bench"};
  settings.limits.max_bytes = std::uint64_t{1} << 40;
  settings.limits.durability = durability::process_crash;
  settings.endpoints = {{"ego", backfill::all}};
  settings.uptime = [] { return std::chrono::milliseconds{0}; };
  settings.wall_now = [] { return wall_time{}; };
  const auto opened = value_of(open_durable_spool(settings));
  std::vector<record> group;
  for (std::uint64_t n = 1; n <= count; ++n) {
    group.push_back(
        {n, std::make_shared<const std::string>(sample(n, settings.identity.id, bytes)), nullptr});
    if (group.size() < 256 && n < count) continue;
    opened->append(group);
    group.clear();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: fill_spool STATE_DIR COUNT BYTES\n", stderr);
    return 2;
  }
  try {
    fill(argv[1], std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "fill_spool: %s\n", e.what());
    return 1;
  }
  return 0;
}
