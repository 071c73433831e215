"""Concurrent callers share one token request and one failure, and a leader that ends is replaced at once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import workload_identity.aio
from workload_identity import AuthenticationError, HttpRequest, HttpResponse, WorkloadIdentity

from conftest import Emulator
from stubs import IDS, SCOPE, Awaited, Blocking, answered, entra_error, workload_token
from waiting import FOREVER, SECONDS, Stopwatch, followers, until, until_in_loop

Aio = workload_identity.aio.WorkloadIdentity


def at_once(count: int, work: object, meanwhile: Callable[[], None] = lambda: None) -> list[object]:
    """Runs `work` in `count` threads at once, and `meanwhile` in this one. Returns the results or the exceptions."""
    barrier = threading.Barrier(count)

    def run() -> object:
        barrier.wait()
        try:
            return work()  # type: ignore[operator]
        except Exception as failure:
            return failure

    with ThreadPoolExecutor(count) as threads:
        futures = [threads.submit(run) for _ in range(count)]
        meanwhile()
        return [future.result() for future in futures]


@pytest.mark.smoke
def test_200_threads_make_one_token_request(emulator: Emulator) -> None:
    identity = WorkloadIdentity(environment=emulator.environment())
    before = emulator.token_requests()
    tokens = at_once(200, lambda: identity.get_token(SCOPE))
    assert emulator.token_requests() - before == 1
    assert len({token.token for token in tokens}) == 1  # type: ignore[attr-defined]
    assert len(identity._host.waiters) == 0


async def test_1000_tasks_make_one_token_request(emulator: Emulator) -> None:
    async with Aio(environment=emulator.environment()) as identity:
        before = emulator.token_requests()
        tokens = await asyncio.gather(*(identity.get_token(SCOPE) for _ in range(1000)))
        assert emulator.token_requests() - before == 1
        assert len({token.token for token in tokens}) == 1
        assert len(identity._host.waiters) == 0


class Refusing(Blocking):
    def answer(self, number: int) -> HttpResponse:
        return answered(401, entra_error(700016, "unauthorized_client"))


class RefusingAwaited(Awaited):
    def answer(self, number: int) -> HttpResponse:
        return answered(401, entra_error(700016, "unauthorized_client"))


def test_one_failure_reaches_all_threads() -> None:
    endpoint = Refusing(held=True)
    identity = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint)

    def refuse() -> None:
        until(lambda: followers(identity) == 99)
        endpoint.release()

    failures = at_once(100, lambda: identity.get_token(SCOPE), refuse)
    assert len(endpoint.requests) == 1
    assert {type(failure) for failure in failures} == {AuthenticationError}
    assert {failure.aadsts for failure in failures} == {(700016,)}  # type: ignore[attr-defined]
    assert len(set(map(id, failures))) == 100


async def test_one_failure_reaches_all_tasks() -> None:
    endpoint = RefusingAwaited(held=True)
    identity = Aio(**IDS, source=workload_token, transport=endpoint)
    tasks = [asyncio.create_task(identity.get_token(SCOPE)) for _ in range(200)]
    await until_in_loop(lambda: followers(identity) == 199)
    endpoint.release()
    failures = await asyncio.gather(*tasks, return_exceptions=True)
    assert len(endpoint.requests) == 1
    assert {type(failure) for failure in failures} == {AuthenticationError}


async def test_cancelled_leader_is_replaced_at_once(only_woken: None) -> None:
    class Stuck(Awaited):
        async def send(self, request: HttpRequest) -> HttpResponse:
            number = self.counted(request)
            if number == 1:
                await asyncio.sleep(3600)
            return self.answer(number)

    endpoint = Stuck()
    identity = Aio(**IDS, source=workload_token, transport=endpoint)
    leader = asyncio.create_task(identity.get_token(SCOPE))
    await until_in_loop(lambda: endpoint.requests)
    following = [asyncio.create_task(identity.get_token(SCOPE)) for _ in range(50)]
    await until_in_loop(lambda: followers(identity) == 50)
    leader.cancel()
    with Stopwatch():
        tokens = await asyncio.gather(*following)
    assert leader.cancelled()
    assert len(endpoint.requests) == 2
    assert len({token.token for token in tokens}) == 1
    assert len(identity._host.waiters) == 0


async def test_cancelled_followers_do_not_affect_others() -> None:
    endpoint = Awaited(held=True)
    identity = Aio(**IDS, source=workload_token, transport=endpoint)
    tasks = [asyncio.create_task(identity.get_token(SCOPE)) for _ in range(20)]
    await until_in_loop(lambda: followers(identity) == 19)
    for task in tasks[1:10]:
        task.cancel()
    await until_in_loop(lambda: followers(identity) == 10)
    endpoint.release()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert len(endpoint.requests) == 1
    assert sum(isinstance(result, asyncio.CancelledError) for result in results) == 9
    assert sum(hasattr(result, "token") for result in results) == 11
    assert len(identity._host.waiters) == 0


def test_leader_that_raises_is_replaced_at_once(only_woken: None) -> None:
    begun, may_raise = threading.Event(), threading.Event()

    class Raising(Blocking):
        def send(self, request: HttpRequest) -> HttpResponse:
            number = self.counted(request)
            if number == 1:
                begun.set()
                may_raise.wait(FOREVER)
                raise SystemExit
            return self.answer(number)

    endpoint = Raising()
    identity = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint)
    ended: list[type[BaseException]] = []

    def lead() -> None:
        try:
            identity.get_token(SCOPE)
        except SystemExit as end:
            ended.append(type(end))

    leader = threading.Thread(target=lead)
    leader.start()
    assert begun.wait(SECONDS)

    def end() -> None:
        until(lambda: followers(identity) == 20)
        may_raise.set()

    with Stopwatch():
        tokens = at_once(20, lambda: identity.get_token(SCOPE), end)
        leader.join()
    assert ended == [SystemExit]
    assert len(endpoint.requests) == 2
    assert len({token.token for token in tokens}) == 1  # type: ignore[attr-defined]


def test_follower_keeps_its_own_deadline() -> None:
    endpoint = Blocking(held=True)
    identity = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint)
    leader = threading.Thread(target=identity.get_token, args=(SCOPE,))
    leader.start()
    until(lambda: endpoint.requests)
    begun = time.monotonic()
    with pytest.raises(workload_identity.ConfigurationError) as raised:
        identity.get_token(SCOPE, timeout=0.2)
    assert time.monotonic() - begun > 0.15
    assert raised.value.code == "deadline_exceeded"
    # The leader has no answer until now.
    assert leader.is_alive()
    endpoint.release()
    leader.join()
    assert len(endpoint.requests) == 1


async def test_task_keeps_its_own_deadline() -> None:
    endpoint = Awaited(held=True)
    identity = Aio(**IDS, source=workload_token, transport=endpoint)
    leader = asyncio.create_task(identity.get_token(SCOPE))
    await until_in_loop(lambda: endpoint.requests)
    begun = time.monotonic()
    with pytest.raises(workload_identity.ConfigurationError) as raised:
        await identity.get_token(SCOPE, timeout=0.2)
    assert time.monotonic() - begun > 0.15
    assert raised.value.code == "deadline_exceeded"
    assert not leader.done()
    endpoint.release()
    await leader
    assert len(endpoint.requests) == 1


def test_several_event_loops_share_one_flight() -> None:
    endpoint = Awaited(held=True)
    identity = Aio(**IDS, source=workload_token, transport=endpoint)

    async def several() -> set[str]:
        tokens = await asyncio.gather(*(identity.get_token(SCOPE) for _ in range(25)))
        return {token.token for token in tokens}

    def answer() -> None:
        until(lambda: followers(identity) == 199)
        endpoint.release()

    found = at_once(8, lambda: asyncio.run(several()), answer)
    assert len(endpoint.requests) == 1
    assert all(tokens == found[0] for tokens in found)
    assert len(found[0]) == 1  # type: ignore[arg-type]


def test_event_loop_that_ends_does_not_affect_others() -> None:
    endpoint = Awaited(held=True)
    identity = Aio(**IDS, source=workload_token, transport=endpoint)

    async def give_up() -> None:
        waiting = asyncio.create_task(identity.get_token(SCOPE))
        await until_in_loop(lambda: followers(identity) == 1)
        assert not waiting.done()

    async def lead() -> str:
        return (await identity.get_token(SCOPE)).token

    with ThreadPoolExecutor(2) as threads:
        leading = threads.submit(asyncio.run, lead())
        until(lambda: endpoint.requests)
        threads.submit(asyncio.run, give_up()).result()
        endpoint.release()
        assert leading.result()
    assert len(endpoint.requests) == 1
    assert len(identity._host.waiters) == 0
