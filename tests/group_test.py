"""Groups and selections, from the configuration to what arrives: one of a group gets each sample, over the outage of the
better one and back; a thinned endpoint gets one in so many, with the collectors and tags that it is to have."""
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

from batch_receiver import BatchReceiver
from samples_in import samples_in
from wait_until import wait_until

HEAD = """
[agent]
hostname = "{host}"
interval = "100ms"
state_dir = "state"
tags = {{ environment = "production", room = "7" }}
"""
GROUP = HEAD + """
[[group]]
name = "pair"
mode = "{mode}"
return_after = "2s"
[[endpoint]]
name = "a"
group = "pair"
url = "{a}"
start_spread = "0ms"
retry = {{ initial = "50ms", max = "500ms" }}
[[endpoint]]
name = "b"
group = "pair"
url = "{b}"
start_spread = "0ms"
retry = {{ initial = "50ms", max = "500ms" }}
"""
SELECTED = HEAD + """
[[endpoint]]
name = "all"
kind = "file"
path = "all.jsonl"
fsync = true
[[endpoint]]
name = "few"
kind = "ego"
url = "{a}"
every = "500ms"
except = ["processes", "disk"]
tags = {{ tenant = "blue", room = "8" }}
drop_tags = ["environment"]
start_spread = "0ms"
[[endpoint]]
name = "loads"
kind = "file"
path = "loads.jsonl"
only = ["load"]
"""


class GroupTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.receivers = [BatchReceiver(), BatchReceiver()]
        for receiver in self.receivers:
            self.addCleanup(receiver.stop)
        self.a, self.b = self.receivers

    def start(self, text, **values):
        configuration = self.folder / "agent.toml"
        configuration.write_text(text.format(a=self.a.url, b=self.b.url, **values))
        log = open(self.folder / "log", "ab")
        self.addCleanup(log.close)
        agent = subprocess.Popen([os.environ["REFLECTOR_BINARY"], "run", "-c", str(configuration), "--print", "never"],
                                 stdout=log, stderr=log, cwd=self.folder)
        self.addCleanup(self.end, agent)
        return agent

    @staticmethod
    def end(agent):
        if agent.poll() is None:
            agent.kill()
            agent.wait()

    def stop(self, agent):
        agent.send_signal(signal.SIGTERM)
        self.assertEqual(agent.wait(timeout=20), 0, self.log())

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def assert_all_of_them_once(self):
        for receiver in self.receivers:
            taken = receiver.sequences()
            self.assertEqual(len(taken), len(set(taken)), "twice to the same one")
        every = set(self.a.sequences()) | set(self.b.sequences())
        self.assertEqual(every, set(range(1, max(every) + 1)))

    def test_failover_and_back_loses_nothing_and_sends_nothing_twice(self):
        agent = self.start(GROUP, host="h", mode="failover")
        wait_until(lambda: len(self.a.samples) >= 10, 20, "samples at a")
        self.assertEqual(self.b.samples, [])
        self.a.stop()
        wait_until(lambda: len(self.b.samples) >= 20, 20, "samples at b\n" + self.log())
        self.a.start()
        before = len(self.b.samples)
        wait_until(lambda: "samples go to a from now on" in self.log(), 30, "a is back")
        self.assertGreater(len(self.b.samples), before)  # not at once
        at_b = len(self.b.samples)
        count = len(self.a.samples)
        wait_until(lambda: len(self.a.samples) >= count + 20, 20, "all at a again")
        self.assertEqual(len(self.b.samples), at_b)
        self.stop(agent)
        self.assert_all_of_them_once()
        self.assertEqual(self.log().count("trying b"), 1)

    def test_the_cursor_is_the_groups_and_outlives_the_agent(self):
        agent = self.start(GROUP, host="h", mode="failover")
        wait_until(lambda: len(self.a.samples) >= 5, 20, "samples at a")
        self.a.stop()
        self.b.stop()
        time.sleep(1)
        self.stop(agent)  # with samples that wait
        self.b.start()
        agent = self.start(GROUP, host="h", mode="failover")
        wait_until(lambda: len(self.b.samples) >= 20, 20, "samples at b")
        self.stop(agent)
        self.assert_all_of_them_once()
        listed = subprocess.run([os.environ["REFLECTOR_BINARY"], "spool", "ls", "-c", str(self.folder / "agent.toml")],
                                capture_output=True, text=True, check=False)
        self.assertRegex(listed.stdout, r"(?m)^pair ")
        self.assertNotIn("not configured", listed.stdout)

    def test_balance_gives_each_host_a_member_of_its_own_choice(self):
        homes = set()
        for host in ["h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8"]:
            subprocess.run(["rm", "-rf", str(self.folder / "state")], check=True)
            for receiver in self.receivers:
                receiver.samples.clear()
            agent = self.start(GROUP, host=host, mode="balance")
            wait_until(lambda: len(self.a.samples) + len(self.b.samples) >= 3, 20, "samples")
            self.stop(agent)
            self.assertTrue(not self.a.samples or not self.b.samples)
            homes.add("a" if self.a.samples else "b")
        self.assertEqual(homes, {"a", "b"})

    def test_an_endpoint_gets_what_it_is_to_get(self):
        agent = self.start(SELECTED, host="h")
        wait_until(lambda: len(self.a.samples) >= 5, 30, "samples\n" + self.log())
        self.stop(agent)
        everything = {s["agent"]["sequence"]: s for s in samples_in(self.folder / "state" / "all.jsonl")}
        self.assertEqual(self.a.sequences(), [n for n in sorted(everything) if n % 5 == 0])
        for sample in self.a.samples:
            whole = dict(everything[sample["agent"]["sequence"]])
            tags = {**whole["tags"], "tenant": "blue", "room": "8"}
            del tags["environment"]
            self.assertEqual(sample["tags"], tags)
            for gone in ["top_processes", "process_count", "disks", "tags"]:
                whole.pop(gone, None)
            self.assertEqual({k: v for k, v in sample.items() if k != "tags"}, whole)
        loads = samples_in(self.folder / "state" / "loads.jsonl")
        self.assertEqual(len(loads), len(everything))
        for sample in loads:
            whole = everything[sample["agent"]["sequence"]]
            self.assertEqual(sample["load_average"], whole["load_average"])
            self.assertNotIn("cpu_load", sample)
            self.assertEqual(sample["hostname"], "h")


if __name__ == "__main__":
    unittest.main()
