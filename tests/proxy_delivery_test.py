"""Delivery through a forward proxy: which one is asked, and that it gets to see no credentials of what is encrypted."""
import socket
import tempfile
import threading
import unittest

from certificate_authority import CertificateAuthority
from recording_server import RecordingServer, tls_context
from running_agent import RunningAgent, endpoint
from wait_until import wait_until

TOKEN = "only-for-the-server"


class ForwardProxy:
    """Of both kinds: CONNECT, and requests with a whole URL. Writes down what it is told before it passes bytes on."""

    def __init__(self):
        self.heads = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client:
            try:
                pending = b""
                while data := client.recv(65536):
                    pending += data
                    while (request := RecordingServer.request_in(pending)) is not None:
                        head, body, pending = request
                        self.heads.append(head)
                        if head.startswith(b"CONNECT "):
                            self.tunnel(client, head.split(b" ")[1])
                            return
                        # Any request may be for another server.
                        client.sendall(self.answer_of(head.split(b"/")[2], head + b"\r\n\r\n" + body))
            except OSError:
                pass

    @staticmethod
    def connected(place):
        host, port = place.split(b":")
        return socket.create_connection((host, int(port)))

    def answer_of(self, place, request):
        with self.connected(place) as server:
            server.sendall(request)
            answer = b""
            while RecordingServer.request_in(answer) is None:
                if not (data := server.recv(65536)):
                    raise OSError("half an answer")
                answer += data
            return answer

    def tunnel(self, client, place):
        with self.connected(place) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=self.pass_on, args=(server, client), daemon=True)
            back.start()
            self.pass_on(client, server)
            back.join()

    @staticmethod
    def pass_on(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class ThroughProxy(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = holder.name
        self.authority = CertificateAuthority(self.folder, "authority")
        self.secure = RecordingServer(tls_context(*self.authority.issue("server")))
        self.plain = RecordingServer()
        self.guarded = RecordingServer()
        self.proxy, self.other = ForwardProxy(), ForwardProxy()
        for each in (self.secure, self.plain, self.guarded, self.proxy, self.other):
            self.addCleanup(each.close)

    def deliver(self, variables, **keys):
        """To a server with TLS and a token, to one without both, and to one with the token alone."""
        variables = {"TOKEN": TOKEN, **variables}
        agent = RunningAgent(self.folder, "".join((
            endpoint("secure", self.secure.url(), token_env="TOKEN", ca_file=self.authority.certificate, **keys),
            endpoint("plain", self.plain.url(), **keys),
            endpoint("guarded", self.guarded.url(), token_env="TOKEN", **keys))), variables)
        self.addCleanup(agent.kill)
        for server in (self.secure, self.plain, self.guarded):
            wait_until(lambda: len(server.sequences()) > 5, 15, f"samples at {server.url()}: {agent.log()}")
        for server in (self.secure, self.guarded):
            self.assertTrue(server.saw(f"Authorization: Bearer {TOKEN}\r\n"))
        self.assertFalse(self.plain.saw(TOKEN))
        for said in (agent.log(), agent.status(), agent.status("--json")):
            self.assertNotIn(TOKEN, said)
        self.assertEqual(agent.stop(), 0)

    def asked(self, proxy):
        """Which of the servers it was asked for."""
        tunnels = [head for head in proxy.heads if head.startswith(b"CONNECT ")]
        for head in tunnels:
            self.assertNotIn(TOKEN.encode(), head)
            self.assertNotIn(b"uthorization", head)
        def has(start):
            return any(head.startswith(start.encode()) for head in proxy.heads)
        return {name for name, start in (("secure", f"CONNECT 127.0.0.1:{self.secure.port} "),
                                         ("plain", f"POST {self.plain.url()} "),
                                         ("guarded", f"POST {self.guarded.url()} ")) if has(start)}

    def variables(self):
        return {"http_proxy": self.other.url, "https_proxy": self.other.url}

    def test_one_that_is_named(self):
        self.deliver(self.variables() | {"no_proxy": "*"}, proxy=self.proxy.url)
        self.assertEqual(self.asked(self.proxy), {"secure", "plain", "guarded"})
        self.assertEqual(self.other.heads, [])

    def test_none(self):
        self.deliver(self.variables(), proxy="none")
        self.assertEqual(self.other.heads, [])

    def test_the_environments(self):
        self.deliver(self.variables())
        # What goes to this host as it is, and holds a secret, is not for a proxy to read.
        self.assertEqual(self.asked(self.other), {"secure", "plain"})

    def test_not_for_what_the_environment_leaves_out(self):
        self.deliver(self.variables() | {"no_proxy": "127.0.0.1"})
        self.assertEqual(self.other.heads, [])


if __name__ == "__main__":
    unittest.main()
