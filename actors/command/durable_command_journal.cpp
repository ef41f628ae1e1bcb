#include "actors/command/durable_command_journal.hpp"

#include "actors/command/journal_file.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

namespace reflector {
namespace {

/// What a call has added or changed that is to be taken back should it have failed, and be on the
/// disk all the same: otherwise a command would be known that nobody runs, or one have started
/// that has not. The ends of commands need none: they may be written any number of times.
struct latest_changes {
  std::string queue;
  std::vector<std::string> received;
  std::vector<remembered_key> remembered;
  std::string started, before;  ///< id, and the content that its row had

  bool empty() const { return received.empty() && remembered.empty() && started.empty(); }
};

class durable_command_journal final : public command_journal {
 public:
  explicit durable_command_journal(journal_settings settings)
      : settings_(std::move(settings)), since_(settings_.uptime()) {}

  result<void> ready() {
    if (!open_) {
      auto file = open_journal_file(settings_.path, settings_.max_remembered, settings_.wall_now);
      if (!file) return tl::unexpected{file.error()};
      start_counting_at(file->keys.newest());
      open_.emplace(std::move(*file));
    }
    if (doubtful_.empty()) return {};
    auto undone = transaction([this] { return take_back(doubtful_); });
    if (undone) doubtful_ = {};
    return undone;
  }

  result<std::vector<reception>> receive(const std::string& queue,
                                         std::span<const received_command> commands) override {
    std::vector<reception> all;
    auto done = call([&](latest_changes& made) -> result<void> {
      made.queue = queue;
      // Each command adds two keys at the most, so that more go than come.
      const std::size_t portion = std::max<std::size_t>(64, 4 * commands.size());
      if (auto gone = keys().forget_old(age(), portion); !gone) return gone;
      const auto before = rows().count();
      if (!before) return tl::unexpected{before.error()};
      for (const auto& each : commands) {
        auto one = receive_one(queue, each, *before, made);
        if (!one) return tl::unexpected{one.error()};
        all.push_back(*one);
      }
      return {};
    });
    if (!done) return tl::unexpected{done.error()};
    return all;
  }

  result<void> start(const std::string& queue, const std::string& id,
                     const process_identity& process, const std::string& boot_id) override {
    bool may_start = false;
    auto done = call([&](latest_changes& made) -> result<void> {
      auto row = rows().find(queue, id);
      if (!row) return tl::unexpected{row.error()};
      may_start = *row && (*row)->stage == command_stage::received;
      if (!may_start) return {};
      made.queue = queue;
      made.started = id;
      made.before = std::move((*row)->content);
      return rows().change(queue, id, command_stage::started, to_json(process, boot_id));
    });
    if (!done || may_start) return done;
    return failure(fault_code::refused, "command " + quoted(id) + " of " + quoted(queue) +
                                            " may not start: it is not known, or did so before");
  }

  result<void> finish(const std::string& queue, const std::string& id,
                      std::string_view body) override {
    return call([&](latest_changes&) -> result<void> {
      auto row = rows().find(queue, id);
      if (!row) return tl::unexpected{row.error()};
      return *row ? rows().change(queue, id, command_stage::finished, body)
                  : rows().add(queue, id, command_stage::finished, body);
    });
  }

  result<void> settle(const std::string& queue, const std::string& id) override {
    return call([&](latest_changes&) -> result<void> {
      // A journal that was begun anew doesn't know it; and it counts from now.
      if (auto known = keys().add(key_of_command(queue, id), age(), false); !known) return known;
      return rows().remove(queue, id);
    });
  }

  result<open_commands> open(const std::string& queue) override {
    open_commands all;
    auto done = call([&](latest_changes&) -> result<void> {
      auto listed = rows().list(queue);
      if (!listed) return tl::unexpected{listed.error()};
      all = std::move(*listed);
      return {};
    });
    if (!done) return tl::unexpected{done.error()};
    return all;
  }

  result<void> probe() override {
    return call([&](latest_changes&) {
      return open_->file.execute("UPDATE journal SET probed = probed + 1 WHERE id = 1");
    });
  }

 private:
  command_rows& rows() { return open_->rows; }
  remembered_keys& keys() { return open_->keys; }

