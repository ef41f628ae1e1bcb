"""Credentials cross the network in plain text only where somebody says so; every way of reading a configuration has that
rule."""
import os
import pathlib
import subprocess
import tempfile
import unittest

FAR = "http://192.0.2.1:3000"  # nobody's, RFC 5737
ENDPOINT = '[[endpoint]]\nname = "ego"\nurl = "{}/api/metrics/batch"\n'
COMMANDS = '[[commands]]\nurl = "{}/api/commands"\n'
REFUSAL = "credentials would cross the network"


class PlainText(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        for name in ("token", "password"):
            (self.folder / name).touch(0o600)
            (self.folder / name).write_text("hidden\n")

    def call(self, *arguments, configuration):
        path = self.folder / "reflector.toml"
        path.write_text('[agent]\nstate_dir = "state"\n' + configuration)
        return subprocess.run([os.environ["REFLECTOR_BINARY"], *arguments, "-c", path], capture_output=True, text=True,
                              env={**os.environ, "TOKEN": "hidden"}, timeout=20)

    def is_refused(self, configuration, key, arguments=("check",)):
        done = self.call(*arguments, configuration=configuration)
        self.assertNotEqual(done.returncode, 0, configuration)
        self.assertIn(REFUSAL, done.stderr + done.stdout)
        self.assertIn(key, done.stderr + done.stdout)
        self.assertNotIn("hidden", done.stderr + done.stdout)

    def is_taken(self, configuration):
        done = self.call("check", configuration=configuration)
        self.assertEqual(done.returncode, 0, configuration + done.stderr)

    def test_endpoints_and_queues(self):
        near_queue = "\n" + ENDPOINT.format("http://127.0.0.1:1")
        for section, more in ((ENDPOINT, ""), (COMMANDS, near_queue)):
            for secret in ('token_file = "token"\n', 'token_env = "TOKEN"\n', 'username = "u"\npassword_file = "password"\n'):
                with self.subTest(section + secret):
                    self.is_refused(section.format(FAR) + secret + more, "url")
                    self.is_taken(section.format(FAR) + secret + "plaintext_credentials = true\n" + more)
                    self.is_taken(section.format(FAR.replace("http:", "https:")) + secret + more)
            self.is_taken(section.format(FAR) + more)

    def test_to_this_host_by_way_of_another(self):
        near, proxy = ENDPOINT.format("http://127.0.0.1:3000"), 'token_env = "TOKEN"\nproxy = "http://{}:3128"\n'
        self.is_refused(near + proxy.format("192.0.2.1"), "proxy")
        self.is_taken(near + proxy.format("127.0.0.1"))
        self.is_taken(near.replace("http:", "https:") + proxy.format("192.0.2.1"))
        self.is_taken(near + proxy.format("192.0.2.1") + "plaintext_credentials = true\n")

    def test_all_that_sends(self):
        configuration = ENDPOINT.format(FAR) + 'token_file = "token"\n'
        for arguments in (("run",), ("once",), ("spool", "replay", "ego")):
            with self.subTest(arguments):
                self.is_refused(configuration, "url", arguments)

    def test_names_that_a_secret_goes_by(self):
        near = ENDPOINT.format("http://127.0.0.1:3000")
        for keys, what in (('username = "a:b"\npassword_file = "password"\n', "colons"),
                           ('username = "a\\nb"\npassword_file = "password"\n', "control"),
                           ('token_file = "token"\ntoken_header = "Content-Length"\n', "does not set itself"),
                           ('token_file = "token"\ntoken_header = "X-Key"\nheaders = { x-key = "b" }\n', "token_header"),
                           ('token_env = "TOKEN"\n' + COMMANDS.format("http://127.0.0.1:3000") + 'environment = ["TOKEN"]\n',
                            "holds a secret")):
            with self.subTest(keys):
                done = self.call("check", configuration=near + keys)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(what, done.stderr + done.stdout)


if __name__ == "__main__":
    unittest.main()
