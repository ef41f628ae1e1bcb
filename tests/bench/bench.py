"""What the agent costs, held against its bars; see scripts/bench.

The agent is run as it is installed, posting to a local receiver. Its CPU time is read from its process CPU clock (its
children's added) at two deliveries, and divided by the samples delivered between them.
"""
import argparse
import contextlib
import datetime
import json
import os
import pathlib
import platform
import re
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
import types
import urllib.request

import delivery_rows
import endpoint_rows

RATIO_BARS = {100: 3.0, 2000: 1.5}
SWITCHES_BAR = 5.0  # a second, whole process, interval 5 s
ANONYMOUS_BAR = 5e6  # bytes, interval 1 s, TLS
RESIDENT_BAR = 20e6
SIMULATION_BAR = 20.0  # agent-hours a second: what the tests' 1,200 hours in a minute need
HOSTNAME = "bench"


def progress(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def running(words, output, **options):
    """A process that is ended by SIGTERM at the end of the block, and killed if that takes more than 10 s."""
    process = subprocess.Popen([str(word) for word in words], stdout=output, **options)
    try:
        yield process
    finally:
        if process.stdin:
            process.stdin.close()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdout:
            process.stdout.close()


def first_line(process, what):
    line = process.stdout.readline().decode().strip()
    if not line:
        raise SystemExit(f"bench: {what} ended at once, with exit code {process.wait()}")
    return line


class Receiver:
    """build/ego-receiver and what it has got."""

    def __init__(self, url, ca_file=None):
        self.url = url
        self.context = ssl.create_default_context(cafile=ca_file) if ca_file else None

    def state(self):
        with urllib.request.urlopen(self.url + "/receiver/state", timeout=10, context=self.context) as answer:
            return json.load(answer)

    def fail(self, fault):
        words = json.dumps(fault).encode()
        urllib.request.urlopen(self.url + "/receiver/faults", words, timeout=10, context=self.context).close()

    def last_sequence(self):
        return self.state()["hosts"].get(HOSTNAME, {}).get("last_sequence", 0)

    def next_delivery(self, agent, after=0, seconds=30.0):
        """Waits for a delivery past sequence number `after`; returns the newest sequence number then."""
        until = time.monotonic() + seconds
        before = self.last_sequence()
        while time.monotonic() < until:
            if agent.process.poll() is not None:
                break
            now = self.last_sequence()
            if now > before and now > after:
                return now
            time.sleep(0.01)
        agent.fail(f"nothing was delivered for {seconds:.0f} s")


@contextlib.contextmanager
def receiver(build, top, tls=False):
    words = [build / "ego-receiver", "--port", "0", "--quiet"]
    certificate = None
    if tls:
        certificate, key = top / "certificate.pem", top / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
                        "-keyout", key, "-out", certificate], check=True, capture_output=True)
        words += ["--tls", certificate, key]
    with running(words, subprocess.PIPE) as process:
        line = first_line(process, "ego-receiver")
        yield Receiver(line.removeprefix("listening on ").rstrip("/"), certificate)


class Agent:
    def __init__(self, process, log, state_dir):
        self.process = process
        self.pid = process.pid
        self.log = log
        self.state_dir = state_dir

    def fail(self, why):
        text = self.log.read_text(errors="replace")[-2000:]
        raise SystemExit(f"bench: {why} (agent's exit code: {self.process.poll()}); its log ends with\n{text}")

    def family(self):
        """The agent and the processes it has started that still run."""
        found = [self.pid]
        for pid in found:
            for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    found += map(int, children.read_text().split())
        return found

    def cpu_seconds(self):
        total = 0.0
        for pid in self.family():
            with contextlib.suppress(OSError):
                total += time.clock_gettime((~pid << 3) | 2)
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        ended_children = int(fields[13]) + int(fields[14])  # cutime, cstime
        return total + ended_children / os.sysconf("SC_CLK_TCK")

    def switches(self):
        total = 0
        for pid in self.family():
            for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
                with contextlib.suppress(OSError):
                    total += sum(int(line.split()[1]) for line in status.read_text().splitlines()
                                 if "voluntary_ctxt_switches" in line)
        return total

    def memory(self):
        """Anonymous and resident bytes."""
        anonymous = resident = 0
        for pid in self.family():
            with contextlib.suppress(OSError):
                for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith("Anonymous:"):
                        anonymous += int(line.split()[1]) * 1024
                    elif line.startswith("Rss:"):
                        resident += int(line.split()[1]) * 1024
        return anonymous, resident


