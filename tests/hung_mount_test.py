"""File systems and sensors that never answer, and the agent goes on as if they weren't there. Four hang for
$REFLECTOR_HANG_SECONDS (15)."""
import collections
import datetime
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
from fuse_mount import FuseMount
from samples_in import samples_in
from wait_until import wait_until

SECONDS = float(os.environ.get("REFLECTOR_HANG_SECONDS", "15"))
INTERVAL = 0.5
JITTER_SECONDS = 0.05
# Other programs on the machine are late too: so many of a hundred samples may be.
EXCUSED_PERCENT = 1
COLLECTORS = ["cpu", "load", "memory", "network", "disk", "sensors", "processes", "host"]
MOUNTS = 4
CONFIGURATION = """
[agent]
interval = "500ms"
state_dir = "{state}"
[[endpoint]]
name = "ego"
url = "{url}/api/metrics/batch"
start_spread = "0ms"
[[endpoint]]
name = "local"
kind = "file"
path = "{samples}"
""" + "".join(f'[collectors.{name}]\ntimeout = "{JITTER_SECONDS * 1000:.0f}ms"\n' for name in COLLECTORS)


def helpers_of(pid, name_begins="reflector-mount"):
    """State by pid of the agent's helper processes, by their names."""
    found = {}
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            text = status.read_text()
        except OSError:
            continue
        name, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
        if name.startswith(name_begins) and int(rest[1]) == pid:
            found[int(status.parent.name)] = rest[0]
    return found


