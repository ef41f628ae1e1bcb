#include "actors/observe/console.hpp"

#include "actors/observe/sample_line.hpp"
#include "actors/os/unique_descriptor.hpp"
#include "actors/supervise/child_behavior.hpp"

#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace reflector {
namespace {

/// The same terminal or pipe, opened once more: what is set here must not be set for the shell,
/// which has the descriptor too. A terminal with little room left says that it can be written and
/// then blocks in the middle of a line. Not open where there is nothing that could block.
unique_descriptor without_blocking(int descriptor) {
  struct stat what {};
  if (::fstat(descriptor, &what) != 0 || !(S_ISCHR(what.st_mode) || S_ISFIFO(what.st_mode)))
    return {};
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
  return unique_descriptor{::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
}

class console final : public console_actor::base {
 public:
  console(caf::actor_config& config, int descriptor)
      : console_actor::base(config), descriptor_(descriptor), own_(without_blocking(descriptor)) {}

  const char* name() const override { return "console"; }

  behavior_type make_behavior() override {
    behave_as_child(*this);
    return {
        [this](stop_atom) { quit(); },
        [this](const std::shared_ptr<const sample>& now) { show(now); },
    };
  }

 private:
  void show(const std::shared_ptr<const sample>& now) {
    std::string line = sample_line(*now, previous_.get()) + '\n';
    if (was_cut_) line.insert(0, 1, '\n');
    previous_ = now;
    const int to = own_.is_open() ? own_.get() : descriptor_;
    pollfd room{to, POLLOUT, 0};
    if (::poll(&room, 1, 0) != 1 || (room.revents & POLLOUT) == 0) return;
    const auto written = ::write(to, line.data(), line.size());
    if (written > 0) was_cut_ = static_cast<std::size_t>(written) < line.size();
  }

  int descriptor_;
  unique_descriptor own_;
  bool was_cut_ = false;  ///< the last line's end is missing
  std::shared_ptr<const sample> previous_;
};

}  // namespace

console_actor spawn_console(caf::actor_system& system, int descriptor) {
  return system.spawn<console>(descriptor);
}

}  // namespace reflector
