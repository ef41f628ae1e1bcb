#include "config/locate.hpp"

#include "tests/temporary_folder.hpp"

#include <cstdlib>
#include <fstream>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

struct two_places {
  temporary_folder folder;
  configuration_places places;

  two_places() {
    places.system_file = folder.file("reflector.toml");
    places.working_directory_file = folder.file("config.json");
  }
};

void touch(const std::string& path) {
  std::ofstream{path} << "x";
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_first_place_wins, two_places) {
  const auto nothing = locate_configuration(places);
  BOOST_REQUIRE(!nothing);
  BOOST_TEST((nothing.error().code == fault_code::missing));
  for (const std::string& tried :
       {std::string{"--config"}, std::string{"MIRROR_STAGE_REFLECTOR_CONFIG"}, places.system_file,
        places.working_directory_file}) {
    BOOST_TEST(nothing.error().text.find(tried) != std::string::npos, tried);
  }

  touch(places.working_directory_file);
  BOOST_TEST(locate_configuration(places).value() == places.working_directory_file);
  touch(places.system_file);
  BOOST_TEST(locate_configuration(places).value() == places.system_file);
  places.environment = "";
  BOOST_TEST(locate_configuration(places).value() == places.system_file);
  places.environment = "/from/environment";
  BOOST_TEST(locate_configuration(places).value() == "/from/environment");
  places.option = "/from/option";
  BOOST_TEST(locate_configuration(places).value() == "/from/option");
}

BOOST_AUTO_TEST_CASE(the_environment_is_read) {
  ::setenv("MIRROR_STAGE_REFLECTOR_CONFIG", "/a/b.json", 1);
  BOOST_TEST(places_from_environment(std::nullopt).environment.value() == "/a/b.json");
  ::unsetenv("MIRROR_STAGE_REFLECTOR_CONFIG");
  const auto places = places_from_environment("c.toml");
  BOOST_TEST(!places.environment.has_value());
  BOOST_TEST(places.option.value() == "c.toml");
  BOOST_TEST(places.system_file == "/etc/reflector/reflector.toml");
  BOOST_TEST(places.working_directory_file == "config.json");
}
