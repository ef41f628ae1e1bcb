#pragma once

#include "actors/deliver/cursor_database.hpp"
#include "messages/fault.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

namespace reflector {

/// What a spool knows beside its records, in memory and in its database. While the disk can't be
/// written the memory counts; should the agent die meanwhile, that costs a second delivery.
class cursor_store {
 public:
  /// A database that is damaged is set aside as .corrupt. Fails where it can't be read just now.
  /// @param uptime CLOCK_BOOTTIME
  static result<cursor_store> open(std::string path, const std::string& boot_id,
                                   std::function<std::chrono::milliseconds()> uptime);

  bool was_missing() const { return was_missing_; }  ///< at the opening, or could not be read

  const spool_state& state() const { return state_; }
  spool_state& change();  ///< for a change, which is then to be saved

  /// How long the host was on since the spool was made.
  std::chrono::milliseconds age() const;
  void at_least_as_old(std::chrono::milliseconds age);

  std::set<std::string> endpoints() const;
  std::set<std::string> behind(std::uint64_t sequence) const;  ///< endpoints without this record
  std::uint64_t lowest_cursor(std::uint64_t newest) const;     ///< `newest` without any endpoint

  bool is_saved() const { return is_saved_; }
  void save_changes();
  void save_durably();  ///< changes or not, and no power cut undoes it

 private:
  cursor_store(std::string path, std::function<std::chrono::milliseconds()> uptime);

  result<std::optional<spool_state>> load();
  void save(bool durably);

  std::string path_;
  std::function<std::chrono::milliseconds()> uptime_;
  std::optional<cursor_database> database_;
  spool_state state_;
  bool was_missing_ = false;
  bool is_saved_ = true;
  bool failing_ = false;
};

}  // namespace reflector
