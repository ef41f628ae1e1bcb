#include "tests/faultlab/wire/relay_connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace reflector::faultlab::wire {
namespace {

using namespace std::chrono_literals;

constexpr auto unlimited = std::numeric_limits<std::uint64_t>::max();
constexpr auto far_away = 1h;
constexpr std::size_t piece = 64 * 1024;

bool meets(const disturbance& each, const http_message& request) {
  return request.target().find(each.only) != std::string_view::npos;
}

/// The slowest of those that limit; null: none does.
disturbance* slowest(const active_disturbances& active, double disturbance::*rate) {
  disturbance* found = nullptr;
  for (const auto& each : active) {
    if ((*each).*rate > 0 && (!found || (*each).*rate < (*found).*rate)) found = each.get();
  }
  return found;
}

disturbance* freezing(const active_disturbances& active) {
  const auto found = std::ranges::find_if(active, [](const auto& d) { return d->freezes; });
  return found == active.end() ? nullptr : found->get();
}

disturbance* deadening(const active_disturbances& active) {
  const auto found = std::ranges::find_if(active, [](const auto& d) { return d->deadens; });
  return found == active.end() ? nullptr : found->get();
}

}  // namespace

relay_connection::relay_connection(int descriptor, std::shared_ptr<SSL_CTX> context,
                                   std::shared_ptr<disturbance> with, std::uint16_t upstream_port,
                                   time_point now)
    : client_{descriptor, std::move(context)},
      with_{std::move(with)},
      upstream_port_{upstream_port},
      last_active_{now} {}

relay_connection::~relay_connection() {
  if (upstream_ >= 0) ::close(upstream_);
}

std::uint64_t relay_connection::take_bytes() {
  return std::exchange(bytes_, 0);
}

std::uint64_t relay_connection::allowance::take(double rate, time_point now) {
  // At most what a tenth of a second allows is saved up, but always a whole byte.
  const double most = std::max(rate / 10, 1.0);
  if (since != time_point{}) {
    left = std::min(most, left + rate * std::chrono::duration<double>(now - since).count());
  }
  since = now;
  return static_cast<std::uint64_t>(left);
}

relay_connection::wish relay_connection::wishes(const active_disturbances& active, time_point now) {
  wish wanted{POLLRDHUP, 0, now + far_away};
  if (dead_) return wanted.client = POLLIN | POLLRDHUP, wanted;
  if (freezing(active)) {
    if (!frozen_counted_) wanted.client |= POLLIN;
    return wanted;
  }
  const auto slowed = [&](disturbance* by, double disturbance::*rate) {
    const auto wait = std::chrono::duration<double>(std::max(0.01, 1.0 / (*by).*rate));
    wanted.at = std::min(wanted.at, now + std::chrono::duration_cast<time_point::duration>(wait));
  };
  if (answering_ && now < answer_at_) {
    wanted.at = std::min(wanted.at, answer_at_);
  } else if (answering_) {
    auto* const slow = slowest(active, &disturbance::answer_rate);
    slow ? slowed(slow, &disturbance::answer_rate) : void(wanted.client |= POLLOUT);
  } else if (!asked_) {
    auto* const slow = slowest(active, &disturbance::request_rate);
    if (client_.has_more() && !slow) wanted.at = now;
    // With a byte saved up it waits for the client, else for the allowance.
    const bool waits = slow != nullptr && shaken_ && request_allowance_.left < 1;
    waits ? slowed(slow, &disturbance::request_rate) : void(wanted.client |= POLLIN);
  }
  if (upstream_ >= 0 && !upstream_ended_) {
    wanted.upstream = static_cast<short>(to_upstream_.empty() ? POLLIN : POLLIN | POLLOUT);
  }
  for (const auto& each : active) {
    if (each->idle_close && idle()) {
      wanted.at = std::min(wanted.at, last_active_ + *each->idle_close);
    }
  }
  return wanted;
}

