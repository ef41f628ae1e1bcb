#include "actors/collect/disk.hpp"

#include "actors/collect/mount_probe.hpp"
#include "actors/collect/proc_text.hpp"
#include "actors/collect/remote_file_systems.hpp"
#include "actors/text/quoted.hpp"
#include "actors/text/utf8.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace reflector {

namespace {

constexpr std::size_t mountinfo_cap = 4 * 1024 * 1024;
constexpr std::size_t filesystems_cap = 64 * 1024;
constexpr std::size_t most_disks = 1024;
constexpr std::chrono::seconds mounts_age{10}, usage_age{1};
constexpr unsigned loop_major = 7;  // Documentation/admin-guide/devices.txt

std::optional<mount_entry> parse_mount(std::string_view line) {
  mount_entry mount;
  take_field(line);  // mount ID
  take_field(line);  // parent ID
  const auto device = take_field(line);
  const auto colon = device.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto major = number_in<unsigned>(device.substr(0, colon));
  const auto minor = number_in<unsigned>(device.substr(colon + 1));
  mount.root = decode_octal(take_field(line));
  mount.mount_point = decode_octal(take_field(line));
  take_field(line);  // mount options
  std::string_view field;
  do {
    field = take_field(line);  // any number of optional fields
  } while (!field.empty() && field != "-");
  mount.type = decode_octal(take_field(line));
  mount.source = decode_octal(take_field(line));
  if (!major || !minor || field.empty() || mount.source.empty()) return std::nullopt;
  if (!mount.mount_point.starts_with('/') || mount.mount_point.find('\0') != std::string::npos)
    return std::nullopt;
  mount.major = *major;
  mount.minor = *minor;
  return mount;
}

bool same_device(const mount_entry& a, const mount_entry& b) {
  return a.major == b.major && a.minor == b.minor;
}

bool is_loop(const mount_entry& mount) {
  return mount.major == loop_major || mount.source.starts_with("/dev/loop");
}

/// Strictly: a mount on the same directory hides the other, and no call gets to that.
bool is_below(std::string_view path, std::string_view folder) {
  if (folder == "/") return path != "/";
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

/// Without its usage.
disk_usage named_disk(const mount_entry& mount) {
  disk_usage said;
  said.device = printable_utf8(mount.source);
  said.mount_point = printable_utf8(mount.mount_point);
  said.type = printable_utf8(mount.type);
  return said;
}

bool is_whole(const mount_entry& mount) {
  // A btrfs subvolume's root is its own name; ostree mounts a folder of the file system as "/".
  return mount.root == "/" || mount.mount_point == "/" || mount.type == "btrfs";
}

}  // namespace

std::string decode_octal(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && text.size() - i > 3) {
      if (const auto byte = number_in<unsigned char>(text.substr(i + 1, 3), 8)) {
        decoded += static_cast<char>(*byte);
        i += 3;
        continue;
      }
    }
    decoded += text[i];
  }
  return decoded;
}

std::vector<std::string> parse_device_types(std::string_view filesystems) {
  std::vector<std::string> types;
  while (!filesystems.empty()) {
    auto line = take_line(filesystems);
    const auto first = take_field(line);
    const auto second = take_field(line);
    if (first != "nodev" && !first.empty()) types.emplace_back(first);
    if (first == "nodev" && second == "zfs") types.emplace_back(second);
  }
  return types;
}

result<std::vector<mount_entry>> parse_mountinfo(std::string_view text) {
  std::vector<mount_entry> mounts;
  const auto whole = text;
  while (!text.empty()) {
    if (auto mount = parse_mount(take_line(text))) mounts.push_back(std::move(*mount));
  }
  if (mounts.empty() && !trimmed(whole).empty()) {
    return failure(fault_code::malformed, "mountinfo: no mount in " + quoted(whole));
  }
  return mounts;
}

std::vector<mount_entry> real_partitions(const std::vector<mount_entry>& mounts,
                                         const std::vector<std::string>& device_types) {
  std::vector<mount_entry> chosen;
  for (auto mount = mounts.begin(); mount != mounts.end(); ++mount) {
    const bool remote = is_remote(mount->type);
    if (!remote && (mount->source == "none" || !is_whole(*mount) ||
                    std::ranges::find(device_types, mount->type) == device_types.end()))
      continue;
    const auto hides = [&](const mount_entry& later) {
      return later.mount_point == mount->mount_point;
    };
    if (std::any_of(mount + 1, mounts.end(), hides)) continue;
    const auto same = std::ranges::find_if(
        chosen, [&](const mount_entry& other) { return same_device(other, *mount); });
    if (same != chosen.end()) {
      if (mount->mount_point == "/" || (!is_whole(*same) && is_whole(*mount))) *same = *mount;
      continue;
    }
    if (chosen.size() == most_disks) break;
    chosen.push_back(*mount);
  }
  std::ranges::stable_sort(chosen, {}, [](const mount_entry& mount) {
    if (mount.mount_point == "/") return 0;
    if (is_loop(mount)) return 3;
    return is_remote(mount.type) ? 2 : 1;
  });
  return chosen;
}

bool needs_prober(const mount_entry& mount, const std::vector<mount_entry>& all) {
  if (may_never_answer(mount.type)) return true;
  return std::ranges::any_of(all, [&](const mount_entry& above) {
    return may_never_answer(above.type) && is_below(mount.mount_point, above.mount_point);
  });
}

