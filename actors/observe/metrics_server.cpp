#include "actors/observe/metrics_server.hpp"

#include "actors/observe/http_page.hpp"
#include "actors/observe/metrics_text.hpp"
#include "actors/os/system_fault.hpp"
#include "actors/text/quoted.hpp"
#include "config/listen_address.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <utility>

namespace reflector {
namespace {

union socket_address {
  sockaddr any;
  sockaddr_in four;
  sockaddr_in6 six;
};

result<unique_descriptor> bound_to(const listen_address& where) {
  socket_address address{};
  socklen_t length = sizeof address.four;
  address.four.sin_family = AF_INET;
  address.four.sin_port = htons(where.port);
  if (::inet_pton(AF_INET, where.ip.c_str(), &address.four.sin_addr) != 1) {
    length = sizeof address.six;
    address = {};
    address.six.sin6_family = AF_INET6;
    address.six.sin6_port = htons(where.port);
    if (::inet_pton(AF_INET6, where.ip.c_str(), &address.six.sin6_addr) != 1)
      return failure(fault_code::malformed, "not an address: " + quoted(where.ip));
  }
  unique_descriptor listener{
      ::socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!listener.is_open()) return tl::unexpected{system_fault(errno, "making a socket")};
  // Connections of the agent before this one may still linger on the port.
  const int yes = 1;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(listener.get(), &address.any, length) != 0)
    return tl::unexpected{system_fault(errno, "binding a socket")};
  return listener;
}

}  // namespace

result<std::unique_ptr<http_server>> start_metrics_server(const std::string& listen,
                                                          const newest_sample& newest,
                                                          std::function<agent_status()> agent) {
  const std::string what = "[metrics] listen = " + quoted(listen);
  const auto where = parse_listen_address(listen);
  if (!where) return failure(fault_code::malformed, what + ": not an address and a port");
  auto listener = bound_to(*where);
  if (!listener) return in_context(what, listener.error());
  auto server = http_server::start(
      std::move(*listener), [&newest, agent = std::move(agent)](std::string_view head) {
        return http_page(head, "/metrics", [&](std::string_view accept) {
          const metrics_format format = format_for(accept);
          const auto json = newest.now();
          sample_reader reader;
          const recorded_sample* sample = nullptr;
          if (json)
            if (const auto read = reader.read(*json)) sample = *read;
          return http_document{std::string{content_type_of(format)},
                               metrics_text(sample, agent(), format)};
        });
      });
  if (!server) return in_context(what, server.error());
  return server;
}

}  // namespace reflector
