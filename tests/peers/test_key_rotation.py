"""Our verifiers accept tokens across key rotations of OpenBao, and refuse tokens of a key that was removed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import verifiers
from access_tokens import header
from openbao import OpenBao

AUDIENCE = "api://orders"
KEY = "rotating"
# Longer than the minimum time between two fetches for an unknown key.
COOLED_DOWN = 301
# The hard age of a key set is a day.
HARD_AGE = 24 * 3600 + 60


@pytest.fixture
def issuer(openbao: OpenBao) -> Iterator[OpenBao]:
    """OpenBao with a key of this test's own, whose tokens outlive the hard age."""
    openbao.add_key(KEY, "RS256", verification_ttl="96h")
    openbao.add_audience("orders", AUDIENCE, ttl="72h", key=KEY)
    yield openbao
    openbao.remove("orders", KEY)


@pytest.fixture(params=("python", "python-asyncio", "node"))
def verifier(request: pytest.FixtureRequest, issuer: OpenBao) -> Iterator[verifiers.Verifier]:
    """Each of our verifiers that fetch keys, configured with the issuer only."""
    chosen = {"issuer": issuer.issuer, "audience": AUDIENCE}
    if request.param == "node":
        started = verifiers.node(request.getfixturevalue("our_npm"), chosen)
    else:
        site = request.getfixturevalue("site")
        started = verifiers.python(site, chosen, asynchronous=request.param == "python-asyncio")
    yield started
    started.stop()


def test_rotations_are_followed_without_a_refusal(verifier: verifiers.Verifier, issuer: OpenBao) -> None:
    tokens = [issuer.token("orders")]
    known = issuer.published_key_ids()
    assert verifier.verify(tokens[0]) == {"key_id": header(tokens[0])["kid"]}
    # OpenBao publishes the next key ahead of its use, so every second rotation shows an unknown key.
    for _ in range(4):
        issuer.rotate(KEY)
        tokens.append(issuer.token("orders"))
        for token in tokens:
            assert verifier.verify(token) == {"key_id": header(token)["kid"]}
        verifier.advance(COOLED_DOWN)
    kids = [header(token)["kid"] for token in tokens]
    assert len(set(kids)) == len(kids)
    assert len(set(kids) - known) == 3, "keys were used that were not published at first"


def test_a_removed_key_stops_working_within_the_hard_age(verifier: verifiers.Verifier, issuer: OpenBao) -> None:
    token = issuer.token("orders")
    kid = header(token)["kid"]
    assert verifier.verify(token) == {"key_id": kid}
    issuer.remove("orders", KEY)
    assert kid not in issuer.published_key_ids()
    verifier.advance(HARD_AGE)
    assert verifier.verify(token) == {"error": "no_matching_key"}


def test_a_token_for_somebody_else_is_refused(verifier: verifiers.Verifier, issuer: OpenBao) -> None:
    assert verifier.verify(issuer.token("elsewhere")) == {"error": "audience_mismatch"}
    head, payload, signature = issuer.token("orders").split(".")
    turned = signature[:-2] + ("AA" if signature[-2:] != "AA" else "BA")
    assert verifier.verify(f"{head}.{payload}.{turned}")["error"] in ("signature_invalid", "malformed")
