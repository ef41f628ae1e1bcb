"""Delivery through a real nginx that asks who comes: own certificates, basic authentication, tokens; what is wrong is
mended while the agent runs, and nothing is missing afterwards."""
import json
import os
import pathlib
import subprocess
import tempfile
import time
import unittest
import urllib.request

from certificate_authority import CertificateAuthority
from nginx import Nginx, free_port
from running_agent import RunningAgent, endpoint
from samples_in import samples_in
from wait_until import wait_until

SERVER = """
server {{
  listen 127.0.0.1:{port} ssl;
  ssl_certificate {certificate};
  ssl_certificate_key {key};
  ssl_session_cache shared:sessions:1m;
  {rules}
  location / {{
    {gate}
    proxy_pass {receiver};
  }}
}}
"""
LOCAL = """
[[endpoint]]
name = "local"
kind = "file"
path = "local.jsonl"
"""
FOLLOWED_WITHIN = 15  # files are looked at every 5 s


class BehindNginx(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        self.folder.chmod(0o755)
        self.authority = CertificateAuthority(self.folder, "authority")
        self.certificate, self.key = self.authority.issue("server")
        self.receiver = subprocess.Popen([os.environ["EGO_RECEIVER"], "--quiet"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end_receiver)
        self.receiver_url = self.receiver.stdout.readline().split()[-1]
        self.port = free_port()
        self.rules, self.gate = "", ""

    def end_receiver(self):
        self.receiver.kill()
        self.receiver.wait()
        self.receiver.stdout.close()

    def start_nginx(self, rules="", gate=""):
        self.rules, self.gate = rules, gate
        self.nginx = Nginx(self.folder, lambda: SERVER.format(
            port=self.port, certificate=self.certificate, key=self.key, rules=self.rules, gate=self.gate,
            receiver=self.receiver_url), self.port)
        self.addCleanup(lambda: self.nginx.kill())

    def start_agent(self, variables=None, **keys):
        url = f"https://127.0.0.1:{self.port}/api/metrics/batch"
        self.agent = RunningAgent(self.folder, endpoint("ego", url, **keys) + LOCAL, variables)
        self.addCleanup(lambda: self.agent.kill())

    def write_secret(self, name, text):
        path = self.folder / name
        new = self.folder / "new"
        new.touch(0o600)
        new.write_text(text + "\n")
        new.rename(path)
        return path

    def host(self):
        with urllib.request.urlopen(self.receiver_url + "/receiver/state") as answer:
            return next(iter(json.load(answer)["hosts"].values()), None)

    def delivered(self):
        host = self.host()
        return host["last_sequence"] if host else 0

    def delivers(self, count=5, within=10, what="samples arrive"):
        begin = self.delivered()
        wait_until(lambda: self.delivered() >= begin + count, within, what)

    def held(self):
        """Its answer, where it is."""
        ego = self.agent.endpoints().get("ego", {"state": None, "dead_letters": 0})
        self.assertEqual(ego["dead_letters"], 0)
        return ego["last_answer"] if ego["state"] == "held" else ""

    def nothing_is_missing(self, *secrets):
        """Of what the file got, which is all. No word of it holds a secret."""
        status = self.agent.status() + self.agent.status("--json")
        self.delivers(what="the last samples")
        self.assertEqual(self.agent.stop(), 0)
        measured = [each["agent"]["sequence"] for each in samples_in(self.folder / "state" / "local.jsonl")]
        self.assertEqual(measured, list(range(1, len(measured) + 1)))
        host = self.host()
        self.assertEqual((host["first_sequence"], host["missing_sequences"]), (1, 0))
        self.assertGreaterEqual(host["last_sequence"], len(measured) - 5)
        for secret in secrets:
            self.assertNotIn(secret, self.agent.log() + status)

    def test_token_and_another_header(self):
        self.start_nginx(gate='if ($http_authorization != "Bearer the-right-token") { return 401 "not $http_authorization"; } '
                              'if ($http_x_scope_orgid != "blue") { return 403; }')
        token = self.write_secret("token", "the-wrong-token")
        self.start_agent(ca_file=self.authority.certificate, token_file=token)
        wait_until(lambda: "HTTP 401" in self.held(), 10, "it is held")
        self.assertIn("HTTP 401", self.agent.log())
        self.write_secret("token", "the-right-token")
        wait_until(lambda: "HTTP 403" in self.held(), FOLLOWED_WITHIN, "the token passes, the header lacks")
        self.agent.stop()
        self.agent.configuration.write_text(self.agent.configuration.read_text().replace(
            'name = "ego"', 'name = "ego"\nheaders = { X-Scope-OrgID = "blue" }'))
        self.agent.start()
        self.delivers(within=FOLLOWED_WITHIN)
        # Followed, the other header goes along.
        self.gate = self.gate.replace("the-right-token", "the-next-token")
        self.nginx.restart()
        wait_until(lambda: "HTTP 401" in self.held(), 10, "it is held again")
        self.write_secret("token", "the-next-token")
        self.delivers(within=FOLLOWED_WITHIN + 60, what="samples with the next token")
        self.nothing_is_missing("the-wrong-token", "the-right-token", "the-next-token")

    def test_token_of_the_environment_in_a_header_of_its_own(self):
        self.start_nginx(gate='if ($http_x_api_key != "from-outside") { return 401; }')
        self.start_agent({"OUR_TOKEN": "from-outside"}, ca_file=self.authority.certificate, token_env="OUR_TOKEN",
                         token_header="X-API-Key")
        self.delivers()
        self.nothing_is_missing("from-outside")

    def test_password(self):
        hashed = subprocess.run(["openssl", "passwd", "-apr1", "right: pass word"], check=True, capture_output=True,
                                text=True).stdout
        users = self.folder / "users"
        users.write_text("agent:" + hashed)
        users.chmod(0o644)
        self.start_nginx(gate=f'auth_basic "samples"; auth_basic_user_file {users};')
        password = self.write_secret("password", "wrong-pass-word")
        self.start_agent(ca_file=self.authority.certificate, username="agent", password_file=password)
        wait_until(lambda: "HTTP 401" in self.held(), 10, "it is held")
        self.assertEqual(self.delivered(), 0)
        self.write_secret("password", "right: pass word")
        self.delivers(within=FOLLOWED_WITHIN + 60, what="samples with the right password")
        self.nothing_is_missing("wrong-pass-word", "right: pass word", "YWdlbnQ6")

    def test_client_certificate_that_is_replaced(self):
        clients, next_clients = (CertificateAuthority(self.folder, name) for name in ("clients", "next-clients"))
        mine, key = (self.folder / name for name in ("mine.pem", "mine.key"))

        def show(certificate, private):
            for source, place in ((certificate, mine), (private, key)):
                new = self.folder / "new"
                new.touch(0o600)
                new.write_bytes(source.read_bytes())
                new.rename(place)

        show(*clients.issue("agent"))
        verify = "ssl_client_certificate {}; ssl_verify_client on;"
        self.start_nginx(rules=verify.format(clients.certificate))
        self.start_agent(ca_file=self.authority.certificate, client_cert_file=mine, client_key_file=key)
        self.delivers()
        # nginx lets those go on that it knows: without new connections of the agent's own accord, this would show nothing.
        show(*next_clients.issue("agent"))
        wait_until(lambda: "mine.pem" in self.agent.log(), FOLLOWED_WITHIN, "a word about the change")
        wait_until(lambda: "HTTP 400" in self.held(), 10, "the new one is shown, and not known")
        self.rules = verify.format(next_clients.certificate)
        self.nginx.restart()
        self.delivers(within=FOLLOWED_WITHIN + 60, what="samples with the new certificate")
        self.nothing_is_missing()

    def test_nginx_is_killed_and_comes_back(self):
        self.start_nginx()
        self.start_agent(ca_file=self.authority.certificate)
        self.delivers()
        for _ in range(2):
            self.nginx.kill()
            wait_until(lambda: self.agent.state_of("ego") == "retrying", 10, "it is missed")
            time.sleep(1)
            self.nginx.start()
            self.delivers()
        self.nothing_is_missing()

    def test_certificate_of_another_authority(self):
        self.start_nginx()
        other = CertificateAuthority(self.folder, "other")
        trusted = self.folder / "trusted.pem"
        trusted.write_bytes(other.certificate.read_bytes())
        self.start_agent(ca_file=trusted)
        wait_until(lambda: self.agent.state_of("ego") == "retrying", 10, "it is not trusted")
        self.assertEqual(self.delivered(), 0)
        trusted.write_bytes(self.authority.certificate.read_bytes())
        self.delivers(within=FOLLOWED_WITHIN, what="samples once its authority is trusted")
        self.nothing_is_missing()


if __name__ == "__main__":
    unittest.main()
