"""Azure's token services on loopback, and the variables by which a program finds them."""

from __future__ import annotations

import base64
import contextlib
import json
import ssl
import threading
import time
import urllib.parse
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

AUDIENCE = "api://AzureADTokenExchange"
CONNECTION = "33333333-3333-4333-8333-333333333333"
SECRET = "s3cret-of-the-platform"


def jwt(audience: str = AUDIENCE, lifetime: int = 3600) -> str:
    parts = {"alg": "RS256"}, {"sub": "s", "aud": audience, "exp": int(time.time()) + lifetime}
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts)
    return ".".join(part.rstrip(b"=").decode() for part in encoded) + ".c2ln"


@dataclass
class Request:
    method: str
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]


@dataclass
class Answer:
    body: Any
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


ACCESS_TOKEN = {"token_type": "Bearer", "expires_in": 3599, "access_token": "issued"}


class Platform:
    """A platform and Entra's token endpoint (`/entra`) on loopback. `answer` is that of the platform."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.exchanges: list[Request] = []
        self.answer = Answer({"access_token": jwt(), "expires_on": str(int(time.time()) + 3600)})
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def respond(self) -> None:
                path, _, query = self.path.partition("?")
                body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                parameters = dict(urllib.parse.parse_qsl("&".join(filter(None, (query, body)))))
                headers = {name.lower(): value for name, value in self.headers.items()}
                is_exchange = "/entra" in path
                requests = platform.exchanges if is_exchange else platform.requests
                requests.append(Request(self.command, path, parameters, headers))
                answer = Answer(ACCESS_TOKEN) if is_exchange else platform.answer
                self.send_response(answer.status)
                for name, value in answer.headers:
                    self.send_header(name, value)
                self.end_headers()
                # A client closes an answer that is too long.
                with contextlib.suppress(OSError):
                    self.wfile.write(answer.raw())

            do_GET = do_POST = respond

            def log_message(self, *_: object) -> None:
                """Prints nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        scheme = "http"
        if context is not None:
            scheme = "https"
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def app_service(url: str) -> dict[str, str]:
    return {"IDENTITY_ENDPOINT": f"{url}/msi/token", "IDENTITY_HEADER": SECRET}


def azure_ml(url: str) -> dict[str, str]:
    return {"MSI_ENDPOINT": f"{url}/msi/token", "MSI_SECRET": SECRET}


def cloud_shell(url: str) -> dict[str, str]:
    return {"MSI_ENDPOINT": f"{url}/oauth2/token"}


def arc(url: str) -> dict[str, str]:
    return {"IDENTITY_ENDPOINT": f"{url}/metadata/identity/oauth2/token", "IMDS_ENDPOINT": "http://localhost"}


def imds(url: str) -> dict[str, str]:
    return {"AZURE_POD_IDENTITY_AUTHORITY_HOST": url}


def service_fabric(url: str, thumbprint: str = "0" * 40) -> dict[str, str]:
    return {
        "IDENTITY_ENDPOINT": f"{url}/metadata/identity/oauth2/token",
        "IDENTITY_HEADER": SECRET,
        "IDENTITY_SERVER_THUMBPRINT": thumbprint,
    }


def pipelines(url: str) -> dict[str, str]:
    return {
        "SYSTEM_OIDCREQUESTURI": f"{url}/org/oidctoken/",
        "SYSTEM_ACCESSTOKEN": SECRET,
        "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": CONNECTION,
    }
