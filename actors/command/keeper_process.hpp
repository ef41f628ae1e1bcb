#pragma once

#include "actors/command/keeper_protocol.hpp"
#include "actors/os/unique_descriptor.hpp"

#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <variant>
#include <vector>

namespace reflector {

/// A command's keeper as the agent holds it. Its pid is the holder's to reap.
struct keeper_process {
  int error = 0;  ///< errno of what failed; then nothing else is set
  pid_t pid = -1;
  unique_descriptor socket;          ///< non-blocking
  unique_descriptor output, errors;  ///< read ends of the command's, non-blocking
};

/// @param program a path and its arguments: the agent's binary with the hidden subcommand
keeper_process start_keeper(const std::vector<std::string>& program);

/// What a keeper has said.
struct keeper_word {
  keeper_report said;
  std::string text;
};
/// The socket has ended: the keeper is gone, or about to be.
struct keeper_gone {};
struct keeper_silent {};
std::variant<keeper_word, keeper_silent, keeper_gone> hear_keeper(int socket);

/// Part of an order that is sent as the socket takes it.
class order_in_sending {
 public:
  explicit order_in_sending(const keeper_order& order);
  bool is_too_large() const { return bytes_.size() > max_order_bytes; }
  bool is_sent() const { return begun_ && sent_ == bytes_.size(); }
  /// As much as goes without waiting.
  void send_some(int socket);

 private:
  std::string bytes_;
  std::size_t sent_ = 0;
  bool begun_ = false;
};

void tell_keeper(int socket, keeper_request request);

}  // namespace reflector
