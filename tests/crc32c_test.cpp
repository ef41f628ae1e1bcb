#include "actors/deliver/crc32c.hpp"

#include <string>
#include <string_view>

#include <boost/test/unit_test.hpp>

using reflector::crc32c;

// The vectors of RFC 3720, B.4, and the check value of the CRC catalogue.

BOOST_AUTO_TEST_CASE(known_values) {
  BOOST_TEST(crc32c("123456789") == 0xE3069283U);
  BOOST_TEST(crc32c(std::string(32, '\0')) == 0x8A9136AAU);
  BOOST_TEST(crc32c(std::string(32, '\xff')) == 0x62A8AB43U);
  BOOST_TEST(crc32c("") == 0U);
}

BOOST_AUTO_TEST_CASE(it_can_be_continued_anywhere) {
  const std::string text = "the quick brown fox";
  for (std::size_t i = 0; i <= text.size(); ++i)
    BOOST_TEST(crc32c(text.substr(i), crc32c(text.substr(0, i))) == crc32c(text));
}

BOOST_AUTO_TEST_CASE(instruction_and_table_agree_at_each_length_and_alignment) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += static_cast<char>(i * 37 + i / 7);
  for (std::size_t begin = 0; begin < 9; ++begin)
    for (std::size_t size = 0; begin + size <= text.size(); ++size) {
      const std::string_view part = std::string_view{text}.substr(begin, size);
      BOOST_TEST(crc32c(part, 0x12345678U) == reflector::crc32c_by_table(part, 0x12345678U));
    }
}
