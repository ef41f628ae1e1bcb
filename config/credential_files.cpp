#include "config/credential_files.hpp"

#include "actors/os/trusted_file.hpp"
#include "actors/text/quoted.hpp"
#include "config/config_error.hpp"
#include "config/schema.hpp"

#include <cerrno>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace reflector {
namespace {

/// What is larger is none of the files that decide what is run.
constexpr std::size_t max_trusted_bytes = std::size_t{1} << 20;

/// What keeps the file at `path` from that use; empty: nothing.
std::string objection(const std::string& path, file_use use) {
  if (use == file_use::trusted) {
    const auto read = read_trusted_file(path, max_trusted_bytes);
    return read ? ""
                : "expected a file that only root and the agent may write: " + read.error().text;
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return "expected a readable file, got " + quoted(path) + ": " +
           std::generic_category().message(errno);
  }
  if (!S_ISREG(status.st_mode)) return "expected a regular file, got " + quoted(path);
  constexpr unsigned others_bits = 0077;  // as secret_file.cpp has it
  if (use == file_use::secret && (status.st_mode & others_bits) != 0) {
    return "expected a file that only its owner may read (chmod 600), got " + quoted(path);
  }
  if (::access(path.c_str(), R_OK) != 0) {
    return "expected a readable file, got " + quoted(path) + ": " +
           std::generic_category().message(errno);
  }
  return {};
}

struct file_checker {
  std::string owner;
  std::vector<inconsistency>& out;

  template <class T, class R>
  void key(const key_info&, T&, const R&) {}

  void key(const key_info& info, const std::string& path, const path_rule& rule) {
    if (rule.use == file_use::place || path.empty()) return;
    if (auto text = objection(path, rule.use); !text.empty()) {
      out.push_back({owner + std::string{info.name}, std::move(text)});
    }
  }

  template <class T>
  void section(const key_info& info, T& section) {
    file_checker inner{owner + std::string{info.name} + ".", out};
    describe(inner, section);
  }
  template <class T>
  void sections(const key_info& info, const std::vector<T>& sections) {
    for (std::size_t i = 0; i < sections.size(); ++i) {
      file_checker inner{owner + std::string{info.name} + "[" + std::to_string(i + 1) + "].", out};
      describe(inner, sections[i]);
    }
  }
  template <class T>
  void part(T& part) {
    describe(*this, part);
  }
};

}  // namespace

std::vector<inconsistency> check_credential_files(const configuration& config) {
  std::vector<inconsistency> out;
  file_checker checker{"", out};
  describe(checker, config);
  return out;
}

}  // namespace reflector
