#include "actors/command/keeper_process.hpp"

#include "actors/os/spawn_own_binary.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace reflector {
namespace {

struct ends {
  unique_descriptor own, keepers;
};

/// Where the agent itself was started without standard streams a new descriptor may be 0, 1 or 2,
/// which the keeper's redirections would overwrite.
int above_standard_streams(unique_descriptor& fd) {
  if (fd.get() > STDERR_FILENO) return 0;
  unique_descriptor moved{::fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1)};
  if (!moved.is_open()) return errno;
  fd = std::move(moved);
  return 0;
}

/// @return an errno, or 0
int prepare(ends& both) {
  if (const int error = above_standard_streams(both.own)) return error;
  if (const int error = above_standard_streams(both.keepers)) return error;
  // Only the agent's end: the other one's flags are the keeper's.
  return ::fcntl(both.own.get(), F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
}

int open_pipe(ends& both) {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) return errno;
  both = {unique_descriptor{fds[0]}, unique_descriptor{fds[1]}};
  return prepare(both);
}

int open_socket(ends& both) {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds.data()) != 0) return errno;
  both = {unique_descriptor{fds[0]}, unique_descriptor{fds[1]}};
  return prepare(both);
}

}  // namespace

keeper_process start_keeper(const std::vector<std::string>& program) {
  keeper_process keeper;
  ends socket, output, errors;
  if ((keeper.error = open_socket(socket)) != 0 || (keeper.error = open_pipe(output)) != 0 ||
      (keeper.error = open_pipe(errors)) != 0)
    return keeper;
  spawn_plan plan;
  plan.duplicate(socket.keepers.get(), STDIN_FILENO);
  plan.duplicate(output.keepers.get(), STDOUT_FILENO);
  plan.duplicate(errors.keepers.get(), STDERR_FILENO);
  plan.close_others();
  keeper.error = spawn_own_binary(keeper.pid, plan, program);
  if (keeper.error != 0) return keeper;
  keeper.socket = std::move(socket.own);
  keeper.output = std::move(output.own);
  keeper.errors = std::move(errors.own);
  return keeper;
}

std::variant<keeper_word, keeper_silent, keeper_gone> hear_keeper(int socket) {
  std::array<char, sizeof(keeper_report) + max_report_text_bytes> buffer{};
  for (;;) {
    const auto got = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return keeper_silent{};
    if (got < static_cast<ssize_t>(sizeof(keeper_report))) return keeper_gone{};
    keeper_word word{};
    std::memcpy(&word.said, buffer.data(), sizeof word.said);
    word.text.assign(buffer.data() + sizeof word.said,
                     static_cast<std::size_t>(got) - sizeof word.said);
    return word;
  }
}

order_in_sending::order_in_sending(const keeper_order& order) : bytes_{encode_order(order)} {}

void order_in_sending::send_some(int socket) {
  constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  if (!begun_) {
    const std::uint64_t size = bytes_.size();
    if (::send(socket, &size, sizeof size, flags) < 0) return;
    begun_ = true;
  }
  while (sent_ < bytes_.size()) {
    const auto piece = std::min(order_piece_bytes, bytes_.size() - sent_);
    if (::send(socket, bytes_.data() + sent_, piece, flags) < 0) return;
    sent_ += piece;
  }
}

void tell_keeper(int socket, keeper_request request) {
  // Few and small, so that there is always room; where the keeper is gone the socket says so.
  (void)!::send(socket, &request, sizeof request, MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace reflector
