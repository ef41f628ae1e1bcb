#include "actors/collect/load.hpp"

#include "actors/collect/proc_text.hpp"
#include "actors/text/quoted.hpp"

namespace reflector {

namespace {

constexpr std::size_t loadavg_cap = 4096;

class load_collector final : public collector {
 public:
  explicit load_collector(host_files& files) : file_{files.keep("proc/loadavg", loadavg_cap)} {}

  result<reading> measure(monotonic_time) override {
    const auto text = file_->read();
    if (!text) return tl::unexpected<fault>{text.error()};
    const auto parsed = parse_loadavg(*text);
    if (!parsed) return tl::unexpected<fault>{parsed.error()};
    return parsed->averages;
  }

 private:
  std::unique_ptr<kept_file> file_;
};

}  // namespace

result<loadavg> parse_loadavg(std::string_view text) {
  auto line = take_line(text);
  const auto whole = line;
  const auto one = decimal_in(take_field(line));
  const auto five = decimal_in(take_field(line));
  const auto fifteen = decimal_in(take_field(line));
  const auto counts = take_field(line);
  const auto slash = counts.find('/');
  const auto last_pid = number_in<std::uint64_t>(take_field(line));
  if (one && five && fifteen && slash != std::string_view::npos && last_pid) {
    if (const auto threads = number_in<std::uint64_t>(counts.substr(slash + 1))) {
      return loadavg{{*one, *five, *fifteen}, *threads, *last_pid};
    }
  }
  return failure(fault_code::malformed, "proc/loadavg: not load averages: " + quoted(whole));
}

std::unique_ptr<collector> make_load_collector(host_files& files) {
  return std::make_unique<load_collector>(files);
}

}  // namespace reflector
