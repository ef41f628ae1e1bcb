"""The disk of spool and log stands still (fsfreeze on an ext4 image): what writes to it hangs in the kernel. The agent goes on
measuring within bounded memory, and after the thaw nothing that was committed is missing. Frozen for
$REFLECTOR_FREEZE_SECONDS (10)."""
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
from samples_in import samples_in
from wait_until import wait_until

SECONDS = float(os.environ.get("REFLECTOR_FREEZE_SECONDS", "10"))
INTERVAL = 0.2
MOST_HELD = 256  # batcher.hpp
CONFIGURATION = """
[agent]
interval = "200ms"
state_dir = "{state}"
[log]
file = "{log}"
[[endpoint]]
name = "ego"
url = "{url}/api/metrics/batch"
retry = {{ initial = "20ms", max = "100ms" }}
start_spread = "0ms"
[endpoint.limits]
samples_per_second = 1000
[[endpoint]]
name = "local"
kind = "file"
path = "{samples}"
"""


def thread_states(pid):
    """The state of each of its threads that isn't over."""
    states = []
    for stat in pathlib.Path("/proc", str(pid), "task").glob("*/stat"):
        try:
            states.append(stat.read_text().rpartition(")")[2].split()[0])
        except OSError:
            pass
    return [state for state in states if state not in "ZX"]


