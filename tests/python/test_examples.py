"""The example servers, called with and without a valid token."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import REPOSITORY
from loopback_issuer import AUDIENCE, LoopbackIssuer
from waiting import SECONDS, until

COMMANDS = {
    "fastapi": ["uvicorn", "app:app", "--port"],
    "flask": ["flask", "run", "--port"],
    "django": ["app", "runserver", "--noreload"],
}


class Server:
    """An example server on loopback."""

    def __init__(self, name: str, issuer: LoopbackIssuer, log: Path) -> None:
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", *COMMANDS[name], "0"],
            cwd=REPOSITORY / "examples" / name,
            env={
                **os.environ,
                "OIDC_ISSUER": issuer.url,
                "AUDIENCE": AUDIENCE,
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONUNBUFFERED": "1",
            },
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

        def address() -> re.Match[str] | None:
            return re.search(r"http://127\.0\.0\.1:(\d+)\D", log.read_text("utf-8"))

        try:
            # It listens when it has written its address.
            until(lambda: address() or self._process.poll() is not None)
            found = address()
            assert found, log.read_text("utf-8")
        except AssertionError:
            self.stop()
            raise
        self.port = int(found[1])

    def get(self, path: str, token: str | None) -> tuple[int, Any, str | None]:
        """Returns status, body and challenge."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
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
        self._process.wait(SECONDS)
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
