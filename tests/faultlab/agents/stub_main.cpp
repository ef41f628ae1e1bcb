// faultlab-stub-agent CONFIGURATION [--broken KIND]: an agent that is honest, or wrong in one known
// way, so that the lab can be tested. Its parts are in stub/.

#include "tests/faultlab/agents/program_call.hpp"
#include "tests/faultlab/agents/stub/sample_file.hpp"
#include "tests/faultlab/agents/stub/stub_commands.hpp"
#include "tests/faultlab/agents/stub/stub_http.hpp"
#include "tests/receiver/json_text.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <list>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <thread>
#include <unistd.h>

#include <curl/curl.h>

namespace {

using namespace reflector::faultlab;
using namespace reflector::faultlab::stub;
using steady = std::chrono::steady_clock;

std::atomic<bool> stop{false}, request_failed{false};

void wait(std::chrono::milliseconds span) {
  for (const auto until = steady::now() + span; !stop && steady::now() < until;)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
}

std::string timestamp() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 80> whole{};
  std::snprintf(whole.data(), whole.size(), "%s.%03dZ", text.data(), static_cast<int>(ms % 1000));
  return whole.data();
}

/// One sample, valid for EGO.
std::string measure(const std::string& host, const std::string& id, std::uint64_t number) {
  struct sysinfo system {};
  ::sysinfo(&system);
  utsname kernel{};
  ::uname(&kernel);
  const double load = static_cast<double>(system.loads[0]) / (1 << SI_LOAD_SHIFT);
  const double used = 100.0 * static_cast<double>(system.totalram - system.freeram) /
                      static_cast<double>(std::max(1UL, system.totalram));
  reflector::receiver::json_object agent, json;
  agent.add("id", id);
  agent.add_raw("sequence", std::to_string(number));
  json.add("hostname", host);
  json.add("timestamp", timestamp());
  json.add_raw("cpu_load", std::to_string(std::min(100.0, 100 * load / ::get_nprocs())));
  json.add_raw("memory_used_percent", std::to_string(used));
  json.add_raw("load_average", std::to_string(load));
  json.add_raw("uptime_seconds", std::to_string(system.uptime));
  json.add("agent_version", "faultlab-stub/1");
  json.add("platform", std::string{kernel.sysname} + '-' + kernel.release);
  json.add_raw("agent", agent.text());
  return json.text();
}

/// Delivers to one endpoint, oldest first, until the end.
void deliver(const stub_configuration& all, const stub_endpoint& to, const std::string& id,
             sample_file& samples, breakage broken) {
  http_place http{to, stop};
  const std::string cursor_file = all.state_dir + "/cursor-" + to.name;
  // Behind the newest there is nothing to pass over (early_ack may have lost some).
  std::uint64_t cursor = std::min(read_number(cursor_file), samples.next() - 1);
  std::size_t most = 1;  // a host that EGO doesn't know yet must come with one sample
  auto pause = std::chrono::milliseconds{50};
  for (std::uint64_t tries = 0; !stop; ++tries) {
    const bool reorder = broken.what == defect::reorder && cursor > 0;
    auto batch = samples.behind(cursor, reorder ? 2 : most);
    if (batch.empty() || (reorder && batch.size() < 2)) {
      wait(std::chrono::milliseconds{20});
      continue;
    }
    const std::uint64_t last = batch.back().first;
    const std::string key =
        id + '-' + std::to_string(batch.front().first) + '-' + std::to_string(last);
    if (reorder) std::swap(batch[0], batch[1]);
    if (broken.what == defect::drop)
      std::erase_if(batch, [&](const auto& each) { return each.first % broken.every == 0; });
    std::string body;
    for (const auto& [number, json] : batch) body += (body.empty() ? "{\"samples\":[" : ",") + json;
    body += "]}";
    if (broken.what == defect::changed_bytes && tries > 0)
      for (auto at = body.find("\"cpu_load\":"); at != std::string::npos;
           at = body.find("\"cpu_load\":", at + 2 + tries))
        body.insert(at + 11, tries, ' ');
    const long status =
        batch.empty() ? 202 : http.request(to.url, &body, {"Idempotency-Key: " + key}).status;
    const bool refused = status == 400 || status == 413 || status == 422;
    if ((status >= 200 && status < 300) || (refused && most == 1)) {
      // A sample that is refused alone is set aside; before the cursor, so that it is never lost.
      if (refused &&
          !line_file{all.state_dir + "/dead-" + to.name}.append(std::to_string(last) + '\n'))
        continue;
      while (!store_number(cursor_file, last) && !stop) wait(pause);
      cursor = last;
      most = std::min<std::size_t>(most * 2, 50);
      pause = std::chrono::milliseconds{50};
      tries = std::uint64_t(-1);
    } else {
      request_failed = true;
      if (most != 1) tries = std::uint64_t(-1);  // the next is another batch
      most = 1;
      wait(pause);
      pause = std::min(pause * 2, std::chrono::milliseconds{500});
    }
  }
}

