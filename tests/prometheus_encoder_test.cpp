#include "actors/deliver/prometheus_encoder.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <protozero/pbf_reader.hpp>
#include <set>
#include <snappy.h>
#include <string>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

using labels = std::vector<std::pair<std::string, std::string>>;

struct time_series {
  labels of;
  std::vector<std::pair<double, std::int64_t>> values;

  std::string named(const std::string& label) const {
    for (const auto& [name, value] : of)
      if (name == label) return value;
    return {};
  }
};

/// Every field must be one that prometheus.WriteRequest has.
std::vector<time_series> decoded(const std::string& body) {
  std::string message;
  BOOST_REQUIRE(snappy::Uncompress(body.data(), body.size(), &message));
  std::vector<time_series> all;
  protozero::pbf_reader request{message};
  while (request.next()) {
    BOOST_REQUIRE(request.tag() == 1U);
    protozero::pbf_reader one = request.get_message();
    time_series& series = all.emplace_back();
    while (one.next()) {
      const auto tag = one.tag();
      protozero::pbf_reader field = one.get_message();
      if (tag == 1) {
        auto& label = series.of.emplace_back();
        while (field.next()) {
          std::string& to = field.tag() == 1 ? label.first : label.second;
          to = field.get_string();
        }
        continue;
      }
      BOOST_REQUIRE(tag == 2U);
      auto& value = series.values.emplace_back();
      while (field.next())
        if (field.tag() == 1)
          value.first = field.get_double();
        else
          value.second = field.get_int64();
    }
  }
  return all;
}

record record_of(std::uint64_t sequence, const std::string& second, const std::string& fields) {
  return {sequence,
          std::make_shared<const std::string>(
              R"({"hostname":"rack-a-01","timestamp":"2026-11-23T23:40:)" + second + R"(Z")" +
              fields + R"(,"agent":{"sequence":)" + std::to_string(sequence) + "}}"),
          nullptr};
}

constexpr std::int64_t minute_ms = 1'795'477'200'000;  // 2026-11-23T23:40:00Z

const time_series* find(const std::vector<time_series>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const time_series& each) {
    return each.named("__name__") == name;
  });
  return found == all.end() ? nullptr : &*found;
}

std::unique_ptr<batch_encoder> encoder() {
  return make_prometheus_encoder({});
}

http_response answer(int status, std::string body) {
  http_response made;
  made.status = status;
  made.body = std::move(body);
  return made;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_series_stands_once_with_its_values_in_the_order_of_the_samples) {
  const std::vector<record> batch{
      record_of(1, "01.000", R"(,"load_average":0.5,"tags":{"env":"prod","Team":"x"})"),
      record_of(2, "02.500", R"(,"load_average":-0.0,"tags":{"env":"prod","Team":"x"})"),
      record_of(3, "01.500", R"(,"load_average":2,"tags":{"env":"prod","Team":"x"})")};
  const auto sent = encoder()->encode(batch);
  BOOST_TEST(sent.headers == (std::vector<std::string>{"Content-Type: application/x-protobuf",
                                                       "Content-Encoding: snappy",
                                                       "X-Prometheus-Remote-Write-Version: 0.1.0"}),
             boost::test_tools::per_element());
  const auto all = decoded(sent.body);
  const auto* load = find(all, "node_load1");
  BOOST_REQUIRE(load != nullptr);
  BOOST_TEST((load->of == labels{{"Team", "x"},
                                 {"__name__", "node_load1"},
                                 {"env", "prod"},
                                 {"instance", "rack-a-01"},
                                 {"job", "reflector"}}));
  BOOST_REQUIRE(load->values.size() == 3U);
  BOOST_TEST(load->values[0].first == 0.5);
  BOOST_TEST(load->values[0].second == minute_ms + 1000);
  BOOST_TEST(std::signbit(load->values[1].first));
  BOOST_TEST(load->values[1].second == minute_ms + 2500);
  BOOST_TEST(load->values[2].second == minute_ms + 1500);  // the clock went back
  std::set<labels> seen;
  for (const auto& each : all) {
    BOOST_TEST(seen.insert(each.of).second);
    BOOST_TEST(each.values.size() == 3U);
    BOOST_TEST(std::is_sorted(each.of.begin(), each.of.end(),
                              [](const auto& a, const auto& b) { return a.first < b.first; }));
    for (const auto& [name, value] : each.of) BOOST_TEST(!value.empty());
  }
}

