"""Tokens like those of Entra, and the key set that verifies them."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

TENANT = "11111111-2222-3333-4444-555555555555"
ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"
AUDIENCE = "66666666-7777-8888-9999-000000000000"
SUBJECT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
# About as many as Entra publishes.
_RSA_KEYS = 6


@dataclass(frozen=True)
class Tokens:
    """Tokens of one algorithm: a valid one, and one for each cheap refusal."""

    algorithm: str
    jwks: dict[str, Any]
    key_id: str
    good: str
    unknown_key: str
    expired: str

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key of the valid token."""
        return next(key for key in self.jwks["keys"] if key["kid"] == self.key_id)


def tokens() -> dict[str, Tokens]:
    """Returns tokens for RS256 with 2048 bits and for ES256, with one key set for both."""
    keys: list[tuple[str, Any]] = [
        (f"rsa-{at}", rsa.generate_private_key(65537, 2048)) for at in range(_RSA_KEYS)
    ]
    keys.append(("ec-0", ec.generate_private_key(ec.SECP256R1())))
    jwks = {"keys": [{"kid": kid, "use": "sig", **_jwk(key)} for kid, key in keys]}
    chosen = {"RS256": keys[3], "ES256": keys[-1]}
    return {name: _tokens(name, *key, jwks) for name, key in chosen.items()}


def _tokens(algorithm: str, kid: str, key: Any, jwks: dict[str, Any]) -> Tokens:
    now = int(time.time())
    later = now + 86_400

    def token(kid: str, expires: int) -> str:
        return _signed({"typ": "JWT", "alg": algorithm, "kid": kid}, _claims(now, expires), key)

    good, unknown, expired = token(kid, later), token("unknown", later), token(kid, now - 3600)
    return Tokens(algorithm, jwks, kid, good, unknown, expired)


def _claims(now: int, expires: int) -> dict[str, Any]:
    """25 claims of an app's access token."""
    return {
        "aud": AUDIENCE,
        "iss": ISSUER,
        "iat": now - 60,
        "nbf": now - 60,
        "exp": expires,
        "aio": "k2RgYPj" + "x" * 60,
        "azp": "12121212-3434-5656-7878-909090909090",
        "azpacr": "2",
        "idtyp": "app",
        "oid": SUBJECT,
        "rh": "1.AAAA" + "y" * 40,
        "sub": SUBJECT,
        "tid": TENANT,
        "uti": "q7ZbKTdWQEe9RzjkqbUAAA",
        "ver": "2.0",
        "roles": ["Orders.Read.All", "Orders.Write.All"],
        "appidacr": "2",
        "xms_cc": ["cp1"],
        "xms_ftd": "z" * 40,
        "xms_idrel": "7 16",
        "xms_tcdt": 1577836800,
        "wids": ["0997a1d0-0d1d-4acb-b408-d5ca73121e90"],
        "tenant_region_scope": "EU",
        "app_displayname": "orders-worker",
        "nested": {"amr": ["rsa"], "ratio": 0.5, "flag": True},
    }


def _signed(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    data = f"{_part(header)}.{_part(claims)}"
    if isinstance(key, rsa.RSAPrivateKey):
        signature = key.sign(data.encode(), padding.PKCS1v15(), hashes.SHA256())
    else:
        r, s = decode_dss_signature(key.sign(data.encode(), ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return f"{data}.{_encoded(signature)}"


def _jwk(key: Any) -> dict[str, str]:
    public = key.public_key().public_numbers()
    if isinstance(key, rsa.RSAPrivateKey):
        return {"kty": "RSA", "alg": "RS256", "n": _number(public.n, 256), "e": _number(public.e, 3)}
    return {
        "kty": "EC",
        "alg": "ES256",
        "crv": "P-256",
        "x": _number(public.x, 32),
        "y": _number(public.y, 32),
    }


def _number(value: int, length: int) -> str:
    return _encoded(value.to_bytes(length, "big"))


def _part(value: object) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
