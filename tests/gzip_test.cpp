#include "actors/deliver/gzip.hpp"

#include <zlib.h>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

std::string inflated(std::string member) {
  z_stream stream{};
  BOOST_REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  std::string out(4 * 1024 * 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(member.data());
  stream.avail_in = static_cast<uInt>(member.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  BOOST_TEST(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  BOOST_TEST(stream.avail_in == 0U);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

/// What zlib can't make smaller.
std::string noise(std::size_t size) {
  std::string out;
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < size; ++i)
    out += static_cast<char>((state = state * 1664525U + 1013904223U) >> 24U);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_was_compressed_comes_back) {
  for (const auto& text : {std::string{}, std::string{"x"}, std::string(1'000'000, 'x'),
                           noise(300'000), std::string{"a\0b", 3}})
    BOOST_TEST((inflated(gzip(text)) == text));
  BOOST_TEST(gzip(std::string(100'000, 'x')).size() < 1000U);
}

BOOST_AUTO_TEST_CASE(the_same_bytes_give_the_same_member_without_a_time_in_it) {
  const auto member = gzip("some text");
  BOOST_TEST(member == gzip("some text"));
  BOOST_TEST(member.substr(0, 3) == "\x1f\x8b\x08");
  BOOST_TEST(member.substr(3, 5) == std::string(5, '\0'));  // no name, no time
}
