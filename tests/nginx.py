"""A real nginx on loopback, with a configuration, files and a process of its own."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess

from wait_until import wait_until

CONFIGURATION = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  {servers}
}}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class Nginx:
    """@param servers makes the server blocks, given the folder; is asked again by restart()"""

    def __init__(self, folder, servers, port):
        self.folder = pathlib.Path(folder, "nginx")
        self.folder.mkdir()
        self.servers, self.port = servers, port
        self.process = None
        self.start()

    def start(self):
        path = self.folder / "nginx.conf"
        path.write_text(CONFIGURATION.format(folder=self.folder, servers=self.servers()))
        program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
        if program is None:
            raise AssertionError("there is no nginx")
        self.process = subprocess.Popen([program, "-p", self.folder, "-c", path, "-e", self.folder / "error.log"])
        wait_until(self.listens, 10, "nginx listens")

    def listens(self):
        if self.process.poll() is not None:
            raise AssertionError(f"nginx ended: {(self.folder / 'error.log').read_text()}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def restart(self):
        self.kill()
        self.start()