@contextlib.contextmanager
def agent(build, to, interval, ca_file=None, also_to_file=False):
    with tempfile.TemporaryDirectory(prefix="reflector-bench-") as folder:
        top = pathlib.Path(folder)
        text = f'[agent]\nhostname = "{HOSTNAME}"\ninterval = "{interval}"\nstate_dir = "state"\n'
        text += f'[[endpoint]]\nname = "ego"\nkind = "ego"\nurl = "{to.url}/api/metrics/batch"\n'
        text += delivery_rows.NO_LIMITS
        if ca_file:
            text += f'ca_file = "{ca_file}"\n'
        if also_to_file:
            text += '[[endpoint]]\nname = "local"\nkind = "file"\npath = "samples.jsonl"\nmax_bytes = "64MiB"\n'
        with agent_on(build, top, text) as subject:
            yield subject


@contextlib.contextmanager
def agent_on(build, top, text):
    """The agent on this configuration, whose relative paths begin at `top`."""
    tomllib.loads(text)
    (top / "bench.toml").write_text(text)
    log = top / "log"
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with open(log, "wb") as output, running([build / "reflector", "run", "-c", top / "bench.toml"], output,
                                            stdin=subprocess.DEVNULL, stderr=output, env=environment) as process:
        yield Agent(process, log, top / "state")


@contextlib.contextmanager
def processes(build, wanted):
    """About this many processes on the machine, the idle ones among them started for it."""
    here = sum(name.isdigit() for name in os.listdir("/proc"))
    with running([build / "bench" / "idle_processes", max(0, wanted - here)], subprocess.PIPE,
                 stdin=subprocess.PIPE) as process:
        first_line(process, "idle_processes")
        yield


def floor_cost(build, cycles, interval_ms):
    done = subprocess.run([str(build / "bench" / "floor"), str(cycles), str(interval_ms)], capture_output=True, check=True)
    return json.loads(done.stdout)["cpu_ns_per_cycle"] / 1e6


