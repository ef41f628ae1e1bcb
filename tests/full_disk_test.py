"""A disk that is full, has no inodes left, or can't be written at all: the agent goes on measuring and delivering, and
writes again when it can. On a real file system, in a mount namespace of its own."""
import collections
import errno
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.request

import own_mounts
from wait_until import wait_until

INTERVAL = 0.1
RECOVERY_SECONDS = 5
CONFIGURATION = """
[agent]
interval = "100ms"
state_dir = "{state}"
[[endpoint]]
name = "ego"
url = "{url}/api/metrics/batch"
retry = {{ initial = "20ms", max = "100ms" }}
start_spread = "0ms"
[[endpoint]]
name = "local"
kind = "file"
path = "{samples}"
"""


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


class Agent:
    def __init__(self, folder, configuration):
        self.log_path = pathlib.Path(folder, "log")
        self.log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [os.environ["REFLECTOR_BINARY"], "run", "-c", configuration, "--print", "never"],
            stdout=self.log, stderr=self.log)

    def says(self, text):
        return self.log_path.read_text(errors="replace").count(text)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


class FullDisk(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = holder.name
        self.disk = pathlib.Path(self.folder, "disk")
        self.disk.mkdir()
        mount("-t", "tmpfs", "-o", "size=6m,nr_inodes=200,mode=0700", "none", self.disk)
        self.addCleanup(lambda: subprocess.run(["umount", "--lazy", self.disk], check=True))
        self.receiver = subprocess.Popen([os.environ["EGO_RECEIVER"], "--quiet"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end_receiver)
        self.url = self.receiver.stdout.readline().split()[-1]
        # Outside of the disk that fills: what arrives is always written down.
        self.samples = pathlib.Path(self.folder, "samples.jsonl")
        self.configuration = pathlib.Path(self.folder, "reflector.toml")
        self.configuration.write_text(
            CONFIGURATION.format(state=self.disk / "state", url=self.url, samples=self.samples))
        self.agent = Agent(self.folder, self.configuration)
        self.addCleanup(lambda: self.agent.kill())
        wait_until(lambda: self.newest() >= 3, 15, "the first samples")

    def end_receiver(self):
        self.receiver.kill()
        self.receiver.wait()
        self.receiver.stdout.close()

    def state(self):
        with urllib.request.urlopen(self.url + "/receiver/state") as answer:
            return json.load(answer)

    def newest(self):
        return max((host["last_sequence"] for host in self.state()["hosts"].values()), default=0)

    def samples_arrive(self, count, during):
        """At least so many new ones, by both endpoints, and the agent is alive."""
        begin, lines = self.newest(), self.lines()
        wait_until(lambda: self.newest() >= begin + count and self.lines() >= lines + count, 10,
                   f"{count} samples while {during}")
        self.assertIsNone(self.agent.process.poll(), f"the agent ended while {during}")

    def lines(self):
        return self.samples.read_bytes().count(b"\n") if self.samples.exists() else 0

    def recovers(self, said_before):
        wait_until(lambda: self.agent.says("the spool can be written again") > said_before, RECOVERY_SECONDS,
                   "the spool can be written again")

    def nothing_is_missing(self):
        """Ends the agent, starts it again, lets it drain; what arrived and what was declared lost is everything."""
        self.assertEqual(self.agent.stop(), 0)
        self.agent.kill()
        before = self.newest()
        self.agent = Agent(self.folder, self.configuration)
        wait_until(lambda: self.newest() > before + 3, 15, "samples of the second life")
        self.assertEqual(self.agent.stop(), 0)
        seen, lost = collections.defaultdict(set), set()
        for line in self.samples.read_bytes().splitlines():
            about = json.loads(line)["agent"]
            seen[about["sequence"]].add(line)
            for each in about.get("lost", []):
                lost.update(range(each["from"], each["to"] + 1))
        last = max(seen)
        self.assertEqual([n for n in range(1, last + 1) if n not in seen and n not in lost], [], "neither here nor lost")
        self.assertEqual([n for n, different in seen.items() if len(different) > 1], [], "twice with different bytes")
        self.assertEqual(lost, set(), "there was memory enough for all")
        (host,) = self.state()["hosts"].values()
        self.assertEqual(host["first_sequence"], 1)
        self.assertEqual(host["missing_sequences"], 0)
        print(f"{last} samples, {len(lost)} lost, {self.lines()} lines; {self.state()['repeated_samples']} repeated")

    def fill(self):
        """@return the file that holds what was left of the space"""
        filler = self.disk / "filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError as full:
                self.assertEqual(full.errno, errno.ENOSPC)
        return filler

    def test_no_space(self):
        filler = self.fill()
        wait_until(lambda: self.agent.says("the spool can't be written") > 0, 10, "a word about it")
        self.samples_arrive(20, "the disk is full")
        filler.unlink()
        self.recovers(0)
        self.samples_arrive(5, "there is space again")
        self.nothing_is_missing()

    def test_no_inodes(self):
        fillers = []
        try:
            while True:
                fillers.append(self.disk / f"filler-{len(fillers)}")
                fillers[-1].touch()
        except OSError as full:
            self.assertEqual(full.errno, errno.ENOSPC)
        # What is open goes on being written; a second life has to open, and needs files for it.
        self.samples_arrive(10, "there are no inodes")
        self.agent.stop()
        self.agent.kill()
        for n in range(2000):
            try:
                (self.disk / f"more-{n}").touch()
                fillers.append(self.disk / f"more-{n}")
            except OSError:
                break
        self.agent = Agent(self.folder, self.configuration)
        time.sleep(2)
        self.assertIsNone(self.agent.process.poll(), "the agent ended without inodes")
        for each in fillers:
            each.unlink(missing_ok=True)
        begin = self.newest()
        wait_until(lambda: self.newest() > begin + 5, RECOVERY_SECONDS, "samples once there are inodes again")
        self.nothing_is_missing()

    def test_read_only(self):
        # A file that is open for writing keeps a file system from becoming read-only; a bind mount over it doesn't care,
        # but what is open stays writable. So the agent meets it at its start.
        self.agent.stop()
        self.agent.kill()
        mount("-o", "remount,ro", self.disk)
        self.agent = Agent(self.folder, self.configuration)
        wait_until(lambda: self.agent.says("the spool can't be opened") > 0, 10, "a word about it")
        self.assertIsNone(self.agent.process.poll(), "the agent ended on a read-only disk")
        mount("-o", "remount,rw", self.disk)
        begin = self.newest()
        wait_until(lambda: self.newest() > begin + 5, RECOVERY_SECONDS, "samples once it can be written")
        self.nothing_is_missing()


if __name__ == "__main__":
    own_mounts.enter("a file system of its own", (["--mount"], ["--user", "--map-root-user", "--mount"]))
    unittest.main()
