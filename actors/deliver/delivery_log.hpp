#pragma once

#include "actors/deliver/batch_encoder.hpp"
#include "actors/net/http_client.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace reflector {

/// What the log says about the delivery to one endpoint: a line when its state changes, none for
/// each attempt.
class delivery_log {
 public:
  explicit delivery_log(std::string endpoint) : endpoint_(std::move(endpoint)) {}

  /// @param meaning of the answer  @param samples in the batch
  void answered(const understood_answer& meaning, const http_response& answer, std::size_t samples);

  /// @param kept the spool has it as a dead letter
  void set_aside(std::uint64_t sequence, const http_response& answer, bool kept);

 private:
  enum class health : std::uint8_t { unknown, well, retrying, held };

  void become(health now, const http_response& answer);
  void delivered(const understood_answer& meaning, std::size_t samples);

  std::string endpoint_;
  health health_ = health::unknown;
  bool with_reservation_ = false;  ///< it said of the last batch that it took it but for something
  std::uint64_t set_aside_ = 0;    ///< since something was last delivered
};

}  // namespace reflector
