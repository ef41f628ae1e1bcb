"""scripts/install_reflector.sh, and the scripts it leaves in the folder, as an operator would use them."""
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import tomllib
import unittest

BINARY = os.environ["REFLECTOR_BINARY"]
SOURCE = pathlib.Path(os.environ["REFLECTOR_SOURCE_DIR"])
INSTALL = SOURCE / "scripts" / "install_reflector.sh"
ENDPOINT = "http://127.0.0.1:9/api/metrics/batch"
QUEUE = "http://127.0.0.1:9/api/commands"
SAFE_QUEUE = "https://127.0.0.1:9/api/commands"  # which policy "any" needs where root runs this
RULES = '[[rule]]\nname = "uptime"\nprogram = "/usr/bin/uptime"\n'

NASTY = [
    'double " quotes "" and \'single\' ones',
    "back\\slash \\n \\u0041 \\\\ at the end\\",
    "  spaces before, after  ",
    "two\nlines\n",
    "tab\t, bell\a, escape\x1b[31m, delete\x7f, carriage\rreturn, one\x01",
    "$(touch installed-by-value) `id` ${HOME} $0 & * ? [a] ; | < > # %s %d !!",
    "거울단계 ☂ 🪞 ñ",
    "--rack",
    "= [section] {x = 1} '''\"\"\"",
]


def environment():
    kept = {name: value for name, value in os.environ.items() if name != "MIRROR_STAGE_REFLECTOR_CONFIG"}
    return {**kept, "REFLECTOR_BINARY": BINARY}


def run(*words, cwd=None):
    return subprocess.run([str(word) for word in words], cwd=cwd, env=environment(), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)


