#include "actors/command/shell_words.hpp"

#include <optional>
#include <utility>

namespace reflector {
namespace {

bool separates(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool escapable_in_quotes(char c) {
  return c == '$' || c == '`' || c == '"' || c == '\\';
}

bool expands_in_quotes(char c) {
  return c == '$' || c == '`';
}

fault meant_for_a_shell(char c, std::string_view where, std::size_t at, std::string_view remedy) {
  std::string what{c};
  if (c == '\n') what = "newline";
  if (c == '\r') what = "carriage return";
  return {fault_code::malformed,
          "the " + what + std::string{where} + " at byte " + std::to_string(at + 1) +
              " would mean something to a shell, and none reads this: " + std::string{remedy}};
}

class word_splitter {
 public:
  word_splitter(std::string_view line, shell_syntax syntax) : line_{line}, syntax_{syntax} {}

  result<std::vector<std::string>> split() {
    for (at_ = 0; at_ < line_.size(); ++at_) {
      if (auto wrong = step(line_[at_])) return tl::unexpected<fault>{std::move(*wrong)};
    }
    end_word();
    if (words_.size() > max_command_words) return too_many();
    return std::move(words_);
  }

 private:
  std::optional<fault> step(char c) {
    if (syntax_ == shell_syntax::refused && means_something(c))
      return meant_for_a_shell(c, "", at_, "put it in quotes");
    if (separates(c)) {
      end_word();
      if (words_.size() > max_command_words) return too_many().value();
      return std::nullopt;
    }
    if (c == '\\' && next_is('\n')) {
      ++at_;  // the line goes on
      return std::nullopt;
    }
    in_word_ = true;
    if (c == '\'') return single_quoted();
    if (c == '"') return double_quoted();
    if (c != '\\') {
      word_ += c;
      return std::nullopt;
    }
    if (++at_ == line_.size())
      return fault{fault_code::malformed, "a backslash at the end escapes nothing"};
    word_ += line_[at_];
    return std::nullopt;
  }

  /// To a shell, where `c` stands at at_ and is not quoted.
  bool means_something(char c) const {
    constexpr std::string_view everywhere = "|&;<>()$`*?[]{}!\n\r";
    if (everywhere.find(c) != std::string_view::npos) return true;
    if (c == '=') return words_.empty();
    if (c == '~' && in_word_ && (line_[at_ - 1] == '=' || line_[at_ - 1] == ':')) return true;
    return !in_word_ && (c == '~' || c == '#' || c == '%');
  }

  std::optional<fault> single_quoted() {
    const auto begin = at_;
    const auto end = line_.find('\'', begin + 1);
    if (end == std::string_view::npos) return unterminated('\'', begin);
    word_.append(line_.substr(begin + 1, end - begin - 1));
    at_ = end;
    return std::nullopt;
  }

  std::optional<fault> double_quoted() {
    const auto begin = at_;
    while (++at_ < line_.size()) {
      if (line_[at_] == '"') return std::nullopt;
      if (line_[at_] == '\\') {
        if (++at_ == line_.size()) break;
        if (line_[at_] == '\n') continue;
        if (!escapable_in_quotes(line_[at_])) word_ += '\\';
      } else if (syntax_ == shell_syntax::refused && expands_in_quotes(line_[at_])) {
        return meant_for_a_shell(line_[at_], " in double quotes", at_, "put it in single quotes");
      }
      word_ += line_[at_];
    }
    return unterminated('"', begin);
  }

  bool next_is(char c) const { return at_ + 1 < line_.size() && line_[at_ + 1] == c; }

  void end_word() {
    if (!in_word_) return;
    words_.push_back(std::exchange(word_, {}));
    in_word_ = false;
  }

  static fault unterminated(char quote, std::size_t begin) {
    return {fault_code::malformed, std::string{"the quote "} + quote + " at byte " +
                                       std::to_string(begin + 1) + " is never closed"};
  }

  static tl::unexpected<fault> too_many() {
    return failure(fault_code::too_large,
                   "more than " + std::to_string(max_command_words) + " words");
  }

  std::string_view line_;
  shell_syntax syntax_;
  std::size_t at_ = 0;
  std::vector<std::string> words_;
  std::string word_;
  bool in_word_ = false;  ///< also for an empty word: ''
};

}  // namespace

result<std::vector<std::string>> shell_words(std::string_view line, shell_syntax syntax) {
  if (line.size() > max_command_line_bytes) {
    return failure(fault_code::too_large,
                   "a command of " + std::to_string(line.size()) + " bytes; at most " +
                       std::to_string(max_command_line_bytes) + " are taken");
  }
  if (const auto nul = line.find('\0'); nul != std::string_view::npos) {
    return failure(fault_code::malformed, "a NUL at byte " + std::to_string(nul + 1));
  }
  return word_splitter{line, syntax}.split();
}

}  // namespace reflector
