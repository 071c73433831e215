"""The verifiers that are compared. All check issuer, audience, algorithm and times, and return the claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

from _tokens import AUDIENCE, ISSUER, Tokens

from workload_identity import TokenVerifier

# Verifies a token and returns its claims.
Verify = Callable[[str], Mapping[str, Any]]


def ours(given: Tokens, **options: Any) -> Verify:
    """Ours, with the whole key set: the key is looked up each time."""
    verifier = TokenVerifier.oidc(
        issuer=ISSUER, audience=AUDIENCE, keys=given.jwks, algorithms=[given.algorithm], **options
    )
    return verifier.verify


def pyjwt(given: Tokens) -> Verify:
    """PyJWT with a prepared key, as after `PyJWKClient` has found it."""
    import jwt

    key = jwt.PyJWK.from_dict(given.jwk)

    def verify(token: str) -> Mapping[str, Any]:
        return jwt.decode(token, key, algorithms=[given.algorithm], audience=AUDIENCE, issuer=ISSUER)

    return verify


def joserfc(given: Tokens) -> Verify:
    from joserfc import jwt
    from joserfc.jwk import KeySet

    keys = KeySet.import_key_set(given.jwks)
    registry = jwt.JWTClaimsRegistry(
        exp={"essential": True},
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": AUDIENCE},
    )

    def verify(token: str) -> Mapping[str, Any]:
        found = jwt.decode(token, keys, algorithms=[given.algorithm])
        registry.validate(found.claims)
        return found.claims

    return verify


def authlib(given: Tokens) -> Verify:
    from authlib.jose import JsonWebKey, JsonWebToken

    keys = JsonWebKey.import_key_set(given.jwks)
    jwt = JsonWebToken([given.algorithm])
    options = {
        "exp": {"essential": True},
        "iss": {"essential": True, "value": ISSUER},
        "aud": {"essential": True, "value": AUDIENCE},
    }

    def verify(token: str) -> Mapping[str, Any]:
        claims = jwt.decode(token, keys, claims_options=options)
        claims.validate()
        return claims

    return verify


def python_jose(given: Tokens) -> Verify:
    """python-jose with a prepared key."""
    from jose import jwk, jwt

    key = jwk.construct(given.jwk)

    def verify(token: str) -> Mapping[str, Any]:
        return jwt.decode(token, key, algorithms=[given.algorithm], audience=AUDIENCE, issuer=ISSUER)

    return verify


# How many times faster than each peer ours must be.
PEERS: dict[str, tuple[Callable[[Tokens], Verify], dict[str, float]]] = {
    f"PyJWT {version('PyJWT')}": (pyjwt, {"RS256": 4.5, "ES256": 0}),
    f"joserfc {version('joserfc')}": (joserfc, {"RS256": 2.8, "ES256": 1.7}),
    f"Authlib {version('Authlib')}": (authlib, {"RS256": 2.5, "ES256": 0}),
    f"python-jose {version('python-jose')}": (python_jose, {"RS256": 2, "ES256": 0}),
}
# The same when all claims are read, so that ours has made a dict, too.
AS_DICT: dict[tuple[str, str], float] = {(f"Authlib {version('Authlib')}", "RS256"): 1.9}
