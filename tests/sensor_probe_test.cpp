#include "actors/collect/sensor_probe.hpp"

#include "tests/host_tree.hpp"
#include "tests/scripted_prober.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;
using namespace reflector::test;
using namespace std::chrono_literals;

namespace {

const std::string question{sensors_question};

}  // namespace

BOOST_AUTO_TEST_CASE(an_answer_there_and_back) {
  for (const sensors_reading& said :
       {sensors_reading{},
        sensors_reading{{{"nvme:Composite", 41.85}, {"k10temp", -3.5}}, 60.125, {}},
        sensors_reading{{{"amdgpu:junction", 63}}, {}, 63}}) {
    const auto back = decode_sensors_answer(encode_sensors_answer(said));
    BOOST_REQUIRE(back.has_value());
    BOOST_TEST((back->celsius == said.celsius));
    BOOST_TEST((back->cpu_celsius == said.cpu_celsius));
    BOOST_TEST((back->gpu_celsius == said.gpu_celsius));
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_answer) {
  for (const char* const bad : {"", "\n", "1\n2", "x\n\n", "\n\n1", "\n\n1 name\n", "\n\nx\tname\n",
                                "\n\n\n", "nan\n\n", "\n\n\tname\n"})
    BOOST_TEST((decode_sensors_answer(bad).error().code == fault_code::malformed), bad);
}

BOOST_AUTO_TEST_CASE(an_answer_is_bounded) {
  sensors_reading said;
  for (int i = 0; i < 5000; ++i) said.celsius[std::string(60, 'x') + std::to_string(i)] = 20;
  const auto answer = encode_sensors_answer(said);
  BOOST_TEST(answer.size() <= 64U * 1024);
  BOOST_TEST(decode_sensors_answer(answer).value().celsius.size() > 900U);
}

BOOST_AUTO_TEST_CASE(a_host_without_sensors_asks_nobody) {
  for (const char* const name : {"vm", "container"}) {
    const auto files = fixture(name);
    BOOST_TEST(!has_sensors(*files));
    scripted_prober prober;
    const auto collector = make_probed_sensors_collector(*files, prober);
    collector->prepare(start_time());
    BOOST_TEST(measured<sensors_reading>(*collector, start_time()).celsius.empty());
    for (const auto& questions : prober.asked) BOOST_TEST(questions.empty());
  }
}

BOOST_AUTO_TEST_CASE(sensors_that_answer_hang_and_answer_again) {
  const auto files = fixture("laptop");
  BOOST_TEST(has_sensors(*files));
  scripted_prober prober;
  const auto collector = make_probed_sensors_collector(*files, prober);
  BOOST_TEST(collector->prepare(start_time()).count() == 20);
  BOOST_REQUIRE(prober.asked.size() == 1U);
  BOOST_TEST(prober.asked[0] == std::vector<std::string>{question},
             boost::test_tools::per_element());
  BOOST_TEST((collector->measure(start_time()).error().code == fault_code::timed_out));
  prober.answers_to(question, "50\n\n50\tcoretemp\n");
  BOOST_TEST(measured<sensors_reading>(*collector, start_time() + 1s).cpu_celsius.value() == 50.0);
  prober.is_stuck_at(question);
  BOOST_TEST(collector->measure(start_time() + 2s).error().text == "a sensor does not answer");
  prober.answers_to(question, "51\n\n51\tcoretemp\n");
  BOOST_TEST(measured<sensors_reading>(*collector, start_time() + 3s).cpu_celsius.value() == 51.0);
}

BOOST_AUTO_TEST_CASE(only_inputs_of_temperatures_count) {
  temporary_tree tree{"vm"};
  const auto files = tree.files();
  tree.write("sys/class/hwmon/hwmon0/name", "fan\n");
  tree.write("sys/class/hwmon/hwmon0/fan1_input", "900\n");
  BOOST_TEST(!has_sensors(*files));
  tree.write("sys/class/hwmon/hwmon0/device/temp1_input", "20000\n");
  BOOST_TEST(has_sensors(*files));
}
