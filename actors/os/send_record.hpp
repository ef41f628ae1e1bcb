#pragma once

#include <string_view>
#include <type_traits>

namespace reflector {

/// One message on a socket that keeps messages apart (SOCK_SEQPACKET): the bytes of `head`, then
/// the text. A peer that is gone ends no process (no SIGPIPE).
/// @param flags of sendmsg(2), beside MSG_NOSIGNAL
/// @return an errno, else 0
int send_record(int socket, std::string_view head, std::string_view text, int flags = 0);

template <class Head>
int send_record(int socket, const Head& head, std::string_view text, int flags = 0) {
  static_assert(std::is_trivially_copyable_v<Head> && !std::is_pointer_v<Head>);
  // As it is in memory: both ends run the same program.
  const std::string_view bytes{reinterpret_cast<const char*>(&head), sizeof head};
  return send_record(socket, bytes, text, flags);
}

}  // namespace reflector
