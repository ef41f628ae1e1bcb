"""A server of somebody else's as a child of a test, on a free port of this host."""
import pathlib
import signal
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from wait_until import wait_until


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class LoopbackServer:
    """Not started yet."""

    def __init__(self, folder, command, port, health):
        self.url = f"http://127.0.0.1:{port}"
        self.command, self.health = command, health
        self.log_path = pathlib.Path(folder, pathlib.Path(command[0]).name + ".log")
        self.process = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        wait_until(self.answers, 20, f"{self.command[0]} answers: {self.log_path.read_text(errors='replace')[-2000:]}")

    def answers(self):
        try:
            with urllib.request.urlopen(self.url + self.health, timeout=1):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            if self.process.poll() is not None:
                raise AssertionError(
                    f"{self.command[0]} ended: {self.log_path.read_text(errors='replace')[-2000:]}") from None
            return False

    def end(self, by=signal.SIGTERM):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(by)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def ask(self, path, method="GET", **parameters):
        """@return the body of the answer"""
        url = f"{self.url}{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=20) as answer:
            return answer.read()
