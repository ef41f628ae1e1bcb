#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"

#include <array>
#include <ctime>
#include <stdexcept>

namespace reflector::faultlab {
namespace {

/// As in HTTP (RFC 9110, 5.6.7). The locale is C: the lab never sets another.
std::string date_in(std::chrono::milliseconds ahead) {
  const auto then = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + ahead);
  std::tm utc{};
  ::gmtime_r(&then, &utc);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text.data();
}

}  // namespace

fault_kind status_fault() {
  return wire::wire_kind(
      "status", "a status instead of the receiver's answer; the receiver isn't asked",
      {{"status", setting_kind::count, "HTTP status", "503", false, 100, 999},
       {"retry_after", setting_kind::text, "Retry-After as it is sent; empty: none", ""},
       {"retry_at", setting_kind::duration, "Retry-After as a date so far ahead; 0s: none", "0s"},
       {"body", setting_kind::text, "of the answer", "{}"}},
      true, [](const settings& values, wire::disturbance& wrong) {
        const auto ahead = values.duration("retry_at");
        const auto retry = values.text("retry_after");
        if (ahead.count() > 0 && !retry.empty())
          throw std::invalid_argument{"retry_after and retry_at exclude each other"};
        const std::string line = std::to_string(values.count("status")) + " Faulty";
        wrong.answer = [=, body = values.text("body")](const wire::http_message&) {
          std::string headers = "Content-Type: application/json\r\n";
          if (!retry.empty()) headers += "Retry-After: " + retry + "\r\n";
          if (ahead.count() > 0) headers += "Retry-After: " + date_in(ahead) + "\r\n";
          wire::planned_answer answer;
          answer.head = wire::make_answer(line, headers, body);
          return std::optional{answer};
        };
      });
}

}  // namespace reflector::faultlab
