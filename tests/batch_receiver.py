"""A receiver of EGO's batches on loopback, for tests that look at each sample."""
import http.server
import json
import threading


class BatchReceiver:
    """Keeps what it took, over its own stops and starts on one port."""

    def __init__(self):
        self.samples = []  # in the order they came
        self.port = 0
        self._lock = threading.Lock()
        self._server = None
        self._open = set()
        self.start()

    def start(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                receiver._open.add(self.connection)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                batch = json.loads(body)["samples"]
                with receiver._lock:
                    receiver.samples.extend(batch)
                answer = json.dumps({"accepted": len(batch)}).encode()
                self.send_response(202)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a connection that stop() cut off

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        """As if it were killed: connections that are open end too."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        for connection in list(self._open):
            try:
                connection.shutdown(2)
            except OSError:
                pass
        self._open.clear()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/api/metrics/batch"

    def sequences(self):
        with self._lock:
            return [sample["agent"]["sequence"] for sample in self.samples]
