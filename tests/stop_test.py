"""The process ends in time even when an actor never does: its thread hangs in a write to a pipe that nobody reads."""
import fcntl
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

CONFIGURATION = """
[agent]
interval = "100ms"
state_dir = "state"
[[endpoint]]
name = "out"
kind = "file"
path = "-"
"""


class Stop(unittest.TestCase):
    def test_a_hung_write_does_not_hold_up_the_end(self):
        with tempfile.TemporaryDirectory() as folder:
            configuration = pathlib.Path(folder, "reflector.toml")
            configuration.write_text(CONFIGURATION)
            reader, writer = os.pipe()
            fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
            agent = subprocess.Popen(
                [os.environ["REFLECTOR_BINARY"], "run", "-c", configuration, "--print", "never"],
                stdout=writer, stderr=subprocess.PIPE, text=True)
            os.close(writer)
            try:
                time.sleep(2)  # the pipe holds one or two samples
                self.assertIsNone(agent.poll())
                began = time.monotonic()
                agent.send_signal(signal.SIGTERM)
                _, log = agent.communicate(timeout=10)
                self.assertLess(time.monotonic() - began, 5)
                self.assertIn("left behind", log)
                # What the endpoint did not get waits for the next start.
                waiting = subprocess.run(
                    [os.environ["REFLECTOR_BINARY"], "spool", "export", "--endpoint", "out", "-c", configuration],
                    capture_output=True, text=True, check=True).stdout.splitlines()
                self.assertGreater(len(waiting), 5)
            finally:
                agent.kill()
                agent.wait()
                os.close(reader)


if __name__ == "__main__":
    unittest.main()