class FrozenDisk(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        image = self.folder / "image"
        with open(image, "wb") as file:
            file.truncate(64 * 1024 * 1024)
        subprocess.run(["mkfs.ext4", "-q", image], check=True)
        mounted = subprocess.run(["mount", "-o", "loop", image, self.disk], capture_output=True, text=True)
        if mounted.returncode != 0:
            own_mounts.not_run(f"no loop device: {mounted.stderr.strip()}")
        self.addCleanup(lambda: subprocess.run(["umount", self.disk], check=True))
        self.frozen = False
        self.receiver = subprocess.Popen([os.environ["EGO_RECEIVER"], "--quiet"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end_receiver)
        self.url = self.receiver.stdout.readline().split()[-1]
        self.samples = self.folder / "samples.jsonl"
        self.configuration = self.folder / "reflector.toml"
        self.configuration.write_text(
            CONFIGURATION.format(state=self.disk / "state", log=self.disk / "log", url=self.url, samples=self.samples))
        self.agents = []
        self.addCleanup(self.end_agents)
        self.start()
        wait_until(lambda: len(self.arrived()) >= 5, 20, "the first samples")

    def start(self):
        with open(self.folder / "lines", "ab") as lines, open(self.folder / "errors", "ab") as errors:
            self.agents.append(subprocess.Popen(
                [os.environ["REFLECTOR_BINARY"], "run", "-c", self.configuration, "--print", "always"],
                stdout=lines, stderr=errors))

    def end_receiver(self):
        self.receiver.kill()
        self.receiver.wait()
        self.receiver.stdout.close()

    def end_agents(self):
        if self.frozen:
            self.thaw()
        for agent in self.agents:
            if agent.poll() is None:
                agent.kill()
                agent.wait()

    def freeze(self):
        subprocess.run(["fsfreeze", "--freeze", self.disk], check=True)
        self.frozen = True

    def thaw(self):
        subprocess.run(["fsfreeze", "--unfreeze", self.disk], check=True)
        self.frozen = False

    def measured(self):
        """Lines of samples that the agent has printed: they were measured, committed or not."""
        return (self.folder / "lines").read_bytes().count(b"cpu")

    def arrived(self):
        return samples_in(self.samples)

    def resident_bytes(self):
        status = pathlib.Path("/proc", str(self.agents[-1].pid), "status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) * 1024

    def log(self):
        return (self.disk / "log").read_text(errors="replace")

    def nothing_is_missing(self):
        sequences = [sample["agent"]["sequence"] for sample in self.arrived()]
        self.assertEqual(sorted(set(sequences)), list(range(1, max(sequences) + 1)))
        self.assertEqual([s for s in self.arrived() if s["agent"].get("lost")], [])
        wait_until(lambda: self.state()["missing_sequences"] == 0 and
                   self.state()["last_sequence"] >= max(sequences) - 1, 10, "all of it at the receiver")

    def state(self):
        with urllib.request.urlopen(self.url + "/receiver/state") as answer:
            (host,) = json.load(answer)["hosts"].values()
            return host

    def test_what_was_measured_meanwhile_is_delivered_after_the_thaw(self):
        before, committed, memory = self.measured(), len(self.arrived()), self.resident_bytes()
        self.freeze()
        self.agents[-1].send_signal(signal.SIGHUP)  # something to log
        began, most, longest_pause, last, last_at = time.monotonic(), 0, 0.0, before, time.monotonic()
        while time.monotonic() < began + SECONDS:
            time.sleep(0.05)
            most = max(most, self.resident_bytes())
            if self.measured() > last:
                longest_pause = max(longest_pause, time.monotonic() - last_at)
                last, last_at = self.measured(), time.monotonic()
        meanwhile = self.measured() - before
        self.assertIsNone(self.agents[-1].poll())
        self.thaw()
        held = min(meanwhile, MOST_HELD)
        wait_until(lambda: len(self.arrived()) >= committed + held, 10, "what was held")
        wait_until(lambda: len(self.arrived()) >= committed + held + 5, 10, "what is measured now")
        self.assertEqual(self.agents[-1].poll(), None)
        self.agents[-1].send_signal(signal.SIGTERM)
        self.assertEqual(self.agents[-1].wait(timeout=10), 0)
        dropped = max(sample["agent"].get("dropped", 0) for sample in self.arrived())
        print(f"frozen for {SECONDS:.0f} s: {meanwhile} samples measured, longest pause {longest_pause * 1000:.0f} ms, "
              f"{dropped} dropped, resident {memory / 1e6:.1f} MB before and {most / 1e6:.1f} MB at most")
        self.assertGreaterEqual(meanwhile, SECONDS / INTERVAL - 3)
        self.assertLess(longest_pause, 1)
        # One group of samples is in the spool's hands, and may be late to come back as a receipt.
        self.assertAlmostEqual(dropped, max(0, meanwhile - MOST_HELD), delta=3)
        # Under AddressSanitizer what was freed stays.
        if b"__asan_init" not in pathlib.Path(os.environ["REFLECTOR_BINARY"]).read_bytes():
            self.assertLess(most - memory, 8e6)
        self.nothing_is_missing()

    def test_it_ends_although_a_thread_of_it_is_in_the_kernel(self):
        self.freeze()
        self.agents[-1].send_signal(signal.SIGHUP)  # something to log
        time.sleep(3 * INTERVAL)
        wait_until(lambda: "D" in thread_states(self.agents[-1].pid), 5, "a write that hangs")
        began = time.monotonic()
        self.agents[-1].send_signal(signal.SIGTERM)
        # What the kernel doesn't let go are the spool's thread and the log's; a process is reaped when it has none.
        wait_until(lambda: set(thread_states(self.agents[-1].pid)) <= {"D"}, 5, "the end of all other threads")
        print(f"all but {len(thread_states(self.agents[-1].pid))} thread(s) in the kernel ended "
              f"{time.monotonic() - began:.2f} s after SIGTERM")
        self.thaw()
        self.agents[-1].wait(timeout=5)
        before = len(self.arrived())
        self.start()
        wait_until(lambda: len(self.arrived()) > before + 5, 20, "samples of the second life")
        self.agents[-1].send_signal(signal.SIGTERM)
        self.assertEqual(self.agents[-1].wait(timeout=10), 0)
        self.nothing_is_missing()


if __name__ == "__main__":
    own_mounts.enter("a disk that stands still")
    unittest.main()
