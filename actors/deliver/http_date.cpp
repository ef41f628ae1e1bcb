#include "actors/deliver/http_date.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace reflector {
namespace {

constexpr std::array<std::string_view, 7> days{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                               "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Eats a date from the left; once something isn't what it should be, nothing is any more.
class date_text {
 public:
  explicit date_text(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && rest_.empty(); }

  void literal(std::string_view expected) {
    ok_ = ok_ && rest_.starts_with(expected);
    if (ok_) rest_.remove_prefix(expected.size());
  }

  int number(std::size_t digits) {
    ok_ = ok_ && rest_.size() >= digits &&
          std::all_of(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(digits),
                      [](char c) { return c >= '0' && c <= '9'; });
    int value = 0;
    for (std::size_t i = 0; ok_ && i < digits; ++i) value = value * 10 + (rest_[i] - '0');
    if (ok_) rest_.remove_prefix(digits);
    return value;
  }

  /// asctime's: a space in place of a leading zero.
  int padded_number() {
    if (!ok_ || !rest_.starts_with(' ')) return number(2);
    rest_.remove_prefix(1);
    return number(1);
  }

  void day_of_week(bool whole) {
    const auto* const found = std::find_if(days.begin(), days.end(), [&](std::string_view day) {
      return rest_.starts_with(whole ? day : day.substr(0, 3));
    });
    ok_ = ok_ && found != days.end();
    if (ok_) rest_.remove_prefix(whole ? found->size() : 3);
  }

  unsigned month() {
    const auto* const found =
        std::find_if(months.begin(), months.end(),
                     [&](std::string_view name) { return rest_.starts_with(name); });
    ok_ = ok_ && found != months.end();
    if (ok_) rest_.remove_prefix(3);
    return static_cast<unsigned>(found - months.begin()) + 1;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

struct civil_time {
  int year = 0;
  unsigned month = 0;
  int day = 0, hour = 0, minute = 0, second = 0;
};

void read_clock(date_text& text, civil_time& time) {
  time.hour = text.number(2);
  text.literal(":");
  time.minute = text.number(2);
  text.literal(":");
  time.second = text.number(2);
}

std::optional<civil_time> imf_fixdate(std::string_view whole) {
  date_text text{whole};
  civil_time time;
  text.day_of_week(false);
  text.literal(", ");
  time.day = text.number(2);
  text.literal(" ");
  time.month = text.month();
  text.literal(" ");
  time.year = text.number(4);
  text.literal(" ");
  read_clock(text, time);
  text.literal(" GMT");
  return text.at_end() ? std::optional{time} : std::nullopt;
}

int year_of(wall_time at) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(at)};
  return static_cast<int>(date.year());
}

std::optional<civil_time> rfc850(std::string_view whole, wall_time now) {
  date_text text{whole};
  civil_time time;
  text.day_of_week(true);
  text.literal(", ");
  time.day = text.number(2);
  text.literal("-");
  time.month = text.month();
  text.literal("-");
  time.year = text.number(2);
  text.literal(" ");
  read_clock(text, time);
  text.literal(" GMT");
  if (!text.at_end()) return std::nullopt;
  // What looks more than 50 years ahead is the last year in the past with these two digits.
  const int newest = year_of(now) + 50;
  time.year += (newest - time.year) / 100 * 100;
  return time;
}

std::optional<civil_time> asctime_date(std::string_view whole) {
  date_text text{whole};
  civil_time time;
  text.day_of_week(false);
  text.literal(" ");
  time.month = text.month();
  text.literal(" ");
  time.day = text.padded_number();
  text.literal(" ");
  read_clock(text, time);
  text.literal(" ");
  time.year = text.number(4);
  return text.at_end() ? std::optional{time} : std::nullopt;
}

}  // namespace

std::optional<wall_time> parse_http_date(std::string_view text, wall_time now) {
  using namespace std::chrono;
  auto time = imf_fixdate(text);
  if (!time) time = rfc850(text, now);
  if (!time) time = asctime_date(text);
  if (!time) return std::nullopt;
  const year_month_day date{year{time->year}, month{time->month},
                            day{static_cast<unsigned>(time->day)}};
  // 60: a leap second.
  if (!date.ok() || time->hour > 23 || time->minute > 59 || time->second > 60) return std::nullopt;
  // Further than a 64-bit count of nanoseconds reaches.
  if (time->year < 1678 || time->year > 2261) return std::nullopt;
  return sys_days{date} + hours{time->hour} + minutes{time->minute} + seconds{time->second};
}

}  // namespace reflector
