"""The real agent beside a file of all that its endpoints should have got."""
import json
import os
import pathlib
import subprocess

from running_agent import RunningAgent
from samples_in import samples_in


LOCAL = """
[[endpoint]]
name = "local"
kind = "file"
path = "{path}"
backfill = "all"
max_bytes = "1GiB"
"""


class ComparedAgent(RunningAgent):
    """Started at once. A `file` endpoint named "local" is added to the configuration: what it gets is what the others
    should have got."""

    def __init__(self, folder, configuration, environment=None):
        self.samples_path = pathlib.Path(folder) / "samples.jsonl"
        super().__init__(folder, configuration + LOCAL.format(path=self.samples_path), environment, head="")

    def says(self, text):
        return self.log().count(text)

    def samples(self):
        return samples_in(self.samples_path)

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
