"""`SharedTokenCache`: one cache of several credentials, partitioned by authority, client and tenant."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from typing import Any

import pytest
from workload_identity import (
    ConfigurationError,
    HttpRequest,
    HttpResponse,
    SharedTokenCache,
    TokenError,
    WorkloadIdentity,
    WorkloadIdentityError,
)
from workload_identity.aio import WorkloadIdentity as Aio

from stubs import CLIENT, IDS, SCOPE, TENANT, Awaited, Blocking, workload_token
from test_fork import run
from waiting import FOREVER, SECONDS, followers, until, until_in_loop

OTHER = "99999999-8888-7777-6666-555555555555"
GRAPH = "https://graph.microsoft.com/.default"


def identity(cache: SharedTokenCache, transport: Any, **changes: Any) -> WorkloadIdentity:
    return WorkloadIdentity(
        **{**IDS, "source": workload_token, "transport": transport, "cache": cache, **changes}
    )


def aio_identity(cache: SharedTokenCache, transport: Any, **changes: Any) -> Aio:
    return Aio(
        **{**IDS, "source": workload_token, "transport": transport, "cache": cache, **changes}
    )


def test_objects_of_one_client_share_tokens() -> None:
    cache, first, second = SharedTokenCache(), Blocking(), Blocking()
    token = identity(cache, first).get_token(SCOPE)
    assert identity(cache, second).get_token(SCOPE).token == token.token
    assert (len(first.requests), len(second.requests)) == (1, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": OTHER},
        {"tenant_id": OTHER},
        {"authority_host": "https://login.microsoftonline.us"},
    ],
    ids=str,
)
def test_other_clients_get_their_own_tokens(changes: dict[str, str]) -> None:
    cache, endpoint = SharedTokenCache(), Blocking()
    first, second = identity(cache, endpoint), identity(cache, endpoint, **changes)
    tokens = [first.get_token(SCOPE).token, second.get_token(SCOPE).token]
    assert len(set(tokens)) == 2
    again = [identity(cache, endpoint), identity(cache, endpoint, **changes)]
    assert [each.get_token(SCOPE).token for each in again] == tokens
    assert len(endpoint.requests) == 2


def test_a_tenant_of_a_request_is_the_partition_of_that_tenant() -> None:
    cache, endpoint = SharedTokenCache(), Blocking()
    wide = identity(cache, endpoint, additionally_allowed_tenants=[OTHER])
    narrow = identity(cache, endpoint, tenant_id=OTHER)
    assert wide.get_token(SCOPE, tenant_id=OTHER).token == narrow.get_token(SCOPE).token
    with pytest.raises(ConfigurationError, match="tenant_id"):
        identity(cache, endpoint).get_token(SCOPE, tenant_id=OTHER)


def test_threads_of_several_objects_make_one_request() -> None:
    cache, endpoint = SharedTokenCache(), Blocking(held=True)
    tokens: list[str] = []
    threads = [
        threading.Thread(
            target=lambda: tokens.append(identity(cache, endpoint).get_token(SCOPE).token)
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    until(lambda: followers(cache) == 7)
    endpoint.release()
    for thread in threads:
        thread.join(SECONDS)
    assert len(tokens) == 8
    assert len(set(tokens)) == len(endpoint.requests) == 1
    assert len(cache._host.waiters) == 0


async def test_tasks_of_several_objects_make_one_request() -> None:
    cache, endpoint = SharedTokenCache(), Awaited(held=True)
    identities = [aio_identity(cache, endpoint) for _ in range(8)]
    tasks = [asyncio.create_task(each.get_token(SCOPE)) for each in identities]
    await until_in_loop(lambda: followers(cache) == 7)
    endpoint.release()
    tokens = await asyncio.gather(*tasks)
    assert len({token.token for token in tokens}) == len(endpoint.requests) == 1


def test_event_loops_and_threads_share_one_cache() -> None:
    cache, awaited, blocking = SharedTokenCache(), Awaited(held=True), Blocking(held=True)
    tokens: list[str] = []

    async def acquire() -> None:
        tokens.append((await aio_identity(cache, awaited).get_token(SCOPE)).token)

    threads = [threading.Thread(target=lambda: asyncio.run(acquire())) for _ in range(3)]
    threads += [
        threading.Thread(
            target=lambda: tokens.append(identity(cache, blocking).get_token(SCOPE).token)
        )
    ]
    for thread in threads:
        thread.start()
    until(lambda: followers(cache) == 3)
    for endpoint in (awaited, blocking):
        endpoint.release()
    for thread in threads:
        thread.join(SECONDS)
    assert len(tokens) == 4
    assert len(set(tokens)) == 1
    assert len(awaited.requests) + len(blocking.requests) == 1


class Stuck(Blocking):
    """A transport that fails when it is closed, and does not answer before."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.ended = threading.Event()

    def send(self, request: HttpRequest) -> HttpResponse:
        self.counted(request)
        self.asked.set()
        self.ended.wait(FOREVER)
        raise OSError("closed")

    def close(self) -> None:
        self.ended.set()


def test_a_closed_leader_passes_its_request_on(only_woken: None) -> None:
    cache, stuck, endpoint = SharedTokenCache(), Stuck(), Blocking()
    leader, follower = identity(cache, stuck), identity(cache, endpoint)
    failed: list[WorkloadIdentityError] = []
    tokens: list[str] = []

    def lead() -> None:
        try:
            leader.get_token(SCOPE)
        except WorkloadIdentityError as error:
            failed.append(error)

    threads = [
        threading.Thread(target=lead),
        threading.Thread(target=lambda: tokens.append(follower.get_token(SCOPE).token)),
    ]
    threads[0].start()
    assert stuck.asked.wait(SECONDS)
    threads[1].start()
    until(lambda: followers(cache) == 1)
    leader.close()
    for thread in threads:
        thread.join(SECONDS)
    assert [error.code for error in failed] == ["cancelled"]
    assert len(tokens) == len(endpoint.requests) == 1


async def test_a_closed_leader_passes_its_request_on_in_asyncio(only_woken: None) -> None:
    class Forever(Awaited):
        async def send(self, request: HttpRequest) -> HttpResponse:
            self.counted(request)
            await asyncio.sleep(FOREVER)
            raise AssertionError

    cache, forever, endpoint = SharedTokenCache(), Forever(), Awaited()
    leader, follower = aio_identity(cache, forever), aio_identity(cache, endpoint)
    leading = asyncio.create_task(leader.get_token(SCOPE))
    await until_in_loop(lambda: forever.requests)
    following = asyncio.create_task(follower.get_token(SCOPE))
    await until_in_loop(lambda: followers(cache) == 1)
    leading.cancel()
    await leader.close()
    await asyncio.wait_for(following, SECONDS)
    assert len(endpoint.requests) == 1


def test_closing_one_object_keeps_the_tokens_of_the_others() -> None:
    cache, endpoint = SharedTokenCache(), Blocking()
    first, second = identity(cache, endpoint), identity(cache, endpoint)
    token = first.get_token(SCOPE)
    first.close()
    with pytest.raises(WorkloadIdentityError, match="closed"):
        first.get_token(SCOPE)
    assert second.get_token(SCOPE).token == token.token
    assert identity(cache, endpoint).get_token(SCOPE).token == token.token
    assert len(endpoint.requests) == 1


def test_a_new_token_replaces_that_of_all_objects() -> None:
    cache, endpoint = SharedTokenCache(), Blocking()
    first, second = identity(cache, endpoint), identity(cache, endpoint)
    old = [first.get_token(SCOPE).token, second.get_token(SCOPE).token]
    new = first.get_token(SCOPE, force_refresh=True).token
    assert new not in old
    assert second.get_token(SCOPE).token == new
    challenged = second.get_token(SCOPE, claims='{"access_token":{}}').token
    assert first.get_token(SCOPE).token == challenged != new


def test_the_bound_holds_for_all_objects_together() -> None:
    cache, endpoint = SharedTokenCache(max_entries=2), Blocking()
    objects = [identity(cache, endpoint, client_id=f"{n}{CLIENT[1:]}") for n in range(3)]
    for each in objects:
        each.get_token(SCOPE)
    assert sum(each._remembered() for each in objects) <= 2
    objects[0].get_token(SCOPE)
    assert len(endpoint.requests) == 4
    small, other = SharedTokenCache(max_bytes=10), Blocking()
    identity(small, other).get_token(SCOPE)
    identity(small, other).get_token(SCOPE)
    assert len(other.requests) == 2
    off = SharedTokenCache(max_entries=0)
    user = identity(off, other)
    user.get_token(SCOPE)
    user.get_token(SCOPE)
    assert len(other.requests) == 4


def test_one_refresh_for_all_objects(move_clock: Callable[[float], None]) -> None:
    cache, endpoint = SharedTokenCache(), Blocking(refresh_in=1800)
    first, second = identity(cache, endpoint), identity(cache, endpoint)
    old = first.get_token(SCOPE).token
    move_clock(2400)
    endpoint.hold()
    assert first.get_token(SCOPE).token == second.get_token(SCOPE).token == old
    endpoint.release()
    until(lambda: second.get_token(SCOPE).token != old)
    assert first.get_token(SCOPE).token == second.get_token(SCOPE).token
    assert len(endpoint.requests) == 2


def test_dropped_objects_leave_nothing_behind() -> None:
    cache, endpoint = SharedTokenCache(), Blocking()
    for _ in range(50):
        identity(cache, endpoint).get_token(SCOPE)
    gc.collect()
    assert len(cache._users) == 0
    assert len(endpoint.requests) == 1


def test_child_process_has_a_machine_of_its_own() -> None:
    run(
        """
        from workload_identity import SharedTokenCache
        cache, endpoint = SharedTokenCache(), Blocking()
        identities = [
            WorkloadIdentity(**IDS, source=workload_token, transport=endpoint, cache=cache) for _ in range(2)
        ]
        token = identities[0].get_token(SCOPE)
        engine = cache._host.engine

        def child():
            assert cache._host.engine is not engine
            assert identities[0].get_token(SCOPE) is token
            new = identities[1].get_token(SCOPE)
            assert new.token != token.token
            assert len(endpoint.requests) == 2

        in_child(child)
        assert cache._host.engine is engine
        """
    )


@pytest.mark.parametrize("name", ["max_entries", "max_bytes"])
@pytest.mark.parametrize("value", [-1, 1.5, "5", True, 1 << 40, float("nan"), [5]], ids=str)
def test_wrong_bounds(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=name) as raised:
        SharedTokenCache(**{name: value})
    assert raised.value.code == "config_invalid"


def test_wrong_use() -> None:
    cache = SharedTokenCache()
    wrong: Any
    for wrong in ({}, "cache", SharedTokenCache, 5):
        with pytest.raises(ConfigurationError, match="SharedTokenCache"):
            identity(wrong, Blocking())
    with pytest.raises(ConfigurationError, match="cache_max_entries"):
        identity(cache, Blocking(), cache_max_entries=5)
    with pytest.raises(WorkloadIdentityError, match="client_id"):
        WorkloadIdentity(
            authority={"token_endpoint": "https://issuer.example/token"},
            source=workload_token,
            cache=cache,
        )
    with pytest.raises(TypeError, match="pickled"):
        cache.__reduce_ex__(4)
    assert "max_entries=10000" in repr(cache)
    endpoint = Blocking()
    with pytest.raises((ConfigurationError, TokenError)):
        identity(cache, endpoint).get_token()
    identity(cache, endpoint).get_token(SCOPE)


def test_fmi_path_separates_tokens() -> None:
    cache, endpoint = SharedTokenCache(), Blocking()
    first, second = identity(cache, endpoint), identity(cache, endpoint)
    plain = first.get_token(SCOPE).token
    agent = first.get_token(SCOPE, fmi_path="agents/a").token
    assert agent != plain
    assert second.get_token(SCOPE, fmi_path="agents/a").token == agent
    options: Any = {"fmi_path": "agents/a"}
    assert second.get_token_info(SCOPE, options=options).token == agent
    assert [b"fmi_path=agents%2Fa" in request.body for request in endpoint.requests] == [
        False,
        True,
    ]


@pytest.mark.parametrize("path", ["", " ", " a", "a\n", "a\0b", "a" * 1025, 5, ["a"]], ids=repr)
def test_wrong_fmi_path(path: Any) -> None:
    endpoint = Blocking()
    user = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint)
    with pytest.raises(ConfigurationError, match="fmi_path") as raised:
        user.get_token(SCOPE, fmi_path=path)
    assert raised.value.code == "request_invalid"
    assert user.get_token(SCOPE).token
    assert TENANT in endpoint.requests[0].url


def test_fmi_path_needs_entra() -> None:
    generic = WorkloadIdentity(
        authority={"token_endpoint": "https://issuer.example/token"},
        source=workload_token,
        transport=Blocking(),
    )
    with pytest.raises(ConfigurationError, match="fmi_path"):
        generic.get_token("api", fmi_path="a")
