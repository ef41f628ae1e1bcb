#pragma once

#include "tests/faultlab/fault.hpp"
#include "tests/faultlab/wire/disturbance.hpp"
#include "tests/faultlab/wire/name_server.hpp"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace reflector::faultlab::wire {

/// A kind that adds a disturbance, filled in by `fill`, to the relays of its endpoint(s) while it
/// lasts. `by_request`: it has the setting `only` too.
fault_kind wire_kind(std::string name, std::string summary, std::vector<setting_spec> specs,
                     bool by_request, std::function<void(const settings&, disturbance&)> fill,
                     std::set<need> needs = {});

/// The same with the name server and the endpoint's host name. It has the setting `renew`: kept
/// connections are closed at its begin, because nobody asks for the name of one that is there.
fault_kind dns_kind(std::string name, std::string summary, std::vector<setting_spec> specs,
                    std::function<void(const settings&, name_disturbance&)> fill);

/// One that shows `flaw` to new clients.
fault_kind tls_kind(std::string name, std::string summary, identity_flaw flaw);

/// The setting "endpoint" that the scenario's reader puts in; empty: all.
std::string endpoint_of(const settings& values);

}  // namespace reflector::faultlab::wire
