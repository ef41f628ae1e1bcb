#include "actors/observe/http_page.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

std::string page(std::string_view head) {
  return http_page(head, "/status", [](std::string_view accept) {
    return http_document{"application/json", "{\"x\":1}\n" + std::string{accept}};
  });
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find("\r\n"));
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_status_is_answered_whole) {
  BOOST_TEST(page("GET /status HTTP/1.1\r\nHost: x\r\n\r\n") ==
             "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n"
             "Connection: close\r\n\r\n{\"x\":1}\n");
}

BOOST_AUTO_TEST_CASE(a_head_has_no_body_but_its_length) {
  const auto text = page("HEAD /status HTTP/1.0\r\n\r\n");
  BOOST_TEST(text.find("Content-Length: 8\r\n") != std::string::npos);
  BOOST_TEST(text.ends_with("\r\n\r\n"));
}

BOOST_AUTO_TEST_CASE(anything_else_is_refused_without_asking_for_the_document) {
  for (const auto& [head, line] : std::vector<std::pair<std::string, std::string>>{
           {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found"},
           {"GET /status/ HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found"},
           {"GET /status?x HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found"},
           {"POST /status HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"},
           {"DELETE /status HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"},
           {"GET /status\r\n\r\n", "HTTP/1.1 400 Bad Request"},
           {"GET  /status HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request"},
           {"GET http://x/status HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request"},
           {"\r\n\r\n", "HTTP/1.1 400 Bad Request"},
           {"", "HTTP/1.1 400 Bad Request"},
           {" /status HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request"},
           {"\x16\x03\x01", "HTTP/1.1 400 Bad Request"}}) {
    const auto text = http_page(head, "/status", [](std::string_view) -> http_document {
      throw std::logic_error("asked");
    });
    BOOST_TEST(first_line(text) == line, head);
    BOOST_TEST(text.find("Content-Length: 0\r\n") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(what_is_accepted_is_handed_on) {
  BOOST_TEST(page("GET /status HTTP/1.1\r\nHost: x\r\nACCEPT:  a/b;q=1 \r\nX-Accept: no\r\n"
                  "Accept: */*\r\n\r\n")
                 .ends_with("}\na/b;q=1,*/*"));
}
