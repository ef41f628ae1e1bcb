#pragma once

#include "actors/collect/prober.hpp"

#include <map>
#include <string>
#include <vector>

namespace reflector::test {

/// Says what the test has written down; remembers what it was asked.
class scripted_prober final : public prober {
 public:
  std::chrono::milliseconds ask(std::span<const std::string> questions, monotonic_time) override {
    asked.emplace_back(questions.begin(), questions.end());
    return wait;
  }

  state of(const std::string& question, monotonic_time) override {
    const auto found = answers.find(question);
    return found == answers.end() ? state{} : found->second;
  }

  void answers_to(const std::string& question, std::string answer) {
    answers[question] = {state::standing::answered, std::move(answer)};
  }
  void is_stuck_at(const std::string& question) {
    answers[question] = {state::standing::stuck, {}};
  }

  std::chrono::milliseconds wait{20};
  std::map<std::string, state> answers;
  std::vector<std::vector<std::string>> asked;  ///< once for each call
};

}  // namespace reflector::test
