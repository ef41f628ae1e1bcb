#include "actors/cli/spool_replay.hpp"

#include "actors/cli/exit_code.hpp"
#include "actors/deliver/answer.hpp"
#include "actors/deliver/encoder_registry.hpp"
#include "actors/deliver/framing.hpp"
#include "actors/net/server_access.hpp"
#include "actors/text/in_words.hpp"
#include "actors/text/quoted.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <ostream>
#include <span>
#include <thread>

#include <simdjson.h>

namespace reflector {
namespace {

/// Whose the sample is, as it says itself: it may be older than the state folder's identity.
result<std::string> agent_id_of(const std::string& json) {
  simdjson::dom::parser parser;
  std::string_view id;
  if (parser.parse(json)["agent"]["id"].get(id) != simdjson::SUCCESS)
    return failure(fault_code::malformed, "no sample: it names no agent");
  return std::string{id};
}

/// What the uplink sends for a batch of this sample alone.
result<http_request> post_of(const kept_dead_letter& letter, const endpoint_config& endpoint,
                             const server_access& access, batch_encoder& encoder) {
  const auto agent_id = agent_id_of(letter.json);
  if (!agent_id) return tl::unexpected{agent_id.error()};
  delivery_frame frame =
      frame_for({{letter.sequence, std::make_shared<const std::string>(letter.json), nullptr}},
                encoder, *agent_id, endpoint.compression);
  http_request post;
  post.method = http_request::verb::post;
  post.url = encoder.url_of(endpoint);
  post.headers = access.headers.now();
  post.headers.insert(post.headers.end(), frame.headers.begin(), frame.headers.end());
  post.body = std::move(frame.body);
  post.timeout = endpoint.timeout;
  post.peer = access.peer;
  return post;
}

/// From one request to the next, so that the endpoint gets no more than its limits allow.
std::chrono::duration<double> pause_after(std::size_t bytes, const endpoint_limits& limits) {
  const double seconds =
      std::max({1 / std::max(limits.requests_per_second, 0.001),
                1 / std::max(limits.samples_per_second, 0.001),
                static_cast<double>(bytes) /
                    static_cast<double>(std::max<std::uint64_t>(limits.bytes_per_second, 1))});
  return std::chrono::duration<double>{seconds};
}

std::string said(const http_response& answer) {
  return answer.status == 0
             ? printable(answer.error)
             : "HTTP " + std::to_string(answer.status) + ' ' + reflector::quoted(answer.body, 200);
}

class replay {
 public:
  replay(const endpoint_config& endpoint, server_access access, dead_letter_database& letters,
         http_client& http, std::ostream& out, std::ostream& err)
      : endpoint_(endpoint),
        encoder_(make_encoder(endpoint)),
        access_(std::move(access)),
        letters_(letters),
        http_(http),
        out_(out),
        err_(err) {}

  int run(const std::vector<kept_dead_letter>& chosen) {
    std::size_t done = 0;
    for (; done < chosen.size(); ++done)
      if (!resend(chosen[done])) break;
    const std::size_t left = chosen.size() - done;
    out_ << with_commas(accepted_) << " accepted, " << with_commas(refused_) << " refused again, "
         << with_commas(left) << " left as before\n";
    return accepted_ == chosen.size() && out_.flush() ? exit_success : exit_failure;
  }

 private:
  /// @return whether to go on
  bool resend(const kept_dead_letter& letter) {
    if (letter.json.empty()) return stays(letter, "damaged on the disk, can't be sent");
    const auto post = post_of(letter, endpoint_, access_, *encoder_);
    if (!post) return stays(letter, post.error().text);
    std::this_thread::sleep_until(next_at_);
    next_at_ =
        std::chrono::steady_clock::now() + std::chrono::ceil<std::chrono::nanoseconds>(
                                               pause_after(post->body->size(), endpoint_.limits));
    return on_answer(letter, answer_to(*post));
  }

  http_response answer_to(const http_request& post) {
    std::promise<http_response> promised;
    auto answer = promised.get_future();
    http_.submit(post, [&promised](http_response got) { promised.set_value(std::move(got)); });
    return answer.get();
  }