def agent_cost(build, top, cycles, interval_ms):
    with receiver(build, top) as to, agent(build, to, f"{interval_ms}ms") as subject:
        first = to.next_delivery(subject, after=max(5, 2000 // interval_ms))
        began = subject.cpu_seconds()
        time.sleep((cycles - 1) * interval_ms / 1000)
        last = to.next_delivery(subject, after=first)
        return (subject.cpu_seconds() - began) / (last - first) * 1e3


def cpu_rows(build, top, rounds, cycles, interval_ms):
    rows = []
    for wanted, bar in RATIO_BARS.items():
        with processes(build, wanted):
            there = sum(name.isdigit() for name in os.listdir("/proc"))
            floors, agents = [], []
            for round_number in range(rounds):
                floors.append(floor_cost(build, cycles, interval_ms))
                agents.append(agent_cost(build, top, cycles, interval_ms))
                progress(f"{there} processes, round {round_number + 1} of {rounds}: "
                         f"floor {floors[-1]:.3f} ms, agent {agents[-1]:.3f} ms")
        ratio = statistics.median(one / other for one, other in zip(agents, floors))
        rows.append((f"CPU per cycle at {there} processes, against the floor",
                     f"{ratio:.2f} ({statistics.median(agents):.2f} ms / {statistics.median(floors):.2f} ms)",
                     f"≤ {bar:g}", ratio <= bar))
    return rows


def idle_row(build, top, seconds):
    with receiver(build, top) as to, agent(build, to, "5s") as subject:
        to.next_delivery(subject)
        progress(f"idle at an interval of 5 s: {seconds} s")
        before, began = subject.switches(), time.monotonic()
        time.sleep(seconds)
        rate = (subject.switches() - before) / (time.monotonic() - began)
    return ("context switches a second, interval 5 s", f"{rate:.1f}", f"≤ {SWITCHES_BAR:g}", rate <= SWITCHES_BAR)


def memory_rows(build, top, seconds):
    with receiver(build, top, tls=True) as to, agent(build, to, "1s", ca_file=top / "certificate.pem") as subject:
        to.next_delivery(subject)
        progress(f"memory at an interval of 1 s with TLS: {seconds} s")
        time.sleep(seconds)
        to.next_delivery(subject)
        anonymous, resident = subject.memory()
    return [("memory, anonymous, interval 1 s, TLS", f"{anonymous / 1e6:.1f} MB", f"≤ {ANONYMOUS_BAR / 1e6:g} MB",
             anonymous <= ANONYMOUS_BAR),
            ("memory, resident, interval 1 s, TLS", f"{resident / 1e6:.1f} MB", f"≤ {RESIDENT_BAR / 1e6:g} MB",
             resident <= RESIDENT_BAR)]


def pace_row(build, top, seconds):
    """Timestamps and sequence numbers of the samples in a file, and what of them the receiver got."""
    with receiver(build, top) as to:
        with agent(build, to, "100ms", also_to_file=True) as subject:
            to.next_delivery(subject)
            progress(f"10 samples a second: {seconds} s")
            time.sleep(seconds + 1.5)
            subject.process.send_signal(signal.SIGTERM)
            if subject.process.wait(10) != 0:
                subject.fail("the agent did not end cleanly")
            lines = (subject.state_dir / "samples.jsonl").read_text().splitlines()
        samples = [json.loads(line) for line in lines]
        host = to.state()["hosts"][HOSTNAME]
    sequences = [sample["agent"]["sequence"] for sample in samples]
    times = [time_of(sample["timestamp"]) for sample in samples]
    within = sum(moment < times[0] + seconds for moment in times)
    gaps = sum(later - earlier - 1 for earlier, later in zip(sequences, sequences[1:])) + host["missing_sequences"]
    wanted = seconds * 10 - 1
    return (f"samples in {seconds} s at an interval of 100 ms; missing in the sequence; not delivered",
            f"{within}; {gaps}; {sequences[-1] - host['last_sequence']}", f"≥ {wanted}; 0; 0",
            within >= wanted and gaps == 0 and host["last_sequence"] == sequences[-1])


def simulation_row(build, quick):
    """The whole agent in virtual time, at an interval of 5 s, under the faults of its seeds."""
    seeds = 20 if quick else 80
    progress(f"{seeds} seeds of the simulation, six hours each")
    words = [build / "tests" / "simulation", "--from", "1", "--seeds", str(seeds), "--twice-each", "0", "--real-disk-each", "0"]
    environment = dict(os.environ, REFLECTOR_SOURCE_DIR=str(pathlib.Path(__file__).resolve().parents[2]))
    done = subprocess.run([str(word) for word in words], capture_output=True, check=True, env=environment, text=True)
    rate = float(re.search(r"([\d.]+) agent-hours a second", done.stdout)[1])
    return ("simulated agent-hours a second of one core, interval 5 s", f"{rate:.0f}", f"≥ {SIMULATION_BAR:g}",
            rate >= SIMULATION_BAR)


def time_of(text):
    return datetime.datetime.fromisoformat(text).timestamp()


def machine():
    model = "unknown CPU"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release()}"


def main():
    parser = argparse.ArgumentParser(description="Measures the agent against its bars.")
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the build folder")
    parser.add_argument("--quick", action="store_true", help="a quarter of the time, and rougher")
    parser.add_argument("--interval-ms", type=int, default=200, help="of the cycles whose CPU time is measured")
    tools = types.SimpleNamespace(receiver=receiver, agent_on=agent_on, progress=progress, time_of=time_of)
    quick, interval_ms = False, 0
    parts = {
        "cpu": lambda top: cpu_rows(build, top, 2 if quick else 5, 25 if quick else 50, interval_ms),
        "idle": lambda top: [idle_row(build, top, 30)],
        "memory": lambda top: memory_rows(build, top, 15 if quick else 60),
        "pace": lambda top: [pace_row(build, top, 30)],
        "commit": lambda top: delivery_rows.commit_rows(build, quick, progress),
        "drain": lambda top: [delivery_rows.drain_row(build, top, quick, tools)],
        "encode": lambda top: endpoint_rows.encoding_rows(build, progress),
        "kinds": lambda top: endpoint_rows.drain_rows(build, top, quick, tools),
        "endpoints": lambda top: [endpoint_rows.memory_row(build, top, 15 if quick else 40, tools)],
        "start": lambda top: delivery_rows.start_rows(build, top, quick, tools),
        "simulation": lambda top: [simulation_row(build, quick)],
        "isolation": lambda top: [delivery_rows.isolation_row(build, top, quick, tools)],
    }
    parser.add_argument("--only", choices=list(parts), action="append", help="this part only; may be said again")
    options = parser.parse_args()
    build, quick, interval_ms = options.build.resolve(), options.quick, options.interval_ms
    # So that a supervisor's SIGTERM ends what was started here too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    print(f"On {machine()}:\n")
    print("| what | measured | bar | met |\n| --- | --- | --- | --- |", flush=True)
    all_met = True
    for name in options.only or parts:
        with tempfile.TemporaryDirectory(prefix="reflector-bench-") as folder:
            for what, measured, bar, met in parts[name](pathlib.Path(folder)):
                print(f"| {what} | {measured} | {bar} | {'yes' if met else 'NO'} |", flush=True)
                all_met = all_met and met
    return 0 if all_met else 1


if __name__ == "__main__":
    sys.exit(main())
