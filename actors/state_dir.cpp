#include "actors/state_dir.hpp"

#include "actors/deliver/crc32c.hpp"
#include "actors/os/durable_rename.hpp"
#include "actors/os/regular_file.hpp"
#include "actors/os/system_fault.hpp"
#include "actors/os/write_all.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace reflector {
namespace {

constexpr std::size_t sequence_digits = 20;  // of the largest 64-bit number

tl::unexpected<fault> os_failure(const std::string& doing) {
  return tl::unexpected{system_fault(errno, doing)};
}

result<std::string> random_uuid() {
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return os_failure("getrandom");
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);  // version 4
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);  // RFC 4122's variant
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

/// Of one length always, so that it can be overwritten in place.
std::string sequence_line(std::uint64_t last) {
  const std::string digits = std::to_string(last);
  std::string line(sequence_digits - digits.size(), '0');
  line += digits;
  std::array<char, 16> sum{};
  std::snprintf(sum.data(), sum.size(), " %08x\n", crc32c(line));
  return line + sum.data();
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

}  // namespace

result<state_dir> state_dir::open(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path{path}.parent_path(), error);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return os_failure("making the state folder " + path);
  const std::string lock_path = path + "/lock";
  unique_descriptor lock{
      ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  // A file system that is read-only for now is a matter for the spool, which waits for it.
  if (!lock.is_open() && errno == EROFS)
    lock = unique_descriptor{::open(lock_path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  if (!lock.is_open()) return os_failure("opening " + lock_path);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return failure(fault_code::refused, "another agent is running on the state folder " + path +
                                            " (it holds " + lock_path + ")");
  return state_dir{path, std::move(lock)};
}

result<std::string> state_dir::agent_id() const {
  const std::string path = file("agent_id");
  auto text = read_regular_file(path, 64);
  if (text) {
    if (!text->empty() && text->back() == '\n') text->pop_back();
    if (!is_uuid(*text))
      return failure(fault_code::malformed,
                     path + " is not a UUID; without the file the agent takes a new identity");
    return *text;
  }
  if (text.error().code != fault_code::missing)
    return in_context("the agent's identity", text.error());
  auto made = random_uuid();
  if (!made) return made;
  if (const auto kept = replace_file(path, *made + '\n'); !kept)
    return tl::unexpected{kept.error()};
  return made;
}

result<void> replace_file(const std::string& path, std::string_view content) {
  const std::string beside = path + ".new";
  unique_descriptor file{
      ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file.is_open()) return os_failure("opening " + beside);
  auto written = write_all(file.get(), content, beside);
  if (written && ::fsync(file.get()) != 0) written = os_failure("syncing " + beside);
  file.reset();
  if (written) written = rename_durably(beside, path);
  if (!written) ::unlink(beside.c_str());
  return written;
}

std::optional<std::uint64_t> parse_sequence(std::string_view text) {
  const char* const end = text.data() + std::min(text.size(), sequence_digits);
  std::uint64_t last = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, last);
  if (error != std::errc{} || stop != end || text != sequence_line(last)) return std::nullopt;
  return last;
}

result<sequence_file> sequence_file::open(const std::string& path) {
  const auto text = read_regular_file(path, 64);
  if (!text && text.error().code != fault_code::missing) return tl::unexpected{text.error()};
  const bool has_number = text && !text->empty();
  const auto last = has_number ? parse_sequence(*text) : std::nullopt;
  unique_descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file.is_open()) return os_failure("opening " + path);
  return sequence_file{std::move(file), last.value_or(0), has_number && !last};
}

result<void> sequence_file::store(std::uint64_t last) {
  const std::string line = sequence_line(last);
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t n =
        ::pwrite(file_.get(), line.data() + done, line.size() - done, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return os_failure("writing the sequence number");
    done += static_cast<std::size_t>(n);
  }
  last_ = last;
  return {};
}

}  // namespace reflector
