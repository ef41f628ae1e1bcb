// Fills a state folder's spool with samples that wait for the endpoint "ego": fill_spool STATE_DIR
// COUNT BYTES. With "host" for BYTES they are whole samples of a host of some 200 values.

#include "tests/backlog.hpp"
#include "tests/bench/measured_host.hpp"

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string_view>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: fill_spool STATE_DIR COUNT BYTES|host\n", stderr);
    return 2;
  }
  try {
    const bool whole = std::string_view{argv[3]} == "host";
    std::mt19937 random{7};
    const std::size_t bytes = std::strtoull(argv[3], nullptr, 10);
    reflector::leave_backlog(argv[1], std::strtoull(argv[2], nullptr, 10),
                             [&](std::uint64_t sequence, const std::string& agent) {
                               if (whole) return reflector::committed_json(sequence, agent, random);
                               return reflector::backlog_sample(sequence, agent, 50, bytes);
                             });
  } catch (const std::exception& e) {
    std::fprintf(stderr, "fill_spool: %s\n", e.what());
    return 1;
  }
  return 0;
}
