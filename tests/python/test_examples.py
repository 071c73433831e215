"""The example servers, called with and without a valid token."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import REPOSITORY
from loopback_issuer import AUDIENCE, LoopbackIssuer

COMMANDS = {
    "fastapi": ["uvicorn", "app:app", "--log-level", "warning", "--port"],
    "flask": ["flask", "run", "--port"],
    "django": ["app", "runserver", "--noreload"],
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Server:
    """An example server on loopback."""

    def __init__(self, name: str, issuer: LoopbackIssuer, log: Path) -> None:
        self.port = free_port()
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", *COMMANDS[name], str(self.port)],
            cwd=REPOSITORY / "examples" / name,
            env={
                **os.environ,
                "OIDC_ISSUER": issuer.url,
                "AUDIENCE": AUDIENCE,
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + 20
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise RuntimeError(log.read_text("utf-8"))

    def get(self, path: str, token: str | None) -> tuple[int, Any, str | None]:
        """Returns status, body and challenge."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        is_json = (answer.getheader("content-type") or "").startswith("application/json")
        return (
            answer.status,
            json.loads(body) if is_json else body,
            answer.getheader("www-authenticate"),
        )

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._log.close()


@pytest.fixture(params=list(COMMANDS))
def server(
    request: pytest.FixtureRequest, issuer: LoopbackIssuer, tmp_path: Path
) -> Iterator[Server]:
    server = Server(request.param, issuer, tmp_path / "server.log")
    yield server
    server.stop()


def test_example(server: Server, issuer: LoopbackIssuer) -> None:
    assert server.get("/me", None)[::2] == (401, "Bearer")
    caller = {"subject": "somebody", "issuer": issuer.url}
    assert server.get("/me", issuer.token())[:2] == (200, caller)
    status, _, challenge = server.get("/me", issuer.token(exp=1))
    assert status == 401 and challenge is not None
    assert challenge.startswith('Bearer error="invalid_token"')
    assert server.get("/me", "nonsense")[0] == 401
    for roles in (None, "Not.Orders.Read.At.All", ["Orders.Read.All"], 5):
        status, _, challenge = server.get("/orders", issuer.token(roles=roles))
        assert (status, challenge) == (403, 'Bearer error="insufficient_scope", scope="Orders.Read"')
    granted = issuer.token(roles=["Orders.Read"])
    assert server.get("/orders", granted)[:2] == (200, ["first", "second"])
    assert issuer.count() == 1


def test_example_with_an_unreachable_issuer(server: Server, issuer: LoopbackIssuer) -> None:
    issuer.status = 404
    assert server.get("/me", issuer.token())[0] == 503
