#include "actors/deliver/influx_encoder.hpp"

#include "actors/deliver/influx_line.hpp"

#include <algorithm>
#include <sstream>

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

record of(std::string json) {
  return {1, std::make_shared<const std::string>(std::move(json)), nullptr};
}

/// @param fields JSON, with a comma before it
record sample(const std::string& fields) {
  return of(R"({"hostname":"h","timestamp":"2026-11-23T23:40:41.222Z")" + fields + "}");
}

std::vector<std::string> lines(const std::vector<record>& records, endpoint_config endpoint = {}) {
  std::istringstream in{make_influx_encoder(endpoint)->encode(records).body};
  std::vector<std::string> all;
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

/// The lines of one measurement, without their time.
std::vector<std::string> of_measurement(const std::string& name, const record& r) {
  std::vector<std::string> out;
  for (auto line : lines({r})) {
    if (line.substr(0, line.find_first_of(", ")) != name) continue;
    const std::string time = " 1795477241222";
    BOOST_TEST(line.ends_with(time));
    line.resize(line.size() - time.size());
    out.push_back(line);
  }
  return out;
}

std::string tag_text(std::string_view text) {
  std::string out;
  append_influx_tag_text(out, text);
  return out;
}

std::string url_of(std::string url, influx_precision precision) {
  endpoint_config endpoint;
  endpoint.url = std::move(url);
  endpoint.precision = precision;
  return make_influx_encoder(endpoint)->url_of(endpoint);
}

understood_answer understood(int status, std::string body, std::size_t samples = 3) {
  http_response answer;
  answer.status = status;
  answer.body = std::move(body);
  return make_influx_encoder({})->understand(answer, samples, false);
}

using strings = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(measurements) {
  const auto r = sample(
      R"(,"rack":"R1","uptime_seconds":123.45,"cpu_physical_cores":2,"cpu_logical_cores":4,
      "cpu_load":12.5,"cpu_per_core":[10,15.25],"cpu_frequency_mhz":2400,
      "cpu_frequency_per_core_mhz":[2400],"load_average":0.71,"load_average_5":1,
      "load_average_15":1e-3,"memory_total_bytes":16777216000,"memory_available_bytes":1,
      "memory_used_percent":41.5,"swap_used_percent":0,
      "interfaces":[{"name":"eth0","bytes_sent":1,"bytes_recv":2,"packets_sent":3,"packets_recv":4,
      "errin":5,"errout":6,"dropin":7,"dropout":8,"speed_mbps":1000,"is_up":true}],
      "disks":[{"device":"/dev/sda1","mountpoint":"/","fstype":"ext4","total_bytes":100,
      "used_bytes":50,"used_percent":52.63},
      {"device":"nas:/x","mountpoint":"/mnt","fstype":"nfs4","stuck":true}],
      "temperatures":{"coretemp:Package id 0":45.5},"cpu_temperature":45.5,"gpu_temperature":60,
      "top_processes":[{"pid":7,"username":"root","name":"a b","cpu_percent":101.5,
      "memory_percent":0.5}],"process_count":110,"position":{"x":1,"y":-2.5,"z":0},
      "tags":{"zone":"z"},"agent_version":"1.2",
      "agent":{"id":"abc","sequence":17,"restarts":1,"late":["disk","cpu"],"dropped":2,
      "degraded":{"level":1,"reason":"backlog"}})");
  const std::string expected =
      "cpu,cpu=cpu-total,host=h,rack=R1,zone=z "
      "usage_active=12.5,frequency_mhz=2400,temperature=45.5\n"
      "cpu,cpu=cpu0,host=h,rack=R1,zone=z usage_active=10,frequency_mhz=2400\n"
      "cpu,cpu=cpu1,host=h,rack=R1,zone=z usage_active=15.25\n"
      "system,host=h,rack=R1,zone=z "
      "load1=0.71,load5=1,load15=0.001,uptime=123i,n_cpus=4i,n_physical_cpus=2i\n"
      "mem,host=h,rack=R1,zone=z total=16777216000i,available=1i,used_percent=41.5\n"
      "swap,host=h,rack=R1,zone=z used_percent=0\n"
      "net,host=h,interface=eth0,rack=R1,zone=z "
      "bytes_sent=1i,bytes_recv=2i,packets_sent=3i,packets_recv=4i,err_in=5i,err_out=6i,"
      "drop_in=7i,drop_out=8i,speed=1000i,is_up=true\n"
      "disk,device=sda1,fstype=ext4,host=h,path=/,rack=R1,zone=z "
      "total=100i,used=50i,used_percent=52.63,stuck=false\n"
      "disk,device=nas:/x,fstype=nfs4,host=h,path=/mnt,rack=R1,zone=z stuck=true\n"
      "temp,host=h,rack=R1,sensor=coretemp:Package\\ id\\ 0,zone=z temp=45.5\n"
      "gpu,host=h,rack=R1,zone=z temperature=60\n"
      "processes,host=h,rack=R1,zone=z total=110i\n"
      "procstat,host=h,process_name=a\\ b,rack=R1,rank=1,user=root,zone=z "
      "pid=7i,cpu_usage=101.5,memory_usage=0.5\n"
      "reflector,host=h,rack=R1,zone=z "
      "sequence=17i,restarts=1i,dropped=2i,degraded=1i,late=2i,failed=0i,"
      "late_collectors=\"disk,cpu\",agent_id=\"abc\",version=\"1.2\","
      "position_x=1,position_y=-2.5,position_z=0\n";
  std::string got;
  for (const auto& line : lines({r})) {
    BOOST_TEST(line.ends_with(" 1795477241222"));
    got += line.substr(0, line.rfind(' ')) + "\n";
  }
  BOOST_TEST(got == expected);
}

BOOST_AUTO_TEST_CASE(what_a_sample_lacks_makes_no_line) {
  const auto got = lines({sample("")});
  BOOST_TEST(got == strings{"reflector,host=h sequence=0i,restarts=0i,dropped=0i,degraded=0i,"
                            "late=0i,failed=0i 1795477241222"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_number_that_is_no_signed_one_is_left_out) {
  const auto mem = of_measurement(
      "mem", sample(R"(,"memory_total_bytes":18446744073709551615,"memory_available_bytes":1)"));
  BOOST_TEST(mem == strings{"mem,host=h available=1i"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_bytes_are_the_same_every_time) {
  const std::vector<record> two{sample(R"(,"cpu_load":1)"), sample(R"(,"cpu_load":2)")};
  const auto encoder = make_influx_encoder({});
  const auto first = encoder->encode(two).body;
  BOOST_TEST(encoder->encode(two).body == first);
  BOOST_TEST(make_influx_encoder({})->encode(two).body == first);
  BOOST_TEST(std::count(first.begin(), first.end(), '\n') == 4);
}

BOOST_AUTO_TEST_CASE(a_dry_request_is_empty) {
  BOOST_TEST(make_influx_encoder({})->encode({}).body == "");
}

BOOST_AUTO_TEST_CASE(a_record_that_cannot_be_read_is_left_out) {
  BOOST_TEST(lines({of("{"), sample(R"(,"cpu_load":1)"), of("[]"), of("{}")}).size() == 2);
}

BOOST_AUTO_TEST_CASE(tags_are_escaped) {
  BOOST_TEST(tag_text("a b,c=d") == R"(a\ b\,c\=d)");
  BOOST_TEST(tag_text(R"(C:\dir "x")") == R"(C:\dir\ "x")");
  BOOST_TEST(tag_text("거울,거울") == R"(거울\,거울)");
  BOOST_TEST(tag_text("a\nb\tc\rd\x7f") == R"(a\ b\ c\ d\ )");
  // What escaping can't keep.
  BOOST_TEST(tag_text(R"(a\)") == "a/");
  BOOST_TEST(tag_text(R"(a\\b)") == R"(a/\b)");
  BOOST_TEST(tag_text(R"(a\\)") == "a//");
  BOOST_TEST(tag_text(R"(a\,b\ c\=d)") == R"(a/\,b/\ c/\=d)");
  BOOST_TEST(tag_text("a\\\nb") == R"(a/\ b)");
}

BOOST_AUTO_TEST_CASE(no_tag_twice) {
  const auto r = sample(
      R"(,"rack":"R","cpu_load":1,"cpu_per_core":[1],
      "tags":{"":"x","a\n":"first","a\t":"second","cpu":"mine","empty":"","host":"mine",
      "rack":"mine","time":"t","_field":"f","_measurement":"m","z z":"1"})");
  const auto cpu = of_measurement("cpu", r);
  BOOST_TEST(cpu == (strings{"cpu,a\\ =first,cpu=cpu-total,host=h,rack=R,z\\ z=1 usage_active=1",
                             "cpu,a\\ =first,cpu=cpu0,host=h,rack=R,z\\ z=1 usage_active=1"}),
             boost::test_tools::per_element());
  // Elsewhere nothing of the line is named so.
  const auto agent = of_measurement("reflector", r);
  BOOST_TEST_REQUIRE(agent.size() == 1);
  BOOST_TEST(agent[0].starts_with("reflector,a\\ =first,cpu=mine,host=h,rack=R,z\\ z=1 "));
}

BOOST_AUTO_TEST_CASE(strings_are_escaped) {
  const auto agent = of_measurement("reflector", sample(R"(,"agent_version":"a\"b\\c\nd,= é")"));
  BOOST_TEST_REQUIRE(agent.size() == 1);
  BOOST_TEST(agent[0].ends_with(R"(,version="a\"b\\c d,= é")"));
}

BOOST_AUTO_TEST_CASE(a_line_ends_nowhere_else) {
  const auto r = sample(
      R"(,"rack":"a\nb","tags":{"k\nk":"v\nv","b\\":"\\\n"},
      "disks":[{"device":"d\n","mountpoint":"/\n\\","fstype":"f\nf","stuck":true}],
      "top_processes":[{"pid":1,"username":"\n","name":"x\ny 1i 1","cpu_percent":1}])");
  BOOST_TEST(lines({r}).size() == 3);
}

BOOST_AUTO_TEST_CASE(times_have_the_endpoints_precision) {
  const std::vector<std::pair<influx_precision, std::string>> expected{
      {influx_precision::s, " 1795477241"},
      {influx_precision::ms, " 1795477241222"},
      {influx_precision::us, " 1795477241222000"},
      {influx_precision::ns, " 1795477241222000000"}};
  for (const auto& [precision, time] : expected) {
    endpoint_config endpoint;
    endpoint.precision = precision;
    for (const auto& line : lines({sample(R"(,"cpu_load":1)")}, endpoint))
      BOOST_TEST(line.substr(line.rfind(' ')) == time);
  }
}

BOOST_AUTO_TEST_CASE(the_url_says_the_precision) {
  using p = influx_precision;
  BOOST_TEST(url_of("http://h/write?db=d", p::s) == "http://h/write?db=d&precision=s");
  BOOST_TEST(url_of("http://h/write?db=d", p::ms) == "http://h/write?db=d&precision=ms");
  BOOST_TEST(url_of("http://h/write?db=d", p::us) == "http://h/write?db=d&precision=u");
  BOOST_TEST(url_of("http://h/write?db=d", p::ns) == "http://h/write?db=d&precision=ns");
  BOOST_TEST(url_of("http://h/api/v2/write?bucket=b", p::us) ==
             "http://h/api/v2/write?bucket=b&precision=us");
  BOOST_TEST(url_of("http://h/api/v2/write", p::us) == "http://h/api/v2/write?precision=us");
  BOOST_TEST(url_of("http://h/write?", p::us) == "http://h/write?precision=u");
  BOOST_TEST(url_of("http://h/write?db=d&", p::us) == "http://h/write?db=d&precision=u");
  BOOST_TEST(url_of("http://h/write?x=/api/v2/write", p::us) ==
             "http://h/write?x=/api/v2/write&precision=u");
}

BOOST_AUTO_TEST_CASE(a_partial_write_is_accepted_with_a_reservation) {
  const auto v1 = understood(
      400, R"({"error":"partial write: field type conflict: input field \"v\" dropped=1"})");
  BOOST_TEST(v1.status == 204);
  BOOST_TEST(v1.reservation.find("field type conflict") != std::string::npos);
  const auto v2 =
      understood(422, R"({"code":"unprocessable entity","message":"failure writing points )"
                      R"(to database: partial write: points beyond retention policy )"
                      R"(dropped=2"})");
  BOOST_TEST(v2.status == 204);
  BOOST_TEST(v2.reservation.find("retention policy") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(all_other_answers_stay_what_they_are) {
  const std::vector<std::pair<int, std::string>> answers{
      {204, ""},
      {400, R"({"error":"unable to parse 'x': missing fields"})"},
      {400, "partial write"},
      {400, R"({"error":["partial write"]})"},
      {400, std::string(40, '[')},
      {400, ""},
      {401, R"({"error":"partial write: dropped=1"})"},
      {404, R"({"error":"database not found: \"x\""})"},
      {422, "{}"},
      {500, R"({"error":"partial write: timeout"})"},
      {0, ""}};
  for (const auto& [status, body] : answers) {
    const auto meaning = understood(status, body);
    BOOST_TEST(meaning.status == status);
    BOOST_TEST(meaning.reservation == "");
    BOOST_TEST(!meaning.named);
  }
}

BOOST_AUTO_TEST_CASE(influxdb_2_refuses_an_empty_request_last) {
  const std::string answer = R"({"code":"invalid","message":"writing requires points"})";
  BOOST_TEST(understood(400, answer, 0).status == 204);
  BOOST_TEST(understood(400, answer, 1).status == 400);
}
