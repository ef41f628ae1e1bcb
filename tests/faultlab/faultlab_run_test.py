"""reflector-faultlab as its users run it: the quick scenarios against the real agent, and what it says to wrong input."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree

LAB = os.environ["FAULTLAB_BINARY"]


def call(*arguments, **more):
    return subprocess.run([LAB, *arguments], capture_output=True, text=True, timeout=280, **more)


class Run(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_the_quick_scenarios_hold_and_their_faults_fire(self):
        began = time.monotonic()
        paths = {kind: self.folder / f"report.{kind}" for kind in ("json", "junit", "html")}
        done = call("run", "--tag", "quick", *(word for kind, path in paths.items() for word in (f"--{kind}", path)))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        runs = json.loads(paths["json"].read_text())
        self.assertGreaterEqual(len(runs), 6)
        for run in (each["run"] for each in runs):
            for fault in run["faults"]:
                self.assertTrue(fault["fired"] or fault["not_run"], f"{run['scenario']}: {fault['text']} never fired")
        suites = xml.etree.ElementTree.parse(paths["junit"]).getroot()
        self.assertEqual(len(suites.findall("testsuite")), len(runs))
        self.assertIn("<svg", paths["html"].read_text())
        print(f"{len(runs)} scenarios in {time.monotonic() - began:.0f} s")

    def test_the_same_seed_plays_the_same_schedule(self):
        def moments():
            report = self.folder / "again.json"
            done = call("run", "kill_storm", "--seed", "7", "--json", report)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            (run,) = json.loads(report.read_text())
            begun = [begin for fault in run["run"]["faults"] for begin, _ in fault["intervals"]]
            return [later - begun[0] for later in begun]
        for one, other in zip(moments(), moments(), strict=True):
            self.assertAlmostEqual(one, other, delta=0.5)

    def test_every_error_of_a_bad_scenario_comes_at_once(self):
        scenario = self.folder / "bad.toml"
        scenario.write_text('title = "x"\nduration = "soon"\n[[endpoint]]\nname = "ego"\n[[fault]]\nkind = "outrage"\nat = "1s"\n'
                            '[[expect]]\nkind = "conservatism"\n')
        done = call("run", scenario)
        self.assertEqual(done.returncode, 78)
        for line, word in ((2, "soon"), (6, "outrage"), (9, "conservatism")):
            self.assertTrue(any(f"bad.toml:{line}" in each and word in each for each in done.stderr.splitlines()), done.stderr)

    def test_wrong_usage(self):
        for arguments in ([], ["nonsense"], ["run"], ["run", "--tag", "nosuchtag"], ["probe"], ["run", "outage", "--seed", "x"]):
            with self.subTest(arguments):
                done = call(*arguments)
                self.assertEqual(done.returncode, 64, done.stderr)
                self.assertTrue(done.stderr)

    def test_an_unknown_scenario_is_named_with_the_nearest(self):
        done = call("run", "outrage")
        self.assertEqual(done.returncode, 78)
        self.assertIn("outage", done.stderr)

    def test_installed_it_finds_its_parts(self):
        subprocess.run(["cmake", "--install", os.environ["FAULTLAB_BUILD_DIR"], "--component", "faultlab", "--prefix", self.folder],
                       check=True, capture_output=True)
        lab = self.folder / "bin" / "reflector-faultlab"
        without = {name: value for name, value in os.environ.items() if not name.startswith("FAULTLAB_")}
        done = subprocess.run([lab, "run", "broken_disk"], capture_output=True, text=True, timeout=120, env=without)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_users_configuration_is_probed_and_nothing_leaves_the_lab(self):
        configuration = self.folder / "reflector.toml"
        configuration.write_text('[agent]\ninterval = "500ms"\nstate_dir = "/var/lib/nowhere"\n[[endpoint]]\nname = "headquarters"\n'
                                 'kind = "ego"\nurl = "https://192.0.2.1/api/metrics/batch"\nretry = { max = "1s" }\n')
        report = self.folder / "probe.json"
        done = call("probe", "-c", configuration, "outage", "--json", report)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        (judged,) = json.loads(report.read_text())
        self.assertEqual([each["name"] for each in judged["run"]["endpoints"]], ["headquarters"])
        self.assertNotIn("192.0.2.1", judged["run"]["configuration"])
        self.assertFalse(pathlib.Path("/var/lib/nowhere").exists())

    def test_interrupted_it_leaves_nothing_behind(self):
        keep = self.folder / "kept"
        lab = subprocess.Popen([LAB, "run", "outage", "--keep", keep], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 60
            while not list(keep.glob("*/agent/state/*")) and time.monotonic() < until:
                time.sleep(0.05)
            lab.send_signal(signal.SIGINT)
            self.assertEqual(lab.wait(60), 130)
        finally:
            lab.kill()
            lab.wait()
        of_the_run = [path for path in pathlib.Path("/proc").glob("[0-9]*/cmdline") if str(keep).encode() in self.read(path)]
        self.assertEqual(of_the_run, [])

    @staticmethod
    def read(path):
        try:
            return path.read_bytes()
        except OSError:
            return b""


if __name__ == "__main__":
    unittest.main()
