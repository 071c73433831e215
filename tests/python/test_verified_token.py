"""`VerifiedToken`: a mapping of the claims, with attributes for common claims and the key."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Mapping
from typing import Any

import pytest
from workload_identity import TokenVerifier, VerifiedToken

from conftest import REPOSITORY
from loopback_issuer import AUDIENCE, LoopbackIssuer

pytestmark = pytest.mark.smoke


@pytest.fixture
def verifier(issuer: LoopbackIssuer) -> TokenVerifier:
    return TokenVerifier.oidc(issuer.url, AUDIENCE, keys=issuer.jwks)


def test_claims_and_attributes(issuer: LoopbackIssuer, verifier: TokenVerifier) -> None:
    claims = issuer.claims(big=2**70, half=0.5, text='ä"\n\\', none=None, nested={"a": [1, {}]})
    found = verifier.verify(issuer.key.token(claims))
    assert isinstance(found, VerifiedToken) and isinstance(found, Mapping)
    assert found == claims == dict(found) == found.claims
    assert found != {**claims, "sub": "else"}
    assert found["sub"] == found.get("sub") == found.subject == "somebody"
    assert found.get("missing") is None and found.get("missing", 5) == 5 and "missing" not in found
    assert (len(found), list(found), list(found.keys())) == (
        len(claims),
        list(claims),
        list(claims),
    )
    assert list(found.values()) == list(claims.values()) and dict(found.items()) == claims
    assert (found.issuer, found.audience) == (issuer.url, (AUDIENCE,))
    assert (found.expires_on, found.algorithm, found.key_id) == (claims["exp"], "RS256", "first")
    assert (found.profile, found.key_set_age) == ("generic-oidc", None)
    assert found.header == {"alg": "RS256", "typ": "JWT", "kid": "first"}
    assert len(found.key_thumbprint) == 43
    with pytest.raises(KeyError):
        found["missing"]
    with pytest.raises(TypeError):
        VerifiedToken()
    with pytest.raises(AttributeError):
        found.subject = "else"  # type: ignore[misc]


STRANGE: dict[str, Any] = {
    "text": "plain",
    "empty": "",
    "quoted": 'a"b\\c',
    "unicode": "ä€😀",
    "escaped\n": "name",
    'quo"ted': "name",
    "like": '"sub":"else","missing":1',
    "zero": 0,
    "negative": -12,
    "big": 2**70,
    "half": 0.5,
    "small": 1.5e-7,
    "yes": True,
    "no": False,
    "none": None,
    "list": [1, [2, {"a": "]"}], "}"],
    "object": {"sub": "inner", "a": {"b": ["{"]}},
    "nothing": {},
    "": "no name",
}


@pytest.mark.parametrize("indent", [None, 1])
def test_single_claims(issuer: LoopbackIssuer, verifier: TokenVerifier, indent: int | None) -> None:
    claims = {**STRANGE, **issuer.claims()}
    payload = json.dumps(claims, indent=indent, ensure_ascii=indent is None)
    token = issuer.key.signed({"alg": "RS256", "kid": "first"}, payload)
    for name, value in claims.items():
        found = verifier.verify(token)
        assert found[name] == value and type(found[name]) is type(value)
        assert verifier.verify(token).get(name, 5) == value
    for missing in ("missing", "a", "b", "\ud800", 5, None):
        found = verifier.verify(token)
        assert found.get(missing, 7) == 7  # type: ignore[call-overload]
        with pytest.raises(KeyError):
            found[missing]  # type: ignore[index]
    # However often and in whatever order it is asked.
    found = verifier.verify(token)
    for _ in range(3):
        assert {name: found[name] for name in claims} == claims == found
    assert found["list"] is found["list"]


def test_only_a_verification_makes_it(issuer: LoopbackIssuer, verifier: TokenVerifier) -> None:
    found = verifier.verify(issuer.token())
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            copied(found)
    with pytest.raises(TypeError):
        type("Mine", (VerifiedToken,), {})
    with pytest.raises(TypeError):
        found["sub"] = "else"  # type: ignore[index]
    with pytest.raises(TypeError):
        hash(found)
    match found:
        case {"sub": subject}:
            assert subject == "somebody"
        case _:
            raise AssertionError("no mapping")


GRANTED = json.loads((REPOSITORY / "tests/vectors/granted.json").read_text("utf-8"))


@pytest.mark.parametrize("case", GRANTED, ids=[case["name"] for case in GRANTED])
def test_roles_and_scopes(
    issuer: LoopbackIssuer, verifier: TokenVerifier, case: dict[str, Any]
) -> None:
    found = verifier.verify(issuer.key.token(issuer.claims(**case["claims"])))
    assert found.roles == tuple(case["roles"]) and found.scopes == tuple(case["scopes"])
    assert all(found.has_role(role) for role in case["roles"])
    assert all(found.has_scope(scope) for scope in case["scopes"])
    assert found.has_role("Orders.Read") == ("Orders.Read" in case["roles"])
    assert not found.has_scope("Orders") and not found.has_role("")
    assert found.is_app is case["is_app"]
