#include "actors/observe/status_problems.hpp"

#include "actors/observe/status_names.hpp"

namespace reflector {
namespace {

std::string behind_colon(const std::string& why) {
  return why.empty() ? std::string{} : ": " + why;
}

void add_endpoint(std::vector<std::string>& problems, const endpoint_status& endpoint) {
  const std::string name = "endpoint " + endpoint.name;
  switch (endpoint.state) {
    case endpoint_state::unknown:
    case endpoint_state::well:
      if (endpoint.breaker != breaker_state::closed)
        problems.push_back(name + " is met with single samples after its failures");
      return;
    case endpoint_state::refusing:
      problems.push_back(name + " refuses what it is sent" + behind_colon(endpoint.last_answer));
      return;
    case endpoint_state::retrying:
      problems.push_back(name + " does not take samples" + behind_colon(endpoint.last_answer));
      return;
    case endpoint_state::held:
      problems.push_back(name + " takes no samples until someone mends it" +
                         behind_colon(endpoint.last_answer));
      return;
  }
}

void add_command_queue(std::vector<std::string>& problems,
                       const agent_status::command_queue& queue) {
  if (!queue.said.problem.empty())
    problems.push_back("commands of " + queue.said.name + " are not run: " + queue.said.problem);
  if (!queue.unreachable.empty())
    problems.push_back("commands of " + queue.said.name + " do not come: " + queue.unreachable);
}

void add_actor(std::vector<std::string>& problems, const actor_status& actor) {
  switch (actor.state) {
    case actor_state::starting:
    case actor_state::running:
    case actor_state::stopping:
      return;
    case actor_state::restarting:
    case actor_state::quarantined:
    case actor_state::hung:
    case actor_state::ended:
      problems.push_back(actor.name + " is " + std::string{word_of(actor.state)} +
                         behind_colon(actor.last_failure ? actor.last_failure->text : ""));
      return;
  }
}

void add_supervision(std::vector<std::string>& problems, const supervision_status& supervision) {
  if (supervision.degradation > 0)
    problems.push_back("degraded to level " + std::to_string(supervision.degradation) +
                       behind_colon(supervision.degradation_reason));
  if (supervision.abandoned_threads > 0)
    problems.push_back(std::to_string(supervision.abandoned_threads) +
                       " thread(s) hang in a call that does not return");
  if (!supervision.last_reload_error.empty())
    problems.push_back("the last reload was refused: " + supervision.last_reload_error);
}

}  // namespace

std::vector<std::string> status_problems(const agent_status& all) {
  std::vector<std::string> problems;
  for (const auto& each : all.endpoints) add_endpoint(problems, each.said);
  if (all.spool && !all.spool->open)
    problems.push_back("the spool can't be opened" + behind_colon(all.spool->problem));
  else if (all.spool && all.spool->failing)
    problems.push_back("the spool's disk refuses something; " +
                       std::to_string(all.spool->held_in_memory) + " sample(s) held in memory");
  for (const auto& each : all.command_queues) add_command_queue(problems, each);
  for (const auto& each : all.actors) add_actor(problems, each);
  add_supervision(problems, all.supervision);
  return problems;
}

}  // namespace reflector
