#pragma once

#include "actors/deliver/ego_encoder.hpp"
#include "actors/deliver/http_uplink.hpp"
#include "tests/fake_spool.hpp"
#include "tests/scripted_http_client.hpp"
#include "tests/virtual_time.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace reflector {

using namespace std::chrono_literals;

inline record numbered(std::uint64_t sequence) {
  return {sequence, std::make_shared<const std::string>("{\"n\":" + std::to_string(sequence) + "}"),
          nullptr};
}

inline std::string body_of(std::uint64_t from, std::uint64_t to) {
  std::vector<record> records;
  for (auto i = from; i <= to; ++i) records.push_back(numbered(i));
  return make_ego_encoder({})->encode(records).body;
}

/// An uplink between a spool, a server and permits that are the test's own.
struct uplink_at_work {
  uplink_at_work() {
    settings.name = "ego";
    settings.members.front().endpoint.name = "ego";
    settings.members.front().endpoint.url = "http://receiver/batch";
    settings.members.front().endpoint.max_batch_samples = 10;
    settings.members.front().endpoint.start_spread = 0ms;
    settings.members.front().endpoint.retry = {1s, 30s};
    settings.agent_id = "id";
    settings.members.front().headers = {"Authorization: Bearer secret"};
    settings.wall_now = [this] { return wall; };
    spool = spawn_fake_spool(time.system(), kept);
    supervisor = time.system().spawn([this](supervisor_actor::pointer) {
      return supervisor_actor::behavior_type{[](stop_atom) {},
                                             [this](const permit_request& asked) {
                                               permits.push_back(asked);
                                               return permit_wait;
                                             },
                                             [this](permit_return) { ++given_back; }};
    });
  }

  ~uplink_at_work() {
    if (uplink) caf::anon_send_exit(uplink, caf::exit_reason::kill);
    caf::anon_send_exit(spool, caf::exit_reason::kill);
    caf::anon_send_exit(supervisor, caf::exit_reason::kill);
    time.run();
  }

  void start() {
    uplink = spawn_http_uplink(time.system(), settings, spool, http, supervisor);
    time.run();
  }

  void commit_records(std::uint64_t from, std::uint64_t to) {
    commit group;
    for (auto i = from; i <= to; ++i) group.records.push_back(numbered(i));
    caf::anon_send(spool, std::move(group));
    time.run();
  }

  void start_with(std::uint64_t records) {
    commit_records(1, records);
    start();
  }

  std::vector<std::string> bodies() const {
    std::vector<std::string> out;
    for (const auto& r : http.requests) out.push_back(*r.body);
    return out;
  }

  void stop() {
    caf::anon_send(uplink, stop_atom{});
    time.run();
  }

  bool ended() const {
    return caf::actor_cast<caf::abstract_actor*>(uplink)->getf(
        caf::abstract_actor::is_terminated_flag);
  }

  std::uint64_t cursor() { return kept.cursors["ego"]; }

  virtual_time time;
  scripted_http_client http;
  fake_spool_content kept;
  std::vector<permit_request> permits;
  int given_back = 0;
  std::chrono::nanoseconds permit_wait{0};
  wall_time wall{};
  http_uplink_settings settings;
  spool_actor spool;
  supervisor_actor supervisor;
  uplink_actor uplink;
};

}  // namespace reflector
