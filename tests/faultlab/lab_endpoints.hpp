#pragma once

#include "tests/faultlab/canary.hpp"
#include "tests/faultlab/lab_world.hpp"
#include "tests/faultlab/run_record.hpp"
#include "tests/faultlab/scenario/scenario.hpp"
#include "tests/faultlab/wire/name_server.hpp"
#include "tests/faultlab/wire/relay.hpp"
#include "tests/faultlab/wire/tls_identity.hpp"
#include "tests/receiver/ego_receiver.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reflector::faultlab {

struct endpoint_target;

/// The receivers of a run, each behind its relay, and the name server where one is needed.
class lab_endpoints {
 public:
  /// `any_json`: the agents aren't EGO's. Throws std::runtime_error when something can't listen.
  lab_endpoints(const scenario& plan, bool with_tls, bool with_names, bool any_json,
                std::uint64_t seed, const std::filesystem::path& folder);

  std::vector<lab_endpoint*> named(const std::string& name);
  wire::name_server* name_server() { return names_.get(); }
  ego_receiver& command_queue() { return *places_.front()->receiver; }

  /// What the agents are configured with.
  std::vector<endpoint_target> targets() const;
  std::string commands_url() const;
  const canaries& secrets() const { return secrets_; }

  std::uint64_t stored() const;
  /// Whether each endpoint has a sample of this host that it stored at or after `since`.
  bool all_have(const std::string& host, std::chrono::steady_clock::time_point since) const;

  std::vector<endpoint_record> records(std::chrono::steady_clock::time_point began) const;

 private:
  struct place {
    std::unique_ptr<ego_receiver> receiver;
    std::unique_ptr<wire::relay> relay;
    lab_endpoint shown;
  };

  std::string url_of(const place& each, const std::string& path) const;

  std::unique_ptr<wire::tls_authority> authority_;
  std::unique_ptr<wire::name_server> names_;
  std::vector<std::unique_ptr<place>> places_;
  canaries secrets_;
};

}  // namespace reflector::faultlab
