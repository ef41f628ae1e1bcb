"""The real agent as a process of its own."""
import json
import os
import pathlib
import signal
import subprocess

# What the developer's shell says must not decide a test.
PROXY_VARIABLES = {each + "_proxy" for each in ("http", "https", "all", "no")}

AGENT = """
[limits]
requests_per_second = 1000
request_burst = 1000
samples_per_second = 100000
bytes_per_second = "1GiB"
[agent]
interval = "100ms"
state_dir = "state"
"""
ENDPOINT = """
[[endpoint]]
name = "{name}"
url = "{url}"
retry = {{ initial = "20ms", max = "200ms" }}
start_spread = "0ms"
limits = {{ requests_per_second = 1000, samples_per_second = 100000, bytes_per_second = "1GiB" }}
"""


def endpoint(name, url, **keys):
    """As TOML. @param keys strings, True and False"""
    lines = [f"{key} = {json.dumps(value if isinstance(value, bool) else str(value))}" for key, value in keys.items()]
    return ENDPOINT.format(name=name, url=url) + "\n".join(lines) + "\n"


class RunningAgent:
    def __init__(self, folder, configuration, variables=None, head=AGENT):
        self.folder = pathlib.Path(folder)
        self.configuration = self.folder / "reflector.toml"
        self.configuration.write_text(head + configuration)
        self.log_path = self.folder / "log"
        self.environment = {name: value for name, value in os.environ.items() if name.lower() not in PROXY_VARIABLES}
        self.environment.update(variables or {})
        self.process = None
        self.start()

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [os.environ["REFLECTOR_BINARY"], "run", "-c", self.configuration, "--print", "never"],
                stdout=log, stderr=log, env=self.environment)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def status(self, *arguments):
        """What it says of itself, also where there are problems."""
        return subprocess.run(
            [os.environ["REFLECTOR_BINARY"], "status", "-c", self.configuration, *arguments],
            capture_output=True, text=True, env=self.environment, timeout=20).stdout

    def endpoints(self):
        """By name, as the status has them; none before there is one."""
        status = self.status("--json")
        return {each["name"]: each for each in json.loads(status)["endpoints"]} if status else {}

    def state_of(self, name):
        return self.endpoints().get(name, {}).get("state")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
