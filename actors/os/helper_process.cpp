#include "actors/os/helper_process.hpp"

#include "actors/os/helper_protocol.hpp"
#include "actors/os/send_record.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace reflector {

namespace {

constexpr int agent = STDIN_FILENO;

bool tell(const helper_message& message, std::string_view text) {
  return send_record(agent, message, text) == 0;
}

}  // namespace

int serve_questions(const char* name, const std::function<std::string(std::string_view)>& answer) {
  // Where the agent ended before this line, the socket says so.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, name);
  // It must not keep a file system busy that somebody wants to unmount.
  if (::chdir("/") != 0) return 1;
  const auto pid = static_cast<std::int32_t>(::getpid());
  std::array<char, sizeof(std::uint64_t) + max_question_bytes> question;
  for (;;) {
    const auto length = ::recv(agent, question.data(), question.size(), 0);
    if (length < 0 && errno == EINTR) continue;
    if (length == 0) return 0;
    helper_message message{0, pid, helper_message::kind::begun};
    if (length < static_cast<ssize_t>(sizeof message.number)) return 1;
    std::memcpy(&message.number, question.data(), sizeof message.number);
    if (!tell(message, {})) return 0;
    const auto said = answer({question.data() + sizeof message.number,
                              static_cast<std::size_t>(length) - sizeof message.number});
    message.what = helper_message::kind::answered;
    if (!tell(message, std::string_view{said}.substr(0, max_answer_bytes))) return 0;
  }
}

}  // namespace reflector