  /// Seconds in which the agent ran, and more than any that is stored.
  std::chrono::seconds age() const {
    const auto passed = std::max(settings_.uptime() - since_, std::chrono::milliseconds{0});
    return before_ + std::chrono::floor<std::chrono::seconds>(passed);
  }

  void start_counting_at(std::chrono::seconds newest) {
    before_ = std::max(newest, age());
    since_ = settings_.uptime();
  }

  /// @param before that were open before any of these
  result<reception> receive_one(const std::string& queue, const received_command& asked,
                                std::uint64_t before, latest_changes& made) {
    const std::string& id = asked.what.id;
    const auto name = key_of_command(queue, id);
    const auto is_remembered = keys().has(name);
    if (!is_remembered) return tl::unexpected{is_remembered.error()};
    const auto row = rows().find(queue, id);
    if (!row) return tl::unexpected{row.error()};
    if (*is_remembered || *row) {
      if (auto renewed = keys().renew(name, age()); !renewed)
        return tl::unexpected{renewed.error()};
      return reception::known;
    }
    if (const auto open = before + made.received.size(); open >= settings_.max_open)
      return failure(fault_code::full, "the results of " + std::to_string(open) +
                                           " commands wait to be taken: no more are taken until "
                                           "fewer do");
    const auto is_used = use(asked, made);
    if (!is_used) return tl::unexpected{is_used.error()};
    made.received.push_back(id);
    auto written = remember(name, made);
    if (written)
      written = *is_used ? rows().add(queue, id, command_stage::barred, {})
                         : rows().add(queue, id, command_stage::received, to_json(asked.what));
    if (!written) return tl::unexpected{written.error()};
    return *is_used ? reception::replayed : reception::fresh;
  }

  /// Uses its claim up. @return whether it was used before, or may have been
  result<bool> use(const received_command& asked, latest_changes& made) {
    if (asked.claim.empty()) return false;
    const auto key = key_of_claim(asked.claim);
    auto is_remembered = keys().has(key);
    if (!is_remembered || *is_remembered) return is_remembered;
    if (auto added = remember(key, made); !added) return tl::unexpected{added.error()};
    const auto& lost_before = open_->lost_before;
    return lost_before && (!asked.signed_from || *asked.signed_from < *lost_before);
  }

  result<void> remember(const remembered_key& key, latest_changes& made) {
    made.remembered.push_back(key);
    auto added = keys().add(key, age());
    if (!added) return in_context(settings_.path, added.error());
    return added;
  }

  result<void> take_back(const latest_changes& made) {
    for (const auto& key : made.remembered)
      if (auto gone = keys().forget(key); !gone) return gone;
    for (const auto& id : made.received)
      if (auto gone = rows().remove(made.queue, id); !gone) return gone;
    if (made.started.empty()) return {};
    return rows().change(made.queue, made.started, command_stage::received, made.before);
  }

  /// One transaction. @param work is told to note what it changes
  template <class Work>
  result<void> call(const Work& work) {
    const std::lock_guard alone{mutex_};
    if (auto can = ready(); !can) return can;
    latest_changes made;
    auto done = transaction([&] { return work(made); });
    if (!done && !open_) doubtful_ = std::move(made);
    return done;
  }

  template <class Work>
  result<void> transaction(const Work& work) {
    auto done = open_->file.transaction(work);
    if (done) {
      open_->keys.committed();
      return done;
    }
    open_->keys.rolled_back();
    // What a failed write has done is not known. A full disk has done nothing, and could keep the
    // file from being opened anew.
    if (done.error().code != fault_code::full) open_.reset();
    return done;
  }

  journal_settings settings_;
  std::mutex mutex_;
  std::optional<journal_file> open_;
  latest_changes doubtful_;
  std::chrono::seconds before_{0};  ///< the age at `since_`
  std::chrono::milliseconds since_;
};

}  // namespace

result<std::unique_ptr<command_journal>> open_command_journal(journal_settings settings) {
  auto journal = std::make_unique<durable_command_journal>(std::move(settings));
  if (auto ready = journal->ready(); !ready) return tl::unexpected{ready.error()};
  return journal;
}

}  // namespace reflector