bool relay_connection::go_on(short client_events, short upstream_events,
                             const active_disturbances& active, time_point now) {
  hello_ = hello_ || (client_events & POLLIN) != 0;
  if ((client_events & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
    if (with_ && hello_ && !shaken_) ++with_->fired;  // refused, so fast that no alert is read
    return false;
  }
  auto* const killer = deadening(active);
  dead_ = dead_ || killer != nullptr;
  if (dead_) {
    std::array<char, 4096> scrap;
    const auto got = ::recv(client(), scrap.data(), scrap.size(), MSG_DONTWAIT);
    if (got > 0 && killer && !std::exchange(dead_counted_, true)) ++killer->fired;
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
  }
  if (auto* const freezer = freezing(active)) {
    const bool ended = (client_events & POLLRDHUP) != 0;
    const bool something = (client_events & POLLIN) != 0 || asked_ || answering_;
    if (something && !ended && !std::exchange(frozen_counted_, true)) ++freezer->fired;
    return !ended;
  }
  frozen_counted_ = false;
  // A client that went while it was answered is gone; one that is read tells its end there.
  if ((client_events & POLLRDHUP) != 0 && (asked_ || answering_)) return false;
  if (!shaken_) {
    if (!hello_) return !closing_;
    if (!shake_hands()) return false;
    if (!shaken_) return true;
  }
  if (!asked_ && !answering_) {
    const bool throttled = slowest(active, &disturbance::request_rate) != nullptr;
    const bool readable = (client_events & (POLLIN | POLLRDHUP)) != 0 || client_.has_more();
    if (!read_client(readable || throttled, active, now)) return false;
  }
  if (upstream_ >= 0 && !serve_upstream(upstream_events, active, now)) return false;
  if (answering_ && !send_answer(active, now)) return false;
  if (!idle()) return true;
  if (closing_ || upstream_ended_) return client_.say_goodbye(), false;
  for (const auto& each : active) {
    if (!each->idle_close || now < last_active_ + *each->idle_close) continue;
    ++each->fired;
    client_.say_goodbye();
    return false;
  }
  return true;
}

bool relay_connection::shake_hands() {
  if (with_ && !with_->greeting.empty()) {
    ++with_->fired;
    client_.write(with_->greeting.data(), with_->greeting.size());
    // Its hello is read, or closing would send a RST that overtakes the greeting.
    std::array<char, 4096> hello;
    while (::recv(client(), hello.data(), hello.size(), MSG_DONTWAIT) > 0) {
    }
    return false;
  }
  const auto state = client_.handshake();
  if (state == client_stream::progress::later) return true;
  if (with_) ++with_->fired;
  shaken_ = state == client_stream::progress::done;
  return shaken_;
}

bool relay_connection::read_client(bool readable, const active_disturbances& active,
                                   time_point now) {
  std::array<char, piece> buffer;
  auto* const slow = slowest(active, &disturbance::request_rate);
  bool ended = false;
  // One piece at a time while slow; else all there is, so that TLS leaves nothing behind.
  while (readable && !ended) {
    const auto most = slow ? request_allowance_.take(slow->request_rate, now) : unlimited;
    if (most == 0) break;
    const auto got =
        client_.read(buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(most, piece)));
    if (got == 0) break;
    if (got < 0) {
      ended = true;
      break;
    }
    received_.append(buffer.data(), static_cast<std::size_t>(got));
    bytes_ += static_cast<std::uint64_t>(got);
    last_active_ = now;
    if (slow) {
      request_allowance_.left -= static_cast<double>(got);
      if (!std::exchange(request_allowance_.held_back, true)) ++slow->fired;
      break;
    }
    if (cut_by_reset(active) || received_.size() > 32 * 1024 * 1024) return false;
  }
  if (cut_by_reset(active)) return false;
  return !ended && (received_.empty() || take_request(active, now));
}

bool relay_connection::cut_by_reset(const active_disturbances& active) {
  for (const auto& each : active) {
    if (!each->reset_request_at ||
        received_.size() < std::max<std::uint64_t>(1, *each->reset_request_at)) {
      continue;
    }
    const auto line_end = received_.find("\r\n");
    if (!each->only.empty() && received_.substr(0, line_end).find(each->only) == std::string::npos)
      continue;
    ++each->fired;
    client_.reset();
    return true;
  }
  return false;
}

