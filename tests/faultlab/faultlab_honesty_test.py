"""The lab judges agents that are broken on purpose: each must be convicted, by the expectation that is about what it does wrong.
The honest one, under the same faults, must meet them all: else a conviction would prove nothing."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

LAB = os.environ["FAULTLAB_BINARY"]
SCENARIO = pathlib.Path(__file__).with_name("honesty.toml")
CONVICTED_BY = {
    "drop:1000": "conservation",
    "reorder": "order",
    "early_ack": "conservation",
    "twice": "commands_at_most_once",
    "leak": "memory_bounded",
    "changed_bytes": "no_rewritten_duplicates",
    "leftover": "no_leftovers",
    "secret": "no_secret_leaked",
    "silent": "alive_again",
    "crash": "no_crash",
}


def judged(target, *arguments):
    """The exit code, what was printed and the run as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        done = subprocess.run([LAB, "run", *arguments, "--target", target, "--json", report, "--quiet"],
                              capture_output=True, text=True, timeout=150)
        return done.returncode, done.stdout + done.stderr, json.loads(report.read_text()) if report.exists() else None


class Honesty(unittest.TestCase):
    def outcomes(self, target, expected_code):
        code, printed, runs = judged(target, str(SCENARIO))
        self.assertEqual(code, expected_code, f"{target}: exit code {code}\n{printed}")
        (run,) = runs
        return {each["expectation"]: each["outcome"] for each in run["verdicts"]}, printed

    def test_the_honest_agent_meets_every_expectation(self):
        outcomes, printed = self.outcomes("stub", 0)
        self.assertGreaterEqual(set(outcomes), set(CONVICTED_BY.values()))
        self.assertEqual(set(outcomes.values()), {"met"}, printed)

    def test_every_broken_agent_is_convicted_by_the_right_expectation(self):
        for broken, expectation in CONVICTED_BY.items():
            with self.subTest(broken):
                outcomes, printed = self.outcomes(f"stub --broken {broken}", 1)
                self.assertEqual(outcomes[expectation], "failed", printed)

    def test_an_expectation_whose_fault_never_fired_is_not_shown(self):
        with tempfile.TemporaryDirectory() as folder:
            scenario = pathlib.Path(folder, "unfired.toml")
            scenario.write_text("""
title = "A poisonous sample that never comes"
interval = "100ms"
duration = "2s"
[[endpoint]]
name = "ego"
[[fault]]
kind = "poison"
sequence = 1000000
at = "500ms"
for = "1s"
[[expect]]
kind = "conservation"
""")
            code, printed, runs = judged("stub", str(scenario))
            self.assertEqual(code, 2, printed)
            self.assertEqual(runs[0]["verdicts"][0]["outcome"], "not_shown", printed)


if __name__ == "__main__":
    unittest.main()
