#include "actors/deliver/influx_line.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace reflector {
namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// What a backslash before it makes part of the text, instead of ending it.
bool is_escaped(char c) {
  return c == ',' || c == '=' || c == ' ' || is_control(c);
}

}  // namespace

void append_influx_tag_text(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      const bool kept = i + 1 < text.size() && text[i + 1] != '\\' && !is_escaped(text[i + 1]);
      out += kept ? '\\' : '/';
    } else if (is_escaped(c)) {
      out += '\\';
      out += is_control(c) ? ' ' : c;
    } else {
      out += c;
    }
  }
}

void influx_line_writer::common(const std::vector<influx_tag>& tags, std::int64_t time) {
  common_.clear();
  for (const auto& tag : tags) {
    if (tag.key.empty() || tag.value.empty()) continue;
    common_tag next;
    append_influx_tag_text(next.key, tag.key);
    next.text = "," + next.key + "=";
    append_influx_tag_text(next.text, tag.value);
    common_.push_back(std::move(next));
  }
  const auto by_key = [](const common_tag& a, const common_tag& b) { return a.key < b.key; };
  std::stable_sort(common_.begin(), common_.end(), by_key);
  const auto same_key = [](const common_tag& a, const common_tag& b) { return a.key == b.key; };
  common_.erase(std::unique(common_.begin(), common_.end(), same_key), common_.end());
  tail_ = " " + std::to_string(time) + "\n";
}

void influx_line_writer::begin(std::string_view measurement,
                               std::initializer_list<influx_tag> own) {
  line_ = out_.size();
  has_field_ = false;
  out_ += measurement;
  auto shared = common_.begin();
  for (const auto& tag : own) {
    for (; shared != common_.end() && shared->key < tag.key; ++shared) out_ += shared->text;
    if (shared != common_.end() && shared->key == tag.key) ++shared;
    if (tag.value.empty()) continue;
    out_ += ',';
    out_ += tag.key;
    out_ += '=';
    append_influx_tag_text(out_, tag.value);
  }
  for (; shared != common_.end(); ++shared) out_ += shared->text;
}

void influx_line_writer::key(std::string_view name) {
  out_ += has_field_ ? ',' : ' ';
  has_field_ = true;
  out_ += name;
  out_ += '=';
}

template <class T>
void influx_line_writer::number(T value) {
  char digits[32];
  const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), value);
  out_.append(digits, end);
}

void influx_line_writer::field(std::string_view name, std::optional<double> value) {
  if (!value || !std::isfinite(*value)) return;
  key(name);
  number(*value);
}

void influx_line_writer::field(std::string_view name, std::optional<std::uint64_t> value) {
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  if (value && *value <= most) field(name, static_cast<std::int64_t>(*value));
}

void influx_line_writer::field(std::string_view name, std::int64_t value) {
  key(name);
  number(value);
  out_ += 'i';
}

void influx_line_writer::field(std::string_view name, std::optional<bool> value) {
  if (!value) return;
  key(name);
  out_ += *value ? "true" : "false";
}

void influx_line_writer::text(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  key(name);
  out_ += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') out_ += '\\';
    out_ += is_control(c) ? ' ' : c;
  }
  out_ += '"';
}

void influx_line_writer::end() {
  if (has_field_)
    out_ += tail_;
  else
    out_.resize(line_);
}

std::string influx_line_writer::take() {
  std::string taken;
  taken.swap(out_);
  return taken;
}

}  // namespace reflector
