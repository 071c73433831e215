"""The verifier with an issuer on loopback: which keys are fetched when, and the results."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from workload_identity import (
    ConfigurationError,
    Issuer,
    TokenError,
    TokenVerifier,
    VerifiedToken,
    WorkloadIdentityError,
    aio,
    claim,
    peek_unverified,
)
from workload_identity.aiohttp_transport import AiohttpTransport
from workload_identity.httpx_transport import AsyncHttpxTransport, HttpxTransport
from workload_identity.standard_transport import StandardTransport

from loopback_issuer import AUDIENCE, LoopbackIssuer, SigningKey, encoded
from stubs import CANARY
from waiting import until


class Clock:
    """The clock of the package, moved forward by some seconds."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.ahead = 0
        real = time.time_ns

        def moved() -> int:
            return real() + self.ahead * 1_000_000_000

        for place in ("time", "workload_identity.verifier", "workload_identity.aio_verifier"):
            patch.setattr(f"{place}.time_ns", moved)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def verifier_of(issuer: LoopbackIssuer, **options: Any) -> TokenVerifier:
    options = {"jwks_uri": issuer.jwks_uri, "allow_loopback_http": True, **options}
    return TokenVerifier.oidc(issuer.url, AUDIENCE, **options)


def aio_verifier_of(issuer: LoopbackIssuer, **options: Any) -> aio.TokenVerifier:
    options = {"jwks_uri": issuer.jwks_uri, "allow_loopback_http": True, **options}
    return aio.TokenVerifier.oidc(issuer.url, AUDIENCE, **options)


@pytest.mark.smoke
def test_discovery(issuer: LoopbackIssuer) -> None:
    with TokenVerifier.oidc(issuer.url, AUDIENCE, allow_loopback_http=True) as verifier:
        for _ in range(3):
            assert verifier.verify(issuer.token()).subject == "somebody"
    assert issuer.requested_paths == ["/.well-known/openid-configuration", "/keys"]


@pytest.mark.parametrize("make", [StandardTransport, HttpxTransport])
def test_transports(issuer: LoopbackIssuer, make: Callable[[], Any]) -> None:
    with verifier_of(issuer, transport=make()) as verifier:
        assert verifier.verify(issuer.token())["sub"] == "somebody"
    assert issuer.count() == 1


@pytest.mark.parametrize("make", [lambda: None, AsyncHttpxTransport, AiohttpTransport])
async def test_asyncio_transports(issuer: LoopbackIssuer, make: Callable[[], Any]) -> None:
    async with aio_verifier_of(issuer, transport=make()) as verifier:
        found = await asyncio.gather(*(verifier.verify(issuer.token()) for _ in range(20)))
    assert {claims.subject for claims in found} == {"somebody"}
    assert issuer.count() == 1


@pytest.mark.smoke
def test_rotation(issuer: LoopbackIssuer, clock: Clock) -> None:
    with verifier_of(issuer) as verifier:
        former = issuer.token()
        assert verifier.verify(former).key_id == "first"
        issuer.rotate()
        # After the minimum time between two fetches for unknown keys.
        clock.ahead = 60
        assert verifier.verify(issuer.token()).key_id == "second"
        with pytest.raises(TokenError) as raised:
            verifier.verify(former)
    assert raised.value.code == "no_matching_key"
    assert issuer.count() == 2


def test_many_unknown_keys_cause_one_fetch(issuer: LoopbackIssuer, clock: Clock) -> None:
    with verifier_of(issuer) as verifier:
        good = issuer.token()
        verifier.verify(good)
        clock.ahead = 60
        _, rest = good.split(".", 1)
        for number in range(300):
            header = json.dumps({"alg": "RS256", "kid": f"unknown-{number}"})
            with pytest.raises(TokenError) as raised:
                verifier.verify(f"{encoded(header.encode())}.{rest}")
            assert raised.value.code == "no_matching_key"
        assert verifier.verify(good)
    assert issuer.count() == 2


