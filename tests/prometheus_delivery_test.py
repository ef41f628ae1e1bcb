"""What Prometheus and VictoriaMetrics hold after an outage is what was measured: every value at its time, none missing.
And Prometheus scrapes the agent. Real servers, on loopback."""
import datetime
import json
import math
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from samples_in import samples_in
from wait_until import wait_until

HOST = "rack-a-01"
CONFIGURATION = """
[agent]
hostname = "{host}"
interval = "250ms"
state_dir = "{folder}/state"
tags = {{ environment = "test", "odd name" = "x" }}
[metrics]
listen = "127.0.0.1:{metrics}"
[[endpoint]]
name = "tsdb"
kind = "prometheus"
url = "http://127.0.0.1:{server}/api/v1/write"
retry = {{ initial = "50ms", max = "300ms" }}
start_spread = "0ms"
[[endpoint]]
name = "local"
kind = "file"
path = "{folder}/samples.jsonl"
max_bytes = "64MiB"
"""
SCRAPING = """
scrape_configs:
  - job_name: scraped
    scrape_interval: 1s
    static_configs: [{{ targets: ["127.0.0.1:{metrics}"] }}]
"""


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def expected_of(sample):
    """The series of one sample whose values are compared: {(name, device or cpu): value}"""
    values = {("node_load1", ""): sample["load_average"],
              ("node_memory_MemAvailable_bytes", ""): sample["memory_available_bytes"],
              ("reflector_memory_used_ratio", ""): sample["memory_used_percent"] / 100,
              ("reflector_uptime_seconds", ""): sample["uptime_seconds"],
              ("reflector_agent_samples_committed_total", ""): sample["agent"]["sequence"]}
    if "cpu_load" in sample:
        values["reflector_cpu_usage_ratio", ""] = sample["cpu_load"] / 100
    for core, percent in enumerate(sample.get("cpu_per_core", [])):
        values["reflector_cpu_core_usage_ratio", str(core)] = percent / 100
    for row in sample["interfaces"]:
        values["node_network_receive_bytes_total", row["name"]] = row["bytes_recv"]
        values["node_network_transmit_packets_total", row["name"]] = row["packets_sent"]
    for row in sample["disks"]:
        if "used_bytes" in row:
            values["reflector_filesystem_used_bytes", row["mountpoint"]] = row["used_bytes"]
    return values


NAMES = ["node_load1", "node_memory_MemAvailable_bytes", "reflector_memory_used_ratio", "reflector_uptime_seconds",
         "reflector_agent_samples_committed_total", "reflector_cpu_usage_ratio", "reflector_cpu_core_usage_ratio",
         "node_network_receive_bytes_total", "node_network_transmit_packets_total", "reflector_filesystem_used_bytes"]


def key_of(labels):
    return labels["__name__"], labels.get("device" if "network" in labels["__name__"] else "cpu",
                                          labels.get("mountpoint", ""))


def milliseconds(timestamp):
    at = datetime.datetime.fromisoformat(timestamp.replace("Z", "+00:00"))
    return round(at.timestamp() * 1000)


class Prometheus:
    ended_by = signal.SIGKILL  # as in a crash
    precision = 0.0
    shown_after = 0

    def __init__(self, folder, port, metrics):
        configuration = pathlib.Path(folder, "prometheus.yml")
        configuration.write_text(SCRAPING.format(metrics=metrics))
        self.command = ["prometheus", f"--config.file={configuration}", f"--web.listen-address=127.0.0.1:{port}",
                        f"--storage.tsdb.path={folder}/tsdb", "--web.enable-remote-write-receiver"]
        self.url, self.ready = f"http://127.0.0.1:{port}", "/-/ready"

    def ask(self, query):
        with urllib.request.urlopen(self.url + "/api/v1/query?" + urllib.parse.urlencode({"query": query})) as answer:
            return json.load(answer)["data"]["result"]

    def series(self, name):
        """[(labels, {timestamp in ms: value})] of what the agent sent"""
        return [(each["metric"], {round(at * 1000): float(value) for at, value in each["values"]})
                for each in self.ask(f'{name}{{job="reflector"}}[10m]')]


class VictoriaMetrics:
    # It accepts what it keeps in memory for some seconds: a crash would lose that.
    ended_by = signal.SIGTERM
    precision = 1e-14  # it keeps decimal digits
    shown_after = 3  # seconds

    def __init__(self, folder, port, _):
        self.command = ["victoria-metrics", f"-httpListenAddr=127.0.0.1:{port}", f"-storageDataPath={folder}/tsdb",
                        "-retentionPeriod=1d", "-search.latencyOffset=0s"]
        self.url, self.ready = f"http://127.0.0.1:{port}", "/health"

    def series(self, name):
        # What came just now is shown once it is asked for.
        urllib.request.urlopen(self.url + "/internal/force_flush").close()
        wanted = urllib.parse.urlencode({"match[]": f'{name}{{job="reflector"}}'})
        with urllib.request.urlopen(self.url + "/api/v1/export?" + wanted) as answer:
            rows = [json.loads(line) for line in answer]
        # A stale marker is a null.
        return [(row["metric"], {at: value for at, value in zip(row["timestamps"], row["values"]) if value is not None})
                for row in rows]