def wait_until(condition, seconds=10.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def is_running(pid):
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


class Installed(unittest.TestCase):
    def setUp(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="install reflector "))
        self.dir = self.top / "an agent's \"folder\""

    def tearDown(self):
        if (self.dir / "stop_reflector.sh").exists():
            run(self.dir / "stop_reflector.sh")
        shutil.rmtree(self.top)

    def install(self, *options, code=0):
        done = run(INSTALL, self.dir, *options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def written(self):
        return self.parsed((self.dir / "reflector.toml").read_text())

    def effective(self):
        done = run(self.dir / "reflector", "check", "-c", self.dir / "reflector.toml")
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.parsed(done.stdout)

    @staticmethod
    def parsed(text):
        """As the agent reads it: $${ is a plain ${."""
        return tomllib.loads(text.replace("$${", "${"))

    def pid(self):
        return int((self.dir / "reflector.pid").read_text().split()[0])


class Configuration(Installed):
    def test_without_options_samples_stay_here_and_no_command_is_run(self):
        done = self.install()
        config = self.effective()
        self.assertEqual([(one["kind"], one["path"]) for one in config["endpoint"]],
                         [("file", str(self.dir / "state" / "samples.jsonl"))])
        self.assertNotIn("commands", config)
        self.assertIn("sent nowhere", done.stdout)
        self.assertEqual(stat.S_IMODE((self.dir / "reflector.toml").stat().st_mode), 0o600)
        self.assertEqual((self.dir / "reflector").read_bytes(), pathlib.Path(BINARY).read_bytes())
        self.assertEqual([entry.name for entry in self.dir.iterdir() if entry.name.startswith(".")], [])

    def test_all_options(self):
        done = self.install("--endpoint", ENDPOINT, "--command-endpoint", QUEUE, "--hostname", "rack-a-01",
                            "--rack", "Rack-A", "--position", "-3.2", "1", "4.40")
        config = self.effective()
        self.assertEqual(config["agent"]["hostname"], "rack-a-01")
        self.assertEqual(config["agent"]["rack"], "Rack-A")
        self.assertEqual(config["agent"]["position"], {"x": -3.2, "y": 1.0, "z": 4.4})
        self.assertEqual(config["agent"]["state_dir"], str(self.dir / "state"))
        self.assertEqual(config["log"]["file"], str(self.dir / "logs" / "reflector.log"))
        self.assertEqual([(one["name"], one["kind"], one["url"]) for one in config["endpoint"]],
                         [("ego", "ego", ENDPOINT)])
        self.assertEqual([(one["url"], one["policy"]) for one in config["commands"]], [(QUEUE, "deny")])
        self.assertIn('policy "deny"', done.stdout)
        self.assertIn("--command-rules FILE", done.stdout)  # how to go on

    def commanded(self, *options, code=0, queue=QUEUE):
        return self.install("--endpoint", ENDPOINT, "--command-endpoint", queue, *options, code=code)

    def one_queue(self):
        [queue] = self.effective()["commands"]
        return queue

    def rules(self, text=RULES):
        path = self.top / "rules \"of mine\""
        path.write_text(text)
        path.chmod(0o666)  # the copy is what counts
        return path

    def keys(self):
        private = self.top / "operator.key"
        if not private.exists():
            done = run(BINARY, "sign", "keygen", private)
            self.assertEqual(done.returncode, 0, done.stderr)
        return private.with_name(private.name + ".pub")

    def test_rules_are_copied_to_where_the_agent_trusts_them(self):
        done = self.commanded("--command-policy", "allow", "--command-rules", self.rules())
        queue = self.one_queue()
        self.assertEqual((queue["policy"], queue["rules_file"]), ("allow", str(self.dir / "command-rules.toml")))
        self.assertNotIn("keys_file", queue)
        installed = self.dir / "command-rules.toml"
        self.assertEqual(installed.read_text(), RULES)
        self.assertEqual(stat.S_IMODE(installed.stat().st_mode), 0o644)
        self.assertIn('policy "allow"', done.stdout)

        # Others, by hand or not, are kept; the same ones, and those that stand there themselves, are no others.
        self.commanded("--command-policy", "allow", "--command-rules", installed)
        self.assertEqual(list(self.dir.glob("command-rules.toml.*")), [])
        self.commanded("--command-policy", "allow", "--command-rules", self.rules(RULES + "# others\n"))
        self.assertEqual([path.read_text() for path in self.dir.glob("command-rules.toml.*")], [RULES])

    def test_keys_with_and_without_rules(self):
        keys = self.keys()
        self.commanded("--command-policy", "signed", "--command-keys", keys)
        queue = self.one_queue()
        self.assertEqual((queue["policy"], queue["keys_file"]), ("signed", str(self.dir / "command-keys")))
        self.assertNotIn("rules_file", queue)
        self.assertEqual((self.dir / "command-keys").read_bytes(), keys.read_bytes())
        self.assertEqual(stat.S_IMODE((self.dir / "command-keys").stat().st_mode), 0o644)
        self.commanded("--command-policy=signed", "--command-keys", keys, "--command-rules", self.rules())
        self.assertEqual(self.one_queue()["rules_file"], str(self.dir / "command-rules.toml"))

    def test_any_over_http_as_root_has_to_be_meant(self):
        self.commanded("--command-policy", "any", queue=SAFE_QUEUE)
        self.assertEqual(self.one_queue()["policy"], "any")
        if os.geteuid() == 0:
            self.assertIn("allow_root_over_http", self.commanded("--command-policy", "any", code=78).stderr)
            self.assertEqual(self.one_queue()["url"], SAFE_QUEUE)
        done = self.commanded("--command-policy", "any", "--allow-root-over-http")
        self.assertEqual((self.one_queue()["url"], self.one_queue()["allow_root_over_http"]), (QUEUE, True))
        self.assertIn('policy "any"', done.stdout)

    def test_rules_that_the_agent_refuses_leave_all_as_it_was(self):
        self.commanded("--command-policy", "allow", "--command-rules", self.rules())
        files = sorted((path.name, path.read_bytes()) for path in self.dir.iterdir() if path.is_file())
        bad = self.rules("[[rule]]\nname = 'x'\nprogramme = '/bin/true'\n")
        done = self.commanded("--command-policy", "allow", "--command-rules", bad, code=78)
        self.assertIn("programme", done.stderr)
        self.assertIn(str(bad), done.stderr)  # and not the copy that is gone
        self.assertEqual(files, sorted((path.name, path.read_bytes()) for path in self.dir.iterdir() if path.is_file()))

    @unittest.skipUnless(os.geteuid() == 0, "only root meets files of others here")
    def test_a_folder_that_others_may_write_gets_no_rules(self):
        self.dir.mkdir()
        self.dir.chmod(0o777)
        done = self.commanded("--command-policy", "allow", "--command-rules", self.rules(), code=78)
        self.assertIn("group and others may not write it", done.stderr)

    def test_a_new_folder_is_trusted_whatever_the_mask_says(self):
        before = os.umask(0o002)
        try:
            self.commanded("--command-policy", "allow", "--command-rules", self.rules())
        finally:
            os.umask(before)
        self.assertEqual(stat.S_IMODE(self.dir.stat().st_mode) & 0o022, 0)

    def test_options_that_contradict_each_other(self):
        rules, keys, none = self.rules(), self.keys(), self.top / "none"
        for words in (["--command-policy", "all"], ["--command-policy", ""], ["--command-rules", rules],
                      ["--command-keys", keys], ["--command-policy", "deny", "--command-rules", rules],
                      ["--command-policy", "any", "--command-rules", rules], ["--command-policy", "allow"],
                      ["--command-policy", "signed"], ["--command-policy", "signed", "--command-rules", rules],
                      ["--command-policy", "allow", "--command-rules", rules, "--command-keys", keys],
                      ["--command-policy", "allow", "--command-rules", none], ["--allow-root-over-http"],
                      ["--command-policy", "signed", "--command-keys", self.top], ["--command-policy"],
                      ["--command-policy", "allow", "--command-rules", rules, "--allow-root-over-http"]):
            with self.subTest(words=words):
                self.commanded(*words, code=2)
        for words in (["--command-policy", "deny"], ["--command-rules", rules], ["--command-keys", keys],
                      ["--allow-root-over-http"]):
            with self.subTest(words=words):  # and no queue
                self.install("--endpoint", ENDPOINT, *words, code=2)
        self.assertFalse(self.dir.exists())

    def test_values_arrive_as_they_are(self):
        for value in NASTY:
            with self.subTest(value=value):
                self.install("--endpoint", ENDPOINT, "--rack=" + value)
                self.assertEqual(self.written()["agent"]["rack"], value)
                self.assertEqual(self.effective()["agent"]["rack"], value)
                self.install("--endpoint", ENDPOINT, "--rack", value)
                self.assertEqual(self.effective()["agent"]["rack"], value)
        hostname = "이름 with \"quotes\", 'ticks', \\ and $HOME"
        url = "http://127.0.0.1:9/a'b$c%20d/batch?x=%22&y=`1`"
        self.install("--endpoint", url, "--hostname", hostname)
        self.assertEqual(self.effective()["agent"]["hostname"], hostname)
        self.assertEqual(self.written()["endpoint"][0]["url"], url)
        self.assertEqual([str(path) for path in pathlib.Path.cwd().glob("installed-by-value")], [])

    def test_what_the_agent_refuses_is_not_installed(self):
        self.install("--endpoint", ENDPOINT, "--rack", "before")
        before = (self.dir / "reflector.toml").read_bytes()
        files = sorted(path.name for path in self.dir.iterdir())
        done = self.install("--endpoint", "ftp://127.0.0.1/", code=78)
        self.assertIn("ftp", done.stderr)
        self.install("--endpoint", ENDPOINT, "--hostname", "two\nlines", code=78)
        done = subprocess.run([INSTALL, self.dir, "--endpoint", ENDPOINT, "--rack", b"not UTF-8: \xff\xc3("],
                              env=environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertEqual((self.dir / "reflector.toml").read_bytes(), before)
        self.assertEqual(sorted(path.name for path in self.dir.iterdir()), files)

    def test_again_keeps_the_configuration_and_replaces_the_binary(self):
        self.install("--endpoint", ENDPOINT, "--rack", "A")
        config = self.dir / "reflector.toml"
        config.write_text(config.read_text() + "\n# by hand\n")
        before = config.read_bytes()
        (self.dir / "reflector").write_text("an older one")
        inode = (self.dir / "reflector").stat().st_ino
        done = self.install()
        self.assertIn("as it was", done.stdout)
        self.assertEqual(config.read_bytes(), before)
        self.assertEqual(list(self.dir.glob("reflector.toml.*")), [])
        self.assertEqual((self.dir / "reflector").read_bytes(), pathlib.Path(BINARY).read_bytes())
        self.assertNotEqual((self.dir / "reflector").stat().st_ino, inode)

        self.install("--endpoint", ENDPOINT, "--rack", "B")
        self.assertEqual(self.effective()["agent"]["rack"], "B")
        self.assertEqual([path.read_bytes() for path in self.dir.glob("reflector.toml.*")], [before])

        # Only a rack would leave the host without its endpoint.
        self.assertIn("--endpoint", self.install("--rack", "C", code=2).stderr)
        self.assertEqual(self.effective()["agent"]["rack"], "B")

    def test_wrong_usage(self):
        for words in (["--nonsense"], ["--rack"], ["--position", "1", "2"], ["--position", "1", "2", "up"],
                      ["--position", "1", "2", "1e999"], ["another folder"], ["-x"], ["--endpoint"]):
            with self.subTest(words=words):
                self.install(*words, code=2)
        self.assertEqual(run(INSTALL).returncode, 2)  # nobody to ask
        self.assertEqual(run(INSTALL, "").returncode, 2)
        self.assertEqual(run(INSTALL, str(self.top) + "/two\nlines").returncode, 2)
        (self.top / "file").write_text("")
        self.assertEqual(run(INSTALL, self.top / "file").returncode, 2)
        self.assertFalse(self.dir.exists())

    def test_relative_folder(self):
        done = run(INSTALL, "here", cwd=self.top)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((self.top / "here" / "reflector").exists())

    def test_asks_on_a_terminal(self):
        answers = [ENDPOINT, QUEUE, "perhaps", "allow", "/nowhere", str(self.rules()), "asked host", 'Rack "7"', "one two", "1 -2 3.5"]
        shown = self.on_terminal([INSTALL, self.dir], answers)
        config = self.effective()
        self.assertEqual(config["endpoint"][0]["url"], ENDPOINT, shown)
        self.assertEqual(config["commands"][0]["url"], QUEUE)
        self.assertEqual(config["commands"][0]["policy"], "allow")
        self.assertEqual((self.dir / "command-rules.toml").read_text(), RULES)
        self.assertEqual(config["agent"]["hostname"], "asked host")
        self.assertEqual(config["agent"]["rack"], 'Rack "7"')
        self.assertEqual(config["agent"]["position"], {"x": 1.0, "y": -2.0, "z": 3.5})
        self.assertIn("three numbers", shown)
        # What is there is not asked about again.
        self.assertNotIn("Rack [", self.on_terminal([INSTALL, self.dir], []))

    def test_asks_only_for_what_is_not_given(self):
        shown = self.on_terminal([INSTALL, self.dir, "--endpoint", ENDPOINT, "--rack", "R", "--position", "1", "2", "3"],
                                 ["", ""])
        self.assertNotIn("Rack [", shown)
        self.assertNotIn("Position", shown)
        config = self.effective()
        self.assertNotIn("commands", config)
        self.assertNotIn("hostname", self.written()["agent"])

    def on_terminal(self, words, answers):
        """Answers each prompt (they end in ": ") with the next answer; returns all that was shown."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(words[0], [str(word) for word in words], environment())
        shown = ""
        asked = 0
        try:
            while select.select([terminal], [], [], 30)[0]:
                try:
                    got = os.read(terminal, 4096)
                except OSError:
                    break
                if not got:
                    break
                shown += got.decode("utf-8", "replace")
                if asked < len(answers) and len(re.findall(r"\]: ", shown)) > asked:
                    os.write(terminal, (answers[asked] + "\n").encode())
                    asked += 1
        finally:
            os.close(terminal)
            _, status = os.waitpid(pid, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status), 0, shown)
        self.assertEqual(asked, len(answers), shown)
        return shown


class StartAndStop(Installed):
    def start(self, code=0):
        done = run(self.dir / "start_reflector.sh", cwd="/")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def stop(self):
        began = time.monotonic()
        done = run(self.dir / "stop_reflector.sh", cwd="/")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertLess(time.monotonic() - began, 6)
        return done

    def test_start_measures_logs_and_stops_cleanly(self):
        self.install()
        self.start()
        pid = self.pid()
        self.assertEqual(os.readlink(f"/proc/{pid}/exe"), str(self.dir / "reflector"))
        samples = self.dir / "state" / "samples.jsonl"
        self.assertTrue(wait_until(lambda: samples.exists() and samples.stat().st_size > 0))
        self.assertEqual(stat.S_IMODE((self.dir / "state").stat().st_mode), 0o700)
        self.assertGreater((self.dir / "logs" / "reflector.log").stat().st_size, 0)
        self.stop()
        self.assertFalse(is_running(pid))
        self.assertFalse((self.dir / "reflector.pid").exists())
        self.assertIn("stopp", (self.dir / "logs" / "reflector.log").read_text())

    def test_started_twice_runs_once(self):
        self.install()
        self.start()
        pid = self.pid()
        self.assertIn(f"already: pid {pid}", self.start().stdout)
        self.assertEqual(self.pid(), pid)
        self.assertTrue(is_running(pid))

    def test_two_starts_at_once_start_one(self):
        self.install()
        both = [subprocess.Popen([self.dir / "start_reflector.sh"], env=environment(), stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, text=True) for _ in range(2)]
        shown = [one.communicate(timeout=30)[0] for one in both]
        self.assertEqual([one.returncode for one in both], [0, 0], shown)
        self.assertEqual(sum("Started" in text for text in shown), 1, shown)

    def test_an_upgraded_agent_is_still_known(self):
        self.install()
        self.start()
        pid = self.pid()
        self.assertIn("stopped and started", self.install().stdout)
        self.assertTrue(is_running(pid))
        self.assertIn("already", self.start().stdout)
        self.stop()
        self.assertFalse(is_running(pid))

    def test_stop_without_start(self):
        self.install()
        self.assertIn("does not run", self.stop().stdout)

    def test_a_pid_file_that_names_another_process_harms_nobody(self):
        self.install()
        other = subprocess.Popen(["sleep", "60"])
        try:
            started = pathlib.Path(f"/proc/{other.pid}/stat").read_text().rpartition(")")[2].split()[19]
            boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()
            for content in (f"{other.pid}\n{started}\n{boot}\n", f"{other.pid}\n", f"{other.pid}\n1\n{boot}\n", "",
                            "-1\n1\nx\n", "rubbish\n" * 4, f"{2**40}\n1\n{boot}\n"):
                with self.subTest(content=content):
                    (self.dir / "reflector.pid").write_text(content)
                    self.assertIn("does not run", self.stop().stdout)
            (self.dir / "reflector.pid").write_text(f"{other.pid}\n{started}\n{boot}\n")
            self.assertIn("Started", self.start().stdout)
            self.assertNotEqual(self.pid(), other.pid)
            self.assertIsNone(other.poll())
        finally:
            other.kill()
            other.wait()

    def test_a_killed_agent_is_started_again(self):
        self.install()
        self.start()
        pid = self.pid()
        os.kill(pid, signal.SIGKILL)
        self.assertTrue(wait_until(lambda: not is_running(pid)))
        self.assertIn("Started", self.start().stdout)
        self.assertNotEqual(self.pid(), pid)

    def test_a_refused_configuration_is_said_and_nothing_started(self):
        self.install()
        (self.dir / "reflector.toml").write_text("[agent]\nintervall = '5s'\n")
        self.assertIn("intervall", self.start(code=78).stderr)
        self.assertFalse((self.dir / "reflector.pid").exists())


class Unit(Installed):
    def unit(self):
        return (self.dir / "reflector.service").read_text()

    def test_tells_systemd_when_it_is_up_and_that_it_lives(self):
        for options in ([], ["--endpoint", ENDPOINT, "--command-endpoint", QUEUE]):
            self.install(*options)
            lines = self.unit().splitlines()
            for line in ("Type=notify", "NotifyAccess=main", "WatchdogSec=30s", "ExecReload=/bin/kill -HUP $MAINPID"):
                self.assertIn(line, lines)

    def test_the_one_for_commands_where_there_are_some(self):
        # Whatever is closed in either: tests/unit_exposure_test.py.
        config = self.dir / "reflector.toml"
        self.install("--endpoint", ENDPOINT)
        self.assertNotIn("Delegate=yes", self.unit())
        self.install("--endpoint", ENDPOINT, "--command-endpoint", QUEUE)
        self.assertIn("Delegate=yes", self.unit())
        without = config.read_text().partition("[[commands]]")[0]
        for text, runs in ((f"commands = [{{ url = '{QUEUE}' }}]\n" + without, True),
                           (f"{without}\n[[ \"commands\" ]]\nurl = '{QUEUE}'\n", True),
                           (without + "\n# [[commands]]\n", False),
                           (f"{without}\n[[commands]]\nurl = 1\n", True)):  # which the agent refuses
            with self.subTest(text=text):
                config.write_text(text)
                self.install()
                self.assertEqual("Delegate=yes" in self.unit(), runs)

    def test_a_folder_that_looks_like_a_placeholder(self):
        self.dir = self.top / "x=@USER@"
        self.install()
        self.assertIn(f"\nWorkingDirectory={self.dir}\n", self.unit())
        self.dir = self.top / "100% \\ &"
        self.install()
        self.assertIn(f"\nWorkingDirectory={self.top}/100%% \\ &\n", self.unit())
        self.assertIn(f"\nReadWritePaths=\"{self.top}/100%% \\\\ &/state\"\n", self.unit())

    def test_says_what_it_keeps_the_agent_from_writing(self):
        self.assertNotIn("ReadWritePaths", self.install().stdout)
        config = self.dir / "reflector.toml"
        config.write_text(config.read_text().replace('"logs/reflector.log"', '"reflector.log"'))
        self.assertIn(f'"{self.dir}/reflector.log"'.replace('"', '\\"')[2:-2], self.install().stdout)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not there")
    def test_systemd_understands_it(self):
        self.dir = self.top / "100% \"quoted\" \\ 거울"
        for options in ([], ["--endpoint", ENDPOINT, "--command-endpoint", QUEUE]):
            with self.subTest(options=options):
                self.install(*options)
                done = run("systemd-analyze", "verify", "--man=no", self.dir / "reflector.service")
                complaints = [line for line in (done.stdout + done.stderr).splitlines() if "reflector" in line]
                self.assertEqual(complaints, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
