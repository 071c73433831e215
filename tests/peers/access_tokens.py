"""Verifies access tokens with joserfc, an independent library, and reads tokens without verifying them."""

from __future__ import annotations

import base64
import json
from typing import Any, Mapping

from joserfc import jwt
from joserfc.jwk import KeySet


def verified_claims(token: str, jwks: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the claims of a token. Raises if its RS256 signature or its validity is wrong."""
    decoded = jwt.decode(token, KeySet.import_key_set(jwks), algorithms=["RS256"])
    jwt.JWTClaimsRegistry(exp={"essential": True}, iat={"essential": True}).validate(decoded.claims)
    return decoded.claims


def header(token: str) -> dict[str, Any]:
    """Returns the header of a token without verifying it."""
    part = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def claims(token: str) -> dict[str, Any]:
    """Returns the claims of a token without verifying it."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
