#!/usr/bin/python3
"""The agent and psutil, on this machine at the same time, must say the same.

Every value the agent prints with --once lies between two readings of psutil around it (counters), or as near to
them as the measuring allows (percentages, bytes that other programs change meanwhile).
"""
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

import psutil

BINARY = os.environ["REFLECTOR_BINARY"]


def once():
    done = subprocess.run([BINARY, "--once"], capture_output=True, timeout=20, check=False)
    if done.returncode != 0:
        raise AssertionError(f"--once exits with {done.returncode}: {done.stderr.decode(errors='replace')}")
    return json.loads(done.stdout)


def mounts_of_whole_devices():
    """Device by mount point, without bind mounts, from the kernel's own list."""
    whole = set()
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as lines:
        for line in lines:
            fields = line.split(" ")
            kind = fields[fields.index("-") + 1]
            if fields[3] == "/" or fields[4] == "/" or kind == "btrfs":
                whole.add(fields[4].encode("latin-1", "surrogateescape").decode("unicode_escape"))
    return whole


def types_with_a_device():
    with open("/proc/filesystems", encoding="ascii") as lines:
        fields = [line.rstrip("\n").split("\t") for line in lines]
    return {kind for nodev, kind in fields if nodev != "nodev" or kind == "zfs"}


class busy_child:
    """A process that keeps one core busy until the block is left."""

    def __enter__(self):
        program = "import os\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nwhile True: pass"
        self.process = subprocess.Popen([sys.executable, "-c", program])
        time.sleep(0.5)
        return self.process

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def running_agent():
    """The samples of an agent that runs until the block is left, one a second, as they come."""
    with tempfile.TemporaryDirectory() as folder:
        config = os.path.join(folder, "agent.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write('[agent]\ninterval = "1s"\nstate_dir = "state"\n[[endpoint]]\nname = "out"\nkind = "file"\npath = "-"\n')
        agent = subprocess.Popen([BINARY, "run", "-c", config, "--print", "never"], stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL)
        try:
            yield (json.loads(line) for line in agent.stdout)
        finally:
            agent.terminate()
            agent.wait(timeout=20)
            agent.stdout.close()


class counters(unittest.TestCase):
    def test_interfaces_lie_between_two_readings(self):
        before = psutil.net_io_counters(pernic=True, nowrap=False)
        interfaces = once()["interfaces"]
        after = psutil.net_io_counters(pernic=True, nowrap=False)
        self.assertEqual({i["name"] for i in interfaces}, set(before) & set(after))
        names = ["bytes_sent", "bytes_recv", "packets_sent", "packets_recv", "errin", "errout", "dropin", "dropout"]
        for interface in interfaces:
            for name in names:
                low, high = (getattr(reading[interface["name"]], name) for reading in (before, after))
                self.assertLessEqual(low, interface[name], (interface["name"], name))
                self.assertGreaterEqual(high, interface[name], (interface["name"], name))

    def test_interfaces_are_up_as_psutil_says(self):
        stats = psutil.net_if_stats()
        for interface in once()["interfaces"]:
            self.assertEqual(interface["is_up"], stats[interface["name"]].isup, interface["name"])
            speed = stats[interface["name"]].speed
            if "speed_mbps" in interface and interface["speed_mbps"] is not None and speed not in (0, 65535):
                self.assertEqual(interface["speed_mbps"], speed, interface["name"])

    def test_totals_are_without_loopback(self):
        sample = once()
        others = [i for i in sample["interfaces"] if i["name"] != "lo"]
        self.assertEqual(sample["net_bytes_rx"], sum(i["bytes_recv"] for i in others))
        self.assertEqual(sample["net_bytes_tx"], sum(i["bytes_sent"] for i in others))

    def test_primary_interface_has_its_address(self):
        sample = once()
        primary = sample["tags"].get("primary_interface")
        if primary is None:
            self.skipTest("this machine has no default route")
        self.assertNotEqual(primary, "lo")
        own = [a.address for a in psutil.net_if_addrs()[primary] if a.family.name == "AF_INET"]
        if own:
            self.assertIn(sample["ipv4"], own)
        else:
            self.assertNotIn("ipv4", sample)

    def test_uptime_and_load(self):
        before, early = time.time() - psutil.boot_time(), os.getloadavg()
        sample = once()
        after, late = time.time() - psutil.boot_time(), os.getloadavg()
        # btime is in whole seconds.
        self.assertLessEqual(before - 2, sample["uptime_seconds"])
        self.assertGreaterEqual(after + 2, sample["uptime_seconds"])
        self.assertLessEqual(min(early[0], late[0]) - 0.01, sample["load_average"])
        self.assertGreaterEqual(max(early[0], late[0]) + 0.01, sample["load_average"])

    def test_cores(self):
        sample = once()
        self.assertEqual(sample["cpu_logical_cores"], psutil.cpu_count())
        if "cpu_physical_cores" in sample:
            self.assertEqual(sample["cpu_physical_cores"], psutil.cpu_count(logical=False))
        self.assertEqual(len(sample["cpu_per_core"]), psutil.cpu_count())


class memory(unittest.TestCase):
    def test_within_one_percent(self):
        for attempt in range(5):
            before = psutil.virtual_memory()
            sample = once()
            after = psutil.virtual_memory()
            # Others allocate too: only a moment in which psutil agrees with itself says anything.
            if abs(before.available - after.available) < 0.005 * before.total or attempt == 4:
                break
            time.sleep(0.5)
        self.assertEqual(sample["memory_total_bytes"], before.total)
        middle = (before.available + after.available) / 2
        self.assertLessEqual(abs(sample["memory_available_bytes"] - middle), 0.01 * before.total)
        self.assertLessEqual(abs(sample["memory_used_percent"] - (before.percent + after.percent) / 2), 1.0)
        self.assertAlmostEqual(sample["swap_used_percent"], psutil.swap_memory().percent, delta=1.0)


class disks(unittest.TestCase):
    def test_equal(self):
        whole = mounts_of_whole_devices()
        expected = {}
        for partition in psutil.disk_partitions(all=False):
            if partition.mountpoint not in whole or psutil.disk_usage(partition.mountpoint).total == 0:
                continue
            if partition.mountpoint == "/" or partition.device not in expected:
                expected[partition.device] = partition
        devices = {p.mountpoint: psutil.disk_usage(p.mountpoint) for p in expected.values()}
        sample = once()
        later = {mount: psutil.disk_usage(mount) for mount in devices}
        # psutil knows no remote file systems; the agent's come on top.
        listed = [disk for disk in sample.get("disks", []) if disk["fstype"] in types_with_a_device()]
        self.assertEqual({d["device"] for d in listed}, set(expected))
        for disk in listed:
            partition = expected[disk["device"]]
            self.assertEqual(disk["mountpoint"], partition.mountpoint)
            self.assertEqual(disk["fstype"], partition.fstype)
            low, high = sorted(r[partition.mountpoint].used for r in (devices, later))
            # Others write while this runs: a thousandth of the disk around the two readings.
            slack = 0 if low == high else disk["total_bytes"] // 1000
            self.assertEqual(disk["total_bytes"], devices[partition.mountpoint].total)
            self.assertLessEqual(low - slack, disk["used_bytes"])
            self.assertGreaterEqual(high + slack, disk["used_bytes"])
            percents = sorted(r[partition.mountpoint].percent for r in (devices, later))
            self.assertLessEqual(percents[0] - 0.15, disk["used_percent"])
            self.assertGreaterEqual(percents[1] + 0.15, disk["used_percent"])


class load(unittest.TestCase):
    def test_cpu_percent_within_five_points(self):
        """Over the same five seconds: long enough that what it costs to look doesn't show."""
        with busy_child(), running_agent() as samples:
            next(samples)  # the first covers a tenth of a second, its own start
            psutil.cpu_percent(interval=None)
            ours = [next(samples)["cpu_load"] for _ in range(5)]
            theirs = psutil.cpu_percent(interval=None)
        mean = sum(ours) / len(ours)
        self.assertGreater(mean, 100 / psutil.cpu_count() * 0.7)
        self.assertLessEqual(abs(mean - theirs), 5.0, ours)

    def test_the_same_busiest_process(self):
        with busy_child() as child:
            for attempt in range(5):
                processes = {p.pid: p for p in psutil.process_iter()}
                for process in processes.values():
                    self.percent_of(process)
                sample = once()
                theirs = max(processes.values(), key=self.percent_of)
                first = sample["top_processes"][0]
                # Where others compile, they may be busier for a moment: then neither says anything about the child.
                if theirs.pid == child.pid and first["pid"] == child.pid:
                    break
                time.sleep(0.5)
            self.assertEqual(theirs.pid, child.pid)
            self.assertEqual(first["pid"], theirs.pid)
            self.assertEqual(first["name"], theirs.name())
            self.assertEqual(first["username"], theirs.username())
            self.assertGreater(first["cpu_percent"], 30)
            self.assertLess(first["cpu_percent"], 130)
            self.assertAlmostEqual(first["memory_percent"], theirs.memory_percent(), delta=0.5)

    @staticmethod
    def percent_of(process):
        try:
            return process.cpu_percent()
        except psutil.NoSuchProcess:
            return -1


class sensors(unittest.TestCase):
    def test_every_chip_of_psutil_is_there(self):
        chips = {name for name, inputs in psutil.sensors_temperatures().items() if any(i.current for i in inputs)}
        ours = {name.split(":")[0].split("#")[0] for name in once().get("temperatures", {})}
        self.assertLessEqual(chips, ours)


if __name__ == "__main__":
    unittest.main()
