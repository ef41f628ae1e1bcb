"""Servers on loopback that write down what comes to them."""
import json
import socket
import ssl
import threading

BIGGEST = 1 << 20


class RecordingServer:
    """Takes what connects to it. Where `context` is set it wants TLS; what is sent inside of that is `received`, with each
    connection's bytes apart. Answers posts as EGO does, or with `answer`."""

    def __init__(self, context=None, answer=None):
        self.context, self.answer = context, answer
        self.connections, self.handshakes = 0, 0
        self.received, self.samples = [], []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.ended = False
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.ended = True
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def url(self, scheme=None, path="/api/metrics/batch"):
        return f"{scheme or ('https' if self.context else 'http')}://127.0.0.1:{self.port}{path}"

    def saw(self, text):
        with self.lock:
            return any(text.encode() in each for each in self.received)

    def bytes_received(self):
        with self.lock:
            return sum(map(len, self.received))

    def sequences(self):
        with self.lock:
            return [each["agent"]["sequence"] for each in self.samples]

    def accept(self):
        while not self.ended:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with self.lock:
            self.connections += 1
            mine = len(self.received)
            self.received.append(b"")
        connection.settimeout(10)
        try:
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
                with self.lock:
                    self.handshakes += 1
            self.talk(connection, mine)
        except (OSError, ValueError):
            pass
        finally:
            connection.close()

    def talk(self, connection, mine):
        pending = b""
        while data := connection.recv(65536):
            with self.lock:
                self.received[mine] += data
            pending += data
            while (request := self.request_in(pending)) is not None:
                head, body, pending = request
                connection.sendall(self.answer_to(head, body))
            if len(pending) > BIGGEST:
                return

    @staticmethod
    def request_in(data):
        """@return head, body and what is behind them, once they are there"""
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end:
            return None
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return (head, rest[:length], rest[length:]) if len(rest) >= length else None

    def answer_to(self, head, body):
        if self.answer is not None:
            return self.answer
        samples = json.loads(body)["samples"] if body else []
        with self.lock:
            self.samples += samples
        said = json.dumps({"accepted": len(samples)}).encode()
        return b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said)


def tls_context(certificate, key, ciphers=None, newest=None, oldest=ssl.TLSVersion.TLSv1_2):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if ciphers is not None:
        context.set_ciphers(ciphers)
    context.minimum_version = oldest
    if newest is not None:
        context.maximum_version = newest
    context.load_cert_chain(certificate, key)
    return context
