"""No secret appears in messages, `repr`, logs or pickles, and failures leave no objects behind."""

from __future__ import annotations

import copy
import gc
import logging
import pickle
import sys
import traceback
from collections.abc import Callable

import pytest
import workload_identity.aio
from workload_identity import (
    Callback,
    GitHubActions,
    HttpRequest,
    HttpResponse,
    Signed,
    TokenFile,
    WorkloadIdentity,
    WorkloadIdentityError,
    errors,
)

from stubs import CANARY, IDS, SCOPE, Awaited, Blocking, answered, entra_error, workload_token


class Refusing(Blocking):
    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.refusal = answer

    def answer(self, number: int) -> HttpResponse:
        return self.refusal


ECHO = answered(
    400,
    {
        "error": "invalid_client",
        "error_description": f"AADSTS700213: refused {workload_token()} today",
        "error_codes": [700213],
        "assertion": workload_token(),
    },
)


def test_service_that_echoes_the_assertion(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        identity = WorkloadIdentity(**IDS, source=workload_token, transport=Refusing(ECHO))
        with pytest.raises(WorkloadIdentityError) as raised:
            identity.get_token(SCOPE)
    error = raised.value
    shown = "".join(traceback.format_exception(error))
    assertion = workload_token().split(".")
    for secret in (CANARY, assertion[1][:60], assertion[2]):
        assert secret not in shown
        assert secret not in str(error) + repr(error) + repr(vars(error)) + repr(error.args)
        assert secret not in caplog.text
        assert secret not in repr(identity)


def test_callback_that_raises_its_secret() -> None:
    def source() -> str:
        raise RuntimeError(f"could not use {CANARY}")

    identity = WorkloadIdentity(**IDS, source=source, transport=Blocking())
    with pytest.raises(WorkloadIdentityError) as raised:
        identity.get_token(SCOPE)
    assert CANARY not in str(raised.value) + repr(vars(raised.value))
    assert "RuntimeError" in str(raised.value)
    # The author of the function must be able to find the error.
    assert isinstance(raised.value.__cause__, RuntimeError)


def test_log_contains_no_tokens(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "workload_identity"):
        identity = WorkloadIdentity(**IDS, source=workload_token, transport=Blocking())
        token = identity.get_token(SCOPE).token
    assert SCOPE in caplog.text
    assert token not in caplog.text
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    "thing",
    [
        GitHubActions(request_url="https://x.example", request_token=CANARY),
        TokenFile("/run/token"),
        Callback(workload_token),
        Signed("key", "PS256", lambda data: data),
        HttpRequest("POST", "https://x.example", {"a": CANARY}, CANARY.encode(), 1.0, 1),
        HttpResponse(200, {"a": CANARY}, CANARY.encode()),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_repr_hides_secrets(thing: object) -> None:
    assert CANARY not in repr(thing)
    assert type(thing).__name__ in repr(thing)


@pytest.mark.parametrize("credential", [WorkloadIdentity, workload_identity.aio.WorkloadIdentity])
def test_credentials_cannot_be_pickled_or_copied(credential: Callable[..., object]) -> None:
    identity = credential(**IDS, source=workload_token, transport=Blocking())
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled or copied"):
            attempt(identity)


def test_errors_can_be_pickled() -> None:
    details = {
        "code": "trust_mismatch",
        "message": "no credential accepts this subject",
        "fault": "service",
        "retryable": False,
        "retry_at": 1_700_000_000_500,
        "hint": "compare the subject",
        "http_status": 401,
        "error": "invalid_client",
        "aadsts": [700213],
        "correlation_id": "c",
        "trace_id": "t",
        "claims": "{}",
        "presented": {"issuer": "i", "subject": "s", "audience": ["a"], "algorithm": "RS256"},
    }
    error = errors.from_wire(details)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is workload_identity.AuthenticationError
    assert vars(again) == vars(error)
    assert again.retry_at == 1_700_000_000.5
    assert again.aadsts == (700213,)
    assert str(again) == "no credential accepts this subject (trust_mismatch); compare the subject"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("caller", workload_identity.ConfigurationError),
        ("platform", workload_identity.SourceError),
        ("transport", workload_identity.TransportError),
        ("service", workload_identity.AuthenticationError),
        ("input", workload_identity.TokenError),
        ("internal", workload_identity.InternalError),
        ("unknown", workload_identity.InternalError),
    ],
)
def test_class_of_each_fault(fault: str, kind: type[WorkloadIdentityError]) -> None:
    error = errors.from_wire({"code": "internal", "message": "m", "fault": fault})
    assert type(error) is kind
    assert isinstance(error, WorkloadIdentityError)


async def test_failures_and_cancellations_leak_nothing() -> None:
    import asyncio

    class Slow(Awaited):
        async def send(self, request: HttpRequest) -> HttpResponse:
            await asyncio.sleep(3600)
            raise AssertionError

    refused = WorkloadIdentity(
        **IDS, source=workload_token, transport=Refusing(answered(400, entra_error(90002)))
    )
    stuck = workload_identity.aio.WorkloadIdentity(**IDS, source=workload_token, transport=Slow())

    async def once(number: int) -> None:
        refused._performer.transport.requests.clear()
        with pytest.raises(WorkloadIdentityError):
            refused.get_token(f"https://r{number}.example/.default")
        tasks = [
            asyncio.create_task(stuck.get_token(f"https://r{number}.example/.default"))
            for _ in range(5)
        ]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    for number in range(50):
        await once(number)
    gc.collect()
    before = sys.getallocatedblocks()
    for number in range(50, 250):
        await once(number)
    gc.collect()
    assert len(refused._host.waiters) == len(stuck._host.waiters) == 0
    assert sys.getallocatedblocks() - before < 2000