BOOST_AUTO_TEST_CASE(other_tags_and_other_hosts_are_other_series) {
  const std::vector<record> batch{record_of(1, "01.000", R"(,"load_average":1,"rack":"a")"),
                                  record_of(2, "02.000", R"(,"load_average":2,"rack":"b")"),
                                  record_of(3, "03.000", R"(,"load_average":3,"rack":"a")")};
  std::vector<std::size_t> counts;
  std::vector<std::string> racks;
  for (const auto& each : decoded(encoder()->encode(batch).body))
    if (each.named("__name__") == "node_load1") {
      counts.push_back(each.values.size());
      racks.push_back(each.named("rack"));
    }
  BOOST_TEST(counts == (std::vector<std::size_t>{2, 1}), boost::test_tools::per_element());
  BOOST_TEST(racks == (std::vector<std::string>{"a", "b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_same_records_are_the_same_bytes_whatever_was_encoded_before) {
  std::vector<record> batch;
  for (unsigned i = 1; i <= 9; ++i)
    batch.push_back(record_of(i, "0" + std::to_string(i) + ".000",
                              R"(,"interfaces":[{"name":"a","bytes_sent":1},{"name":"v)" +
                                  std::to_string(i % 4) + R"(","bytes_sent":2}])" +
                                  (i % 3 != 0 ? R"(,"load_average":1)" : "")));
  const std::string fresh = encoder()->encode(batch).body;
  const auto used = encoder();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    used->encode(std::span{batch}.subspan(i, 1));
    used->encode(std::span{batch}.subspan(0, i));
    used->farewell(batch[i]);
  }
  BOOST_TEST((used->encode(batch).body == fresh));
}

BOOST_AUTO_TEST_CASE(series_that_never_stop_coming_are_forgotten_again_and_change_nothing) {
  const auto used = encoder();
  for (unsigned i = 1; i <= 200; ++i) {
    std::string rows;
    for (unsigned k = 0; k < 40; ++k)
      rows += std::string{k > 0 ? "," : ""} + R"({"name":"v)" + std::to_string(i * 40 + k) +
              R"(","bytes_sent":2,"bytes_recv":3})";
    const std::vector batch{record_of(i, "01.000", R"(,"interfaces":[)" + rows + "]")};
    BOOST_TEST((used->encode(batch).body == encoder()->encode(batch).body));
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_an_empty_request_and_what_cannot_be_read_is_left_out) {
  BOOST_TEST(decoded(encoder()->encode({}).body).empty());
  const record broken{2, std::make_shared<const std::string>("{"), nullptr};
  const std::vector batch{record_of(1, "01.000", R"(,"load_average":1)"), broken,
                          record_of(3, "03.000", R"(,"load_average":1)")};
  const auto all = decoded(encoder()->encode(batch).body);
  BOOST_REQUIRE(find(all, "node_load1") != nullptr);
  BOOST_TEST(find(all, "node_load1")->values.size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_farewell_ends_every_series_just_behind_its_last_value) {
  const auto newest = record_of(7, "07.000", R"(,"load_average":1,"process_count":3)");
  const auto used = encoder();
  const auto values = decoded(used->encode({&newest, 1}).body);
  const auto end = used->farewell(newest);
  BOOST_REQUIRE(end);
  const auto all = decoded(end->body);
  BOOST_REQUIRE(all.size() == values.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    BOOST_TEST((all[i].of == values[i].of));
    BOOST_REQUIRE(all[i].values.size() == 1U);
    BOOST_TEST(std::bit_cast<std::uint64_t>(all[i].values[0].first) == 0x7ff0000000000002U);
    BOOST_TEST(all[i].values[0].second == minute_ms + 7001);
  }
}

BOOST_AUTO_TEST_CASE(what_it_has_already_got_counts_as_accepted_only_where_it_may_have_got_it) {
  const auto of = encoder();
  for (const auto* text :
       {"out of order sample\n", "duplicate sample for timestamp", "out of bounds",
        "too old sample", "err: the sample has been rejected (err-mimir-sample-out-of-order)",
        "err-mimir-sample-duplicate-timestamp", "Out Of Order Sample"}) {
    const auto again = of->understand(answer(400, text), 3, true);
    BOOST_TEST(again.status == 204, text);
    BOOST_TEST(!again.reservation.empty());
    BOOST_TEST(of->understand(answer(400, text), 3, false).status == 400, text);
    BOOST_TEST(of->understand(answer(409, text), 3, true).status == 204, text);
    BOOST_TEST(of->understand(answer(409, text), 3, false).status == 400, text);
    BOOST_TEST(of->understand(answer(500, text), 3, true).status == 500, text);
  }
  BOOST_TEST(of->understand(answer(400, "label name is invalid"), 3, true).status == 400);
  BOOST_TEST(of->understand(answer(409, "conflict"), 3, true).status == 409);
  BOOST_TEST(of->understand(answer(204, ""), 3, false).status == 204);
  BOOST_TEST(of->understand(answer(204, ""), 3, false).reservation.empty());
}
