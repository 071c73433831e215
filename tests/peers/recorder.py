"""A TLS endpoint that emulates Entra ID's token endpoint and records every request."""

from __future__ import annotations

import json
import ssl
import threading
import urllib.parse
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from certificates import Certificates

ACCESS_TOKEN = "an-opaque-access-token"


@dataclass(frozen=True)
class Recorded:
    """One request: header names in lower case, form fields decoded (None for a request without a form)."""

    method: str
    path: str
    headers: dict[str, str]
    fields: dict[str, str] | None


class Recorder:
    """Serves discovery documents and tokens for any tenant on 127.0.0.1; `requests` are in order of arrival."""

    def __init__(self, certificates: Certificates) -> None:
        self.requests: list[Recorded] = []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                recorder._record(self, None)
                tenant = self.path.split("/")[1]
                known = self.path.split("?")[0] == f"/{tenant}/v2.0/.well-known/openid-configuration"
                self._answer(200 if known else 404, recorder._discovery(tenant) if known else {})

            def do_POST(self) -> None:
                length = int(self.headers.get("content-length", "0"))
                pairs = urllib.parse.parse_qsl(
                    self.rfile.read(length).decode(), keep_blank_values=True, strict_parsing=True
                )
                fields = dict(pairs)
                assert len(fields) == len(pairs), "a form field was sent twice"
                recorder._record(self, fields)
                body = {
                    "token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599,
                    "access_token": ACCESS_TOKEN,
                }
                self._answer(200, body)

            def _answer(self, status: int, body: dict[str, object]) -> None:
                raw = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None:
                """Prints nothing: the requests are recorded."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.chain_file, certificates.key_file)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.base_url = f"https://127.0.0.1:{self._server.server_port}"
        self.ca_file = certificates.ca_file
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

    def _record(self, handler: BaseHTTPRequestHandler, fields: dict[str, str] | None) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.requests.append(Recorded(handler.command, handler.path, headers, fields))

    def _discovery(self, tenant: str) -> dict[str, object]:
        return {
            "issuer": f"{self.base_url}/{tenant}/v2.0",
            "authorization_endpoint": f"{self.base_url}/{tenant}/oauth2/v2.0/authorize",
            "token_endpoint": f"{self.base_url}/{tenant}/oauth2/v2.0/token",
            "jwks_uri": f"{self.base_url}/{tenant}/discovery/v2.0/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }
