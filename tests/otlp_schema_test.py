"""What the agent sends as OTLP is what OpenTelemetry's published protobuf files say, and has every value of every
sample."""
import gzip
import http.server
import importlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import unittest

from google.protobuf import json_format

from compared_agent import ComparedAgent
from sample_time import milliseconds
from wait_until import wait_until

CONFIGURATION = r"""
[agent]
interval = "300ms"
state_dir = "state"
rack = "Rack \"A\", row\\1"
position = {{ x = -3.2, y = 1.0, z = 0.1 }}
[agent.tags]
"a key, with=all \"of\" it" = "x\ny\\z\u0001"
unicode = "거울 😀=é"
empty = ""
"host.name" = "gives way"
[[endpoint]]
name = "otlp"
kind = "otlp"
backfill = "all"
url = "{url}"
compression = "{compression}"
start_spread = "0ms"
retry = {{ initial = "50ms", max = "300ms" }}
"""


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps what is posted to it."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), ReceiverRequest)
        self.requests = []  # (path, headers, body)
        self.answers = []  # (status, JSON), one a request; then 200 and nothing to say
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def end(self):
        self.shutdown()
        self.server_close()


class ReceiverRequest(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, answer = self.server.answers.pop(0) if self.server.answers else (200, {})
        self.server.requests.append((self.path, self.headers, body))
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def decompressed(headers, body):
    encoding = headers["Content-Encoding"]
    if encoding == "gzip":
        return gzip.decompress(body)
    if encoding == "zstd":
        return subprocess.run(["zstd", "-d", "-c"], input=body, capture_output=True, check=True).stdout
    assert encoding is None, encoding
    return body


def start_of(sample):
    """The minute of the boot, in nanoseconds."""
    boot = milliseconds(sample) - round(sample["uptime_seconds"] * 1000)
    return boot // 60000 * 60000 * 1000000


def resource_of(sample):
    at = sample.get
    own = {
        "service.name": "reflector", "service.version": at("agent_version"), "service.instance.id": sample["agent"]["id"],
        "host.name": at("hostname"), "host.ip": [sample["ipv4"]] if "ipv4" in sample else None,
        "host.cpu.model.name": at("cpu_model"), "os.type": "linux", "os.description": at("os_distro"),
        "os.version": at("os_release"), "os.build_id": at("os_kernel"), "device.manufacturer": at("system_manufacturer"),
        "device.model.name": at("system_model"), "hw.bios_version": at("bios_version"), "mirrorstage.rack": at("rack"),
        **{f"mirrorstage.position.{axis}": value for axis, value in at("position", {}).items()}}
    return {**sample["tags"], **{k: v for k, v in own.items() if v is not None}}


def values_of(sample):
    """(metric, unit, gauge or sum or counter, attributes, value) as they should arrive; integers are integers."""
    at = sample.get
    percent = lambda value: None if value is None else value / 100
    hertz = lambda value: None if value is None else round(value * 1e6)
    cpu = "system.cpu."
    yield "system.uptime", "s", "gauge", {}, at("uptime_seconds")
    yield cpu + "logical.count", "{cpu}", "sum", {}, at("cpu_logical_cores")
    yield cpu + "physical.count", "{cpu}", "sum", {}, at("cpu_physical_cores")
    for minutes, name in (("1m", "load_average"), ("5m", "load_average_5"), ("15m", "load_average_15")):
        yield cpu + "load_average." + minutes, "{thread}", "gauge", {}, at(name)
    yield cpu + "utilization", "1", "gauge", {}, percent(at("cpu_load"))
    yield cpu + "frequency", "Hz", "gauge", {}, hertz(at("cpu_frequency_mhz"))
    for n, value in enumerate(at("cpu_per_core", [])):
        yield cpu + "utilization", "1", "gauge", {"cpu.logical_number": n}, percent(value)
    for n, value in enumerate(at("cpu_frequency_per_core_mhz", [])):
        yield cpu + "frequency", "Hz", "gauge", {"cpu.logical_number": n}, hertz(value)
    total, available = at("memory_total_bytes"), at("memory_available_bytes")
    used = {"system.memory.state": "used"}
    yield "system.memory.limit", "By", "sum", {}, total
    yield "system.linux.memory.available", "By", "sum", {}, available
    yield "system.memory.usage", "By", "sum", used, total - available
    yield "system.memory.utilization", "1", "gauge", used, percent(at("memory_used_percent"))
    yield "system.paging.utilization", "1", "gauge", {"system.paging.state": "used"}, percent(at("swap_used_percent"))
    for each in at("interfaces", []):
        for direction, io, errors, drops in (("receive", "recv", "errin", "dropin"), ("transmit", "sent", "errout", "dropout")):
            attributes = {"network.interface.name": each["name"], "network.io.direction": direction}
            yield "system.network.io", "By", "counter", attributes, each["bytes_" + io]
            yield "system.network.packet.count", "{packet}", "counter", attributes, each["packets_" + io]
            yield "system.network.errors", "{error}", "counter", attributes, each[errors]
            yield "system.network.packet.dropped", "{packet}", "counter", attributes, each[drops]
        yield "hw.network.up", "1", "sum", {"hw.id": each["name"]}, int(each["is_up"])
        if "speed_mbps" in each:
            yield "hw.network.bandwidth.limit", "By/s", "sum", {"hw.id": each["name"]}, each["speed_mbps"] * 125000
    for each in at("disks", []):
        place = {"system.device": each["device"], "system.filesystem.mountpoint": each["mountpoint"],
                 "system.filesystem.type": each["fstype"]}
        in_use = {**place, "system.filesystem.state": "used"}
        yield "reflector.filesystem.stuck", "1", "gauge", place, int(each.get("stuck", False))
        yield "system.filesystem.limit", "By", "sum", place, each.get("total_bytes")
        yield "system.filesystem.usage", "By", "sum", in_use, each.get("used_bytes")
        yield "system.filesystem.utilization", "1", "gauge", in_use, percent(each.get("used_percent"))
    for bank, celsius in at("temperatures", {}).items():
        yield "hw.temperature", "Cel", "gauge", {"hw.id": bank}, celsius
    for which in ("cpu", "gpu"):
        yield ("hw.temperature", "Cel", "gauge", {"hw.id": which, "hw.sensor_location": which + "_die"},
               at(which + "_temperature"))
    yield "system.process.count", "{process}", "sum", {}, at("process_count")
    for each in at("top_processes", []):
        who = {"process.pid": each["pid"], "process.executable.name": each["name"], "process.owner": each["username"]}
        yield "process.cpu.utilization", "1", "gauge", who, percent(each["cpu_percent"] / sample["cpu_logical_cores"])
        yield "process.memory.utilization", "1", "gauge", who, percent(each["memory_percent"])
    agent = sample["agent"]
    yield "reflector.sample.sequence", "{sample}", "gauge", {}, agent["sequence"]
    yield "reflector.sample.dropped", "{sample}", "gauge", {}, agent.get("dropped", 0)
    yield "reflector.actor.restarts", "{restart}", "gauge", {}, agent["restarts"]
    yield "reflector.degraded.level", "1", "gauge", {}, agent.get("degraded", {}).get("level", 0)
    for what in ("late", "failed"):
        for name in agent.get(what, []):
            yield "reflector.collector." + what, "1", "gauge", {"reflector.collector.name": name}, 1


def plain(value):
    """An AnyValue."""
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [plain(each) for each in value.array_value.values]
    return getattr(value, kind)


def attributes_of(repeated):
    out = {each.key: plain(each.value) for each in repeated}
    assert len(out) == len(repeated), f"a key twice: {repeated}"
    return out


def frozen(attributes):
    return frozenset((key, tuple(value) if isinstance(value, list) else value) for key, value in attributes.items())


def check_form(node, name=""):
    """What a parser of protobuf's JSON lets pass, and OTLP or its mapping does not allow or advise."""
    if isinstance(node, dict):
        for key, value in node.items():
            assert re.fullmatch("[a-z][A-Za-z]*", key), f"{key} is not in lowerCamelCase"
            check_form(value, key)
    elif isinstance(node, list):
        for each in node:
            check_form(each, name)
    elif name in ("timeUnixNano", "startTimeUnixNano", "asInt", "intValue"):
        assert isinstance(node, str) and re.fullmatch("-?[0-9]+", node), f"{name} is no 64-bit integer: {node!r}"
    elif name == "aggregationTemporality":
        assert node == 2, f"{name} is no number: {node!r}"


class OtlpSchema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Compiles the published files."""
        install = pathlib.Path(os.environ["REFLECTOR_SOURCE_DIR"], "scripts/install_otlp_protos")
        protos = subprocess.run([install], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        names = [path.relative_to(protos) for path in pathlib.Path(protos).rglob("*.proto")]
        subprocess.run(["protoc", f"--proto_path={protos}", f"--python_out={holder.name}", *names], check=True)
        sys.path.insert(0, holder.name)
        cls.addClassCleanup(sys.path.remove, holder.name)
        service = importlib.import_module("opentelemetry.proto.collector.metrics.v1.metrics_service_pb2")
        cls.request_type = service.ExportMetricsServiceRequest
        cls.cumulative = importlib.import_module(
            "opentelemetry.proto.metrics.v1.metrics_pb2").AGGREGATION_TEMPORALITY_CUMULATIVE

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        self.receiver = Receiver()
        self.addCleanup(self.receiver.end)

    def agent(self, compression="none"):
        url = f"http://127.0.0.1:{self.receiver.server_port}/v1/metrics"
        agent = ComparedAgent(self.folder, CONFIGURATION.format(url=url, compression=compression))
        self.addCleanup(agent.kill)
        return agent

    def parsed(self, request):
        path, headers, body = request
        self.assertEqual(path, "/v1/metrics")
        self.assertEqual(headers["Content-Type"], "application/json")
        # A name or a value that the published files don't have is an error here.
        text = decompressed(headers, body)
        check_form(json.loads(text))
        return json_format.Parse(text, self.request_type())

    def points_of(self, request):
        """(metric, unit, kind, attributes, resource, start, time) -> value"""
        out = {}
        for of_resource in self.parsed(request).resource_metrics:
            resource = frozen(attributes_of(of_resource.resource.attributes))
            (of_scope,) = of_resource.scope_metrics
            self.assertEqual(of_scope.scope.name, "reflector")
            self.assertEqual(of_scope.scope.version, dict(resource)["service.version"])
            names = [metric.name for metric in of_scope.metrics]
            self.assertEqual(len(names), len(set(names)), "a metric's points stand in two places")
            for metric in of_scope.metrics:
                kind = metric.WhichOneof("data")
                if kind == "sum":
                    self.assertEqual(metric.sum.aggregation_temporality, self.cumulative)
                    kind = "counter" if metric.sum.is_monotonic else "sum"
                for point in (metric.gauge if kind == "gauge" else metric.sum).data_points:
                    key = (metric.name, metric.unit, kind, frozen(attributes_of(point.attributes)), resource,
                           point.start_time_unix_nano, point.time_unix_nano)
                    self.assertNotIn(key, out)
                    out[key] = getattr(point, point.WhichOneof("value"))
        return out

    def expected(self, samples):
        out = {}
        for sample in samples:
            resource, at, start = frozen(resource_of(sample)), milliseconds(sample) * 1000000, start_of(sample)
            for name, unit, kind, attributes, value in values_of(sample):
                if value is not None:
                    out[name, unit, kind, frozen(attributes), resource, 0 if kind == "gauge" else start, at] = value
        return out

    def compare(self, expected, got):
        self.assertEqual([key for key in expected if key not in got][:3], [], "missing")
        self.assertEqual([key for key in got if key not in expected][:3], [], "nobody measured that")
        different = {key: (value, got[key]) for key, value in expected.items()
                     if got[key] != value or isinstance(got[key], float) != isinstance(value, float)}
        self.assertEqual(different, {}, "different")

    def every_value_arrives(self, compression):
        agent = self.agent(compression)
        wait_until(lambda: len(agent.samples()) >= 3, 20, "samples")
        # One that fails in between comes again.
        self.receiver.answers.extend([(503, {})] * 3)
        wait_until(lambda: len(agent.samples()) >= 12, 20, "samples after an outage")
        self.assertEqual(agent.stop(), 0)
        got = {}
        for request in self.receiver.requests:
            self.assertEqual(request[1]["Content-Encoding"], None if compression == "none" else compression)
            got.update(self.points_of(request))
        delivered = agent.delivered("otlp")
        self.assertEqual(sorted(delivered), list(range(1, len(delivered) + 1)))
        self.assertGreater(len(delivered), 8)
        expected = self.expected(delivered.values())
        newest = max(milliseconds(sample) for sample in delivered.values()) * 1000000
        self.compare(expected, {key: value for key, value in got.items() if key[-1] <= newest})
        # One, but where the boot was so near to a minute's end that it is now before and now after it.
        starts = {key[5] for key in got if key[5] > 0}
        self.assertLessEqual(max(starts) - min(starts), 60 * 10**9, "the sums begin at different times")
        print(f"{compression}: {len(delivered)} samples, {len(expected)} data points")

    def test_every_value_arrives(self):
        self.every_value_arrives("none")

    def test_every_value_arrives_with_gzip(self):
        self.every_value_arrives("gzip")

    def test_every_value_arrives_with_zstd(self):
        self.every_value_arrives("zstd")

    def test_an_unknown_name_would_be_seen(self):
        for wrong in ('{"resource_metric":[]}', '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"nam":"x"}]}]}]}'):
            with self.assertRaises(json_format.ParseError):
                json_format.Parse(wrong, self.request_type())

    def test_what_was_taken_in_part_is_not_sent_again(self):
        partial = (200, {"partialSuccess": {"rejectedDataPoints": "2", "errorMessage": "too old"}})
        self.receiver.answers.extend([partial] * 5)
        agent = self.agent()
        wait_until(lambda: len(self.receiver.requests) >= 8, 20, "requests")
        self.assertEqual(agent.stop(), 0)
        self.assertEqual(agent.says("it rejected"), 1, agent.log_path.read_text())
        self.assertEqual(agent.says("too old"), 1)
        arrived = [value for request in self.receiver.requests for key, value in self.points_of(request).items()
                   if key[0] == "reflector.sample.sequence"]
        self.assertEqual(arrived, list(range(1, len(arrived) + 1)))


if __name__ == "__main__":
    unittest.main()
