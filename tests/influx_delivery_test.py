"""What arrives at an InfluxDB and a VictoriaMetrics that are stopped in between is every value of every sample."""
import base64
import hashlib
import hmac
import json
import math
import pathlib
import re
import signal
import tempfile
import time
import unittest

from loopback_server import LoopbackServer, free_port
from compared_agent import ComparedAgent
from sample_time import milliseconds
from wait_until import wait_until

CONFIGURATION = r"""
[agent]
interval = "300ms"
state_dir = "state"
hostname = "host, with=all"
rack = "Rack A, row=1"
[agent.tags]
"key with, all=of it" = "x, y = z"
quotes = '''"both" 'kinds','''
"back\\slash" = 'C:\dir\file'
unicode = "거울 😀=é"
"거울" = "=,"
unkept = 'before \\two, \,comma, \ space and at the end \'
newline = "a\nb\tc"
cpu = "a line's own wins"
time = "reserved"
empty = ""
[[endpoint]]
name = "influx"
kind = "influx"
backfill = "all"
url = "{url}"
start_spread = "0ms"
retry = {{ initial = "50ms", max = "300ms" }}
"""

INFLUXD = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc_port}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:{port}"
log-enabled = false
auth-enabled = {auth}
shared-secret = "{secret}"
"""
SECRET = "known to both"


def token_of(user):
    """As InfluxDB 1 takes it: a JSON web token, signed with the secret."""
    encoded = lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"=")
    what = (encoded(json.dumps({"alg": "HS256", "typ": "JWT"}).encode()) + b"." +
            encoded(json.dumps({"username": user, "exp": int(time.time()) + 3600}).encode()))
    return (what + b"." + encoded(hmac.new(SECRET.encode(), what, hashlib.sha256).digest())).decode()


def tag_text(text):
    """What the line protocol has no way to say."""
    return re.sub(r"[\x00-\x1f\x7f]", " ", re.sub(r"\\(?=[\\,= \x00-\x1f\x7f]|\Z)", "/", text))


def points_of(sample):
    """(measurement, its own tags, fields) as they should arrive."""
    at = sample.get
    yield "cpu", {"cpu": "cpu-total"}, {"usage_active": at("cpu_load"), "frequency_mhz": at("cpu_frequency_mhz"),
                                        "temperature": at("cpu_temperature")}
    usage, frequency = at("cpu_per_core", []), at("cpu_frequency_per_core_mhz", [])
    for n in range(max(len(usage), len(frequency))):
        yield "cpu", {"cpu": f"cpu{n}"}, {"usage_active": usage[n] if n < len(usage) else None,
                                          "frequency_mhz": frequency[n] if n < len(frequency) else None}
    yield "system", {}, {
        "load1": at("load_average"), "load5": at("load_average_5"), "load15": at("load_average_15"),
        "uptime": math.floor(at("uptime_seconds")), "n_cpus": at("cpu_logical_cores"),
        "n_physical_cpus": at("cpu_physical_cores")}
    yield "mem", {}, {"total": at("memory_total_bytes"), "available": at("memory_available_bytes"),
                      "used_percent": at("memory_used_percent")}
    yield "swap", {}, {"used_percent": at("swap_used_percent")}
    for each in at("interfaces", []):
        names = {"bytes_sent": "bytes_sent", "bytes_recv": "bytes_recv", "packets_sent": "packets_sent",
                 "packets_recv": "packets_recv", "errin": "err_in", "errout": "err_out", "dropin": "drop_in",
                 "dropout": "drop_out", "speed_mbps": "speed", "is_up": "is_up"}
        yield "net", {"interface": each["name"]}, {field: each.get(name) for name, field in names.items()}
    for each in at("disks", []):
        yield ("disk",
               {"device": each["device"].removeprefix("/dev/"), "path": each["mountpoint"], "fstype": each["fstype"]},
               {"total": each.get("total_bytes"), "used": each.get("used_bytes"),
                "used_percent": each.get("used_percent"), "stuck": each.get("stuck", False)})
    for bank, celsius in at("temperatures", {}).items():
        yield "temp", {"sensor": bank}, {"temp": celsius}
    yield "gpu", {}, {"temperature": at("gpu_temperature")}
    yield "processes", {}, {"total": at("process_count")}
    for rank, each in enumerate(at("top_processes", []), 1):
        yield ("procstat", {"process_name": each["name"], "user": each["username"], "rank": str(rank)},
               {"pid": each["pid"], "cpu_usage": each["cpu_percent"], "memory_usage": each["memory_percent"]})
    agent = sample["agent"]
    late, failed = agent.get("late", []), agent.get("failed", [])
    yield "reflector", {}, {
        "sequence": agent["sequence"], "restarts": agent["restarts"], "dropped": agent.get("dropped", 0),
        "degraded": agent.get("degraded", {}).get("level", 0), "late": len(late), "failed": len(failed),
        "late_collectors": ",".join(late) or None, "failed_collectors": ",".join(failed) or None,
        "agent_id": agent["id"], "version": sample["agent_version"]}


def values_of(samples):
    """(measurement, tags, field, time) -> value, as they should arrive."""
    out = {}
    for sample in samples:
        common = {**sample["tags"], "host": sample["hostname"], "rack": sample["rack"]}
        del common["time"]
        for measurement, own, fields in points_of(sample):
            tags = frozenset((tag_text(k), tag_text(v)) for k, v in {**common, **own}.items() if v != "")
            for field, value in fields.items():
                if value is not None:
                    out[measurement, tags, field, milliseconds(sample)] = value
    return out


class InfluxDelivery(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def influxd(self, auth=False):
        port, rpc_port = free_port(), free_port()
        configuration = self.folder / "influxdb.conf"
        configuration.write_text(
            INFLUXD.format(folder=self.folder, port=port, rpc_port=rpc_port, auth="true" if auth else "false",
                           secret=SECRET))
        server = LoopbackServer(self.folder, ["influxd", "-config", str(configuration)], port, "/ping")
        self.addCleanup(server.end)
        server.start()
        return server

    def victoria_metrics(self):
        port = free_port()
        server = LoopbackServer(
            self.folder, ["victoria-metrics", f"-httpListenAddr=127.0.0.1:{port}",
                          f"-storageDataPath={self.folder}/victoria", "-memory.allowedBytes=67108864",
                          "-http.shutdownDelay=0s"], port, "/health")
        self.addCleanup(server.end)
        server.start()
        return server

    def agent(self, configuration):
        agent = ComparedAgent(self.folder, configuration)
        self.addCleanup(agent.kill)
        return agent

    def samples_arrive(self, agent, count, what):
        begin = len(agent.samples())
        wait_until(lambda: len(agent.samples()) >= begin + count, 20, f"{count} samples {what}")

    def run_with_an_outage(self, server, path, by):
        """@return the samples that were delivered"""
        agent = self.agent(CONFIGURATION.format(url=server.url + path))
        self.samples_arrive(agent, 10, "before the outage")
        server.end(by)
        self.samples_arrive(agent, 10, "during the outage")
        server.start()
        self.samples_arrive(agent, 10, "after the outage")
        self.assertEqual(agent.stop(), 0)
        delivered = agent.delivered("influx")
        self.assertEqual(sorted(delivered), list(range(1, len(delivered) + 1)))
        self.assertGreater(len(delivered), 28, agent.log_path.read_text(errors="replace")[-2000:])
        self.assertEqual(agent.says("without some of its lines"), 0)
        return delivered.values()

    def stored_in_influxdb(self, server, **credentials):
        answer = json.loads(server.ask("/query", db="fleet", epoch="ms", q="SELECT * FROM /.*/ GROUP BY *", **credentials))
        out = {}
        for series in answer["results"][0].get("series", []):
            tags = frozenset((k, v) for k, v in series["tags"].items() if v != "")
            for at, *values in series["values"]:
                for field, value in zip(series["columns"][1:], values):
                    if value is not None:
                        out[series["name"], tags, field, at] = value
        return out

    def stored_in_victoria_metrics(self, server):
        out = {}
        for line in server.ask("/api/v1/export", **{"match[]": '{__name__!=""}'}).splitlines():
            series = json.loads(line)
            labels = series["metric"]
            name = labels.pop("__name__")
            for at, value in zip(series["timestamps"], series["values"]):
                out[name, frozenset(labels.items()), at] = value
        return out

    def nothing_is_missing(self, expected, got):
        """@param expected by keys whose last is the time"""
        times = sorted({key[-1] for key in expected})
        missing = [key for key in expected if key not in got]
        at = sorted({times.index(key[-1]) for key in missing})
        self.assertFalse(missing, f"{len(missing)} values of the samples {at} of {len(times)}, first {missing[:1]}")
        different = {key: (value, got[key]) for key, value in expected.items() if got[key] != value}
        self.assertFalse(different, "different")

    def compare(self, expected, got):
        self.nothing_is_missing(expected, got)
        unasked = {key[3] for key in got if key not in expected}
        newest = max(key[3] for key in expected)
        self.assertEqual([at for at in unasked if at <= newest], [], "more than was measured")

    def test_every_sample_is_in_influxdb(self):
        server = self.influxd()
        server.ask("/query", method="POST", q="CREATE DATABASE fleet")
        delivered = self.run_with_an_outage(server, "/write?db=fleet", signal.SIGKILL)
        expected = values_of(delivered)
        self.compare(expected, self.stored_in_influxdb(server))
        print(f"InfluxDB: {len(delivered)} samples, {len(expected)} values")

    def test_every_sample_is_in_victoria_metrics(self):
        server = self.victoria_metrics()
        delivered = self.run_with_an_outage(server, "/write", signal.SIGTERM)
        # It has no strings.
        expected = {(f"{measurement}_{field}", tags, at): value
                    for (measurement, tags, field, at), value in values_of(delivered).items()
                    if not isinstance(value, str)}
        # What it has taken last can be found a moment later.
        stored = lambda: self.stored_in_victoria_metrics(server)
        wait_until(lambda: expected.keys() <= stored().keys(), 10, "all values in the database")
        self.nothing_is_missing(expected, stored())
        print(f"VictoriaMetrics: {len(delivered)} samples, {len(expected)} values")

    def test_what_an_operator_mends_is_waited_for(self):
        server = self.influxd(auth=True)
        admin = {"u": "admin", "p": "a secret"}
        server.ask("/query", method="POST", q=f"CREATE USER admin WITH PASSWORD '{admin['p']}' WITH ALL PRIVILEGES")
        token = self.folder / "token"
        token.write_text(token_of("admin"))
        token.chmod(0o600)
        agent = self.agent(CONFIGURATION.format(url=server.url + "/write?db=fleet") +
                           'token_file = "token"\ncompression = "gzip"\nprecision = "ns"\n')
        wait_until(lambda: agent.says("database not found") > 0, 10, "a word about the database")
        self.samples_arrive(agent, 3, "while there is no database")
        server.ask("/query", method="POST", q="CREATE DATABASE fleet", **admin)
        wait_until(lambda: self.stored_in_influxdb(server, **admin), 20, "samples in the database")
        self.samples_arrive(agent, 3, "with a database")
        self.assertEqual(agent.stop(), 0)
        delivered = agent.delivered("influx")
        self.assertEqual(sorted(delivered), list(range(1, len(delivered) + 1)))
        self.assertGreater(len(delivered), 5)
        self.compare(values_of(delivered.values()), self.stored_in_influxdb(server, **admin))


if __name__ == "__main__":
    unittest.main()
