#include "actors/observe/metrics_text.hpp"

#include "tests/status_sample.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector;

namespace {

std::string text_of(const std::string& fields, metrics_format format,
                    const agent_status& agent = {}) {
  sample_reader reader;
  const std::string json =
      R"({"hostname":"h","timestamp":"2026-11-23T23:40:41.250Z")" + fields + "}";
  return metrics_text(*reader.read(json), agent, format);
}

bool has(const std::string& text, const std::string& line) {
  return ('\n' + text).find('\n' + line + '\n') != std::string::npos;
}

const std::string some =
    R"(,"load_average":0.5,"memory_total_bytes":33000000000,"rack":"A")"
    R"(,"interfaces":[{"name":"a\"\\\n\u0000","bytes_recv":5},{"name":"b","bytes_recv":6}])";

}  // namespace

BOOST_AUTO_TEST_CASE(open_metrics_says_types_units_and_its_end) {
  const auto text = text_of(some, metrics_format::open_metrics);
  BOOST_TEST(has(text, "# TYPE node_load1 gauge"));
  BOOST_TEST(has(text, "node_load1{rack=\"A\"} 0.5"));
  BOOST_TEST(has(text,
                 "# TYPE node_network_receive_bytes counter\n# UNIT node_network_receive_bytes "
                 "bytes\n# HELP node_network_receive_bytes Bytes received.\n"
                 "node_network_receive_bytes_total{device=\"a\\\"\\\\\\n\uFFFD\",rack=\"A\"} 5\n"
                 "node_network_receive_bytes_total{device=\"b\",rack=\"A\"} 6"));
  BOOST_TEST(has(text, "node_memory_MemTotal_bytes{rack=\"A\"} 33000000000"));
  BOOST_TEST(has(text, "# TYPE reflector_host info"));
  BOOST_TEST(has(text, "reflector_host_info{hostname=\"h\",rack=\"A\"} 1"));
  BOOST_TEST(has(text, "reflector_sample_timestamp_seconds 1795477241.25"));
  BOOST_TEST(text.ends_with("\n# EOF\n"));
}

BOOST_AUTO_TEST_CASE(the_classic_format_names_families_as_their_series) {
  const auto text = text_of(some, metrics_format::classic);
  BOOST_TEST(has(text, "# TYPE node_network_receive_bytes_total counter"));
  BOOST_TEST(has(text, "# TYPE reflector_host_info gauge"));
  BOOST_TEST(text.find("# UNIT") == std::string::npos);
  BOOST_TEST(text.find("# EOF") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_agent_speaks_of_itself_also_before_the_first_sample) {
  const auto text = metrics_text(nullptr, eventful_status(), metrics_format::open_metrics);
  BOOST_TEST(has(text, "process_resident_memory_bytes 21000000"));
  BOOST_TEST(has(text, "reflector_spool_bytes 9000000"));
  BOOST_TEST(has(text, "reflector_endpoint_well{endpoint=\"ego\",kind=\"ego\"} 1"));
  BOOST_TEST(has(text, "# TYPE reflector_endpoint_delivered_samples counter"));
  BOOST_TEST(
      has(text, "reflector_endpoint_delivered_samples_total{endpoint=\"ego\",kind=\"ego\"} 36000"));
  BOOST_TEST(text.find("node_") == std::string::npos);
  BOOST_TEST(text.ends_with("\n# EOF\n"));
}

BOOST_AUTO_TEST_CASE(a_request_gets_the_format_that_it_prefers) {
  using enum metrics_format;
  for (const auto& [accept, format] : std::vector<std::pair<std::string, metrics_format>>{
           {"", classic},
           {"*/*", classic},
           {"text/plain", classic},
           {"application/openmetrics-text", open_metrics},
           {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
            "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            open_metrics},
           {"text/plain;version=0.0.4;q=0.6,Application/OpenMetrics-Text;version=1.0.0;q=0.5",
            classic},
           {"application/openmetrics-text;q=0", classic},
           {"application/openmetrics-text;q=x, ,;,", classic}})
    BOOST_TEST((format_for(accept) == format), accept);
}
