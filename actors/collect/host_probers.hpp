#pragma once

#include "actors/collect/prober.hpp"

#include <memory>
#include <string>

namespace reflector {

/// The probers of a host's mounts and sensors. They start no process before there is a question.
struct host_probers {
  std::unique_ptr<prober> mounts, sensors;

  probers handed_out() const { return {mounts.get(), sensors.get()}; }
};

/// Through helper processes of this same program.
host_probers make_host_probers(const std::string& host_root);

}  // namespace reflector
