"""Verifies access tokens with a library that nobody here wrote (joserfc), and reads tokens without trusting them."""

from __future__ import annotations

import base64
import json
from typing import Any, Mapping

from joserfc import jwt
from joserfc.jwk import KeySet


def verified_claims(token: str, jwks: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of a token whose RS256 signature and validity hold; anything else raises."""
    decoded = jwt.decode(token, KeySet.import_key_set(jwks), algorithms=["RS256"])
    jwt.JWTClaimsRegistry(exp={"essential": True}, iat={"essential": True}).validate(decoded.claims)
    return decoded.claims


def header(token: str) -> dict[str, Any]:
    """The header of a token, unverified."""
    part = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def claims(token: str) -> dict[str, Any]:
    """The claims of a token, unverified."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
