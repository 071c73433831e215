"""Loopback endpoints of AWS that record every request: instance metadata, container credentials, STS, and a token endpoint."""

from __future__ import annotations

import base64
import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CREDENTIALS = {
    "AccessKeyId": "ASIAEXAMPLE",
    "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "Token": "IQoJb3JpZ2luX2VjEXAMPLE==",
    "Expiration": "2099-01-01T00:00:00Z",
}
NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


@dataclass(frozen=True)
class AwsRequest:
    """One request: header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


class AwsEndpoints:
    """Answers on 127.0.0.1 as AWS does; `requests` are in order of arrival."""

    def __init__(self) -> None:
        self.requests: list[AwsRequest] = []
        endpoints = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                endpoints.requests.append(AwsRequest(self.command, self.path, headers, body))
                text = endpoints.answer(self.path, body).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_: object) -> None:
                """Prints nothing: the requests are recorded."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> AwsEndpoints:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self) -> list[AwsRequest]:
        """Returns the recorded requests and clears the list."""
        taken, self.requests = self.requests, []
        return taken

    def answer(self, path: str, body: str) -> str:
        """Returns the body of the answer."""
        roles = "/imds/latest/meta-data/iam/security-credentials/"
        if path == "/imds/latest/api/token":
            return "a-metadata-token"
        if path == roles:
            return "app"
        if path == roles + "app":
            return json.dumps({**CREDENTIALS, "Code": "Success"})
        if path == "/v1/credentials":
            return json.dumps(CREDENTIALS)
        if path == "/token":
            return json.dumps({"token_type": "Bearer", "expires_in": 3599, "access_token": "a-token"})
        if "Action=AssumeRoleWithWebIdentity" in body:
            names = {"Token": "SessionToken"}
            parts = "".join(f"<{names.get(k, k)}>{v}</{names.get(k, k)}>" for k, v in CREDENTIALS.items())
            return xml("AssumeRoleWithWebIdentity", f"<Credentials>{parts}</Credentials>")
        return xml("GetWebIdentityToken", f"<WebIdentityToken>{web_identity_token()}</WebIdentityToken>")


def xml(action: str, result: str) -> str:
    """Returns an answer of the Query protocol."""
    return (
        f'<{action}Response xmlns="{NAMESPACE}"><{action}Result>{result}</{action}Result>'
        f"<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></{action}Response>"
    )


def web_identity_token() -> str:
    """Returns a token that nobody has signed: nobody verifies it here."""

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {
        "iss": "https://00000000.tokens.sts.global.api.aws",
        "sub": "arn:aws:iam::123456789012:role/app",
        "aud": "api://AzureADTokenExchange",
        "exp": int(time.time()) + 300,
    }
    return ".".join([part({"alg": "RS256", "kid": "RSA_0"}), part(claims), "c2ln"])