  bool on_answer(const kept_dead_letter& letter, const http_response& answer) {
    const auto meaning = encoder_->understand(answer, 1, false);
    switch (judge(without_gateways_page(meaning.status, answer))) {
      case verdict::accepted:
        if (!meaning.reservation.empty())
          return refused_again(letter, answer, "answered, but not counted as accepted");
        ++accepted_;
        out_ << letter.sequence << "  accepted" << std::endl;
        return changed(letters_.remove(letter.id));
      case verdict::refused:
        return refused_again(letter, answer, "refused again");
      case verdict::hold:
      case verdict::retry:
        break;
    }
    // What was set aside for such an answer was so because smaller batches passed.
    if (answer.status >= 500 && answer.status == letter.status)
      return refused_again(letter, answer, "refused again");
    refuse(err_, "endpoint " + reflector::quoted(endpoint_.name) + ": sample " +
                     std::to_string(letter.sequence) + ": " + said(answer));
    return false;
  }

  bool refused_again(const kept_dead_letter& letter, const http_response& answer, const char* how) {
    stays(letter, how + (": " + said(answer)));
    return changed(letters_.update_answer(letter.id, answer.status, answer.body));
  }

  bool stays(const kept_dead_letter& letter, const std::string& why) {
    ++refused_;
    out_ << letter.sequence << "  " << one_line(why) << std::endl;
    return true;
  }

  bool changed(const result<void>& outcome) {
    if (!outcome) refuse(err_, outcome.error().text);
    return outcome.has_value();
  }

  const endpoint_config& endpoint_;
  std::unique_ptr<batch_encoder> encoder_;
  server_access access_;
  dead_letter_database& letters_;
  http_client& http_;
  std::ostream& out_;
  std::ostream& err_;
  std::chrono::steady_clock::time_point next_at_{};
  std::size_t accepted_ = 0, refused_ = 0;
};

/// The endpoint's letters that are asked for; nothing where one of them is not there.
std::optional<std::vector<kept_dead_letter>> choose(std::vector<kept_dead_letter> all,
                                                    const replay_request& request,
                                                    std::ostream& err) {
  if (request.sequences.empty()) return all;
  std::vector<kept_dead_letter> chosen;
  for (auto& each : all)
    if (std::count(request.sequences.begin(), request.sequences.end(), each.sequence) != 0)
      chosen.push_back(std::move(each));
  for (const auto wanted : request.sequences)
    if (std::none_of(chosen.begin(), chosen.end(),
                     [&](const auto& each) { return each.sequence == wanted; })) {
      refuse(err, "sample " + std::to_string(wanted) + " is no dead letter of " +
                      reflector::quoted(request.endpoint));
      return std::nullopt;
    }
  return chosen;
}

}  // namespace

int spool_replay(const spool_place& place, const replay_request& request,
                 const std::function<http_client&()>& connect, std::ostream& out,
                 std::ostream& err) {
  const endpoint_config* const endpoint = place.configuration_of(request.endpoint);
  if (endpoint == nullptr) {
    std::vector<std::string> known;
    if (place.configured)
      for (const auto& each : *place.configured) known.push_back(each.name);
    return refuse(err, "no endpoint " + reflector::quoted(request.endpoint) + " in " +
                           place.configuration_file + ", which has: " + listed(known));
  }
  if (endpoint->kind == endpoint_kind::file)
    return refuse(err, "endpoint " + reflector::quoted(request.endpoint) +
                           " is a file, which refuses nothing: it has no dead letters");
  int code = exit_success;
  const auto spool = inspect(place, err, code);
  if (!spool) return code;
  auto file = dead_letter_database::open_existing(spool->dead_letters_path());
  if (!file) return refuse(err, file.error().text);
  std::vector<kept_dead_letter> letters;
  if (*file) {
    auto all = (*file)->list(request.endpoint);
    if (!all) return refuse(err, all.error().text);
    letters = std::move(*all);
  }
  const auto chosen = choose(std::move(letters), request, err);
  if (!chosen) return exit_failure;
  if (chosen->empty()) {
    out << "no dead letters of " << reflector::quoted(request.endpoint) << '\n';
    return exit_success;
  }
  auto access = read_server_access(endpoint->credentials, endpoint->headers);
  if (!access) return refuse(err, "endpoint " + request.endpoint + ": " + access.error().text);
  return replay{*endpoint, std::move(*access), **file, connect(), out, err}.run(*chosen);
}

}  // namespace reflector
