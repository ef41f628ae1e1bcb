#pragma once

#include "config/endpoint_config.hpp"
#include "messages/delivery.hpp"
#include "messages/sample.hpp"

#include <bitset>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reflector {

/// What one endpoint gets of each sample: some collectors' fields, and its own tags. All else, the
/// agent section and what identifies the host included, goes through byte for byte.
class sample_selection {
 public:
  explicit sample_selection(const selection_config& config);
  ~sample_selection();
  sample_selection(const sample_selection&) = delete;
  sample_selection& operator=(const sample_selection&) = delete;

  /// Everything as it is.
  bool is_whole() const { return left_out_.none() && tags_.empty() && drop_tags_.empty(); }

  /// The same records with what is left of their JSON. One that can't be read back stays as it is.
  std::vector<record> of(std::span<const record> records);

 private:
  struct parsing;

  std::string of(std::string_view json);

  std::bitset<collector_names.size()> left_out_;  ///< by collector_id
  std::map<std::string, std::string> tags_;
  std::set<std::string, std::less<>> drop_tags_;
  std::unique_ptr<parsing> parsing_;
};

}  // namespace reflector