def test_100_threads_fetch_once(issuer: LoopbackIssuer) -> None:
    issuer.delay = 0.2
    token, found = issuer.token(), []
    with verifier_of(issuer) as verifier:
        threads = [
            threading.Thread(target=lambda: found.append(verifier.verify(token).subject))
            for _ in range(100)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == ["somebody"] * 100
    assert issuer.count() == 1


@pytest.mark.smoke
async def test_100_tasks_fetch_once(issuer: LoopbackIssuer) -> None:
    issuer.delay = 0.2
    token = issuer.token()
    async with aio_verifier_of(issuer) as verifier:
        found = await asyncio.gather(*(verifier.verify(token) for _ in range(100)))
    assert {claims.subject for claims in found} == {"somebody"}
    assert issuer.count() == 1


def test_threads_get_their_own_results(issuer: LoopbackIssuer) -> None:
    tokens = {f"caller-{number}": issuer.token(sub=f"caller-{number}") for number in range(4)}
    wrong: list[str] = []
    with verifier_of(issuer, cache_max_bytes=100_000) as verifier:

        def work(subject: str) -> None:
            for _ in range(500):
                claims = verifier.verify(tokens[subject])
                if claims.subject != subject or claims["sub"] != subject:
                    wrong.append(subject)

        threads = [threading.Thread(target=work, args=(subject,)) for subject in tokens]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong


def test_keys_are_refreshed_in_the_background(issuer: LoopbackIssuer, clock: Clock) -> None:
    with verifier_of(issuer) as verifier:
        verifier.verify(issuer.token())
        clock.ahead = 4000
        issuer.delay = 0.2
        token = issuer.token(exp=int(time.time()) + 8000)
        # No caller waits for the new keys.
        assert (verifier.verify(token).key_set_age or 0) >= 4000
        until(lambda: (verifier.verify(token).key_set_age or 0) < 4000)
    assert issuer.count() == 2


async def test_keys_are_refreshed_by_a_task(issuer: LoopbackIssuer, clock: Clock) -> None:
    async with aio_verifier_of(issuer) as verifier:
        await verifier.verify(issuer.token())
        clock.ahead = 4000
        await verifier.verify(issuer.token(exp=int(time.time()) + 8000))
        await asyncio.gather(*verifier._background.tasks)
    assert issuer.count() == 2


def test_snapshot(issuer: LoopbackIssuer) -> None:
    with verifier_of(issuer) as first, verifier_of(issuer) as second:
        first.verify(issuer.token())
        assert second.load_snapshot(first.snapshot()) == 1
        assert second.verify(issuer.token()).subject == "somebody"
        for bad in ("", "[]", '{"version":2,"key_sets":[]}', "\ud800"):
            with pytest.raises(TokenError) as raised:
                second.load_snapshot(bad)
            assert raised.value.code == "malformed"
        with pytest.raises(ConfigurationError):
            second.load_snapshot(5)  # type: ignore[arg-type]
    assert issuer.count() == 1


def test_load_keys(issuer: LoopbackIssuer) -> None:
    weak = {"kty": "RSA", "kid": "weak", "n": "AQAB", "e": "AQAB"}
    issuer.keys.append(type("Weak", (), {"jwk": weak})())  # type: ignore[arg-type]
    with verifier_of(issuer) as verifier:
        (keys,) = verifier.load_keys()
        assert keys.keys == 1 and 0 <= (keys.key_set_age or 0) < 60
        assert [key["code"] for key in keys.unusable] == ["key_rejected"]
        verifier.verify(issuer.token())
    assert issuer.count() == 1


async def test_load_keys_in_asyncio(issuer: LoopbackIssuer) -> None:
    async with aio_verifier_of(issuer) as verifier:
        assert (await verifier.load_keys())[0].keys == 1
        answers = await verifier.verify_many([issuer.token(), "a.b", issuer.token(aud="else")])
    assert [getattr(answer, "code", "accepted") for answer in answers] == [
        "accepted",
        "malformed",
        "audience_mismatch",
    ]
    assert issuer.count() == 1


def test_verify_many(issuer: LoopbackIssuer) -> None:
    with verifier_of(issuer) as verifier:
        good, bad = verifier.verify_many([issuer.token(), issuer.token(exp=1)])
    assert isinstance(good, VerifiedToken) and isinstance(bad, TokenError)
    assert bad.code == "expired"


def test_unreachable_issuer(issuer: LoopbackIssuer) -> None:
    issuer.status = 500
    with verifier_of(issuer) as verifier, pytest.raises(WorkloadIdentityError) as raised:
        verifier.verify(issuer.token(), timeout=1)
    assert raised.value.code in ("keys_unavailable", "deadline_exceeded")
    assert raised.value.retryable


def test_callers_cannot_change_the_cache(issuer: LoopbackIssuer) -> None:
    token = issuer.token(roles=["reader"])
    with verifier_of(issuer, cache_max_bytes=100_000) as verifier:
        for _ in range(3):
            found = verifier.verify(token)
            assert found["roles"] == ["reader"] and found.claims["roles"] == ["reader"]
            found["roles"].append("admin")
            found.claims["roles"].append("admin")


@pytest.mark.smoke
def test_several_issuers(issuer: LoopbackIssuer) -> None:
    other = SigningKey("rsa-other", "other")
    trusted = [
        Issuer.oidc(issuer.url, AUDIENCE, keys=issuer.jwks),
        Issuer.github("api://jobs", repository="octo/app", keys=json.dumps({"keys": [other.jwk]})),
    ]
    job = issuer.claims(
        iss="https://token.actions.githubusercontent.com",
        aud="api://jobs",
        sub="repo:octo/app:ref:refs/heads/main",
        repository="octo/app",
        repository_owner="octo",
    )
    with TokenVerifier(trusted) as verifier:
        assert verifier.verify(issuer.token()).profile == "generic-oidc"
        assert verifier.verify(other.token(job)).profile == "github"
        for forged in (other.token(issuer.claims()), issuer.key.token(job)):
            with pytest.raises(TokenError) as raised:
                verifier.verify(forged)
            assert raised.value.code == "no_matching_key"
        with pytest.raises(TokenError) as raised:
            verifier.verify(other.token({**job, "repository": "octo/else"}))
    assert raised.value.code == "claim_mismatch"


def test_claim_rules(issuer: LoopbackIssuer) -> None:
    rules = [
        claim("sub").glob("some*"),
        claim("/a/b").equals(1),
        claim("env").one_of(["prod", "test"]),
        claim("iat").present(),
        claim("act").absent(),
    ]
    with verifier_of(issuer, keys=issuer.jwks, jwks_uri=None, claims=rules) as verifier:
        assert verifier.verify(issuer.token(a={"b": 1}, env="prod"))
        for claims in (
            {"sub": "else"},
            {"a": {"b": "1"}},
            {"env": "dev"},
            {"iat": None},
            {"act": {}},
        ):
            with pytest.raises(TokenError) as raised:
                verifier.verify(issuer.token(**{"a": {"b": 1}, "env": "prod", **claims}))
            assert raised.value.code in ("claim_mismatch", "claim_missing")
    assert repr(rules[0]) == "<ClaimRule 'sub' glob 'some*'>"


def test_secrets_are_not_shown(issuer: LoopbackIssuer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown = []
    with verifier_of(issuer) as verifier:
        shown.append(repr(verifier.verify(issuer.token())))
        shown.append(repr(verifier) + repr(verifier._issuers) + verifier.snapshot())
        for claims in ({"aud": "else"}, {"exp": 1}, {"iss": "https://else.example"}, {"exp": "x"}):
            token = issuer.token(**claims)
            with pytest.raises(TokenError) as raised:
                verifier.verify(token)
            shown.append(repr(raised.value) + str(raised.value) + repr(vars(raised.value)))
            assert token[-20:] not in shown[-1]
        shown.append(repr(peek_unverified(issuer.token())))
    shown.append(caplog.text)
    assert "refused" in caplog.text
    assert CANARY not in "".join(shown)


def test_closed_verifier(issuer: LoopbackIssuer) -> None:
    verifier = verifier_of(issuer)
    with pytest.raises(TypeError):
        pickle.dumps(verifier)
    verifier.close()
    with pytest.raises(ConfigurationError) as raised:
        verifier.verify(issuer.token())
    assert raised.value.code == "misuse"
    with pytest.raises(ConfigurationError):
        verifier.load_keys()
