#include "config/render_toml.hpp"

#include "config/byte_size.hpp"
#include "config/duration.hpp"
#include "config/environment_substitution.hpp"
#include "config/schema.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <type_traits>
#include <vector>

namespace reflector {
namespace {

/// A bare key where it can be one.
std::string toml_key(std::string_view name) {
  const bool is_bare = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return is_bare ? std::string{name} : toml_string(name);
}

/// A string that is taken as it stands: no variable is looked for in it.
std::string toml_value(std::string_view text) {
  return toml_string(escaped_for_substitution(text));
}

/// The shortest text that reads back as the same number.
std::string toml_number(double number) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return {digits, end};
}

/// Nothing: the key is left out.
using rendered = std::optional<std::string>;

rendered render(bool value, any_boolean) {
  return value ? "true" : "false";
}

rendered render(unsigned value, range<unsigned>) {
  return std::to_string(value);
}

rendered render(double value, range<double>) {
  return toml_number(value);
}

rendered render(std::uint64_t value, bytes_range) {
  return "\"" + format_byte_size(value) + "\"";
}

rendered render(std::chrono::milliseconds value, range<std::chrono::milliseconds>) {
  return "\"" + format_duration(value) + "\"";
}

rendered render(std::optional<std::chrono::milliseconds> value,
                range<std::chrono::milliseconds> rule) {
  if (!value) return std::nullopt;
  return render(*value, rule);
}

template <class Rule>
rendered render(const std::string& value, const Rule&) {
  if (value.empty()) return std::nullopt;
  return toml_value(value);
}

std::string toml_list(const std::vector<std::string>& value) {
  std::string text = "[";
  for (const auto& name : value) text += (text.size() == 1 ? "" : ", ") + toml_value(name);
  return text + "]";
}

rendered render(const std::vector<std::string>& value, variables_rule) {
  return toml_list(value);
}

/// An empty one is the same as none.
template <class Rule>
rendered render(const std::vector<std::string>& value, const Rule&) {
  if (value.empty()) return std::nullopt;
  return toml_list(value);
}

rendered render(const std::optional<rack_position>& value, position_rule) {
  if (!value) return std::nullopt;
  return "{ x = " + toml_number(value->x) + ", y = " + toml_number(value->y) +
         ", z = " + toml_number(value->z) + " }";
}

template <class Rule>
rendered render(const std::map<std::string, std::string>& value, const Rule&) {
  if (value.empty()) return std::nullopt;
  std::string text;
  for (const auto& [name, tag] : value) {
    text += (text.empty() ? "{ " : ", ") + toml_key(name) + " = " + toml_value(tag);
  }
  return text + " }";
}

template <class E, std::size_t N>
rendered render(E value, const choice_rule<E, N>& rule) {
  for (const auto& choice : rule.choices) {
    if (choice.value == value) return toml_string(choice.word);
  }
  return std::nullopt;
}

/// Writes a struct that stands on one line: { initial = "1s", max = "30s" }.
struct inline_renderer {
  std::string text = {};

  template <class T, class R>
  void key(const key_info& info, const T& member, const R& rule) {
    if (const auto value = render(member, rule)) {
      text.append(text.empty() ? "{ " : ", ").append(info.name).append(" = ").append(*value);
    }
  }
};

class toml_renderer {
 public:
  toml_renderer(std::string path, annotation notes, std::string& out)
      : path_{std::move(path)}, notes_{notes}, out_{out} {}

  template <class T, class R>
  void key(const key_info& info, const T& member, const R& rule) {
    if (const auto value = render(member, rule)) {
      line("", info, *value);
    } else if (notes_ == annotation::meanings) {
      line("# ", info, std::string{info.example});
    }
  }

  template <class T>
  void section(const key_info& info, const T& section) {
    if constexpr (std::is_same_v<T, retry_config> || std::is_same_v<T, endpoint_limits> ||
                  std::is_same_v<T, process_limits>) {
      inline_renderer inner;
      describe(inner, section);
      line("", info, inner.text + " }");
    } else {
      const auto path = path_ + std::string{info.name};
      // [collectors] has no keys of its own.
      if constexpr (!std::is_same_v<T, collectors_config>) heading("[" + path + "]", info);
      toml_renderer inner{path + ".", notes_, out_};
      describe(inner, section);
    }
  }

  template <class T>
  void sections(const key_info& info, const std::vector<T>& sections) {
    for (const auto& section : sections) {
      heading("[[" + std::string{info.name} + "]]", info);
      toml_renderer inner{"", notes_, out_};
      describe(inner, section);
    }
  }

  template <class T>
  void part(T& part) {
    describe(*this, part);
  }

 private:
  void heading(const std::string& text, const key_info& info) {
    if (!out_.empty()) out_ += '\n';
    out_ += text;
    note(info);
  }

  void line(std::string_view before, const key_info& info, const std::string& value) {
    out_.append(before).append(info.name).append(" = ").append(value);
    note(info);
  }

  void note(const key_info& info) {
    if (notes_ == annotation::meanings) out_.append("  # ").append(info.meaning);
    out_ += '\n';
  }

  std::string path_;
  annotation notes_;
  std::string& out_;
};

}  // namespace

std::string toml_string(std::string_view text) {
  constexpr std::string_view hexadecimal = "0123456789abcdef";
  std::string out = "\"";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += {hexadecimal[byte >> 4], hexadecimal[byte & 15]};
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string render_toml(const configuration& config, annotation notes) {
  std::string out;
  toml_renderer renderer{"", notes, out};
  describe(renderer, config);
  return out;
}

}  // namespace reflector
