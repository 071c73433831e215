"""A server over TLS that records management calls and has the emulator answer them."""

from __future__ import annotations

import ssl
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from certificates import Certificates
from google_proxy import members
from recorder import Recorded

# Headers of a connection, which each of the two connections has of its own.
CONNECTION = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding"})


class ManagementProxy:
    """Listens on 127.0.0.1; `requests` are in order of arrival. Addresses of further pages in answers are its own."""

    def __init__(self, emulator: str, certificates: Certificates) -> None:
        self.requests: list[Recorded] = []
        proxy = self
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                proxy.requests.append(Recorded(self.command, self.path, headers, members(body)))
                passed = {name: value for name, value in headers.items() if name not in CONNECTION}
                request = urllib.request.Request(emulator + self.path, body or None, passed, method=self.command)
                try:
                    with opener.open(request, timeout=60) as answer:
                        self.answer(answer)
                except urllib.error.HTTPError as refused:
                    with refused:
                        self.answer(refused)

            def answer(self, answer: urllib.error.HTTPError) -> None:
                text = answer.read()
                for root in ("graph", "arm"):
                    text = text.replace(f"{emulator}/{root}".encode(), f"{proxy.base_url}/{root}".encode())
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    if name.lower() not in CONNECTION | {"date"}:
                        self.send_header(name, value)
                if answer.status != 204:
                    self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = forward

            def log_message(self, *_: object) -> None:
                """Prints nothing: the requests are recorded."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.chain_file, certificates.key_file)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.base_url = f"https://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def start(self) -> None:
        """Starts the server."""
        self._thread.start()

    def stop(self) -> None:
        """Stops the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self) -> list[Recorded]:
        """Returns the recorded requests and clears the list."""
        taken, self.requests = self.requests, []
        return taken
