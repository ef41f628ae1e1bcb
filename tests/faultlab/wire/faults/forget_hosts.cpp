#include "tests/faultlab/lab_world.hpp"
#include "tests/faultlab/wire/faults/faults.hpp"
#include "tests/faultlab/wire/faults/wire_fault.hpp"
#include "tests/receiver/ego_receiver.hpp"

namespace reflector::faultlab {
namespace {

class forgetting final : public fault {
 public:
  explicit forgetting(std::string endpoint) : endpoint_{std::move(endpoint)} {}

  std::optional<std::string> begin(lab_world& world) override {
    for (auto* each : world.endpoints(endpoint_)) {
      each->receiver->forget_hosts();
      ++resets_;
    }
    return std::nullopt;
  }
  std::uint64_t fired(lab_world&) const override { return resets_; }  ///< databases reset

 private:
  std::string endpoint_;
  std::uint64_t resets_ = 0;
};

}  // namespace

fault_kind forget_hosts_fault() {
  fault_kind kind;
  kind.name = "forget_hosts";
  kind.group = "wire";
  kind.summary = "EGO's database is reset: every host is new to it";
  kind.lasts = false;
  kind.make = [](const settings& values) {
    return std::make_unique<forgetting>(wire::endpoint_of(values));
  };
  return kind;
}

}  // namespace reflector::faultlab