std::string own_id(const std::string& file) {
  std::string id = file_content(file, 100);
  if (id.empty()) {
    id = file_content("/proc/sys/kernel/random/uuid", 36);
    if (!write_private(file, id)) throw std::runtime_error("writing " + file);
  }
  return id;
}

void measure_until_end(const stub_configuration& all, const std::string& id, sample_file& samples,
                       breakage broken) {
  std::list<std::string> leaked;
  int measured = 0;
  for (auto due = steady::now(); !stop; due += all.interval) {
    wait(std::chrono::ceil<std::chrono::milliseconds>(due - steady::now()));
    if (stop || (broken.what == defect::silent && request_failed)) continue;
    samples.append(measure(all.host, id, samples.next()));
    if (broken.what == defect::leak) leaked.emplace_back(std::size_t{128} << 10, 'x');
    if (broken.what == defect::crash && ++measured == 15) ::_exit(3);
  }
}

int run(const stub_configuration& all, breakage broken) {
  const int log = ::open(all.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log >= 0) ::dup2(log, 1);
  if (log >= 0) ::close(log);
  const std::string id = own_id(all.state_dir + "/agent_id");
  sample_file samples{all.state_dir + "/samples", broken.what == defect::early_ack};
  std::cout << timestamp() << " measures, agent " << id << std::endl;
  if (broken.what == defect::secret && !all.endpoints.front().token_file.empty())
    std::cout << "token " << file_content(all.endpoints.front().token_file, 4096) << std::endl;
  std::list<std::jthread> threads;
  for (const auto& each : all.endpoints)
    threads.emplace_back([&, each] { deliver(all, each, id, samples, broken); });
  if (!all.commands.url.empty())
    threads.emplace_back([&] {
      command_queue queue{all, broken.what == defect::twice ? 2 : 1, stop};
      for (; !stop; wait(std::chrono::seconds{1})) queue.step();
    });
  measure_until_end(all, id, samples, broken);
  threads.clear();
  if (broken.what == defect::leftover && ::fork() == 0) {
    ::setsid();
    ::sleep(60);
    ::_exit(0);
  }
  std::cout << timestamp() << " stopped" << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words{argv + 1, argv + argc};
  breakage broken;
  if (words.size() == 3 && words[1] == "--broken") {
    const auto read = read_breakage(words[2]);
    if (read) broken = *read;
  }
  if (words.empty() || (words.size() > 1 && broken.what == defect::none)) {
    std::cerr << "usage: faultlab-stub-agent CONFIGURATION [--broken KIND]\n";
    return 2;
  }
  const auto all = read_configuration(file_content(words[0]));
  if (!all) {
    std::cerr << "faultlab-stub-agent: " << words[0] << " is no configuration\n";
    return 78;
  }
  ::curl_global_init(CURL_GLOBAL_DEFAULT);
  struct sigaction end {};
  end.sa_handler = [](int) { stop = true; };
  ::sigaction(SIGTERM, &end, nullptr);
  ::sigaction(SIGINT, &end, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  try {
    return run(*all, broken);
  } catch (const std::exception& error) {
    std::cerr << "faultlab-stub-agent: " << error.what() << '\n';
    return 1;
  }
}
