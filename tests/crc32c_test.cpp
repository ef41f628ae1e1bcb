#include "actors/deliver/crc32c.hpp"

#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;

BOOST_AUTO_TEST_CASE(the_published_values_come_out) {
  BOOST_TEST(crc32c("") == 0U);
  BOOST_TEST(crc32c("123456789") == 0xe3069283U);
  // RFC 3720, B.4
  BOOST_TEST(crc32c(std::string(32, '\0')) == 0x8a9136aaU);
  BOOST_TEST(crc32c(std::string(32, '\xff')) == 0x62a8ab43U);
}

BOOST_AUTO_TEST_CASE(a_text_in_two_parts_has_the_checksum_of_the_whole) {
  const std::string whole = "123456789";
  for (std::size_t cut = 0; cut <= whole.size(); ++cut)
    BOOST_TEST(crc32c(whole.substr(cut), crc32c(whole.substr(0, cut))) == 0xe3069283U);
}
