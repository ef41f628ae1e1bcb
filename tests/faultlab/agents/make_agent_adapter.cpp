#include "actors/text/quoted.hpp"
#include "tests/faultlab/agents/collectd_adapter.hpp"
#include "tests/faultlab/agents/reflector_adapter.hpp"
#include "tests/faultlab/agents/stub/stub_configuration.hpp"
#include "tests/faultlab/agents/stub_adapter.hpp"

#include <cstdlib>
#include <sstream>
#include <unistd.h>

namespace reflector::faultlab {
namespace {

using made = tl::expected<std::unique_ptr<agent_adapter>, std::string>;
using found = tl::expected<std::filesystem::path, std::string>;

found program_at(const std::filesystem::path& path, const std::string& what) {
  if (::access(path.c_str(), X_OK) == 0 && !std::filesystem::is_directory(path))
    return std::filesystem::absolute(path).lexically_normal();
  return tl::unexpected{what + ": " + reflector::quoted(path.string(), 200) +
                        " is no program that can be run"};
}

/// $`variable`, or the one beside this program.
found own_program(const char* variable, const char* name) {
  if (const char* path = std::getenv(variable); path != nullptr && *path != '\0')
    return program_at(path, std::string{"$"} + variable);
  return program_at(std::filesystem::read_symlink("/proc/self/exe").parent_path() / name, name);
}

found program_in_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  // Daemons lie where a user's PATH doesn't lead.
  std::istringstream folders{std::string{path == nullptr ? "" : path} +
                             ":/usr/local/sbin:/usr/sbin"};
  for (std::string folder; std::getline(folders, folder, ':');)
    if (auto program = program_at(std::filesystem::path{folder} / name, name)) return program;
  return tl::unexpected{name + " is not installed (Debian: collectd-core libyajl2)"};
}

template <class Adapter>
made open(const found& program) {
  if (!program) return tl::unexpected{program.error()};
  auto adapter = Adapter::open(*program);
  if (!adapter) return tl::unexpected{adapter.error()};
  return std::unique_ptr<agent_adapter>{std::move(*adapter)};
}

made make_stub(const std::vector<std::string>& words) {
  const bool broken = words.size() == 3 && words[1] == "--broken";
  if (words.size() > 1 && (!broken || !stub::read_breakage(words[2])))
    return tl::unexpected{
        "the stub is `stub` or `stub --broken KIND`: drop:N, reorder, early_ack, "
        "twice, leak, changed_bytes, leftover, secret, silent or crash; not " +
        reflector::quoted(words.back())};
  const auto program = own_program("FAULTLAB_STUB_AGENT", "faultlab-stub-agent");
  if (!program) return tl::unexpected{program.error()};
  return std::make_unique<stub_adapter>(*program, broken ? words[2] : std::string{});
}

}  // namespace

made make_agent_adapter(const std::string& target) {
  std::istringstream text{target};
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  if (words.empty() || target == "reflector")
    return open<reflector_adapter>(own_program("REFLECTOR_BINARY", "reflector"));
  if (words.front() == "stub") return make_stub(words);
  if (target == "collectd") return open<collectd_adapter>(program_in_path(target));
  if (target.find('/') != std::string::npos)
    return open<reflector_adapter>(program_at(target, "the agent"));
  return tl::unexpected{"no such agent: " + reflector::quoted(target) +
                        ": it is reflector, a path to one (with a /), stub or collectd"};
}

}  // namespace reflector::faultlab
