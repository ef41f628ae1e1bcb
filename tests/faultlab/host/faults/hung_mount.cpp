#include "actors/os/unique_descriptor.hpp"
#include "tests/faultlab/host/faults/faults.hpp"
#include "tests/faultlab/lab_world.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sys/mount.h>
#include <thread>
#include <unistd.h>

namespace reflector::faultlab {

namespace {

/// Takes requests over /dev/fuse and answers none but INIT. Who asks hangs until the device is
/// closed, which happens at the latest when the run ends.
class hung_mount final : public fault {
 public:
  ~hung_mount() override { release(); }

  std::string hindrance(lab_world&) override {
    return ::access("/dev/fuse", R_OK | W_OK) == 0 ? "" : "/dev/fuse can't be opened";
  }

  std::optional<std::string> begin(lab_world& world) override {
    const auto path = world.folder() / "hung";
    std::error_code ignored;
    std::filesystem::create_directory(path, ignored);
    device_ = unique_descriptor{::open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK)};
    const std::string options =
        "fd=" + std::to_string(device_.get()) + ",rootmode=40000,user_id=0,group_id=0";
    if (!device_.is_open() ||
        ::mount("hung-faultlab", path.c_str(), "fuse.hang", 0, options.c_str()) != 0)
      return std::string{"mounting a FUSE file system: "} + std::strerror(errno);
    mounted_ = path;
    over_ = false;
    reader_ = std::thread([this] { take_requests(); });
    return std::nullopt;
  }
  void end(lab_world&) override { release(); }
  std::uint64_t fired(lab_world&) const override { return fired_; }

 private:
  void take_requests() {
    std::vector<char> buffer(256 * 1024);
    std::vector<std::uint64_t> waiting;
    for (;;) {
      pollfd readable{device_.get(), POLLIN, 0};
      if (::poll(&readable, 1, 50) <= 0) {
        if (!over_) continue;
        // Closing the device would do, but for a copy of it in a child that was forked meanwhile.
        for (const auto unique : waiting) refuse(unique);
        return;
      }
      const ssize_t size = ::read(device_.get(), buffer.data(), buffer.size());
      if (size < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOENT)) continue;
      if (size < static_cast<ssize_t>(sizeof(fuse_in_header))) return;
      fuse_in_header request{};
      std::memcpy(&request, buffer.data(), sizeof request);
      if (request.opcode == FUSE_INIT)
        answer_init(request.unique);
      else if (request.opcode != FUSE_FORGET && request.opcode != FUSE_INTERRUPT) {
        waiting.push_back(request.unique);
        ++fired_;
      }
    }
  }

  void refuse(std::uint64_t unique) {
    fuse_out_header reply{};
    reply.len = sizeof reply;
    reply.error = -ENOTCONN;
    reply.unique = unique;
    // Who asked may have been killed meanwhile.
    if (::write(device_.get(), &reply, sizeof reply) < 0) return;
  }

  void answer_init(std::uint64_t unique) {
    struct {
      fuse_out_header header;
      fuse_init_out body;
    } reply{};
    reply.header.len = sizeof reply;
    reply.header.unique = unique;
    reply.body.major = FUSE_KERNEL_VERSION;
    reply.body.minor = 23;
    reply.body.max_write = 65'536;
    reply.body.max_background = 16;
    reply.body.congestion_threshold = 12;
    if (::write(device_.get(), &reply, sizeof reply) < 0) return;
  }

  void release() {
    if (!mounted_.empty()) ::umount2(mounted_.c_str(), MNT_DETACH);
    over_ = true;
    if (reader_.joinable()) reader_.join();
    device_.reset();  // ends what waits, with an error
    mounted_.clear();
  }

  unique_descriptor device_;
  std::filesystem::path mounted_;
  std::atomic<bool> over_{false};
  std::atomic<std::uint64_t> fired_{0};
  std::thread reader_;
};

}  // namespace

fault_kind hung_mount_fault() {
  return {.name = "hung_mount",
          .group = "host",
          .summary = "a file system that answers nothing is mounted (counts requests that hang)",
          .specs = {},
          .needs = {need::namespaces},
          .make = [](const settings&) { return std::make_unique<hung_mount>(); }};
}

}  // namespace reflector::faultlab
