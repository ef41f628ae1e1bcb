#include "actors/command/command_rows.hpp"

#include <utility>

namespace reflector {
namespace {

/// Of the columns stage, content and crc, from `first` on.
command_rows::row row_of(const statement& at, int first, std::string_view queue,
                         std::string_view id) {
  command_rows::row it{std::nullopt, std::string{at.bytes(first + 1)}};
  for (const auto stage : {command_stage::received, command_stage::started, command_stage::finished,
                           command_stage::barred})
    if (at.integer(first) == static_cast<int>(stage) &&
        at.integer(first + 2) == std::int64_t{row_crc(queue, id, stage, it.content)})
      it.stage = stage;
  return it;
}

void sort_in(open_commands& all, command_rows::row row, std::string id) {
  if (row.stage == command_stage::received)
    if (auto what = parse_received(id, row.content))
      return all.received.push_back(std::move(*what));
  if (row.stage == command_stage::started)
    if (auto what = parse_started(id, row.content)) return all.started.push_back(std::move(*what));
  if (row.stage == command_stage::finished)
    return all.finished.push_back({std::move(id), std::move(row.content)});
  all.started.push_back({std::move(id), {}, {}});
}

result<void> write(statement& with, std::string_view queue, std::string_view id,
                   command_stage stage, std::string_view content) {
  return with.bind(1, queue)
      .bind(2, id)
      .bind(3, std::int64_t{static_cast<int>(stage)})
      .bind_blob(4, content.empty() ? std::string_view{""} : content)  // and not NULL
      .bind(5, std::int64_t{row_crc(queue, id, stage, content)})
      .run();
}

}  // namespace

result<command_rows> command_rows::open(const database& file) {
  command_rows rows;
  const std::pair<statement*, const char*> statements[] = {
      {&rows.select_, "SELECT stage, content, crc FROM command WHERE queue = ?1 AND id = ?2"},
      {&rows.insert_,
       "INSERT INTO command (queue, id, stage, content, crc) VALUES (?1, ?2, ?3, ?4, ?5)"},
      {&rows.update_,
       "UPDATE command SET stage = ?3, content = ?4, crc = ?5 WHERE queue = ?1 AND id = ?2"},
      {&rows.delete_, "DELETE FROM command WHERE queue = ?1 AND id = ?2"},
      {&rows.count_, "SELECT count(*) FROM command"},
      {&rows.list_, "SELECT id, stage, content, crc FROM command WHERE queue = ?1 ORDER BY number"},
  };
  for (const auto& [into, sql] : statements) {
    auto prepared = file.prepare(sql);
    if (!prepared) return tl::unexpected{prepared.error()};
    *into = std::move(*prepared);
  }
  return rows;
}

result<std::optional<command_rows::row>> command_rows::find(const std::string& queue,
                                                            const std::string& id) {
  const auto found = select_.bind(1, queue).bind(2, id).step();
  std::optional<row> it;
  if (found && *found) it = row_of(select_, 0, queue, id);
  select_.reset();
  if (!found) return tl::unexpected{found.error()};
  return it;
}

result<void> command_rows::add(const std::string& queue, const std::string& id, command_stage stage,
                               std::string_view content) {
  return write(insert_, queue, id, stage, content);
}

result<void> command_rows::change(const std::string& queue, const std::string& id,
                                  command_stage stage, std::string_view content) {
  return write(update_, queue, id, stage, content);
}

result<void> command_rows::remove(const std::string& queue, const std::string& id) {
  return delete_.bind(1, queue).bind(2, id).run();
}

result<std::uint64_t> command_rows::count() {
  const auto found = count_.step();
  const auto count = found && *found ? count_.integer(0) : 0;
  count_.reset();
  if (!found) return tl::unexpected{found.error()};
  return static_cast<std::uint64_t>(count);
}

result<open_commands> command_rows::list(const std::string& queue) {
  open_commands all;
  auto found = list_.bind(1, queue).step();
  for (; found && *found; found = list_.step()) {
    std::string id{list_.bytes(0)};
    row it = row_of(list_, 1, queue, id);
    sort_in(all, std::move(it), std::move(id));
  }
  list_.reset();
  if (!found) return tl::unexpected{found.error()};
  return all;
}

}  // namespace reflector
