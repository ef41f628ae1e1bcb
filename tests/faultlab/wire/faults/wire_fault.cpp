#include "tests/faultlab/wire/faults/wire_fault.hpp"

#include "tests/faultlab/lab_world.hpp"
#include "tests/faultlab/wire/relay.hpp"

#include <utility>

namespace reflector::faultlab::wire {
namespace {

class wire_fault final : public fault {
 public:
  wire_fault(std::string endpoint, std::shared_ptr<disturbance> wrong)
      : endpoint_{std::move(endpoint)}, wrong_{std::move(wrong)} {}

  std::string hindrance(lab_world& world) override {
    if (!wrong_->flaw && wrong_->greeting.empty()) return {};
    for (const auto* each : world.endpoints(endpoint_)) {
      if (!each->relay->identity()) return "endpoint " + each->name + " doesn't speak https";
    }
    return {};
  }
  std::optional<std::string> begin(lab_world& world) override {
    for (auto* each : world.endpoints(endpoint_)) each->relay->add(wrong_);
    return std::nullopt;
  }
  void end(lab_world& world) override {
    for (auto* each : world.endpoints(endpoint_)) each->relay->remove(wrong_);
  }
  std::uint64_t fired(lab_world&) const override { return wrong_->fired; }

 private:
  std::string endpoint_;
  std::shared_ptr<disturbance> wrong_;
};

class dns_fault final : public fault {
 public:
  dns_fault(std::string endpoint, bool renew, std::shared_ptr<name_disturbance> wrong)
      : endpoint_{std::move(endpoint)}, renew_{renew}, wrong_{std::move(wrong)} {}

  std::string hindrance(lab_world& world) override {
    return world.name_server() ? "" : "there is no name server in this run";
  }
  std::optional<std::string> begin(lab_world& world) override {
    if (!world.name_server()) return "there is no name server in this run";
    if (!endpoint_.empty()) wrong_->names = {endpoint_ + ".lab.test"};
    world.name_server()->add(wrong_);
    if (renew_) {
      for (auto* each : world.endpoints(endpoint_)) each->relay->renew_connections();
    }
    return std::nullopt;
  }
  void end(lab_world& world) override {
    if (world.name_server()) world.name_server()->remove(wrong_);
  }
  std::uint64_t fired(lab_world&) const override { return wrong_->fired; }

 private:
  std::string endpoint_;
  bool renew_;
  std::shared_ptr<name_disturbance> wrong_;
};

}  // namespace

std::string endpoint_of(const settings& values) {
  return values.all().contains("endpoint") ? values.text("endpoint") : std::string{};
}

fault_kind wire_kind(std::string name, std::string summary, std::vector<setting_spec> specs,
                     bool by_request, std::function<void(const settings&, disturbance&)> fill,
                     std::set<need> needs) {
  fault_kind kind;
  kind.name = std::move(name);
  kind.group = "wire";
  kind.summary = std::move(summary);
  kind.specs = std::move(specs);
  if (by_request) {
    kind.specs.push_back(
        {"only", setting_kind::text, "requests whose target contains this; empty: all", ""});
  }
  kind.needs = std::move(needs);
  kind.make = [by_request, fill = std::move(fill)](const settings& values) {
    auto wrong = std::make_shared<disturbance>();
    fill(values, *wrong);
    if (by_request) wrong->only = values.text("only");
    return std::make_unique<wire_fault>(endpoint_of(values), std::move(wrong));
  };
  return kind;
}

fault_kind dns_kind(std::string name, std::string summary, std::vector<setting_spec> specs,
                    std::function<void(const settings&, name_disturbance&)> fill) {
  fault_kind kind;
  kind.name = std::move(name);
  kind.group = "dns";
  kind.summary = std::move(summary);
  kind.specs = std::move(specs);
  kind.specs.push_back({"renew", setting_kind::flag,
                        "kept connections are closed at its begin, so that names are asked for",
                        "true"});
  kind.needs = {need::name_server};
  kind.make = [fill = std::move(fill)](const settings& values) {
    auto wrong = std::make_shared<name_disturbance>();
    fill(values, *wrong);
    return std::make_unique<dns_fault>(endpoint_of(values), values.flag("renew"), std::move(wrong));
  };
  return kind;
}

fault_kind tls_kind(std::string name, std::string summary, identity_flaw flaw) {
  return wire_kind(std::move(name), std::move(summary), {}, false,
                   [flaw](const settings&, disturbance& wrong) { wrong.flaw = flaw; }, {need::tls});
}

}  // namespace reflector::faultlab::wire
