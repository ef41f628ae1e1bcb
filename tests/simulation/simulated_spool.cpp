#include "tests/simulation/simulated_spool.hpp"

// All that durable_spool.cpp and cursor_store.cpp include comes first under its own name, so that
// the names that follow mean the simulated files within these two sources alone.
#include "actors/deliver/cursor_database.hpp"
#include "actors/deliver/damaged_file.hpp"
#include "actors/deliver/dead_letter_database.hpp"
#include "actors/deliver/declared_losses.hpp"
#include "actors/deliver/forget_request.hpp"
#include "actors/deliver/held_records.hpp"
#include "actors/deliver/segment_files.hpp"
#include "actors/os/system_fault.hpp"
#include "actors/state_dir.hpp"
#include "tests/simulation/simulated_files.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <sys/stat.h>
#include <utility>

#include <spdlog/spdlog.h>

namespace reflector {
namespace {

/// The command line asks for that, in a folder; there is none.
std::vector<std::string> no_forget_request(const std::string& /*folder*/) {
  return {};
}

}  // namespace
}  // namespace reflector

#define cursor_database simulated_cursor_database
#define cursor_store simulated_cursor_store
#define dead_letter_database simulated_dead_letters
#define segment_files simulated_segment_files
#define sequence_file simulated_sequence_file
#define set_file_aside set_simulated_file_aside
#define read_forget_request no_forget_request
#define mkdir reflector::make_simulated_folder
#define open_durable_spool open_durable_spool_of_simulated_files
#include "actors/deliver/cursor_store.cpp"   // NOLINT(bugprone-suspicious-include)
#include "actors/deliver/durable_spool.cpp"  // NOLINT(bugprone-suspicious-include)
#undef cursor_database
#undef cursor_store
#undef dead_letter_database
#undef segment_files
#undef sequence_file
#undef set_file_aside
#undef read_forget_request
#undef mkdir
#undef open_durable_spool

namespace reflector {

result<std::unique_ptr<spool>> open_simulated_spool(simulation::simulated_disk& disk,
                                                    spool_settings settings) {
  simulated_disk_in_use = &disk;
  return open_durable_spool_of_simulated_files(std::move(settings));
}

}  // namespace reflector
