#pragma once

#include "messages/fault.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace re2 {
class RE2;
}

namespace reflector {

/// What one argument of a command may be. See command_rules.hpp for what each kind means.
class argument_pattern {
 public:
  static argument_pattern one_of(std::vector<std::string> words);
  /// @param folder a plain path
  static argument_pattern under(std::string folder);
  /// The fault says what is wrong with the expression, without quoting it.
  static result<argument_pattern> matching(const std::string& expression);

  /// What keeps `argument` from being it, if anything: "is not one of …". The argument itself is
  /// not repeated.
  std::optional<std::string> objection(std::string_view argument) const;

 private:
  using words = std::vector<std::string>;
  struct folder {
    std::string path;
  };
  using expression = std::shared_ptr<const re2::RE2>;
  using kind = std::variant<words, folder, expression>;

  explicit argument_pattern(kind what) : what_{std::move(what)} {}

  kind what_;
};

/// Absolute, and spelled in the one way that has no `.`, `..`, empty component or `/` at its end.
bool is_plain_path(std::string_view path);

/// Valid UTF-8 without what a reader can't see, or that turns round what he sees: control
/// characters, line and paragraph separators, and those that set the direction of text.
bool is_plain_text(std::string_view text);

}  // namespace reflector
