#include "actors/text/in_words.hpp"

#include <array>
#include <charconv>
#include <ctime>

#include <spdlog/fmt/fmt.h>

namespace reflector {
namespace {

using namespace std::chrono_literals;

/// All of it, or nothing.
std::optional<int> number(std::string_view digits) {
  int value = 0;
  for (const char c : digits)
    if (c < '0' || c > '9') return std::nullopt;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::string two_units(std::int64_t whole, const char* unit, std::int64_t rest,
                      const char* rest_unit) {
  return rest == 0 ? fmt::format("{} {} ago", whole, unit)
                   : fmt::format("{} {} {} {} ago", whole, unit, rest, rest_unit);
}

}  // namespace

std::string utc_text(std::chrono::system_clock::time_point at) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  std::tm utc{};
  if (gmtime_r(&seconds, &utc) == nullptr || utc.tm_year < -900 || utc.tm_year > 8099) return "?";
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::optional<std::chrono::system_clock::time_point> parse_utc(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00T00:00:00";
  if (text.size() < shape.size() + 1 || text.size() > shape.size() + 11 || text.back() != 'Z')
    return std::nullopt;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] != '0' && text[i] != shape[i]) return std::nullopt;
  const auto part = [&](std::size_t at, std::size_t digits) {
    return number(text.substr(at, digits));
  };
  const auto year = part(0, 4), month = part(5, 2), day = part(8, 2), hour = part(11, 2),
             minute = part(14, 2), second = part(17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  // Outside of these years nanoseconds in 64 bits overflow.
  if (!date.ok() || *year < 1700 || *year > 2200 || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  std::chrono::milliseconds fraction{0};
  const std::string_view behind = text.substr(shape.size(), text.size() - shape.size() - 1);
  if (!behind.empty()) {
    const auto digits = number(behind.substr(1));
    if (behind[0] != '.' || behind.size() < 2 || !digits) return std::nullopt;
    double seconds = *digits;
    for (std::size_t i = 1; i < behind.size(); ++i) seconds /= 10;
    fraction = std::chrono::floor<std::chrono::milliseconds>(
        std::chrono::duration<double>{seconds} + std::chrono::duration<double>{1e-6});
  }
  return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
         std::chrono::seconds{*second} + fraction;
}

std::string age_in_words(std::chrono::system_clock::duration age) {
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(age).count();
  if (seconds < -1) return "in the future";
  if (seconds < 1) return "just now";
  if (seconds < 60) return fmt::format("{} s ago", seconds);
  const std::int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
  if (hours == 0) return fmt::format("{} min ago", minutes);
  if (days == 0) return two_units(hours, "h", minutes % 60, "min");
  return two_units(days, "d", hours % 24, "h");
}

std::string bytes_in_words(std::uint64_t bytes) {
  static constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // What would be rounded to 1024.0 has the next unit.
  for (; value >= 1023.95 && unit + 1 < units.size(); ++unit) value /= 1024;
  return fmt::format("{:.1f} {}", value, units[unit]);
}

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string counted(std::uint64_t number, std::string_view one) {
  return with_commas(number) + ' ' + std::string{one} + (number == 1 ? "" : "s");
}

}  // namespace reflector