class Delivery(unittest.TestCase):
    def run_beside(self, kind, during):
        """Runs an agent, with an outage of the server in its middle. @return the server, and the samples"""
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        self.metrics, port = free_port(), free_port()
        self.server = kind(self.folder, port, self.metrics)
        self.process = None
        self.start_server()
        self.addCleanup(lambda: (self.process.kill(), self.process.wait()))
        configuration = self.folder / "reflector.toml"
        configuration.write_text(
            CONFIGURATION.format(host=HOST, folder=self.folder, metrics=self.metrics, server=port))
        configuration.chmod(0o600)
        self.path = self.folder / "samples.jsonl"
        self.start_agent(configuration)
        wait_until(lambda: len(samples_in(self.path)) >= 8, 20, "the first samples")
        wait_until(lambda: self.server.series("node_load1"), 20, "something at the server")
        during()
        self.end_server()
        before = len(samples_in(self.path))
        wait_until(lambda: len(samples_in(self.path)) >= before + 12, 20, "samples during the outage")
        self.start_server()
        self.stop_agent()
        return samples_in(self.path)

    def start_agent(self, configuration):
        log = open(self.folder / "log", "ab")
        self.agent = subprocess.Popen([os.environ["REFLECTOR_BINARY"], "run", "-c", configuration, "--print", "never"],
                                      stdout=log, stderr=log)
        log.close()
        self.addCleanup(lambda agent: (agent.kill(), agent.wait()), self.agent)

    def stop_agent(self):
        wait_until(self.has_all_but_the_newest, 20, "what waited arrives")
        time.sleep(0.5)  # and the newest, if it wasn't that
        self.assertIsNone(self.agent.poll(), self.log())
        self.agent.send_signal(signal.SIGTERM)
        self.assertEqual(self.agent.wait(timeout=15), 0, self.log())
        time.sleep(self.server.shown_after)

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def start_server(self):
        log = open(self.folder / "server.log", "ab")
        self.process = subprocess.Popen(self.server.command, stdout=log, stderr=log)
        log.close()
        wait_until(self.is_ready, 30, "the server is ready: " + " ".join(self.server.command))

    def is_ready(self):
        self.assertIsNone(self.process.poll(), (self.folder / "server.log").read_text())
        try:
            urllib.request.urlopen(self.server.url + self.server.ready, timeout=5).close()
            return True
        except (urllib.error.URLError, OSError):
            return False

    def end_server(self):
        self.process.send_signal(self.server.ended_by)
        self.process.wait(timeout=20)

    def has_all_but_the_newest(self):
        held = self.server.series("reflector_agent_samples_committed_total")
        return bool(held) and max(held[0][1].values()) >= len(samples_in(self.path)) - 2

    def compare(self, samples):
        """What was delivered: all but, at the most, the last ones, which wait for the next life.
        @return how many wait"""
        held = {}
        for name in NAMES:
            for labels, values in self.server.series(name):
                self.assertEqual((labels["instance"], labels["environment"], labels["odd_name"]), (HOST, "test", "x"))
                self.assertNotIn(key_of(labels), held, "a series twice")
                held[key_of(labels)] = values
        expected, until = {}, max(held["node_load1", ""])
        for sample in samples:
            at = milliseconds(sample["timestamp"])
            if at <= until:
                for key, value in expected_of(sample).items():
                    expected.setdefault(key, {})[at] = value
        waiting = sum(milliseconds(sample["timestamp"]) > until for sample in samples)
        self.assertLessEqual(waiting, 2, "the last ones may wait for the next life")
        self.assertEqual(set(held), set(expected))
        self.assertGreater(len(expected["node_load1", ""]), 15)
        for key, values in expected.items():
            self.assertEqual(set(held[key]), set(values), key)
            for at, value in values.items():
                self.assertTrue(math.isclose(held[key][at], value, rel_tol=self.server.precision),
                                f"{key} at {at}: {held[key][at]!r}, measured: {value!r}")
        print(f"{type(self.server).__name__}: {len(expected)} series, {sum(map(len, expected.values()))} values compared, {waiting} waiting")
        return waiting

    def scrape(self, accept):
        request = urllib.request.Request(f"http://127.0.0.1:{self.metrics}/metrics", headers={"Accept": accept})
        with urllib.request.urlopen(request) as answer:
            return answer.headers["Content-Type"], answer.read()

    def scrapes(self):
        wait_until(lambda: [row for row in self.server.ask('up{job="scraped"}') if row["value"][1] == "1"], 20,
                   "the agent is scraped")
        (row,) = self.server.ask('node_memory_MemTotal_bytes{job="scraped"}')
        self.assertEqual(float(row["value"][1]), samples_in(self.path)[-1]["memory_total_bytes"])
        self.assertEqual(row["metric"]["instance"], f"127.0.0.1:{self.metrics}")
        self.assertEqual(row["metric"]["environment"], "test")
        kind, text = self.scrape("text/plain")
        self.assertIn("version=0.0.4", kind)
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=30)
        # It also has opinions on names, for which it ends with 3.
        self.assertNotEqual(checked.returncode, 1, checked.stderr.decode())
        print("promtool:", checked.returncode, checked.stderr.decode())
        kind, text = self.scrape("application/openmetrics-text;version=1.0.0")
        self.assertIn("application/openmetrics-text", kind)
        self.assertTrue(text.endswith(b"\n# EOF\n"))

    def test_prometheus(self):
        samples = self.run_beside(Prometheus, self.scrapes)
        self.compare(samples)
        # Without a stale marker, Prometheus shows a last value for five minutes.
        for name in NAMES:
            self.assertEqual(self.server.ask(f'{name}{{job="reflector"}}'), [], "the series have ended")
        # What waited for the next life is newer than the markers.
        self.start_agent(self.folder / "reflector.toml")
        wait_until(lambda: len(samples_in(self.path)) >= len(samples) + 5, 20, "samples of the second life")
        self.stop_agent()
        self.compare(samples_in(self.path))

    def test_victoria_metrics(self):
        self.compare(self.run_beside(VictoriaMetrics, lambda: None))


if __name__ == "__main__":
    unittest.main()
