"""A token is refreshed in the background shortly before it expires: once, and no caller waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
import workload_identity.aio
from workload_identity import WorkloadIdentity

from stubs import IDS, SCOPE, Awaited, Blocking, HttpResponse, answered, workload_token
from waiting import until

Aio = workload_identity.aio.WorkloadIdentity


def workload() -> str:
    return workload_token(lifetime=86_400)


def test_one_background_refresh(move_clock: Callable[[float], None]) -> None:
    endpoint = Blocking(refresh_in=1800)
    identity = WorkloadIdentity(**IDS, source=workload, transport=endpoint)
    first = identity.get_token(SCOPE)
    move_clock(2400)
    endpoint.hold()
    # Nobody waits for the refresh, which cannot end yet.
    for _ in range(20):
        assert identity.get_token(SCOPE).token == first.token
    endpoint.release()
    until(lambda: not identity._host.refresh_thread_runs)
    assert len(endpoint.requests) == 2
    assert identity.get_token(SCOPE).token != first.token
    assert len(endpoint.requests) == 2


async def test_one_background_refresh_in_asyncio(move_clock: Callable[[float], None]) -> None:
    endpoint = Awaited(refresh_in=1800)
    async with Aio(**IDS, source=workload, transport=endpoint) as identity:
        first = await identity.get_token(SCOPE)
        move_clock(2400)
        endpoint.hold()
        for _ in range(20):
            assert (await identity.get_token(SCOPE)).token == first.token
        assert len(identity._background.tasks) == 1
        endpoint.release()
        await asyncio.gather(*identity._background.tasks)
        assert len(endpoint.requests) == 2
        assert (await identity.get_token(SCOPE)).token != first.token
        assert not identity._background.tasks


class Failing(Blocking):
    def answer(self, number: int) -> HttpResponse:
        return super().answer(number) if number == 1 else answered(503, {}, **{"retry-after": "3600"})


def test_failed_refresh_raises_nothing(
    move_clock: Callable[[float], None], caplog: pytest.LogCaptureFixture
) -> None:
    endpoint = Failing(refresh_in=1800)
    identity = WorkloadIdentity(**IDS, source=workload, transport=endpoint)
    first = identity.get_token(SCOPE)
    move_clock(2400)
    with caplog.at_level("DEBUG", "workload_identity"):
        assert identity.get_token(SCOPE).token == first.token
        until(lambda: not identity._host.refresh_thread_runs)
    assert identity.get_token(SCOPE).token == first.token
    assert "a proactive refresh failed" in caplog.text


def test_thread_ends_after_the_last_refresh(move_clock: Callable[[float], None]) -> None:
    endpoint = Blocking(refresh_in=1800)
    identity = WorkloadIdentity(**IDS, source=workload, transport=endpoint)
    for number in range(10):
        identity.get_token(f"https://r{number}.example/.default")
    move_clock(2400)
    for number in range(10):
        identity.get_token(f"https://r{number}.example/.default")
    until(lambda: not identity._host.refresh_thread_runs)
    until(lambda: not any(t.name == "workload-identity-refresh" for t in threading.enumerate()))
    assert len(endpoint.requests) == 20


async def test_closing_cancels_the_task(move_clock: Callable[[float], None]) -> None:
    endpoint = Awaited(refresh_in=1800)
    identity = Aio(**IDS, source=workload, transport=endpoint)
    await identity.get_token(SCOPE)
    move_clock(2400)
    endpoint.hold()
    await identity.get_token(SCOPE)
    (task,) = identity._background.tasks
    await identity.close()
    assert task.cancelled()
    assert not identity._background.tasks
    assert endpoint.closed == 1
