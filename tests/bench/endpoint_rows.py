"""What the kinds of endpoints cost, held against their bars: rows for bench.py's table."""
import contextlib
import http.server
import json
import re
import statistics
import subprocess
import threading
import time

from delivery_rows import NO_LIMITS

ENCODING_BAR = 30.0         # µs a sample at about 200 values
FIVE_ENDPOINTS_BAR = 3e6    # bytes over one
KINDS = ("ego", "otlp", "prometheus", "influx")
LARGE_BATCHES = 'max_batch_samples = 1000\nmax_batch_bytes = "4MiB"\n'


@contextlib.contextmanager
def sink():
    """Takes whatever is posted, and answers as an OTLP collector, Prometheus or InfluxDB would."""
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            answer = b"{}" if self.path == "/otlp" else b""
            self.send_response(200 if answer else 204)
            if answer:
                self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def encoding_rows(build, progress):
    progress("encoding")
    done = subprocess.run([str(build / "bench" / "encoder_bench"), *KINDS], capture_output=True, check=True, text=True)
    rows = []
    for kind in KINDS:
        found = re.findall(rf"^{kind} +batch of +(\d+): +([\d.]+) us a sample, +(\d+) bytes$", done.stdout, re.MULTILINE)
        cost = {int(batch): float(microseconds) for batch, microseconds, _ in found}
        rows.append((f"encoding a sample of about 200 values for {kind}: in a batch of 100; alone",
                     f"{cost[100]:.1f} µs; {cost[1]:.1f} µs", f"≤ {ENCODING_BAR:g} µs", cost[100] <= ENCODING_BAR))
    return rows


def waiting(build, subject):
    """Samples that the one endpoint has not got yet; nothing while the agent doesn't say."""
    told = subprocess.run([str(build / "reflector"), "status", "--state-dir", str(subject.state_dir), "--json"],
                          capture_output=True, check=False, text=True).stdout
    if not told:
        return None
    return json.loads(told)["endpoints"][0].get("waiting")


def drain_rows(build, top, quick, tools):
    """A backlog of whole samples, without limits: how fast it goes out in each kind's words."""
    count = 5_000 if quick else 20_000
    rows = []
    for kind in ("otlp", "prometheus", "influx"):
        folder = top / kind
        folder.mkdir()
        subprocess.run([str(build / "bench" / "fill_spool"), str(folder / "state"), str(count), "host"], check=True)
        with sink() as url:
            text = (f'[agent]\nhostname = "bench"\ninterval = "5s"\nstate_dir = "state"\n[limits]\n'
                    f'requests_per_second = 1000\nsamples_per_second = 1000000\nbytes_per_second = "1GiB"\n'
                    f'[[endpoint]]\nname = "ego"\nkind = "{kind}"\nurl = "{url}/{kind}"\n{LARGE_BATCHES}{NO_LIMITS}')
            with tools.agent_on(build, folder, text) as subject:
                tools.progress(f"drain of {count} samples to {kind}")
                began = time.monotonic()
                while (left := waiting(build, subject)) is None or left > 2:
                    if subject.process.poll() is not None or time.monotonic() - began > 300:
                        subject.fail("the backlog was not delivered")
                    time.sleep(0.05)
                seconds = time.monotonic() - began
        rows.append((f"drain of {count:,} samples of 4.5 kB to {kind}, without limits",
                     f"{seconds:.1f} s, {count / seconds:,.0f} a second", "all", True))
    return rows


def memory_row(build, top, seconds, tools):
    """Resident memory with an endpoint of each kind, and with EGO alone."""
    resident = {}
    with sink() as url, tools.receiver(build, top) as to:
        one = (f'[agent]\nhostname = "bench"\ninterval = "1s"\nstate_dir = "state"\n'
               f'[[endpoint]]\nname = "ego"\nurl = "{to.url}/api/metrics/batch"\n{NO_LIMITS}')
        five = one + "".join(f'[[endpoint]]\nname = "{kind}"\nkind = "{kind}"\nurl = "{url}/{kind}"\n{NO_LIMITS}'
                             for kind in ("otlp", "prometheus", "influx"))
        five += '[[endpoint]]\nname = "local"\nkind = "file"\npath = "samples.jsonl"\n'
        for name, text in (("one", one), ("five", five)):
            folder = top / name
            folder.mkdir()
            with tools.agent_on(build, folder, text) as subject:
                tools.progress(f"memory with {name} endpoint(s): {seconds} s")
                time.sleep(seconds / 2)
                readings = []
                for _ in range(10):
                    time.sleep(seconds / 20)
                    readings.append(subject.memory()[1])
                resident[name] = statistics.median(readings)
    more = resident["five"] - resident["one"]
    return ("resident memory with five endpoints of five kinds, over one of EGO",
            f"{more / 1e6:+.1f} MB ({resident['five'] / 1e6:.1f} / {resident['one'] / 1e6:.1f})",
            f"≤ {FIVE_ENDPOINTS_BAR / 1e6:g} MB more", more <= FIVE_ENDPOINTS_BAR)
