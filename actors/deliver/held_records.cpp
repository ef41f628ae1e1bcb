#include "actors/deliver/held_records.hpp"

#include <utility>

namespace reflector {
namespace {

constexpr std::uint64_t overhead_bytes = 64;

std::uint64_t footprint(const record& r) {
  return r.json->size() + overhead_bytes;
}

}  // namespace

void held_records::add(record next) {
  bytes_ += footprint(next);
  records_.push_back(std::move(next));
}

void held_records::drop_oldest() {
  bytes_ -= footprint(records_.front());
  records_.pop_front();
}

std::vector<record> held_records::from(std::uint64_t next, std::size_t max_samples,
                                       std::size_t max_bytes) const {
  std::vector<record> out;
  if (empty() || next < oldest()) return out;
  std::size_t bytes = 0;
  for (auto at = next - oldest(); at < records_.size() && out.size() < max_samples; ++at) {
    const record& r = records_[at];
    bytes += r.json->size() + 1;
    if (bytes > max_bytes && !out.empty()) break;
    out.push_back(r);
  }
  return out;
}

}  // namespace reflector
