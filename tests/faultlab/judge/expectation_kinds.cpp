#include "tests/faultlab/judge/expectation.hpp"

#include <algorithm>

namespace reflector::faultlab {

// One file each in expectations/.
expectation_kind conservation();
expectation_kind order();
expectation_kind no_rewritten_duplicates();
expectation_kind declared_losses_only();
expectation_kind commands_at_most_once();
expectation_kind commands_answered();
expectation_kind undisturbed();
expectation_kind alive_again();
expectation_kind samples_on_time();
expectation_kind memory_bounded();
expectation_kind threads_bounded();
expectation_kind descriptors_bounded();
expectation_kind disk_bounded();
expectation_kind no_crash();
expectation_kind no_leftovers();
expectation_kind no_secret_leaked();
expectation_kind stop_in_time();

const std::vector<expectation_kind>& expectation_kinds() {
  static const std::vector<expectation_kind> all{conservation(),
                                                 order(),
                                                 no_rewritten_duplicates(),
                                                 declared_losses_only(),
                                                 commands_at_most_once(),
                                                 commands_answered(),
                                                 undisturbed(),
                                                 alive_again(),
                                                 samples_on_time(),
                                                 memory_bounded(),
                                                 threads_bounded(),
                                                 descriptors_bounded(),
                                                 disk_bounded(),
                                                 no_crash(),
                                                 no_leftovers(),
                                                 no_secret_leaked(),
                                                 stop_in_time()};
  return all;
}

const expectation_kind* find_expectation_kind(std::string_view name) {
  const auto& all = expectation_kinds();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& kind) { return kind.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace reflector::faultlab
