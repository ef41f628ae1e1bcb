#include "tests/faultlab/judge/findings.hpp"

namespace reflector::faultlab {
namespace {

constexpr std::size_t most_details = 6;

}  // namespace

void findings::against(std::string text) {
  ++against_;
  if (verdict_.details.size() < most_details) verdict_.details.push_back(std::move(text));
}

void findings::unseen(std::string text) {
  if (unseen_++ == 0) first_unseen_ = std::move(text);
}

verdict findings::judged(const std::string& broken, const std::string& kept,
                         const std::string& nothing) {
  if (against_ > 0) {
    verdict_.what = outcome::failed;
    verdict_.why = std::to_string(against_) + ' ' + broken;
    if (against_ > verdict_.details.size())
      verdict_.details.push_back("and " + std::to_string(against_ - verdict_.details.size()) +
                                 " more");
  } else if (unseen_ > 0) {
    verdict_.why = first_unseen_;
    if (unseen_ > 1) verdict_.why += " (and " + std::to_string(unseen_ - 1) + " more)";
  } else {
    verdict_.what = for_ > 0 ? outcome::met : outcome::not_shown;
    verdict_.why = for_ > 0 ? kept : nothing;
  }
  return std::move(verdict_);
}

}  // namespace reflector::faultlab
