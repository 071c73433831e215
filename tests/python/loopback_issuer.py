"""An OpenID Connect issuer on loopback for tests of the verifier: signs tokens, serves its keys, logs the requests."""

from __future__ import annotations

import hashlib
import json
import ssl
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from stubs import CANARY

_VECTORS = Path(__file__).resolve().parents[1] / "vectors"
_KEYS = json.loads((_VECTORS / "attack-keys.json").read_text("utf-8"))["keys"]
# The prefix of a SHA-256 digest (RFC 8017, section 9.2).
_SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
AUDIENCE = "api://mine"


def _integer(text: str) -> int:
    return int.from_bytes(urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


class SigningKey:
    """An RSA key of the attack corpus that signs RS256 in plain Python, which is slow but needs no dependency."""

    def __init__(self, name: str, kid: str) -> None:
        self.kid = kid
        key = _KEYS[name]
        self._modulus, self._private = _integer(key["n"]), _integer(key["d"])
        self.jwk = {"kty": "RSA", "kid": kid, "use": "sig", "n": key["n"], "e": key["e"]}

    def token(self, claims: dict[str, Any], **header: Any) -> str:
        """Returns a signed token."""
        members = {"alg": "RS256", "typ": "JWT", "kid": self.kid, **header}
        return self.signed(members, json.dumps(claims))

    def signed(self, header: dict[str, Any], payload: str) -> str:
        """Returns a signed token with exactly this payload."""
        data = ".".join(encoded(part.encode()) for part in (json.dumps(header), payload))
        return f"{data}.{encoded(self.sign(data.encode()))}"

    def sign(self, data: bytes) -> bytes:
        """Signs with RSASSA-PKCS1-v1_5 and SHA-256."""
        length = (self._modulus.bit_length() + 7) // 8
        tail = b"\x00" + _SHA256_PREFIX + hashlib.sha256(data).digest()
        block = b"\x00\x01".ljust(length - len(tail), b"\xff") + tail
        return pow(int.from_bytes(block, "big"), self._private, self._modulus).to_bytes(
            length, "big"
        )


class LoopbackIssuer:
    """An OpenID Connect issuer on loopback, over http unless it gets the TLS settings of a server."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.key = SigningKey("rsa", "first")
        self.keys = [self.key]
        self.requested_paths: list[str] = []
        self.headers: dict[str, str] = {}
        self.status = 200
        self.delay = 0.0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "http" if context is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def jwks(self) -> dict[str, Any]:
        return {"keys": [key.jwk for key in self.keys]}

    @property
    def jwks_uri(self) -> str:
        return f"{self.url}/keys"

    def claims(self, **claims: Any) -> dict[str, Any]:
        now = int(time.time())
        return {
            "iss": self.url,
            "sub": "somebody",
            "aud": AUDIENCE,
            "iat": now - 10,
            "exp": now + 600,
            "secret": CANARY,
            **claims,
        }

    def token(self, key: SigningKey | None = None, **claims: Any) -> str:
        """Returns a valid token; claims that are `None` are omitted."""
        present = {
            name: value for name, value in self.claims(**claims).items() if value is not None
        }
        return (key or self.key).token(present)

    def rotate(self) -> None:
        """Replaces the key."""
        self.key = SigningKey("rsa-other", "second")
        self.keys = [self.key]

    def count(self, path: str = "/keys") -> int:
        """Returns the number of requests for a path."""
        return self.requested_paths.count(path)

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(issuer) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.requested_paths.append(self.path)
                time.sleep(issuer.delay)
                discovery = {"issuer": issuer.url, "jwks_uri": issuer.jwks_uri}
                body = json.dumps(issuer.jwks if self.path == "/keys" else discovery).encode()
                self.send_response(issuer.status)
                for name, value in issuer.headers.items():
                    self.send_header(name, value)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                return

        return Handler
