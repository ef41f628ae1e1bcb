#include "tests/simulation/command_queue_model.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace reflector::simulation {
namespace {

constexpr std::size_t most_at_once = 5;

}  // namespace

void command_queue_model::create(std::int64_t now_ms, bool malformed) {
  entry made;
  made.id = "c" + std::to_string(entries_.size());
  made.created_ms = now_ms;
  made.malformed = malformed;
  entries_.push_back(std::move(made));
}

server_answer command_queue_model::poll() {
  const std::size_t end = std::min(entries_.size(), next_ + most_at_once);
  std::size_t from = next_;
  if (again_) from -= std::min(from, most_at_once - (end - next_));
  again_ = false;
  std::string body = "[";
  for (std::size_t i = from; i < end; ++i) {
    entry& each = entries_[i];
    ++each.handed_out;
    if (i > from) body += ',';
    body += R"({"id":")" + each.id + '"';
    if (!each.malformed) body += R"(,"command":"work )" + each.id + R"(","timeoutSeconds":30)";
    body += '}';
  }
  next_ = end;
  return {200, body + "]"};
}

server_answer command_queue_model::result(std::string_view id, std::string_view body) {
  entry* const found = find(id);
  if (found == nullptr) {
    record_.violated("a result for a command that is unknown: " + std::string{id});
    return {404, "{}"};
  }
  const std::uint64_t sum = hash_of(body);
  // A repeated one overwrites, so it has to be the same.
  if (found->results > 0 && !journal_failed_ && found->result_hash != sum)
    record_.violated("command " + found->id + " got two different results");
  if (++found->results > 1) record_.count("command reported again");
  found->result_hash = sum;
  return {201, "{}"};
}

void command_queue_model::intercepted(std::string_view id, int status) {
  constexpr std::array about_the_result{400, 404, 410, 413, 422};
  if (std::find(about_the_result.begin(), about_the_result.end(), status) == about_the_result.end())
    return;
  if (entry* const found = find(id)) found->refused = true;
}

void command_queue_model::launched(const std::string& id) {
  entry* const found = find(id);
  if (found == nullptr) return record_.violated("a process that no command asked for: " + id);
  if (++found->launched > 1) record_.violated("command " + id + " was run twice");
}

command_queue_model::entry* command_queue_model::find(std::string_view id) {
  std::size_t index = 0;
  if (!id.starts_with('c')) return nullptr;
  std::from_chars(id.data() + 1, id.data() + id.size(), index);
  return index < entries_.size() && entries_[index].id == id ? &entries_[index] : nullptr;
}

}  // namespace reflector::simulation
