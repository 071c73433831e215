"""A proxy that records the requests to Google Cloud and has the emulator answer them."""

from __future__ import annotations

import json
import ssl
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from certificates import Certificates
from recorder import Recorded

API = "iamcredentials.googleapis.com"


class GoogleProxy:
    """Listens on 127.0.0.1, as the metadata server and as an HTTPS proxy; `requests` are in order of arrival.

    Behind CONNECT it is the IAM Credentials API, by a certificate of the run's authority, because google-auth has no option
    for that API's address.
    """

    def __init__(self, emulator: str, certificates: Certificates) -> None:
        self.requests: list[Recorded] = []
        proxy = self
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.chain_file, certificates.key_file)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_CONNECT(self) -> None:
                assert self.path == f"{API}:443", self.path
                self.send_response(200)
                self.end_headers()
                self.connection = context.wrap_socket(self.connection, server_side=True)
                self.setup_streams()
                self.close_connection = False

            def setup_streams(self) -> None:
                self.rfile = self.connection.makefile("rb")
                self.wfile = self.connection.makefile("wb", buffering=0)  # type: ignore[assignment]

            def forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                proxy.requests.append(Recorded(self.command, self.path, headers, members(body)))
                wanted = {
                    name: headers[name]
                    for name in ("metadata-flavor", "authorization", "content-type")
                    if name in headers
                }
                request = urllib.request.Request(
                    emulator + self.path, body or None, wanted, method=self.command
                )
                try:
                    with opener.open(request, timeout=60) as answer:
                        self.answer(answer)
                except urllib.error.HTTPError as refused:
                    with refused:
                        self.answer(refused)

            def answer(self, answer: urllib.error.HTTPError) -> None:
                text = answer.read()
                self.send_response(answer.status)
                for name in ("content-type", "metadata-flavor"):
                    if name in answer.headers:
                        self.send_header(name, answer.headers[name])
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = forward

            def log_message(self, *_: object) -> None:
                """Prints nothing: the requests are recorded."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"
        self.ca_file = certificates.ca_file
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def start(self) -> None:
        """Starts the proxy."""
        self._thread.start()

    def stop(self) -> None:
        """Stops the proxy."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self) -> list[Recorded]:
        """Returns the recorded requests and clears the list."""
        taken, self.requests = self.requests, []
        return taken


def members(body: bytes) -> dict[str, str] | None:
    """Returns the members of a JSON object by their JSON text; None without a body."""
    if not body:
        return None
    return {name: json.dumps(value, sort_keys=True) for name, value in json.loads(body).items()}
