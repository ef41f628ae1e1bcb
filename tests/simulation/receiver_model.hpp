#pragma once

#include "messages/delivery.hpp"
#include "tests/simulation/run_record.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <simdjson.h>

namespace reflector::simulation {

/// What a server says.
struct server_answer {
  int status = 0;
  std::string body;
};

/// POST /api/metrics/batch as EGO has it: all or nothing, a host it doesn't know only with one
/// sample, every body it can't take a 500. It keeps what it accepted by the samples' identities,
/// also where its answer never arrives.
class receiver_model {
 public:
  receiver_model(std::string name, run_record& record) : name_(std::move(name)), record_(record) {}

  const std::string& name() const { return name_; }

  server_answer post(std::string_view body, const std::vector<std::string>& headers);

  void forget_host() { knows_host_ = false; }
  int forgetful = 0;  ///< above 0: it forgets the host after each request
  void set_poison(sample_key key, int status) { poison_[key] = status; }
  /// 0: EGO's own limit, which is a 500.
  void set_limit(std::size_t bytes) { limit_ = bytes; }

  bool has(sample_key key) const { return times(key) > 0; }
  std::uint32_t times(sample_key key) const;
  bool is_declared_lost(std::uint64_t sequence) const;
  const std::map<std::string, std::vector<lost_range>>& lost_by_reason() const { return lost_; }
  std::uint64_t accepted() const { return accepted_; }
  std::uint64_t repeated() const { return repeated_; }
  const std::string& newest_sample() const { return newest_; }

 private:
  struct arrival {
    std::uint64_t hash = 0;
    std::uint32_t times = 0;
  };

  std::optional<server_answer> refuse(const std::vector<std::pair<sample_key, std::string_view>>&,
                                      std::size_t body_size);
  void take(sample_key key, std::string_view sample);
  void note_losses(std::string_view sample);
  void check_key(std::string_view body, const std::vector<std::string>& headers);

  std::string name_;
  run_record& record_;
  std::vector<std::vector<arrival>> arrived_;  ///< by boot and sequence number
  std::map<std::string, std::vector<lost_range>> lost_;
  std::map<sample_key, int> poison_;
  std::unordered_map<std::uint64_t, std::uint64_t> keys_;  ///< hash of the body by the key's
  std::string newest_;
  sample_key newest_key_{};
  bool knows_host_ = false;
  std::size_t limit_ = 0;
  std::uint64_t accepted_ = 0, repeated_ = 0;
  simdjson::dom::parser parser_;
};

}  // namespace reflector::simulation
