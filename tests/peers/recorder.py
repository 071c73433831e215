"""An endpoint, over TLS or not, that emulates Entra ID's token endpoint and records every request."""

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


def form(text: str) -> dict[str, str]:
    """Returns the fields of a form."""
    pairs = urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=True)
    fields = dict(pairs)
    assert len(fields) == len(pairs), "a form field was sent twice"
    return fields


class Recorder:
    """Serves discovery documents and tokens for any tenant on 127.0.0.1; `requests` are in order of arrival."""

    def __init__(self, certificates: Certificates | None) -> None:
        self.requests: list[Recorded] = []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self) -> None:
                length = int(self.headers.get("content-length", "0"))
                text = self.rfile.read(length).decode()
                is_form = self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
                fields = form(text) if is_form else None
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Recorded(self.command, self.path, headers, fields)
                recorder.requests.append(request)
                self._answer(*recorder.answer(request))

            do_GET = do_POST = respond

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
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"
        if certificates is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificates.chain_file, certificates.key_file)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
            self.base_url = self.base_url.replace("http:", "https:")
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

    def answer(self, request: Recorded) -> tuple[int, dict[str, object]]:
        """Returns the status and the body of an answer."""
        if request.method == "POST":
            return 200, {
                "token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599,
                "access_token": ACCESS_TOKEN,
            }
        tenant = request.path.split("/")[1]
        known = request.path.split("?")[0] == f"/{tenant}/v2.0/.well-known/openid-configuration"
        return (200, self._discovery(tenant)) if known else (404, {})

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
