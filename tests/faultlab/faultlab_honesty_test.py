"""The lab judges agents that are broken on purpose: each must be convicted, by the expectation that is about what it does wrong.
The honest one, under the same faults, must meet them all: else a conviction would prove nothing."""
import concurrent.futures
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
    "early_ack": "no_rewritten_duplicates",  # it sends before it commits, so that a kill makes it use a number again
    "twice": "commands_at_most_once",
    "leak": "memory_bounded",
    "changed_bytes": "no_rewritten_duplicates",
    "leftover": "no_leftovers",
    "secret": "no_secret_leaked",
    "silent": "alive_again",
    "crash": "no_crash",
}
# A kill would mend one that has gone silent.
SCENARIO_OF = {"silent": "outage"}
SIDE_BY_SIDE = 4


def judged(target, *arguments):
    """The exit code, what was printed and the runs as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        done = subprocess.run([LAB, "run", *arguments, "--target", target, "--json", report, "--quiet"],
                              capture_output=True, text=True, timeout=250)
        return done.returncode, done.stdout + done.stderr, json.loads(report.read_text()) if report.exists() else None


def outcomes(target, scenario=SCENARIO):
    code, printed, runs = judged(target, str(scenario))
    return code, printed, {each["expectation"]: each["outcome"] for each in (runs or [{"verdicts": []}])[0]["verdicts"]}


class Honesty(unittest.TestCase):
    def test_the_honest_agent_meets_every_expectation_and_every_broken_one_is_convicted(self):
        with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            honest = {scenario: pool.submit(outcomes, "stub", scenario) for scenario in (SCENARIO, *SCENARIO_OF.values())}
            broken = {each: pool.submit(outcomes, f"stub --broken {each}", SCENARIO_OF.get(each, SCENARIO)) for each in CONVICTED_BY}
        seen = set()
        for scenario, future in honest.items():
            code, printed, found = future.result()
            with self.subTest(f"honest, {scenario}"):
                self.assertEqual(code, 0, printed)
                self.assertEqual(set(found.values()), {"met"}, printed)
            seen |= set(found)
        self.assertGreaterEqual(seen, set(CONVICTED_BY.values()))
        for each, future in broken.items():
            code, printed, found = future.result()
            with self.subTest(each):
                self.assertEqual(code, 1, printed)
                self.assertEqual(found.get(CONVICTED_BY[each]), "failed", printed)

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