disk_usage to_disk_usage(const mount_entry& mount, const file_system_usage& usage) {
  disk_usage said = named_disk(mount);
  said.total_bytes = usage.total_bytes;
  said.used_bytes = usage.total_bytes - std::min(usage.free_bytes, usage.total_bytes);
  const double reachable =
      static_cast<double>(said.used_bytes) + static_cast<double>(usage.available_bytes);
  said.used_percent = reachable > 0 ? static_cast<double>(said.used_bytes) / reachable * 100 : 0;
  return said;
}

namespace {

std::unique_ptr<kept_file> keep_mountinfo(host_files& files) {
  if (files.is_own_system()) return files.keep("proc/self/mountinfo", mountinfo_cap);
  // The host's own mounts, where /proc is the host's; a tree without processes may have just the
  // second.
  return keep_first_of(files, {"proc/1/mountinfo", "proc/self/mountinfo"}, mountinfo_cap);
}

class disk_collector final : public collector {
 public:
  disk_collector(host_files& files, prober* remote)
      : files_{files}, remote_{remote}, mountinfo_{keep_mountinfo(files)} {}

  std::chrono::milliseconds prepare(monotonic_time now) override {
    if (!remote_ || !refresh_mounts(now)) return {};
    if (asked_ && now - *asked_ < usage_age) return {};
    asked_ = now;
    usage_read_.reset();
    std::vector<std::string> questions;
    for (const auto& each : partitions_)
      if (each.is_probed) questions.push_back(each.mount.mount_point);
    return remote_->ask(questions, now);
  }

  bool is_waiting(monotonic_time now) override {
    const bool waits = remote_ && std::ranges::any_of(partitions_, [&](const auto& each) {
                         return each.is_probed && remote_->of(each.mount.mount_point, now).how ==
                                                      prober::state::standing::unknown;
                       });
    if (waits) usage_read_.reset();  // the answer is not to wait for the next reading
    return waits;
  }

  result<reading> measure(monotonic_time now) override {
    if (const auto mounts = refresh_mounts(now); !mounts)
      return tl::unexpected<fault>{mounts.error()};
    if (!usage_read_ || now - *usage_read_ >= usage_age) {
      usage_read_ = now;
      read_usage(now);
    }
    return said_;
  }

 private:
  struct partition {
    mount_entry mount;
    bool is_probed = false;
  };

  result<void> refresh_mounts(monotonic_time now) {
    const bool changed = mountinfo_->announced_change();
    if (!changed && mounts_read_ && now - *mounts_read_ < mounts_age) return {};
    mounts_read_.reset();
    if (auto read = read_mounts(); !read) return read;
    mounts_read_ = now;
    usage_read_.reset();
    asked_.reset();
    return {};
  }

  result<void> read_mounts() {
    const auto text = mountinfo_->read();
    if (!text) return tl::unexpected<fault>{text.error()};
    const auto mounts = parse_mountinfo(*text);
    if (!mounts) return tl::unexpected<fault>{mounts.error()};
    const auto types = files_.read("proc/filesystems", filesystems_cap);
    if (!types) return tl::unexpected<fault>{types.error()};
    partitions_.clear();
    for (auto& mount : real_partitions(*mounts, parse_device_types(*types))) {
      name_root_device(mount);
      const bool is_probed = needs_prober(mount, *mounts);
      if (!is_probed || remote_) partitions_.push_back({std::move(mount), is_probed});
    }
    return {};
  }

  /// Kernels started without an initrd call the root's device "/dev/root", which is no device.
  void name_root_device(mount_entry& mount) {
    if (mount.source != "/dev/root" && mount.source != "rootfs") return;
    const auto path = "sys/dev/block/" + std::to_string(mount.major) + ":" +
                      std::to_string(mount.minor) + "/uevent";
    const auto uevent = files_.read(path, 4096);
    if (!uevent) return;
    std::string_view text = *uevent;
    while (!text.empty()) {
      const auto line = take_line(text);
      if (line.starts_with("DEVNAME=")) mount.source = "/dev/" + std::string{line.substr(8)};
    }
  }

  void read_usage(monotonic_time now) {
    said_ = {};
    for (const auto& each : partitions_) {
      if (each.is_probed)
        take_answer(each.mount, now);
      else
        take_usage(each.mount, files_.usage(each.mount.mount_point));
    }
    if (!said_.disks.empty()) said_.primary = said_.disks.front().device;
  }

  void take_answer(const mount_entry& mount, monotonic_time now) {
    const auto state = remote_->of(mount.mount_point, now);
    if (state.how == prober::state::standing::answered) {
      take_usage(mount, decode_mount_answer(state.answer));
    } else if (state.how == prober::state::standing::stuck) {
      auto& said = said_.disks.emplace_back(named_disk(mount));
      said.stuck = true;
    }
  }

  void take_usage(const mount_entry& mount, const result<file_system_usage>& usage) {
    if (usage && usage->total_bytes > 0) said_.disks.push_back(to_disk_usage(mount, *usage));
  }

  host_files& files_;
  prober* remote_;
  std::unique_ptr<kept_file> mountinfo_;
  std::vector<partition> partitions_;
  disk_reading said_;
  std::optional<monotonic_time> mounts_read_, usage_read_, asked_;
};

}  // namespace

std::unique_ptr<collector> make_disk_collector(host_files& files, prober* remote) {
  return std::make_unique<disk_collector>(files, remote);
}

}  // namespace reflector
