#include "actors/deliver/cursor_store.hpp"

#include "actors/deliver/damaged_file.hpp"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

namespace reflector {

cursor_store::cursor_store(std::string path, std::function<std::chrono::milliseconds()> uptime)
    : path_(std::move(path)), uptime_(std::move(uptime)) {}

result<cursor_store> cursor_store::open(std::string path, const std::string& boot_id,
                                        std::function<std::chrono::milliseconds()> uptime) {
  cursor_store store{std::move(path), std::move(uptime)};
  auto stored = store.load();
  if (!stored) return tl::unexpected{stored.error()};
  store.was_missing_ = !*stored;
  if (*stored) store.state_ = std::move(**stored);
  auto& clock = store.state_.clock;
  // Time in which the host was off is not counted: nothing but the wall clock tells how long it
  // was.
  if (clock.boot_id != boot_id) clock = {boot_id, store.uptime_(), clock.age};
  return store;
}

/// Nothing where there is none, or none that can be read; then it was set aside.
result<std::optional<spool_state>> cursor_store::load() {
  for (bool is_aside = false;; is_aside = true) {
    auto loaded = unless_it_passes([&]() -> result<std::optional<spool_state>> {
      auto opened = cursor_database::open(path_);
      if (!opened) return tl::unexpected{opened.error()};
      auto state = opened->load();
      if (state) database_ = std::move(*opened);
      return state;
    });
    if (loaded || is_aside || !is_damage(loaded.error())) return loaded;
    spdlog::error("the spool's cursors can't be read and are set aside as {}.corrupt: {}", path_,
                  loaded.error().text);
    if (auto aside = set_file_aside(path_); !aside) return tl::unexpected{aside.error()};
  }
}

spool_state& cursor_store::change() {
  is_saved_ = false;
  return state_;
}

std::chrono::milliseconds cursor_store::age() const {
  const auto& clock = state_.clock;
  return clock.age + std::max(uptime_() - clock.uptime, std::chrono::milliseconds{0});
}

void cursor_store::at_least_as_old(std::chrono::milliseconds age) {
  if (this->age() < age) state_.clock = {state_.clock.boot_id, uptime_(), age};
}

std::set<std::string> cursor_store::endpoints() const {
  std::set<std::string> names;
  for (const auto& [name, at] : state_.endpoints) names.insert(name);
  return names;
}

std::set<std::string> cursor_store::behind(std::uint64_t sequence) const {
  std::set<std::string> names;
  for (const auto& [name, at] : state_.endpoints)
    if (at.cursor < sequence) names.insert(name);
  return names;
}

std::uint64_t cursor_store::lowest_cursor(std::uint64_t newest) const {
  std::uint64_t lowest = newest;
  for (const auto& [name, at] : state_.endpoints) lowest = std::min(lowest, at.cursor);
  return lowest;
}

void cursor_store::save_changes() {
  if (!is_saved_) save(false);
}

void cursor_store::save_durably() {
  save(true);
}

void cursor_store::save(bool durably) {
  is_saved_ = false;
  state_.clock = {state_.clock.boot_id, uptime_(), age()};
  if (!database_) {
    auto opened = cursor_database::open(path_);
    if (opened) database_ = std::move(*opened);
  }
  if (!database_) return;
  const auto saved = database_->save(state_, durably);
  if (saved.has_value() == failing_) {
    failing_ = !failing_;
    if (failing_)
      spdlog::error("{}; after a crash delivered samples may be sent again", saved.error().text);
    else
      spdlog::info("the spool's cursors can be written again");
  }
  if (saved)
    is_saved_ = true;
  else if (saved.error().code != fault_code::full)
    database_.reset();  // opened anew: what a failed write has done is not known
}

}  // namespace reflector