class HungMounts(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        self.mounts = []
        self.receiver = subprocess.Popen([os.environ["EGO_RECEIVER"], "--quiet"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end_receiver)
        self.samples = self.folder / "samples.jsonl"
        self.configuration = self.folder / "reflector.toml"
        self.url = self.receiver.stdout.readline().split()[-1]
        self.configuration.write_text(
            CONFIGURATION.format(state=self.folder / "state", url=self.url, samples=self.samples))
        self.agent = None
        self.addCleanup(self.end_agent)

    def end_receiver(self):
        self.receiver.kill()
        self.receiver.wait()
        self.receiver.stdout.close()

    def end_agent(self):
        for mount in self.mounts:
            mount.release()
        if self.agent and self.agent.poll() is None:
            self.agent.kill()
            self.agent.wait()

    def mount(self, how):
        self.mounts.append(FuseMount(self.folder / f"mount-{len(self.mounts)}", how))
        return self.mounts[-1]

    def start(self, *arguments):
        self.agent_log = open(self.folder / "log", "ab")
        self.addCleanup(self.agent_log.close)
        self.agent = subprocess.Popen(
            [os.environ["REFLECTOR_BINARY"], "run", "-c", self.configuration, "--print", "never", *arguments],
            stdout=self.agent_log, stderr=self.agent_log)

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def all_samples(self):
        return samples_in(self.samples)

    def rows(self, sample):
        return {row["mountpoint"]: row for row in sample["disks"]}

    def newest_rows(self):
        # On a busy machine a sample may come without disks: it says nothing of them.
        samples = [each for each in self.all_samples() if "disks" in each]
        return self.rows(samples[-1]) if samples else {}

    def newest_row(self, mount):
        return self.newest_rows().get(str(mount.path))

    def helpers_end(self, helpers):
        def is_gone(pid):
            try:
                return pathlib.Path(f"/proc/{pid}/comm").read_text() != "reflector-mount\n" or \
                    pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
            except OSError:
                return True

        wait_until(lambda: all(is_gone(pid) for pid in helpers), 5, "the end of the helpers")

    def stops(self):
        """SIGTERM; no helper is left once the mounts are released."""
        helpers = helpers_of(self.agent.pid)
        began = time.monotonic()
        self.agent.send_signal(signal.SIGTERM)
        self.assertEqual(self.agent.wait(timeout=10), 0, self.log())
        took = time.monotonic() - began
        self.assertLess(took, 5)
        for mount in self.mounts:
            mount.release()
        self.helpers_end(helpers)
        return took

    def test_hung_mounts_hold_nothing_up(self):
        for n in range(MOUNTS):
            self.mount("unread" if n % 2 else "unanswered")
        self.start()
        most, states = 0, collections.Counter()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            time.sleep(0.25)
            self.assertIsNone(self.agent.poll(), self.log())
            helpers = helpers_of(self.agent.pid)
            most = max(most, len(helpers))
            states.update(helpers.values())
        took = self.stops()
        samples = self.all_samples()
        at = [datetime.datetime.fromisoformat(s["timestamp"].replace("Z", "+00:00")).timestamp() for s in samples]
        # The mean start, so that a late first sample is not every other one's lateness.
        offsets = sorted(t - n * INTERVAL for n, t in enumerate(at))
        jitter = sorted(abs(offset - offsets[len(offsets) // 2]) for offset in offsets)
        late = collections.Counter(name for s in samples for name in s["agent"].get("late", []))
        failed = collections.Counter(name for s in samples for name in s["agent"].get("failed", []))
        print(f"{SECONDS:.0f} s, {MOUNTS} hung mounts: {len(samples)} samples, jitter median {jitter[len(jitter) // 2] * 1000:.1f} ms, "
              f"worst {jitter[-1] * 1000:.1f} ms, readings later than {JITTER_SECONDS * 1000:.0f} ms {dict(late)}, failed {dict(failed)}, at most {most} helpers ({dict(states)}), "
              f"stopped in {took:.2f} s")
        self.assertGreaterEqual(len(samples), SECONDS / INTERVAL - 3)
        self.assertEqual([s["agent"]["sequence"] for s in samples], list(range(1, len(samples) + 1)))
        excused = 1 + len(samples) * EXCUSED_PERCENT // 100
        self.assertLess(jitter[-1 - excused], JITTER_SECONDS)
        self.assertLessEqual(max(late.values(), default=0), excused)
        self.assertEqual(dict(failed), {})
        self.assertGreaterEqual(most, 1)
        self.assertLessEqual(most, MOUNTS)
        hung = {str(mount.path) for mount in self.mounts}
        for sample in samples[int(8 / INTERVAL):]:
            if "disk" in sample["agent"].get("late", []):
                continue
            rows = self.rows(sample)
            self.assertEqual({point for point, row in rows.items() if row.get("stuck")}, hung)
            for point in hung:
                self.assertEqual(set(rows[point]), {"device", "mountpoint", "fstype", "stuck"})
            self.assertIn("used_percent", next(row for point, row in rows.items() if point not in hung))
        # The receiver refuses what EGO would refuse.
        with urllib.request.urlopen(self.url + "/receiver/state") as answer:
            (host,) = json.load(answer)["hosts"].values()
        self.assertEqual(host["missing_sequences"], 0)
        self.assertGreaterEqual(host["last_sequence"], len(samples) - 2)

    def test_one_that_answers_again_is_well_and_an_aborted_one_is_left_out(self):
        well, unread, aborted = self.mount("unanswered"), self.mount("unread"), self.mount("unanswered")
        well.answer_from_now_on()
        self.start()
        wait_until(lambda: (self.newest_row(well) or {}).get("used_bytes") == 600 * 4096, 15, "the usage of the well one")
        for mount in (unread, aborted):
            wait_until(lambda m=mount: (self.newest_row(m) or {}).get("stuck"), 15, f"{mount.path.name} is stuck")
        self.assertNotIn("stuck", self.newest_row(well))
        # The helper that was stuck brings the answer. (On a busy machine a question may meet no idle one, and start
        # another: one for each mount, and one more.)
        unread.answer_from_now_on()
        wait_until(lambda: (self.newest_row(unread) or {}).get("used_bytes") == 600 * 4096, 5, "it answers again")
        self.assertLessEqual(len(helpers_of(self.agent.pid)), 4)
        aborted.abort()
        wait_until(lambda: self.newest_row(aborted) is None, 5, "the aborted one is left out")
        wait_until(lambda: len(helpers_of(self.agent.pid)) == 1, 5, "one helper for all that are well")
        self.assertEqual(next(iter(self.newest_rows())), "/")
        self.stops()

    def test_one_that_has_forgotten_the_question_is_asked_again(self):
        mount = self.mount("forgetful")
        self.start()
        wait_until(lambda: (self.newest_row(mount) or {}).get("stuck"), 10, "it is stuck")
        first = set(helpers_of(self.agent.pid))
        # Not before its patience is over, and stuck until then.
        wait_until(lambda: "stuck" not in (self.newest_row(mount) or {}), 25, "it is well")
        self.assertEqual(self.newest_row(mount)["used_bytes"], 600 * 4096)
        self.assertEqual(len(helpers_of(self.agent.pid)), 1)
        self.assertNotEqual(set(helpers_of(self.agent.pid)), first)
        self.stops()

    def test_helpers_end_with_a_killed_agent_and_keep_nothing_of_it(self):
        well = self.mount("unanswered")
        well.answer_from_now_on()
        hung = self.mount("unread")
        self.start()
        wait_until(lambda: self.newest_row(well) and self.newest_row(hung), 15, "both rows")
        helpers = helpers_of(self.agent.pid)
        self.assertEqual(len(helpers), 2)
        self.agent.kill()
        self.agent.wait()
        # One waits for a question, one is in a call that can be killed.
        self.helpers_end(helpers)
        # The lock of its state and the rest of its descriptors went with it.
        self.start()
        before = len(self.all_samples())
        wait_until(lambda: len(self.all_samples()) > before + 2, 15, "samples of the second life")
        self.stops()

    def test_a_sensor_that_hangs_fails_alone(self):
        root = self.folder / "root"
        chip = root / "sys/class/hwmon/hwmon0"
        chip.mkdir(parents=True)
        (chip / "name").write_text("coretemp\n")
        for own in ("proc", "etc"):
            (root / own).mkdir()
            subprocess.run(["mount", "--rbind", f"/{own}", root / own], check=True)
            self.addCleanup(subprocess.run, ["umount", "--lazy", root / own], check=True)
        self.mounts.append(FuseMount(chip / "temp1_input", "unread", is_file=True))
        self.start("--host-root", str(root))
        wait_until(lambda: len(self.all_samples()) >= 16, 20, "samples")
        self.assertEqual(len(helpers_of(self.agent.pid, "reflector-senso")), 1)
        for sample in self.all_samples():
            self.assertEqual(sample["agent"].get("failed"), ["sensors"])
            self.assertNotIn("sensors", sample["agent"].get("late", []))
            self.assertIn("cpu_load", sample)
        self.assertIn("a sensor behind `temperatures` does not answer", self.log())
        self.mounts[0].abort()
        wait_until(lambda: "failed" not in self.all_samples()[-1]["agent"], 5, "it answers, if with an error")
        self.stops()

    def test_once_says_so_after_the_deadline(self):
        well, hung = self.mount("unanswered"), self.mount("unanswered")
        well.answer_from_now_on()
        began = time.monotonic()
        once = subprocess.run([os.environ["REFLECTOR_BINARY"], "--once"], capture_output=True, timeout=20, check=True)
        self.assertLess(time.monotonic() - began, 5)
        rows = self.rows(json.loads(once.stdout))
        self.assertIn("/", rows)
        self.assertTrue(rows[str(hung.path)]["stuck"])
        self.assertNotIn("stuck", rows[str(well.path)])

    def test_without_such_mounts_there_is_no_helper(self):
        self.start()
        wait_until(lambda: len(self.all_samples()) >= 4, 15, "samples")
        self.assertEqual(helpers_of(self.agent.pid), {})
        self.stops()


if __name__ == "__main__":
    own_mounts.enter("a file system that never answers")
    if not os.path.exists("/dev/fuse"):
        own_mounts.not_run("there is no /dev/fuse")
    unittest.main()
