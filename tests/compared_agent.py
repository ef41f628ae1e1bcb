"""The real agent beside a file of all that its endpoints should have got."""
import json
import os
import pathlib
import signal
import subprocess

from samples_in import samples_in


class ComparedAgent:
    """Started at once. A `file` endpoint named "local" is added to the configuration: what it gets is what the others
    should have got."""

    def __init__(self, folder, configuration, environment=None):
        self.folder = pathlib.Path(folder)
        self.samples_path = self.folder / "samples.jsonl"
        self.configuration = self.folder / "reflector.toml"
        self.configuration.write_text(configuration + f"""
[[endpoint]]
name = "local"
kind = "file"
path = "{self.samples_path}"
backfill = "all"
max_bytes = "1GiB"
""")
        self.log_path = self.folder / "log"
        self.log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [os.environ["REFLECTOR_BINARY"], "run", "-c", self.configuration, "--print", "never"],
            stdout=self.log, stderr=self.log, env={**os.environ, **(environment or {})})

    def says(self, text):
        return self.log_path.read_text(errors="replace").count(text)

    def samples(self):
        return samples_in(self.samples_path)

    def stop(self):
        """In order. @return its exit code"""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def waiting(self, endpoint):
        """The samples that an agent that has ended keeps for an endpoint."""
        lines = subprocess.run(
            [os.environ["REFLECTOR_BINARY"], "spool", "export", "--endpoint", endpoint, "-c", self.configuration],
            capture_output=True, check=True).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def delivered(self, endpoint):
        """After the end: the samples that an endpoint has acknowledged, by their sequence."""
        by_sequence = lambda samples: {each["agent"]["sequence"]: each for each in samples}
        all_samples = {**by_sequence(self.samples()), **by_sequence(self.waiting("local"))}
        for sequence in by_sequence(self.waiting(endpoint)):
            del all_samples[sequence]
        return all_samples
