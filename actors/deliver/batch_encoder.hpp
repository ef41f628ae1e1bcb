#pragma once

#include "actors/net/http_client.hpp"
#include "config/endpoint_config.hpp"
#include "messages/delivery.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace reflector {

/// A batch in the words of an endpoint's kind, before compression.
struct encoded_batch {
  std::string body;
  std::vector<std::string> headers;  ///< what they say about the body: "Content-Type: …"
};

/// What an answer means in the words of an endpoint's kind.
struct understood_answer {
  /// Of HTTP, for judge() (answer.hpp); another one than what came where the kind means another
  /// thing by it. 0: there was no answer.
  int status = 0;
  std::optional<std::size_t> named;  ///< index in the batch of the sample that it complains about
  /// What the endpoint took the batch without; for the log. Empty: nothing.
  std::string reservation;
};

/// Turns committed samples into the body of a request to one kind of endpoint. The same records
/// give the same bytes in every life of the agent, because a retry has to be what was sent before.
/// Used by one actor; keeps memory between calls.
class batch_encoder {
 public:
  batch_encoder() = default;
  batch_encoder(const batch_encoder&) = delete;
  batch_encoder& operator=(const batch_encoder&) = delete;
  virtual ~batch_encoder() = default;

  /// @param records with sample_json.hpp's JSON; none: a request that asks whether one would be
  /// taken, and changes nothing. A record that can't be read back is left out: that would be a bug,
  /// or a spool that somebody has edited.
  virtual encoded_batch encode(std::span<const record> records) = 0;

  /// Where batches go: the endpoint's URL, with what the kind adds to it.
  virtual std::string url_of(const endpoint_config& endpoint) const;

  /// @param sent_before the same bytes were sent before, and may have arrived
  virtual understood_answer understand(const http_response& answer, std::size_t samples,
                                       bool sent_before) const;

  /// What tells the endpoint, when the agent stops in order, that nothing more follows these
  /// records for now; nothing where the kind has no such thing.
  /// @param newest the last that it took
  virtual std::optional<encoded_batch> farewell(const record& newest);
};

}  // namespace reflector
