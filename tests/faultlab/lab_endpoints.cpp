#include "tests/faultlab/lab_endpoints.hpp"

#include "tests/faultlab/agents/agent_adapter.hpp"
#include "tests/faultlab/stored_samples.hpp"

#include <algorithm>

namespace reflector::faultlab {

lab_endpoints::lab_endpoints(const scenario& plan, bool with_tls, bool with_names, bool any_json,
                             std::uint64_t seed, const std::filesystem::path& folder) {
  if (with_tls) authority_ = std::make_unique<wire::tls_authority>(folder);
  if (with_names)
    names_ = std::make_unique<wire::name_server>(wire::name_server::options{"127.0.0.1", 53});
  for (const auto& each : plan.endpoints) {
    auto made = std::make_unique<place>();
    ego_receiver::options settings;
    settings.strict = each.strict;
    settings.any_json = any_json;
    made->receiver = std::make_unique<ego_receiver>(settings);
    wire::relay::options relayed;
    relayed.upstream_port = made->receiver->port();
    if (authority_) relayed.identity = authority_->good();
    made->relay = std::make_unique<wire::relay>(relayed);
    made->shown = {each.name, made->receiver.get(), made->relay.get()};
    secrets_[each.name] = new_canary(seed, each.name);
    places_.push_back(std::move(made));
  }
}

std::vector<lab_endpoint*> lab_endpoints::named(const std::string& name) {
  std::vector<lab_endpoint*> found;
  for (auto& each : places_)
    if (name.empty() || each->shown.name == name) found.push_back(&each->shown);
  return found;
}

std::string lab_endpoints::url_of(const place& each, const std::string& path) const {
  const std::string host = names_ ? each.shown.name + ".lab.test" : "127.0.0.1";
  return (authority_ ? "https://" : "http://") + host + ':' + std::to_string(each.relay->port()) +
         path;
}

std::vector<endpoint_target> lab_endpoints::targets() const {
  std::vector<endpoint_target> all;
  for (const auto& each : places_)
    all.push_back({each->shown.name, url_of(*each, "/api/metrics/batch"),
                   authority_ ? authority_->ca_file().string() : std::string{},
                   secrets_.at(each->shown.name)});
  return all;
}

std::string lab_endpoints::commands_url() const {
  return url_of(*places_.front(), "/api/commands");
}

std::uint64_t lab_endpoints::stored() const {
  std::uint64_t count = 0;
  for (const auto& each : places_) count += each->receiver->totals().accepted_samples;
  return count;
}

bool lab_endpoints::all_have(const std::string& host,
                             std::chrono::steady_clock::time_point since) const {
  return std::all_of(places_.begin(), places_.end(), [&](const auto& each) {
    const auto newest = each->receiver->newest_sample_of(host);
    return newest && *newest >= since;
  });
}

std::vector<endpoint_record> lab_endpoints::records(
    std::chrono::steady_clock::time_point began) const {
  std::vector<endpoint_record> all;
  for (const auto& each : places_) {
    endpoint_record record;
    record.name = each->shown.name;
    record.stored = stored_samples(each->receiver->samples(), began, record.name);
    const auto totals = each->receiver->totals();
    record.requests = totals.requests;
    record.connections = totals.connections;
    record.canaries = canaries_in(each->receiver->requests(), secrets_, record.name);
    all.push_back(std::move(record));
  }
  return all;
}

}  // namespace reflector::faultlab
