#include "actors/deliver/file_uplink.hpp"

#include "actors/deliver/backoff.hpp"
#include "actors/deliver/endpoint_report.hpp"
#include "actors/deliver/json_lines_file.hpp"
#include "actors/deliver/sample_selection.hpp"
#include "actors/deliver/thinning.hpp"
#include "actors/observe/status_board.hpp"
#include "actors/supervise/child_behavior.hpp"

#include <random>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/spawn_options.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <spdlog/spdlog.h>

namespace reflector {
namespace {

using again_atom = caf::atom_constant<caf::atom("again")>;

using file_uplink_self = uplink_actor::extend<
    // The wait before a retry is over.
    caf::reacts_to<again_atom>>;

class file_uplink final : public file_uplink_self::base {
 public:
  file_uplink(caf::actor_config& config, file_uplink_settings settings, spool_actor spool)
      : file_uplink_self::base(config),
        endpoint_(std::move(settings.endpoint)),
        stride_(settings.stride),
        selection_(endpoint_.selection),
        spool_(std::move(spool)),
        file_(endpoint_.path, endpoint_.max_bytes, endpoint_.backup_count,
              json_lines_file::access::group,
              endpoint_.fsync ? json_lines_file::sync::always : json_lines_file::sync::never),
        random_(settings.random_seed),
        report_(settings.board, endpoint_.name, "file") {}

  const char* name() const override { return "file_uplink"; }

  behavior_type make_behavior() override {
    behave_as_child(*this);
    ask();
    return {
        [this](stop_atom) { quit(); },
        [this](again_atom) { write(); },
    };
  }

  void on_exit() override { spool_ = nullptr; }

 private:
  void ask() {
    request(spool_, caf::infinite,
            next_records{endpoint_.name, reached_, endpoint_.max_batch_samples,
                         endpoint_.max_batch_bytes})
        .then([this](record_slice& slice) {
          up_to_ = slice.records.back().sequence;
          thin(slice.records, stride_);
          batch_ = selection_.of(slice.records);
          if (!batch_.empty()) return write();
          reached_ = up_to_;
          ask();
        });
  }

  void write() {
    report_.sending(clock().now());
    const auto written = file_.append(batch_);
    report_.answered(written ? verdict::accepted : verdict::retry, batch_.size(),
                     written ? "written" : written.error().text, clock().now());
    if (!written) {
      if (attempt_ == 0)
        spdlog::warn("endpoint {}: {}; samples wait, retrying", endpoint_.name,
                     written.error().text);
      const double random01 = std::uniform_real_distribution<double>{0, 1}(random_);
      const auto wait =
          full_jitter(attempt_++, endpoint_.retry.initial, endpoint_.retry.max, random01);
      report_.goes_on(breaker_state::closed, clock().now() + wait);
      delayed_send(this, wait, again_atom{});
      return;
    }
    if (attempt_ > 0) spdlog::info("endpoint {}: writing again", endpoint_.name);
    report_.goes_on(breaker_state::closed, std::nullopt);
    attempt_ = 0;
    reached_ = up_to_;
    batch_.clear();
    ask();
  }

  endpoint_config endpoint_;
  std::uint64_t stride_;
  sample_selection selection_;
  spool_actor spool_;
  json_lines_file file_;
  std::mt19937_64 random_;
  endpoint_report report_;
  std::uint64_t reached_ = 0;  ///< newest record that is written
  std::uint64_t up_to_ = 0;    ///< the last of those that the batch was made of
  std::vector<record> batch_;
  unsigned attempt_ = 0;  ///< failures in a row
};

}  // namespace

uplink_actor spawn_file_uplink(caf::actor_system& system, file_uplink_settings settings,
                               spool_actor spool, bool own_thread) {
  const auto self =
      own_thread ? system.spawn<file_uplink, caf::detached>(std::move(settings), std::move(spool))
                 : system.spawn<file_uplink>(std::move(settings), std::move(spool));
  return caf::actor_cast<uplink_actor>(self);
}

}  // namespace reflector
