#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>

namespace reflector::faultlab::wire {

/// What a name server does wrongly. Set before it is added; `fired` counts the queries affected.
struct name_disturbance {
  std::set<std::string> names{};  ///< "alpha.lab.test", lower case; empty: all
  enum class answer { normal, silence, servfail, nxdomain, truncated /* over UDP; asks for TCP */ };
  answer how = answer::normal;
  std::chrono::milliseconds delay{0};
  std::string address{};  ///< IPv4, instead of the right one; empty: the right one
  std::atomic<std::uint64_t> fired{0};
};

/// A DNS server (UDP, TCP) that knows the names below lab.test, as 127.0.0.1; for all others it
/// says NXDOMAIN. A thread of its own; members may be called from any thread.
class name_server {
 public:
  struct options {
    std::string address = "127.0.0.53";
    std::uint16_t port = 53;  ///< 0: any free one
  };

  name_server() : name_server(options()) {}
  explicit name_server(const options& settings);  ///< throws std::runtime_error
  name_server(const name_server&) = delete;
  name_server& operator=(const name_server&) = delete;
  ~name_server();

  std::uint16_t port() const;
  void set_address(const std::string& name, const std::string& ipv4);
  void add(const std::shared_ptr<name_disturbance>& wrong);
  void remove(const std::shared_ptr<name_disturbance>& wrong);
  std::uint64_t queries() const;  ///< well-formed ones so far

 private:
  struct server;
  std::unique_ptr<server> server_;
};

}  // namespace reflector::faultlab::wire
