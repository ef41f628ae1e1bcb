#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Times, ages and sizes as a person reads them at a prompt.

namespace reflector {

/// "2026-11-23T23:40:41Z", and "?" where the year has not four digits.
std::string utc_text(std::chrono::system_clock::time_point at);

/// What utc_text and a sample's timestamp are: "2026-11-23T23:40:41.222Z", with or without the
/// fraction.
std::optional<std::chrono::system_clock::time_point> parse_utc(std::string_view text);

/// "just now", "12 s ago", "5 min ago", "3 h 20 min ago", "2 d 4 h ago"; "in the future", where a
/// clock was set back.
std::string age_in_words(std::chrono::system_clock::duration age);

/// "0 B", "812 B", "2.1 KiB", "17.0 MiB"
std::string bytes_in_words(std::uint64_t bytes);

/// "1,234,567"
std::string with_commas(std::uint64_t number);

/// "1 sample", "1,234 samples"
std::string counted(std::uint64_t number, std::string_view one);

}  // namespace reflector
