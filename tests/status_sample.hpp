#pragma once

#include "messages/status.hpp"

#include <string>

namespace reflector {

/// Everything that can be said is said, and nearly all of it is wrong with this agent.
inline agent_status eventful_status(const std::string& text = "it broke") {
  using namespace std::chrono_literals;
  agent_status all;
  all.taken = monotonic_time{} + 1000h;
  all.taken_wall = wall_time{} + 497'000h;
  all.process = {4711, "0.2.0", all.taken_wall - 51h, 51h, 0.25, 21'000'000, 9};
  all.supervision = {36'720, 12, 2, text, 1, 3, all.taken - 2h, -3600s, 5, 2, text};
  all.spool = spool_status{true, true, text, 9'000'000, 2, 36'700, 17};
  actor_status collector{"collector cpu", actor_state::running, 0, {}, 1, 250us, 0};
  actor_status broken{"collector disk",
                      actor_state::quarantined,
                      9,
                      actor_failure{text, "tick 17", all.taken - 90s, all.taken_wall - 90s},
                      3,
                      2s,
                      1};
  broken.name += ' ' + text;
  all.actors = {collector, broken};
  agent_status::endpoint well;
  well.said = {"ego", "ego",           endpoint_state::well, breaker_state::closed, 0,
               {},    "HTTP 200 `{}`", all.taken - 4s,       all.taken - 4s};
  well.totals = {36'000, 36'000, 2, 0.2, 0.2};
  well.waiting = {"ego", 0, 0, {}};
  well.waiting_known = true;
  agent_status::endpoint down;
  down.said = {"backup " + text, "file", endpoint_state::retrying, breaker_state::open, 6,
               all.taken + 25s,  text,   all.taken - 5s,           all.taken - 26h};
  down.totals = {1'234'567, 12'345, 0, 0, 0.1};
  down.waiting = {down.said.name, 8'000, 28'701, all.taken_wall - 26h};
  down.waiting_known = true;
  all.endpoints = {well, down};
  all.command_queues = {
      {{"ego", "allow", 12, 4, ""}, {1'234, 56, 0, all.taken - 3h - 20min}, ""},
      {{"http://10.0.0.100:3000/api/commands " + text, "signed", 0, 0, text}, {7, 0, 2, {}}, text}};
  all.budgets = {{"requests", 2, 10, 0}, {"endpoint ego: samples", 100, -250.5, 3}};
  return all;
}

}  // namespace reflector
