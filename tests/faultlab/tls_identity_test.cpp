#include "tests/faultlab/lab_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace reflector::faultlab;
using wire::identity_flaw;

BOOST_AUTO_TEST_CASE(a_client_that_trusts_the_authority_takes_the_good_identity_alone) {
  reflector::temporary_folder folder;
  const wire::tls_authority authority{folder.path() + "/tls"};
  for (const auto flaw : {identity_flaw::none, identity_flaw::expired, identity_flaw::not_yet_valid,
                          identity_flaw::wrong_host, identity_flaw::self_signed}) {
    small_world world{authority.identity(flaw)};
    small_client client;
    client.ca_file = authority.ca_file().string();
    const auto got = client.send(world.url(), "1");
    const bool good = flaw == identity_flaw::none;
    BOOST_TEST(got.code == (good ? CURLE_OK : CURLE_PEER_FAILED_VERIFICATION));
    client.ca_file.clear();  // the system's authorities: they know nothing of ours
    if (good) BOOST_TEST(small_client{}.send(world.url(), "1").code != CURLE_OK);
  }
}
