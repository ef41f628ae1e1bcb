#include "actors/supervise/child_behavior.hpp"

#include "actors/supervise/describe_message.hpp"

#include <exception>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <caf/make_message.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/sec.hpp>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::heartbeat)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(reflector::heartbeat_answer)

namespace reflector {
namespace {

std::string text_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

}  // namespace

void behave_as_child(caf::scheduled_actor& self) {
  self.set_exception_handler(
      [](caf::scheduled_actor* who, std::exception_ptr& thrown) -> caf::error {
        auto* const handled = who->current_mailbox_element();
        return caf::make_error(
            caf::sec::runtime_error, text_of(thrown),
            handled == nullptr ? std::string{} : describe_message(handled->content()));
      });
  self.set_default_handler(
      [](caf::scheduled_actor* who, caf::message_view& view) -> caf::result<caf::message> {
        const auto& content = view.content();
        if (!content.match_elements<heartbeat>()) return caf::print_and_drop(who, view);
        // Not the mailbox's own size(): it would fetch what has arrived into the queue that CAF is
        // just going through.
        return caf::make_message(heartbeat_answer{content.get_as<heartbeat>(0),
                                                  who->mailbox().queue().total_task_size()});
      });
}

failure_report report_of(const caf::error& reason) {
  if (!reason) return {"it ended by itself", {}};
  const auto& context = reason.context();
  if (reason == caf::sec::runtime_error && context.match_elements<std::string, std::string>())
    return {context.get_as<std::string>(0), context.get_as<std::string>(1)};
  if (reason == caf::sec::runtime_error && context.match_elements<std::string>())
    return {context.get_as<std::string>(0), {}};
  return {caf::to_string(reason), {}};
}

}  // namespace reflector
