#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"
#include "tests/receiver/body_inflation.hpp"

namespace reflector::faultlab {
namespace {

bool contains_sequence(const wire::http_message& request, const std::string& number) {
  std::optional<std::string> inflated;
  if (!request.header("Content-Encoding").empty()) {
    inflated = receiver::inflate_body(request.body, 16 * 1024 * 1024);
  }
  const std::string& body = inflated ? *inflated : request.body;
  constexpr std::string_view key = "\"sequence\"";
  for (auto at = body.find(key); at != std::string::npos; at = body.find(key, at)) {
    at = body.find_first_not_of(" \t\r\n:", at + key.size());
    if (at == std::string::npos) return false;
    const auto end = std::min(body.find_first_not_of("0123456789", at), body.size());
    if (body.compare(at, end - at, number) == 0) return true;
  }
  return false;
}

}  // namespace

fault_kind poison_fault() {
  return wire::wire_kind(
      "poison", "every batch with a certain sample is refused; the receiver isn't asked",
      {{"sequence", setting_kind::count, "of the sample", "", true, 1},
       {"status", setting_kind::count, "HTTP status", "500", false, 400, 599}},
      true, [](const settings& values, wire::disturbance& wrong) {
        const auto number = std::to_string(values.count("sequence"));
        const auto head = wire::make_answer(std::to_string(values.count("status")) + " Poisoned",
                                            "Content-Type: application/json\r\n", "{}");
        wrong.answer =
            [=](const wire::http_message& request) -> std::optional<wire::planned_answer> {
          if (!contains_sequence(request, number)) return std::nullopt;
          wire::planned_answer answer;
          answer.head = head;
          return answer;
        };
      });
}

}  // namespace reflector::faultlab