bool relay_connection::take_request(const active_disturbances& active, time_point now) {
  auto parsed = parse_message(received_, message_side::request, false);
  if (parsed.what == parsed_message::state::invalid) return false;
  if (parsed.what == parsed_message::state::incomplete) return true;
  received_.erase(0, parsed.message.raw.size());
  request_allowance_.held_back = false;
  asked_ = std::move(parsed.message);
  for (const auto& each : active) {
    if (!each->answer || !meets(*each, *asked_)) continue;
    if (auto planned = each->answer(*asked_)) {
      ++each->fired;
      begin_answer(std::move(*planned), active, now);
      return true;
    }
  }
  to_upstream_ = asked_->raw;
  return upstream_ >= 0 || connect_upstream();
}

bool relay_connection::connect_upstream() {
  upstream_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (upstream_ < 0) return false;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(upstream_port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(upstream_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ||
         errno == EINPROGRESS;
}

bool relay_connection::serve_upstream(short events, const active_disturbances& active,
                                      time_point now) {
  if (!to_upstream_.empty() && (events & (POLLOUT | POLLERR | POLLHUP)) != 0) {
    const auto sent = ::send(upstream_, to_upstream_.data(), to_upstream_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (sent > 0) to_upstream_.erase(0, static_cast<std::size_t>(sent));
  }
  if ((events & (POLLIN | POLLHUP | POLLERR)) == 0) return true;
  std::array<char, piece> buffer;
  const auto got = ::recv(upstream_, buffer.data(), buffer.size(), 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) upstream_ended_ = true;
  from_upstream_.append(buffer.data(), static_cast<std::size_t>(got));
  if (!asked_ || answering_) return true;
  auto parsed = parse_message(from_upstream_, message_side::answer, upstream_ended_);
  if (parsed.what == parsed_message::state::complete) {
    from_upstream_.erase(0, parsed.message.raw.size());
    planned_answer planned;
    planned.head = std::move(parsed.message.raw);
    begin_answer(std::move(planned), active, now);
    return true;
  }
  return parsed.what == parsed_message::state::incomplete && !upstream_ended_;
}

void relay_connection::begin_answer(planned_answer planned, const active_disturbances& active,
                                    time_point now) {
  for (const auto& each : active) {
    if (each->alter && meets(*each, *asked_) && each->alter(*asked_, planned)) ++each->fired;
  }
  answer_at_ = now + planned.delay;
  outgoing_ = std::move(planned.head);
  answering_ = std::move(planned);
  answer_allowance_ = {};
}

bool relay_connection::send_answer(const active_disturbances& active, time_point now) {
  if (now < answer_at_) return true;
  auto& answer = *answering_;
  for (int pieces = 0; pieces < 16; ++pieces) {
    while (outgoing_.size() < piece && answer.filler_bytes > 0 && !answer.filler.empty()) {
      const auto size = std::min<std::uint64_t>(answer.filler_bytes, answer.filler.size());
      outgoing_.append(answer.filler, 0, static_cast<std::size_t>(size));
      answer.filler_bytes -= size;
    }
    if (outgoing_.size() < piece) outgoing_ += std::exchange(answer.tail, {});
    if (outgoing_.empty()) break;
    auto* const slow = slowest(active, &disturbance::answer_rate);
    const auto most = slow ? answer_allowance_.take(slow->answer_rate, now) : unlimited;
    if (most == 0) return true;
    const auto size = std::min<std::uint64_t>(most, outgoing_.size());
    const auto sent = client_.write(outgoing_.data(), static_cast<std::size_t>(size));
    if (sent < 0) return false;
    if (sent == 0) return true;
    outgoing_.erase(0, static_cast<std::size_t>(sent));
    bytes_ += static_cast<std::uint64_t>(sent);
    last_active_ = now;
    if (slow) {
      answer_allowance_.left -= static_cast<double>(sent);
      if (!std::exchange(answer_allowance_.held_back, true)) ++slow->fired;
    }
  }
  if (!outgoing_.empty() || answer.filler_bytes > 0 || !answer.tail.empty()) return true;
  const auto end = answer.end;
  answering_.reset();
  asked_.reset();
  last_active_ = now;
  if (end == planned_answer::ending::reset) return client_.reset(), false;
  if (end == planned_answer::ending::close) return client_.say_goodbye(), false;
  return received_.empty() || take_request(active, now);
}

}  // namespace reflector::faultlab::wire
