#include "actors/command/output_record.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

std::string hex(const std::array<unsigned char, 32>& digest) {
  std::string text;
  for (const auto byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(both_ends_are_kept_however_the_bytes_come) {
  for (const std::size_t piece : {1U, 3U, 4U, 5U, 7U, 8U, 9U, 100U}) {
    for (std::size_t pieces = 0; pieces < 30; ++pieces) {
      std::string all;
      output_record record{9};
      for (std::size_t n = 0; n < pieces; ++n) {
        std::string bytes;
        for (std::size_t c = 0; c < piece; ++c)
          bytes += static_cast<char>('a' + (n * piece + c) % 26);
        record.append(bytes);
        all += bytes;
      }
      const auto stream = record.take();
      BOOST_TEST(stream.bytes == all.size());
      BOOST_TEST(stream.head == (all.size() <= 9 ? all : all.substr(0, 5)));
      BOOST_TEST(stream.tail == (all.size() <= 9 ? "" : all.substr(all.size() - 4)));
    }
  }
}

BOOST_AUTO_TEST_CASE(nothing_may_be_kept) {
  output_record none{0};
  none.append("abc");
  none.append("");
  const auto stream = none.take();
  BOOST_TEST(stream.bytes == 3U);
  BOOST_TEST(stream.head.empty());
  BOOST_TEST(stream.tail.empty());
  BOOST_TEST(hex(stream.sha256) ==
             "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_CASE(the_digest_is_of_all_bytes) {
  // The vectors of FIPS 180-2, and the empty one.
  BOOST_TEST(hex(output_record{10}.take().sha256) ==
             "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  output_record million{10};
  for (int n = 0; n < 1000; ++n) million.append(std::string(1000, 'a'));
  BOOST_TEST(hex(million.take().sha256) ==
             "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
