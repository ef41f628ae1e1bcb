"""What a server that can't be trusted gets of the credentials: nothing. One agent against servers whose TLS is wrong in
one way each, against servers that send it elsewhere, and against one that is as it should be."""
import pathlib
import ssl
import tempfile
import time
import unittest

from certificate_authority import CertificateAuthority, openssl
from recording_server import RecordingServer, tls_context
from running_agent import RunningAgent, endpoint
from wait_until import wait_until

REDIRECTS = ("301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect")
TLS_1_2 = ssl.TLSVersion.TLSv1_2


def without_certificate(ciphers):
    """Servers that show none, or don't encrypt."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = TLS_1_2
    context.set_ciphers(ciphers)
    return context


class Untrusted(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = holder.name
        self.ours = CertificateAuthority(self.folder, "ours")
        self.good = self.ours.issue("good")
        self.servers = {}

    def server(self, name, context, answer=None):
        server = RecordingServer(context, answer)
        self.addCleanup(server.close)
        self.servers[name] = server
        return server

    def token(self, name):
        path = pathlib.Path(self.folder, f"token-{name}")
        path.touch(0o600)
        path.write_text(f"secret-of-{name}\n")
        return path

    def run_agent(self, urls):
        agent = RunningAgent(self.folder, "".join(
            endpoint(name, url, token_file=self.token(name), ca_file=self.ours.certificate)
            for name, url in urls.items()))
        self.addCleanup(agent.kill)
        return agent

    def complete(self, server):
        """Whether all since the first sample has come."""
        got = set(server.sequences())
        return len(got) > 10 and got == set(range(1, max(got) + 1))

    def test_tls_that_is_wrong(self):
        theirs = CertificateAuthority(self.folder, "theirs")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{self.folder}/self.key", "-out",
                f"{self.folder}/self.pem", "-days", 1, "-subj", "/CN=self", "-addext", "subjectAltName=IP:127.0.0.1")
        old = {"oldest": ssl.TLSVersion.TLSv1, "ciphers": "ALL:@SECLEVEL=0"}
        wrong = {
            "expired": tls_context(*self.ours.issue("expired", begins=-3, ends=-1)),
            "not-yet-valid": tls_context(*self.ours.issue("early", begins=1, ends=3)),
            "wrong-host": tls_context(*self.ours.issue("elsewhere", address="127.0.0.2")),
            "unknown-authority": tls_context(*theirs.issue("stranger")),
            "self-signed": tls_context(f"{self.folder}/self.pem", f"{self.folder}/self.key"),
            "short-key": tls_context(*self.ours.issue("short", key=("rsa:1024",)), ciphers="ALL:@SECLEVEL=0"),
            "tls-1-0": tls_context(*self.good, newest=ssl.TLSVersion.TLSv1, **old),
            "tls-1-1": tls_context(*self.good, newest=ssl.TLSVersion.TLSv1_1, **old),
            "no-encryption": tls_context(*self.good, newest=TLS_1_2, ciphers="eNULL:@SECLEVEL=0"),
            "anonymous": without_certificate("aNULL:@SECLEVEL=0"),
        }
        right = {"good": tls_context(*self.good), "tls-1-2": tls_context(*self.good, newest=TLS_1_2)}
        for name, context in (wrong | right).items():
            self.server(name, context)
        agent = self.run_agent({name: server.url() for name, server in self.servers.items()})
        for name in right:
            wait_until(lambda: self.complete(self.servers[name]), 20, f"samples at {name}: {agent.log()}")
            self.assertTrue(self.servers[name].saw(f"Authorization: Bearer secret-of-{name}\r\n"))
        for name in wrong:
            wait_until(lambda: self.servers[name].connections >= 3, 10, f"three attempts at {name}")
        states = agent.endpoints()
        for name in wrong:
            server = self.servers[name]
            with self.subTest(name):
                # A name is compared once the handshake is done: nothing is sent all the same.
                self.assertEqual(server.bytes_received(), 0)
                if name != "wrong-host":
                    self.assertEqual(server.handshakes, 0)
                self.assertEqual((states[name]["state"], states[name]["delivered"]), ("retrying", 0))
                print(f"{name}: {states[name]['last_answer']}")
        # Nothing was given up: what has become right gets all.
        for name in wrong:
            self.servers[name].context = right["good"]
        for name in wrong:
            wait_until(lambda: self.complete(self.servers[name]), 20, f"samples at {name} once it is right")
            self.assertTrue(self.servers[name].saw(f"Authorization: Bearer secret-of-{name}\r\n"))
        self.keeps_secrets(agent)

    def test_redirects(self):
        plain, other = self.server("plain", None), self.server("other", tls_context(*self.good))
        places = {"http": plain.url("http"), "file": "file:///etc/passwd", "same-host": other.url(),
                  "host": other.url().replace("127.0.0.1", "localhost")}
        for where, place in places.items():
            for status in REDIRECTS:
                answer = f"HTTP/1.1 {status}\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode()
                self.server(f"{where}-{status[:3]}", tls_context(*self.good), answer)
        redirecting = [name for name in self.servers if "-30" in name]
        agent = self.run_agent({name: self.servers[name].url() for name in redirecting})
        for name in redirecting:
            wait_until(lambda: self.servers[name].saw(f"secret-of-{name}"), 20, f"a request at {name}")
        wait_until(lambda: {each["state"] for each in agent.endpoints().values()} == {"held"}, 10, "all are held")
        time.sleep(1)
        self.assertEqual((plain.connections, other.connections), (0, 0))
        self.assertEqual({each["delivered"] for each in agent.endpoints().values()}, {0})
        for name in redirecting:
            self.servers[name].answer = None
        for name in redirecting:
            wait_until(lambda: self.complete(self.servers[name]), 20, f"samples at {name} once it takes them")
        self.assertEqual((plain.connections, other.connections), (0, 0))
        self.keeps_secrets(agent)

    def keeps_secrets(self, agent):
        for said in (agent.log(), agent.status(), agent.status("--json")):
            self.assertTrue(said)
            self.assertNotIn("secret-of", said)
        self.assertEqual(agent.stop(), 0)
        self.assertNotIn("secret-of", agent.log())


if __name__ == "__main__":
    unittest.main()
