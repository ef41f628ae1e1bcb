#include "actors/supervise/pool_watch.hpp"

#include <stdexcept>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/policy/work_sharing.hpp>
#include <caf/scheduler/coordinator.hpp>
#include <caf/scheduler/worker.hpp>

namespace reflector {

bool pool_watch::stands_still(std::optional<monotonic_time> due, monotonic_time now) {
  if (!due || now - *due <= patience) {
    late_.reset();
    return false;
  }
  const bool twice = late_ == due;
  late_ = due;
  if (!twice || told_ == due) return false;
  told_ = due;
  return true;
}

using pool = caf::scheduler::coordinator<caf::policy::work_sharing>;
using worker = caf::scheduler::worker<caf::policy::work_sharing>;

struct spare_workers::threads {
  std::vector<std::unique_ptr<worker>> all;
};

spare_workers::spare_workers(caf::actor_system& system)
    : system_(system), threads_(std::make_unique<threads>()) {}

spare_workers::~spare_workers() {
  // They wait for work for ever, and a std::thread that can be joined must not be destroyed.
  for (auto& each : threads_->all) (void)each.release();
}

bool spare_workers::add() {
  auto* const own = dynamic_cast<pool*>(&system_.scheduler());
  if (own == nullptr) throw std::logic_error("the scheduler's policy is not \"sharing\"");
  if (count() >= max_count) return false;
  const caf::policy::work_sharing::worker_data none{own};
  auto& spare = threads_->all.emplace_back(
      std::make_unique<worker>(1 + count(), own, none, own->max_throughput()));
  spare->start();
  return true;
}

std::size_t spare_workers::count() const {
  return threads_->all.size();
}

}  // namespace reflector
