#include "actors/command/keeper_protocol.hpp"

#include <array>
#include <cstring>
#include <limits>

namespace reflector {
namespace {

// Every field is a number of eight bytes, or a text with its length as such a number before it.

void put(std::string& bytes, std::uint64_t number) {
  std::array<char, sizeof number> raw{};
  std::memcpy(raw.data(), &number, sizeof number);
  bytes.append(raw.data(), raw.size());
}

void put(std::string& bytes, std::string_view text) {
  put(bytes, std::uint64_t{text.size()});
  bytes += text;
}

void put(std::string& bytes, const std::vector<std::string>& texts) {
  put(bytes, std::uint64_t{texts.size()});
  for (const auto& text : texts) put(bytes, text);
}

void put(std::string& bytes, std::chrono::milliseconds time) {
  put(bytes, static_cast<std::uint64_t>(time.count()));
}

/// Takes one field after the other; once one isn't there, nothing is.
class fields {
 public:
  explicit fields(std::string_view bytes) : rest_{bytes} {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    if (rest_.size() < sizeof value) return fail();
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }

  std::string text() {
    const auto size = number();
    if (size > rest_.size()) {
      fail();
      return {};
    }
    std::string taken{rest_.substr(0, static_cast<std::size_t>(size))};
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::vector<std::string> texts() {
    std::vector<std::string> taken;
    for (auto left = number(); left > 0 && whole_; --left) taken.push_back(text());
    return taken;
  }

  std::chrono::milliseconds time() {
    const auto count = number();
    if (count > std::numeric_limits<std::uint32_t>::max()) fail();
    return std::chrono::milliseconds{whole_ ? count : 0};
  }

  unsigned small_number() {
    const auto value = number();
    if (value > std::numeric_limits<unsigned>::max()) fail();
    return whole_ ? static_cast<unsigned>(value) : 0;
  }

  bool were_all() const { return whole_ && rest_.empty(); }

 private:
  std::uint64_t fail() {
    whole_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool whole_ = true;
};

}  // namespace

std::string encode_order(const keeper_order& order) {
  std::string bytes;
  put(bytes, order.argv);
  put(bytes, order.environment);
  put(bytes, order.working_directory);
  put(bytes, order.user);
  put(bytes, order.limits.cpu);
  put(bytes, order.limits.memory);
  put(bytes, order.limits.file_size);
  put(bytes, std::uint64_t{order.limits.files});
  put(bytes, std::uint64_t{order.limits.processes});
  put(bytes, std::uint64_t{order.no_new_privileges});
  put(bytes, order.cgroup);
  put(bytes, order.end_grace);
  put(bytes, order.kill_patience);
  return bytes;
}

result<keeper_order> decode_order(std::string_view bytes) {
  fields all{bytes};
  keeper_order order;
  order.argv = all.texts();
  order.environment = all.texts();
  order.working_directory = all.text();
  order.user = all.text();
  order.limits.cpu = all.time();
  order.limits.memory = all.number();
  order.limits.file_size = all.number();
  order.limits.files = all.small_number();
  order.limits.processes = all.small_number();
  order.no_new_privileges = all.number() != 0;
  order.cgroup = all.text();
  order.end_grace = all.time();
  order.kill_patience = all.time();
  if (!all.were_all() || order.argv.empty())
    return failure(fault_code::malformed, "not an order to a command's keeper");
  return order;
}

}  // namespace reflector
