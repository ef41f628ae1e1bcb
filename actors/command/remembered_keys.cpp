#include "actors/command/remembered_keys.hpp"

#include "actors/text/sha256.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace reflector {
namespace {

constexpr std::chrono::seconds renewed_after{std::chrono::hours{24}};

std::string_view bytes_of(const remembered_key& key) {
  return {key.data(), key.size()};
}

remembered_key key_of(const std::string& text) {
  const auto sum = sha256(text);
  remembered_key key{};
  std::transform(sum.begin(), sum.begin() + std::ptrdiff_t{16}, key.begin(),
                 [](unsigned char byte) { return static_cast<char>(byte); });
  return key;
}

}  // namespace

remembered_key key_of_command(std::string_view queue, std::string_view id) {
  // A queue's name holds no NUL.
  std::string text = "id";
  text.append(1, '\0').append(queue).append(1, '\0').append(id);
  return key_of(text);
}

remembered_key key_of_claim(std::string_view claim) {
  std::string text = "claim";
  text.append(1, '\0').append(claim);
  return key_of(text);
}

result<remembered_keys> remembered_keys::open(const database& file, std::uint64_t at_most) {
  remembered_keys keys;
  keys.at_most_ = at_most;
  const auto count = file.query_integer("SELECT count(*) FROM remembered");
  if (!count) return tl::unexpected{count.error()};
  const auto newest = file.query_integer("SELECT ifnull(max(age), 0) FROM remembered");
  if (!newest) return tl::unexpected{newest.error()};
  keys.count_ = keys.counting_ = static_cast<std::uint64_t>(*count);
  keys.newest_ = std::chrono::seconds{*newest};
  const std::pair<statement*, const char*> statements[] = {
      {&keys.select_, "SELECT age FROM remembered WHERE key = ?1"},
      {&keys.insert_, "INSERT INTO remembered VALUES (?1, ?2)"},
      {&keys.update_, "UPDATE remembered SET age = ?2 WHERE key = ?1 AND age < ?3"},
      {&keys.delete_, "DELETE FROM remembered WHERE key = ?1"},
      {&keys.oldest_, "SELECT key FROM remembered WHERE age < ?1 ORDER BY age LIMIT ?2"},
  };
  for (const auto& [into, sql] : statements) {
    auto prepared = file.prepare(sql);
    if (!prepared) return tl::unexpected{prepared.error()};
    *into = std::move(*prepared);
  }
  return keys;
}

result<bool> remembered_keys::has(const remembered_key& key) {
  auto row = select_.bind_blob(1, bytes_of(key)).step();
  select_.reset();
  return row;
}

result<void> remembered_keys::add(const remembered_key& key, std::chrono::seconds now,
                                  bool is_bounded) {
  const auto there = has(key);
  if (!there) return tl::unexpected{there.error()};
  if (*there) return renew(key, now);
  if (is_bounded && counting_ >= at_most_)
    return failure(fault_code::full,
                   "all " + std::to_string(at_most_) +
                       " ids and claims that can be remembered are younger than "
                       "30 days: no more commands are taken until some are older");
  auto added = insert_.bind_blob(1, bytes_of(key)).bind(2, std::int64_t{now.count()}).run();
  if (added) ++counting_;
  return added;
}

result<void> remembered_keys::renew(const remembered_key& key, std::chrono::seconds now) {
  return update_.bind_blob(1, bytes_of(key))
      .bind(2, std::int64_t{now.count()})
      .bind(3, std::int64_t{(now - renewed_after).count()})
      .run();
}

result<void> remembered_keys::forget(const remembered_key& key) {
  const auto there = has(key);
  if (!there) return tl::unexpected{there.error()};
  if (!*there) return {};
  auto gone = delete_.bind_blob(1, bytes_of(key)).run();
  if (gone) --counting_;
  return gone;
}

result<void> remembered_keys::forget_old(std::chrono::seconds now, std::size_t at_most) {
  oldest_.bind(1, std::int64_t{(now - kept_for).count()})
      .bind(2, static_cast<std::int64_t>(at_most));
  std::vector<remembered_key> old;
  auto row = oldest_.step();
  for (; row && *row; row = oldest_.step()) {
    const std::string_view bytes = oldest_.bytes(0);
    remembered_key key{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), key.size()), key.begin());
    old.push_back(key);
  }
  oldest_.reset();
  if (!row) return tl::unexpected{row.error()};
  for (const auto& key : old)
    if (auto gone = forget(key); !gone) return gone;
  return {};
}

}  // namespace reflector
