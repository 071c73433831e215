"""`wif emulator` as a process: an emulator of Entra ID that all programs under test use."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Sequence

from http_json import call, succeed
from server import Server

REPOSITORY = Path(__file__).resolve().parents[2]


def binary() -> Path:
    """Returns the command under test: `WIF`, or the build of `cargo build -p wif`."""
    path = Path(os.environ.get("WIF", REPOSITORY / "target" / "debug" / "wif"))
    if not path.is_file():
        raise FileNotFoundError(f"{path}: build it with `cargo build -p wif` or name it in WIF")
    return path


class Emulator:
    """One emulator; `facts` is the line of JSON that it prints once it listens."""

    def __init__(self, log: Path) -> None:
        self._server = Server("wif emulator", log)
        self.facts: dict[str, Any] = {}

    def start(
        self, credentials: Sequence[tuple[str, str, str]], *, tls: bool = False, platform: str | None = None
    ) -> None:
        """Starts it with trusted (issuer, subject, audience) triples beside its own issuer, and as a platform."""
        command: list[str | Path] = [binary(), "emulator", "--json", "--quiet", *(["--tls"] if tls else [])]
        command += ["--platform", platform] if platform else []
        for issuer, subject, audience in credentials:
            command += ["--credential", f"issuer={issuer},subject={subject},audience={audience}"]
        self._server.start(command)
        self._server.wait_until(lambda: "\n" in self._server.log.read_text())
        self.facts = json.loads(self._server.log.read_text().splitlines()[0])

    def stop(self) -> None:
        """Stops it."""
        self._server.stop()

    def token_requests(self) -> int:
        """Returns the number of token requests. For an emulator without TLS."""
        return int(succeed(call("GET", self.facts["token_requests_url"])).body["token_requests"])

    def access_token_keys(self) -> dict[str, Any]:
        """Returns the key set of its access tokens. For an emulator without TLS."""
        document = f"{self.facts['base_url']}/{self.facts['tenant_id']}/v2.0/.well-known/openid-configuration"
        return succeed(call("GET", succeed(call("GET", document)).body["jwks_uri"])).body
