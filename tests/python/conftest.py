"""The emulator as a process, for what only a real server can show."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

REPOSITORY = Path(__file__).resolve().parents[2]
WIF = Path(os.environ.get("WIF", REPOSITORY / "target" / "debug" / "wif"))


class Emulator:
    """`wif emulator --json`, with its facts as attributes."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [WIF, "emulator", "--json", *arguments], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.end()
            raise RuntimeError("the emulator ended before it listened")
        self.facts: dict[str, Any] = json.loads(line)

    def __getattr__(self, name: str) -> Any:
        return self.facts[name]

    def token_requests(self) -> int:
        """How many token requests came in so far."""
        with urllib.request.urlopen(self.token_requests_url, context=self._context()) as answer:
            return int(json.load(answer)["token_requests"])

    def last_token_request(self) -> Any:
        """The newest token request as the emulator saw it."""
        with urllib.request.urlopen(
            self.token_requests_url + "/last", context=self._context()
        ) as answer:
            return json.load(answer)

    def heal(self) -> None:
        """Takes all faults away."""
        self._delete("/emulator/faults")

    def start_anew(self) -> None:
        """Counts from zero."""
        self._delete("/emulator/token-requests")

    def _delete(self, path: str) -> None:
        asked = urllib.request.Request(self.base_url + path, method="DELETE")
        with urllib.request.urlopen(asked, context=self._context()):
            return

    def _context(self) -> Any:
        if not self.facts.get("ca_file"):
            return None
        import ssl

        return ssl.create_default_context(cafile=self.ca_file)

    def environment(self) -> dict[str, str]:
        """The variables of a GitHub Actions job that trusts this emulator."""
        return {
            "AZURE_TENANT_ID": self.tenant_id,
            "AZURE_CLIENT_ID": self.client_id,
            "AZURE_AUTHORITY_HOST": self.base_url,
            "GITHUB_ACTIONS": "true",
            "ACTIONS_ID_TOKEN_REQUEST_URL": self.github_request_url,
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.github_request_token,
        }

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Emulator]]:
    """Starts emulators with given arguments; they end with the test."""
    running: list[Emulator] = []

    def start_one(*arguments: str) -> Emulator:
        running.append(Emulator(*arguments))
        return running[-1]

    yield start_one
    for emulator in running:
        emulator.end()


@pytest.fixture(scope="session")
def _shared() -> Iterator[Callable[..., Emulator]]:
    """Emulators that go from test to test: making their keys takes most of a second."""
    running: dict[tuple[str, ...], Emulator] = {}

    def take(*arguments: str) -> Emulator:
        if arguments not in running:
            running[arguments] = Emulator(*arguments)
        running[arguments].start_anew()
        return running[arguments]

    yield take
    for emulator in running.values():
        emulator.end()


@pytest.fixture
def emulator(_shared: Callable[..., Emulator]) -> Emulator:
    """An emulator over HTTP that has counted nothing yet."""
    return _shared()


@pytest.fixture
def tls_emulator(_shared: Callable[..., Emulator]) -> Emulator:
    """An emulator over TLS with a certificate authority of its own."""
    return _shared("--tls")
