"""What a callback is told about the assertion that is wanted."""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from workload_identity import (
    AssertionRequest,
    Callback,
    ConfigurationError,
    HttpResponse,
    SourceError,
    TokenError,
    WorkloadIdentity,
)
from workload_identity.aio import WorkloadIdentity as Aio

from stubs import (
    CLIENT,
    IDS,
    SCOPE,
    TENANT,
    Awaited,
    Blocking,
    answered,
    entra_error,
    workload_token,
)
from waiting import FOREVER, SECONDS, until

CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'


def check(request: AssertionRequest) -> None:
    assert (request.client_id, request.tenant_id) == (CLIENT, TENANT)
    assert request.authority == f"https://login.microsoftonline.com/{TENANT}"
    assert request.token_endpoint == f"{request.authority}/oauth2/v2.0/token"
    assert request.audience == "api://AzureADTokenExchange"
    assert request.claims == CLAIMS
    assert request.client_capabilities == ("cp1",)
    assert request.fmi_path == "agents/a"
    assert request.context is None
    assert len(request.correlation_id) == 36
    assert (request.reason, request.attempt) == ("first", 1)
    assert "first" in repr(request)
    # As functions of earlier versions read it.
    assert request["audience"] == request.get("audience") == request.audience
    assert "context" not in request
    assert request.get("context", 5) == 5
    with pytest.raises(KeyError):
        request["context"]


async def test_the_whole_context() -> None:
    requests: list[AssertionRequest] = []

    def ask(request: AssertionRequest) -> str:
        assert 0 < request.deadline - time.time() <= 9
        assert not request.cancelled
        requests.append(request)
        return workload_token()

    async def ask_later(request: AssertionRequest) -> str:
        return ask(request)

    options: Any = {"claims": CLAIMS, "enable_cae": True, "fmi_path": "agents/a", "timeout": 9}
    WorkloadIdentity(**IDS, source=ask, transport=Blocking()).get_token(SCOPE, **options)
    await Aio(**IDS, source=ask_later, transport=Awaited()).get_token(SCOPE, **options)
    for request in requests:
        check(request)
    assert len({request.correlation_id for request in requests}) == 2


class Refusing(Blocking):
    """Refuses the first assertion."""

    def answer(self, number: int) -> HttpResponse:
        return answered(401, entra_error(700024)) if number == 1 else super().answer(number)


def test_reasons_and_attempts(move_clock: Callable[[float], None]) -> None:
    asked: list[tuple[str, int]] = []

    def ask(request: AssertionRequest) -> str:
        asked.append((request.reason, request.attempt))
        if len(asked) == 1:
            raise TimeoutError
        return workload_token(lifetime=3600 if request.reason == "refresh" else 600)

    identity = WorkloadIdentity(**IDS, source=ask, transport=Refusing())
    identity.get_token(SCOPE)
    assert asked == [("first", 1), ("first", 2), ("rejected", 3)]
    move_clock(700)
    identity.get_token("https://graph.microsoft.com/.default")
    assert asked[3:] == [("refresh", 1)]


class Vault:
    def read(self) -> str:
        return workload_token()

    def issue(self, request: AssertionRequest) -> str:
        assert request.reason == "first"
        return workload_token()

    def either(self, request: AssertionRequest | None = None) -> str:
        assert request is None
        return workload_token()

    @staticmethod
    def make(request: AssertionRequest) -> str:
        assert request.attempt == 1
        return workload_token()

    def __call__(self, request: AssertionRequest) -> str:
        return self.issue(request)


def of_any(*values: object, **named: object) -> str:
    assert not values and not named
    return workload_token()


def of_two(name: str, request: AssertionRequest) -> str:
    assert (name, request.attempt) == ("a", 1)
    return workload_token()


@pytest.mark.parametrize(
    "function",
    [
        workload_token,
        of_any,
        Vault().read,
        Vault().issue,
        Vault().either,
        Vault.make,
        Vault(),
        functools.partial(of_two, "a"),
        functools.partial(workload_token, 60),
        lambda request: request and workload_token(),
        lambda: workload_token(),
    ],
)
def test_functions_with_and_without_argument(function: Any) -> None:
    for source in (function, Callback(function)):
        identity = WorkloadIdentity(**IDS, source=source, transport=Blocking())
        assert identity.get_token(SCOPE).token


def test_a_function_that_needs_two_arguments() -> None:
    with pytest.raises(TypeError, match="one argument"):
        Callback(of_two)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="one argument"):
        WorkloadIdentity(**IDS, source=of_two, transport=Blocking())  # type: ignore[arg-type]


def test_cancelled_after_the_deadline(move_clock: Callable[[float], None]) -> None:
    seen: list[bool] = []

    def ask(request: AssertionRequest) -> str:
        seen.append(request.cancelled)
        move_clock(9)
        seen.append(request.cancelled)
        raise TimeoutError

    identity = WorkloadIdentity(**IDS, source=ask, transport=Blocking())
    with pytest.raises((SourceError, TokenError)):
        identity.get_token(SCOPE, timeout=9)
    assert seen == [False, True]


def test_cancelled_when_the_credential_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    # No deadline passes.
    monkeypatch.setattr("workload_identity.sources.assertion_request.time", lambda: 0)
    begun, seen = threading.Event(), threading.Event()

    def ask(request: AssertionRequest) -> str:
        begun.set()
        until(lambda: request.cancelled)
        seen.set()
        raise TimeoutError

    identity = WorkloadIdentity(**IDS, source=ask, transport=Blocking())
    thread = threading.Thread(target=lambda: pytest.raises(Exception, identity.get_token, SCOPE))
    thread.start()
    assert begun.wait(SECONDS)
    identity.close()
    assert seen.wait(SECONDS)
    thread.join(SECONDS)


async def test_a_coroutine_is_cancelled() -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def ask(request: AssertionRequest) -> str:
        begun.set()
        try:
            await asyncio.sleep(FOREVER)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return ""

    identity = Aio(**IDS, source=ask, transport=Awaited())
    task = asyncio.create_task(identity.get_token(SCOPE))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cancelled.is_set()
