#pragma once

#include "actors/command/audit_log.hpp"
#include "actors/command/command_journal.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace reflector {

/// What a journal has on its disk, and what was audited: outlives those that write it.
struct journal_memory {
  enum class step { received, started, finished, settled };
  struct row {
    command what;
    step at = step::received;
    process_identity process;
    std::string boot_id, body;
    std::size_t place = 0;  ///< in the order in which they were received
  };
  std::map<std::pair<std::string, std::string>, row> rows;  ///< by queue and id
  std::set<std::string> claims;
  std::vector<audit_entry> audit;

  std::string wrong;        ///< not empty: nothing can be written, and this is why
  std::string audit_wrong;  ///< the same of the audit log
  std::size_t writes = 0;

  const row* find(const std::string& queue, const std::string& id) const {
    const auto found = rows.find({queue, id});
    return found == rows.end() ? nullptr : &found->second;
  }
};

/// A journal in memory, for actors in virtual time. `on_disk` outlives it.
class memory_journal final : public command_journal {
 public:
  explicit memory_journal(journal_memory& on_disk) : on_disk_(on_disk) {}

  result<std::vector<reception>> receive(const std::string& queue,
                                         std::span<const received_command> commands) override {
    if (auto written = write(); !written) return tl::unexpected<fault>{written.error()};
    std::vector<reception> each;
    for (const auto& one : commands) {
      const auto place = on_disk_.rows.size();
      const auto [row, is_new] = on_disk_.rows.try_emplace({queue, one.what.id});
      if (!is_new) {
        each.push_back(reception::known);
        continue;
      }
      row->second.what = one.what;
      row->second.place = place;
      const bool used = !one.claim.empty() && !on_disk_.claims.insert(one.claim).second;
      each.push_back(used ? reception::replayed : reception::fresh);
    }
    return each;
  }

  result<void> start(const std::string& queue, const std::string& id,
                     const process_identity& process, const std::string& boot_id) override {
    return change(queue, id, [&](journal_memory::row& row) {
      row.at = journal_memory::step::started;
      row.process = process;
      row.boot_id = boot_id;
    });
  }

  result<void> finish(const std::string& queue, const std::string& id,
                      std::string_view body) override {
    return change(queue, id, [&](journal_memory::row& row) {
      row.at = journal_memory::step::finished;
      row.body = body;
    });
  }

  result<void> settle(const std::string& queue, const std::string& id) override {
    return change(queue, id, [](journal_memory::row& row) {
      row.at = journal_memory::step::settled;
      row.what = {row.what.id, {}, {}};
      row.body.clear();
    });
  }

  result<open_commands> open(const std::string& queue) override {
    if (!on_disk_.wrong.empty()) return failure(fault_code::io, on_disk_.wrong);
    std::vector<const journal_memory::row*> in_order;
    for (const auto& [key, row] : on_disk_.rows)
      if (key.first == queue) in_order.push_back(&row);
    std::sort(in_order.begin(), in_order.end(),
              [](const auto* a, const auto* b) { return a->place < b->place; });
    open_commands open;
    for (const auto* row : in_order) {
      if (row->at == journal_memory::step::received) open.received.push_back(row->what);
      if (row->at == journal_memory::step::started)
        open.started.push_back({row->what.id, row->process, row->boot_id});
      if (row->at == journal_memory::step::finished)
        open.finished.push_back({row->what.id, row->body});
    }
    return open;
  }

  result<void> probe() override { return write(); }

 private:
  result<void> write() {
    if (!on_disk_.wrong.empty()) return failure(fault_code::full, on_disk_.wrong);
    ++on_disk_.writes;
    return {};
  }

  template <class Change>
  result<void> change(const std::string& queue, const std::string& id, const Change& how) {
    if (auto written = write(); !written) return written;
    const auto found = on_disk_.rows.find({queue, id});
    if (found == on_disk_.rows.end())
      return failure(fault_code::missing, "command " + id + " was never received");
    how(found->second);
    return {};
  }

  journal_memory& on_disk_;
};

class memory_audit_log final : public audit_log {
 public:
  explicit memory_audit_log(journal_memory& on_disk) : on_disk_(on_disk) {}

  result<void> write(const audit_entry& entry) override {
    if (!on_disk_.audit_wrong.empty()) return failure(fault_code::full, on_disk_.audit_wrong);
    on_disk_.audit.push_back(entry);
    return {};
  }

 private:
  journal_memory& on_disk_;
};

}  // namespace reflector
