"""An issuer of our own: `wif publish` writes its documents, a static web server serves them, `wif issue` signs its tokens."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from emulator import binary
from server import Server, answers, free_port

SUBJECT = "build-7"


class PublishedIssuer:
    """A folder behind Python's web server, which knows nothing of OpenID Connect."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._site = folder / "site"
        self._port = free_port()
        self._server = Server("published issuer", folder / "site.log")
        self.url = f"http://127.0.0.1:{self._port}"
        self.jwks_url = f"{self.url}/openid/v1/jwks"

    def start(self) -> None:
        """Publishes the first key and serves the folder."""
        self.add_key("first", rsa.generate_private_key(65537, 2048))
        self.publish("--from-private-key", self.key("first"))
        address = ["--bind", "127.0.0.1", "--directory", str(self._site), str(self._port)]
        self._server.start([sys.executable, "-m", "http.server", *address])
        self._server.wait_until(lambda: answers(self.jwks_url))

    def stop(self) -> None:
        """Stops the server."""
        self._server.stop()

    def add_key(self, name: str, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
        """Keeps a private key, which is not published yet."""
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.key(name).write_bytes(text)

    def key(self, name: str) -> Path:
        """Returns the file of a private key."""
        return self._folder / f"{name}.pem"

    def key_id(self, name: str) -> str:
        """Returns the `kid` of a key."""
        return str(json.loads(self._wif("jwks", "--from-private-key", self.key(name)))["keys"][0]["kid"])

    def publish(self, *arguments: str | Path) -> None:
        """Writes the folder."""
        self._wif("publish", "--issuer", self.url, "--out", self._site, *arguments)

    def token(self, key: str, audience: str, subject: str = SUBJECT) -> str:
        """Issues a token of a workload."""
        claims = ["--subject", subject, "--audience", audience, "--lifetime", "300"]
        return self._wif("issue", "--key", self.key(key), "--issuer", self.url, *claims).strip()

    def _wif(self, *arguments: str | Path) -> str:
        command = [str(binary()), *map(str, arguments)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout
