"""A cache hit returns the cached object without calling the core."""

from __future__ import annotations

import time

import pytest
import workload_identity.aio
from workload_identity import WorkloadIdentity
from workload_identity._core import forks

from stubs import CLIENT, IDS, SCOPE, TENANT, Awaited, Blocking, workload_token

OTHER = "99999999-8888-7777-6666-555555555555"


def test_hit_returns_the_same_object() -> None:
    endpoint = Blocking()
    identity = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint)
    first = identity.get_token(SCOPE)
    assert all(identity.get_token(SCOPE) is first for _ in range(10))
    assert len(endpoint.requests) == 1


async def test_hit_returns_the_same_object_in_asyncio() -> None:
    endpoint = Awaited()
    identity = workload_identity.aio.WorkloadIdentity(
        **IDS, source=workload_token, transport=endpoint
    )
    first = await identity.get_token(SCOPE)
    assert await identity.get_token(SCOPE) is first
    assert len(endpoint.requests) == 1


def test_hit_does_not_call_the_core(monkeypatch: pytest.MonkeyPatch) -> None:
    identity = WorkloadIdentity(**IDS, source=workload_token, transport=Blocking())
    first = identity.get_token(SCOPE)
    monkeypatch.setattr(identity, "_host", None)
    assert identity.get_token(SCOPE) is first
    with pytest.raises(AttributeError):
        identity.get_token("https://graph.microsoft.com/.default")


def test_token_and_info_share_one_request() -> None:
    endpoint = Blocking()
    identity = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint)
    token, info = identity.get_token(SCOPE), identity.get_token_info(SCOPE)
    assert (info.token, info.expires_on, info.token_type) == (*token, "Bearer")
    assert identity.get_token_info(SCOPE) is info
    assert len(endpoint.requests) == 1


def test_options_have_separate_tokens() -> None:
    endpoint = Blocking()
    identity = WorkloadIdentity(
        **IDS, source=workload_token, transport=endpoint, additionally_allowed_tenants=[OTHER]
    )
    plain = identity.get_token(SCOPE)
    cae = identity.get_token(SCOPE, enable_cae=True)
    other = identity.get_token(SCOPE, tenant_id=OTHER)
    assert len({plain.token, cae.token, other.token}) == 3
    assert OTHER in endpoint.requests[2].url
    assert identity.get_token(SCOPE, enable_cae=True) is cae
    assert identity.get_token(SCOPE, tenant_id=OTHER) is other
    assert identity.get_token_info(SCOPE, options={"tenant_id": OTHER}).token == other.token
    assert len(endpoint.requests) == 3


CHALLENGE = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}'


def test_challenge_is_never_answered_from_the_cache() -> None:
    endpoint = Blocking()
    identity = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint)
    refused = identity.get_token(SCOPE)
    info = identity.get_token_info(SCOPE)
    challenged = identity.get_token(SCOPE, claims=CHALLENGE)
    assert challenged.token not in (refused.token, info.token)
    assert len(endpoint.requests) == 2
    # The rejected token is gone from both caches.
    assert identity.get_token(SCOPE).token == challenged.token
    assert identity.get_token_info(SCOPE).token == challenged.token
    assert identity.get_token_info(SCOPE, options={"claims": CHALLENGE}).token != challenged.token
    assert len(endpoint.requests) == 3


async def test_challenge_is_never_answered_from_the_cache_in_asyncio() -> None:
    endpoint = Awaited()
    identity = workload_identity.aio.WorkloadIdentity(
        **IDS, source=workload_token, transport=endpoint
    )
    await identity.get_token(SCOPE)
    await identity.get_token_info(SCOPE)
    challenged = await identity.get_token(SCOPE, claims=CHALLENGE)
    assert len(endpoint.requests) == 2
    assert (await identity.get_token(SCOPE)).token == challenged.token
    assert (await identity.get_token_info(SCOPE)).token == challenged.token
    assert len(endpoint.requests) == 2


def test_expired_and_future_tokens_are_not_hits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint = Blocking()
    identity = WorkloadIdentity(**IDS, source=workload_token, transport=endpoint)
    identity.get_token(SCOPE)
    real = time.time
    ((since, until, token),) = identity._tokens.values()
    assert since <= real() < until <= token.expires_on
    for moved in (-7200, 7200):
        monkeypatch.setattr("workload_identity.credential.time", lambda moved=moved: real() + moved)
        identity._tokens = {SCOPE: (since, until, None)}
        assert identity.get_token(SCOPE) is not None


def test_cache_is_bounded() -> None:
    identity = WorkloadIdentity(
        **IDS, source=workload_token, transport=Blocking(), cache_max_entries=3
    )
    for number in range(20):
        identity.get_token(f"https://r{number}.example/.default")
        assert len(identity._tokens) <= 3


def test_without_a_cache_each_call_requests() -> None:
    endpoint = Blocking()
    identity = WorkloadIdentity(
        tenant_id=TENANT,
        client_id=CLIENT,
        source=workload_token,
        transport=endpoint,
        cache_max_entries=0,
    )
    assert identity.get_token(SCOPE) != identity.get_token(SCOPE)
    assert len(endpoint.requests) == 2
    assert identity._tokens == {}


def test_closed_credential() -> None:
    endpoint = Blocking()
    with WorkloadIdentity(**IDS, source=workload_token, transport=endpoint) as identity:
        identity.get_token(SCOPE)
    assert endpoint.closed == 1
    assert identity._tokens == {}
    with pytest.raises(workload_identity.ConfigurationError) as raised:
        identity.get_token(SCOPE)
    assert raised.value.code == "misuse"


def test_credential_is_collected() -> None:
    import gc
    import weakref

    identity = WorkloadIdentity(**IDS, source=workload_token, transport=Blocking())
    identity.get_token(SCOPE)
    gone = weakref.ref(identity)
    del identity
    gc.collect()
    assert gone() is None
    assert forks._instances is not None
    assert all(other is not None for other in forks._instances)
