"""Fixtures: the emulator as a process, and an issuer on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from workload_identity import aio, management  # noqa: E402
from workload_identity._core import driver, effects  # noqa: E402

from graph_service import APP, Blocking, Given, Make, Service  # noqa: E402
from loopback_issuer import LoopbackIssuer  # noqa: E402
from waiting import FOREVER, SECONDS  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[2]
WIF = Path(os.environ.setdefault("WIF", str(REPOSITORY / "target" / "debug" / "wif")))


class Emulator:
    """A running `wif emulator --json`. The members of its start-up line are attributes."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [WIF, "emulator", "--json", "--quiet", *arguments], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.stop()
            raise RuntimeError("the emulator ended before it listened")
        self.startup_info: dict[str, Any] = json.loads(line)

    def __getattr__(self, name: str) -> Any:
        return self.startup_info[name]

    def token_requests(self) -> int:
        """Returns the number of token requests so far."""
        with urllib.request.urlopen(self.token_requests_url, context=self._context()) as answer:
            return int(json.load(answer)["token_requests"])

    def last_token_request(self) -> Any:
        """Returns the newest token request."""
        with urllib.request.urlopen(
            self.token_requests_url + "/last", context=self._context()
        ) as answer:
            return json.load(answer)

    def clear_faults(self) -> None:
        """Removes all faults."""
        self._delete("/emulator/faults")

    def reset_count(self) -> None:
        """Resets the count of token requests."""
        self._delete("/emulator/token-requests")

    def _delete(self, path: str) -> None:
        request = urllib.request.Request(self.base_url + path, method="DELETE")
        with urllib.request.urlopen(request, context=self._context()):
            return

    def _context(self) -> Any:
        if not self.startup_info.get("ca_file"):
            return None
        import ssl

        return ssl.create_default_context(cafile=self.ca_file)

    def environment(self) -> dict[str, str]:
        """Returns the environment variables of a GitHub Actions job that uses this emulator."""
        return {
            "AZURE_TENANT_ID": self.tenant_id,
            "AZURE_CLIENT_ID": self.client_id,
            "AZURE_AUTHORITY_HOST": self.base_url,
            "GITHUB_ACTIONS": "true",
            "ACTIONS_ID_TOKEN_REQUEST_URL": self.github_request_url,
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.github_request_token,
        }

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()


@pytest.fixture
def start_emulator() -> Iterator[Callable[..., Emulator]]:
    """Starts emulators with the given arguments; they are stopped after the test."""
    running: list[Emulator] = []

    def start_one(*arguments: str) -> Emulator:
        running.append(Emulator(*arguments))
        return running[-1]

    yield start_one
    for emulator in running:
        emulator.stop()


@pytest.fixture(scope="session")
def _shared_emulators() -> Iterator[Callable[..., Emulator]]:
    """Emulators that all tests share: generating their keys takes most of a second."""
    running: dict[tuple[str, ...], Emulator] = {}

    def get(*arguments: str) -> Emulator:
        if arguments not in running:
            running[arguments] = Emulator(*arguments)
        running[arguments].reset_count()
        return running[arguments]

    yield get
    for emulator in running.values():
        emulator.stop()


@pytest.fixture
def emulator(_shared_emulators: Callable[..., Emulator]) -> Emulator:
    """An emulator over HTTP whose count of token requests is zero."""
    return _shared_emulators()


@pytest.fixture
def tls_emulator(_shared_emulators: Callable[..., Emulator]) -> Emulator:
    """An emulator over TLS with a certificate authority of its own."""
    return _shared_emulators("--tls")


@pytest.fixture
def issuer() -> Iterator[LoopbackIssuer]:
    """An OpenID Connect issuer on loopback."""
    issuer = LoopbackIssuer()
    yield issuer
    issuer.stop()


@pytest.fixture
def move_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock of the package's credentials forward."""
    moved = [0.0]
    real, real_ns = time.time, time.time_ns
    for module in ("credential", "aio", "_core.base_credential", "sources.assertion_request"):
        monkeypatch.setattr(f"workload_identity.{module}.time", lambda: real() + moved[0])
    clock = SimpleNamespace(time=lambda: real() + moved[0], sleep=time.sleep)
    monkeypatch.setattr(effects, "time", clock)
    monkeypatch.setattr(driver, "now", lambda: real_ns() // 1_000_000 + int(moved[0] * 1000))

    def move(seconds: float) -> None:
        moved[0] += seconds

    return move


@pytest.fixture
def only_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers that wait for the request of another one do so until they are woken: the end of its lease wakes nobody."""
    monkeypatch.setattr(driver, "seconds_until", lambda instant: FOREVER)


@pytest.fixture(params=["sync", "asyncio"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes the object of either class; it is closed after the test."""
    made = []

    def make(*arguments: Any, **options: Any) -> Any:
        kind = Blocking if request.param == "asyncio" else management.FederatedCredentials
        made.append(kind(*arguments, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def at(make: Make, request: pytest.FixtureRequest) -> Make:
    """Makes the object with a service in place of Graph."""

    def at(service: Service, credential: Any = None, **options: Any) -> Any:
        transport = aio.ThreadTransport(service) if request.node.callspec.params["make"] == "asyncio" else service
        return make(credential or Given(), app_id=APP, transport=transport, timeout=SECONDS, **options)

    return at
