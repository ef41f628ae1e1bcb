#include "actors/observe/console.hpp"

#include "actors/observe/sample_line.hpp"
#include "actors/supervise/child_behavior.hpp"

#include <poll.h>
#include <unistd.h>

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace reflector {
namespace {

class console final : public console_actor::base {
 public:
  console(caf::actor_config& config, int descriptor)
      : console_actor::base(config), descriptor_(descriptor) {}

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
    const std::string line = sample_line(*now, previous_.get()) + '\n';
    previous_ = now;
    pollfd room{descriptor_, POLLOUT, 0};
    if (::poll(&room, 1, 0) == 1 && (room.revents & POLLOUT) != 0)
      (void)!::write(descriptor_, line.data(), line.size());
  }

  int descriptor_;
  std::shared_ptr<const sample> previous_;
};

}  // namespace

console_actor spawn_console(caf::actor_system& system, int descriptor) {
  return system.spawn<console>(descriptor);
}

}  // namespace reflector
