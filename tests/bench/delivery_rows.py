"""What the spool and the delivery cost, held against their bars: rows for bench.py's table."""
import collections
import contextlib
import http.server
import json
import pathlib
import socket
import statistics
import subprocess
import threading
import time

COMMIT_RATIO_BAR = 0.75
START_SECONDS_BAR = 2.0
START_MEMORY_BAR = 10e6  # bytes more than without a backlog
ISOLATION_BAR = 1.10     # of the 99th percentile's delay

NO_LIMITS = ('start_spread = "0ms"\n'
             'limits = { requests_per_second = 10000, samples_per_second = 1000000, bytes_per_second = "1GiB" }\n')


def commit_rows(build, quick, progress):
    """The spool's commits beside plain SQLite's, in one run."""
    progress("commits, beside plain SQLite")
    # In the build folder, which is on a disk; a temporary one may be in memory.
    words = [str(build / "bench" / "spool_bench"), str(build), "0.5" if quick else "2"]
    figures = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    rows = []
    for kind, name in (("single", "one sample a commit"), ("grouped", "16 samples a commit")):
        one = figures[kind]
        rows.append((f"samples committed a second, {name}, against plain SQLite",
                     f"{one['ratio']:.2f} ({one['spool_per_s']:,.0f} / {one['sqlite_per_s']:,.0f})", f"≥ {COMMIT_RATIO_BAR:g}",
                     one["ratio"] >= COMMIT_RATIO_BAR))
    return rows


def filled_state(build, top, name, count, size):
    folder = top / name
    folder.mkdir()
    subprocess.run([str(build / "bench" / "fill_spool"), str(folder / "state"), str(count), str(size)], check=True)
    return folder


def drain_row(build, top, quick, tools):
    """A long outage ends: how fast the backlog goes out, without limits."""
    count = 20_000 if quick else 100_000
    folder = filled_state(build, top, "drain", count, 1000)
    with tools.receiver(build, top) as to:
        text = (f'[agent]\nhostname = "bench"\ninterval = "5s"\nstate_dir = "state"\n[limits]\n'
                f'requests_per_second = 1000\nsamples_per_second = 1000000\nbytes_per_second = "1GiB"\n[[endpoint]]\nname = "ego"\nurl = "{to.url}/api/metrics/batch"\n'
                f'{NO_LIMITS}')
        with tools.agent_on(build, folder, text) as subject:
            tools.progress(f"drain of {count} samples")
            began = time.monotonic()
            while to.last_sequence() < count:
                if subject.process.poll() is not None or time.monotonic() - began > 300:
                    subject.fail("the backlog was not delivered")
                time.sleep(0.05)
            seconds = time.monotonic() - began
            host = to.state()["hosts"]["bench"]
    missing, repeated = host["missing_sequences"], to_repeated(host)
    return (f"drain of {count:,} samples of 1 kB; missing; repeated",
            f"{seconds:.1f} s, {count / seconds:,.0f} a second; {missing}; {repeated}", "all, 0; 0",
            missing == 0 and repeated == 0)


def to_repeated(host):
    return host["samples"] - host["distinct_sequences"]


def started(build, folder, tools):
    """Seconds until the first sample of this life is committed, and the resident bytes a while later."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    text = (f'[agent]\nhostname = "bench"\ninterval = "100ms"\nstate_dir = "state"\n'
            f'[spool]\nmax_bytes = "4GiB"\n'
            f'[[endpoint]]\nname = "ego"\nurl = "http://127.0.0.1:{port}/x"\n{NO_LIMITS}')
    sequence = folder / "state" / "sequence"
    before = sequence.read_text() if sequence.exists() else ""
    began = time.monotonic()
    with tools.agent_on(build, folder, text) as subject:
        while (sequence.read_text() if sequence.exists() else "") in ("", before):
            if time.monotonic() - began > 60:
                subject.fail("nothing was committed")
            time.sleep(0.005)
        seconds = time.monotonic() - began
        time.sleep(5)
        return seconds, subject.memory()[1]


def start_rows(build, top, quick, tools):
    megabytes = 100 if quick else 500
    tools.progress(f"start with a backlog of {megabytes} MB")
    with_backlog = filled_state(build, top, "backlog", megabytes * 400, 2500)
    without = filled_state(build, top, "empty", 1, 2500)
    seconds, resident = started(build, with_backlog, tools)
    _, resident_without = started(build, without, tools)
    more = resident - resident_without
    return [(f"start with a backlog of {megabytes} MB, until the first commit", f"{seconds:.2f} s",
             f"≤ {START_SECONDS_BAR:g} s", seconds <= START_SECONDS_BAR),
            (f"resident memory with a backlog of {megabytes} MB, against none", f"{more / 1e6:+.1f} MB",
             f"≤ {START_MEMORY_BAR / 1e6:g} MB more", more <= START_MEMORY_BAR)]


class Arrivals(http.server.ThreadingHTTPServer):
    """A receiver that notes when each sample came."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.delays = collections.deque()
        self.serving = threading.Thread(target=self.serve_forever)
        self.serving.start()

    def close(self):
        self.shutdown()
        self.serving.join()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        now = time.time()
        samples = json.loads(body)["samples"]
        for one in samples:
            self.server.delays.append(now - self.server.time_of(one["timestamp"]))
        answer = json.dumps({"accepted": len(samples)}).encode()
        self.send_response(202)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def delays(build, top, name, others, seconds, tools):
    folder = top / name
    folder.mkdir()
    with contextlib.closing(Arrivals()) as server:
        server.time_of = tools.time_of
        text = ('[agent]\nhostname = "bench"\ninterval = "200ms"\nstate_dir = "state"\n[[endpoint]]\nname = "ego"\n'
                f'url = "http://127.0.0.1:{server.server_address[1]}/batch"\n{NO_LIMITS}')
        for index, url in enumerate(others):
            text += f'[[endpoint]]\nname = "bad{index}"\nurl = "{url}"\ntimeout = "1s"\n'
        with tools.agent_on(build, folder, text):
            time.sleep(seconds)
        return list(server.delays)[10:]


def isolation_row(build, top, quick, tools):
    """One good endpoint alone, and beside one that is dead, one that stalls, one that refuses and one that is not in
    DNS. Interleaved, as the machine's own noise is larger than what is looked for."""
    rounds, seconds = (2, 10) if quick else (5, 20)
    alone, beside = [], []
    with tools.receiver(build, top) as stalls, tools.receiver(build, top) as refuses, socket.socket() as nobody:
        stalls.fail({"what": "stall", "times": 1_000_000})
        refuses.fail({"what": "answer", "status": 400, "times": 1_000_000})
        nobody.bind(("127.0.0.1", 0))
        others = [f"http://127.0.0.1:{nobody.getsockname()[1]}/x", stalls.url + "/api/metrics/batch",
                  refuses.url + "/api/metrics/batch", "http://nowhere.invalid/x"]
        for number in range(rounds):
            tools.progress(f"isolation, round {number + 1} of {rounds}")
            alone.append(delays(build, top, f"alone{number}", [], seconds, tools))
            beside.append(delays(build, top, f"beside{number}", others, seconds, tools))

    def percentile(rows):
        return statistics.median(statistics.quantiles(row, n=100)[98] for row in rows) * 1e3

    one, other = percentile(alone), percentile(beside)
    return ("delay of delivery, 99th percentile, beside four bad endpoints against alone",
            f"{other / one:.2f} ({other:.1f} ms / {one:.1f} ms)", f"≤ {ISOLATION_BAR:g}", other / one <= ISOLATION_BAR)
