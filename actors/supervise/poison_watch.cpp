#include "actors/supervise/poison_watch.hpp"

namespace reflector {

bool poison_watch::failed(const std::string& child, const std::string& message,
                          const std::string& why) {
  record& it = children_[child];
  it.times = it.message == message ? it.times + 1 : 1;
  it.message = message;
  if (message.empty() || it.times < times) return false;
  it.times = 0;
  it.known.push_back({message, why});
  if (it.known.size() > max_known) it.known.pop_front();
  return true;
}

const std::deque<poison>& poison_watch::known(const std::string& child) const {
  static const std::deque<poison> none;
  const auto found = children_.find(child);
  return found == children_.end() ? none : found->second.known;
}

}  // namespace reflector
