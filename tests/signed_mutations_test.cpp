#include "actors/command/signed_command.hpp"
#include "actors/command/trusted_keys.hpp"
#include "tests/agent_process.hpp"
#include "tests/signing_fixture.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

// No change of a valid envelope is accepted, whatever host and time. Each seed has keys, commands
// and changes of its own.

using namespace reflector;

namespace {

constexpr std::array<std::uint32_t, 5> seeds{1, 2, 3, 5, 8};
constexpr std::size_t mutants_per_seed = sanitized ? 4'000 : 20'000;
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

class envelopes {
 public:
  explicit envelopes(std::uint32_t seed) : random_{seed} {
    const std::vector<std::pair<std::string, signing_key>> signers = [&] {
      std::vector<std::pair<std::string, signing_key>> made;
      for (const auto* const id : {"a", "hq-2026"}) made.emplace_back(id, key_of_seed(bytes(32)));
      return made;
    }();
    for (const auto& [id, key] : signers) {
      keys_.by_id[id] = key.public_key();
      // One of each length modulo 3, for all the spare bits that there are.
      for (const std::string line : {"id", "w -h", "uptime"}) {
        auto order = an_order(line, id);
        order.host = "h" + std::to_string(seed);
        order.nonce = to_base64url(bytes(16));
        valid_.push_back(sign_command(order, key));
      }
    }
    known_ = {valid_.begin(), valid_.end()};
  }

  const std::vector<std::string>& valid() const { return valid_; }
  bool accepts(const std::string& envelope) const {
    return open_signed_command(envelope, keys_).has_value();
  }
  /// Two valid ones may differ by just such a change.
  bool is_valid_itself(const std::string& mutant) const { return known_.contains(mutant); }

  /// One change, at random, of one of them; maybe none at all.
  std::string mutant() {
    auto text = any();
    switch (below(11)) {
      case 0:  // a byte exchanged for any other
        text[below(text.size())] = static_cast<char>(below(256));
        return text;
      case 1:  // for one that looks right
        text[below(text.size())] = alphabet[below(alphabet.size())];
        return text;
      case 2:  // bytes put in
        return text.insert(below(text.size() + 1), bytes(1 + below(4)));
      case 3:
        return text.insert(below(text.size() + 1), 1, alphabet[below(alphabet.size())]);
      case 4:  // or left out
        return text.erase(below(text.size()), 1 + below(8));
      case 5:  // exchanged with each other
        std::swap(text[below(text.size())], text[below(text.size())]);
        return text;
      case 6:  // cut off at either end
        return below(2) == 0 ? text.substr(0, below(text.size())) : text.substr(below(text.size()));
      case 7:
        return with_parts_of(text, any());
      case 8:
        return with_other_case(text);
      case 9:
        return with_white_space(text);
      default:
        return spelled_otherwise(text);
    }
  }

 private:
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>{0, end - 1}(random_);
  }
  std::string bytes(std::size_t count) {
    std::string made;
    while (made.size() < count) made += static_cast<char>(below(256));
    return made;
  }
  const std::string& any() { return valid_[below(valid_.size())]; }

  /// Each of the four parts from either, in their order or not.
  std::string with_parts_of(const std::string& one, const std::string& other) {
    const auto of_one = parts(one), of_other = parts(other);
    std::array<std::size_t, 4> order{0, 1, 2, 3};
    if (below(4) == 0) std::swap(order[below(4)], order[below(4)]);
    std::string text;
    for (const auto part : order)
      text += (text.empty() ? "" : ":") + (below(2) == 0 ? of_one : of_other)[part];
    return text;
  }
  static std::array<std::string, 4> parts(const std::string& envelope) {
    std::array<std::string, 4> found;
    std::size_t from = 0;
    for (auto& part : found) {
      part = envelope.substr(from, envelope.find(':', from) - from);
      from += part.size() + 1;
    }
    return found;
  }

  std::string with_other_case(std::string text) {
    const auto from = below(text.size());
    const auto to = std::min(text.size(), from + 1 + below(8));
    for (auto at = from; at < to; ++at)
      if ((text[at] >= 'a' && text[at] <= 'z') || (text[at] >= 'A' && text[at] <= 'Z'))
        text[at] = static_cast<char>(text[at] ^ 0x20);
    return text;
  }
  std::string with_white_space(std::string text) {
    constexpr std::string_view space{" \t\r\n\v\f\0", 7};
    const std::array<std::size_t, 4> places{0, text.size(), text.rfind(':') + below(2),
                                            below(text.size())};
    return text.insert(places[below(places.size())], 1 + below(4), space[below(space.size())]);
  }
  /// What a lenient decoder would take for the same: spare bits, padding, the other alphabet.
  std::string spelled_otherwise(std::string text) {
    const auto end = below(2) == 0 ? text.size() : text.rfind(':');
    const auto last = alphabet.find(text[end - 1]);
    switch (below(3)) {
      case 0:
        text[end - 1] = alphabet[last ^ (1 + below(15))];
        return text;
      case 1:
        return text.insert(end, 1 + below(3), '=');
      default:
        for (auto& c : text) c = c == '_' ? '/' : c;
        for (std::size_t at = 11 + below(11); at < text.size(); ++at)
          if (text[at] == '-') text[at] = '+';
        return text;
    }
  }

  std::mt19937 random_;
  trusted_keys keys_;
  std::vector<std::string> valid_;
  std::set<std::string> known_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(no_change_of_an_envelope_is_accepted) {
  std::size_t tried = 0, accepted = 0;
  for (const auto seed : seeds) {
    envelopes some{seed};
    for (const auto& envelope : some.valid()) BOOST_REQUIRE(some.accepts(envelope));
    std::size_t of_seed = 0;
    const auto attempt = [&](const std::string& mutant) {
      if (some.is_valid_itself(mutant)) return;
      ++of_seed;
      if (!some.accepts(mutant)) return;
      ++accepted;
      BOOST_ERROR("seed " << seed << " accepts " << mutant);
    };
    // Every bit of one, then whatever comes.
    auto flipped = some.valid()[seed % some.valid().size()];
    for (std::size_t bit = 0; bit < flipped.size() * 8 && of_seed < mutants_per_seed; ++bit) {
      const auto mask = static_cast<char>(1 << bit % 8);
      flipped[bit / 8] ^= mask;
      attempt(flipped);
      flipped[bit / 8] ^= mask;
    }
    while (of_seed < mutants_per_seed) attempt(some.mutant());
    BOOST_TEST_MESSAGE("seed " << seed << ": " << of_seed << " mutants of " << some.valid().size()
                               << " envelopes");
    tried += of_seed;
  }
  BOOST_TEST(accepted == 0U);
  BOOST_TEST(tried == seeds.size() * mutants_per_seed);
}
