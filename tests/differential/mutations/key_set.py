"""Defects of the key set: of the document, of the key that is meant, of its siblings."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from case import Case
from keys import CURVES, RSA_ALGORITHMS, encoded, number
from mutations import Area
from mutations.signature import into

AREA = Area("keys")


def document(value: Any, case: Case) -> None:
    case.jwks_document = value


for what, value in {
    "no-keys": {"keys": []},
    "empty-object": {},
    "keys-null": {"keys": None},
    "keys-object": {"keys": {}},
    "keys-text": {"keys": "k"},
    "not-json": "these are no keys",
    "empty-text": "",
    "html": "<!DOCTYPE html><p>moved",
    "null-text": "null",
}.items():
    AREA.add(f"document-{what}", partial(document, value))


def wrapped(before: str, after: str, case: Case) -> None:
    """The document as text, with something around it."""
    case.jwks_document = before + json.dumps({"keys": case.jwks}) + after


for what, (before, after) in {
    "as-text": ("", ""),
    "white-space": (" \n", "\n"),
    "byte-order-mark": ("\ufeff", ""),
    "trailing-bytes": ("", "x"),
    "list": ("[", "]"),
    "nul-after": ("", "\0"),
}.items():
    AREA.add(f"document-{what}", partial(wrapped, before, after))


@AREA.kind("document-bare-key")
def bare_key(case: Case) -> None:
    case.jwks_document = dict(case.own)


@AREA.kind("document-list-of-keys")
def list_of_keys(case: Case) -> None:
    case.jwks_document = json.dumps(case.jwks)


@AREA.kind("document-duplicate-keys")
def duplicate_keys(case: Case) -> None:
    case.jwks_document = '{"keys":[],"keys":' + json.dumps(case.jwks) + "}"


@AREA.kind("document-extra-member")
def extra_member(case: Case) -> None:
    case.jwks_document = {"issuer": case.issuer, "keys": case.jwks, "spiffe_sequence": 4}


@AREA.kind("key-absent")
def key_absent(case: Case) -> None:
    case.jwks = [{"kid": "another", **case.random.choice(case.keys.of(case.algorithm)).jwk}]


@AREA.kind("key-duplicate-member")
def key_duplicate_member(case: Case) -> None:
    text = json.dumps(case.own)
    rest = [json.dumps(key) for key in case.jwks if key is not case.own]
    case.jwks_document = '{"keys":[' + ",".join(['{"kid":"nobody",' + text[1:], *rest]) + "]}"


def own(changes: dict[str, Any], removed: tuple[str, ...], case: Case) -> None:
    case.own.update(changes)
    for name in removed:
        case.own.pop(name, None)


for what, changes in {
    "use-enc": {"use": "enc"},
    "use-other": {"use": "jwt-svid"},
    "use-number": {"use": 1},
    "use-null": {"use": None},
    "use-empty": {"use": ""},
    "key-ops-verify": {"key_ops": ["verify"]},
    "key-ops-sign": {"key_ops": ["sign"]},
    "key-ops-both": {"key_ops": ["sign", "verify"]},
    "key-ops-encrypt": {"key_ops": ["encrypt"]},
    "key-ops-empty": {"key_ops": []},
    "key-ops-text": {"key_ops": "verify"},
    "key-ops-twice": {"key_ops": ["verify", "verify"]},
    "key-ops-number": {"key_ops": [1, "verify"]},
    "ext-false": {"ext": False},
    "ext-text": {"ext": "yes"},
    "alg-unknown": {"alg": "XS256"},
    "alg-hmac": {"alg": "HS256"},
    "alg-none": {"alg": "none"},
    "alg-number": {"alg": 1},
    "alg-null": {"alg": None},
    "alg-empty": {"alg": ""},
    "kty-lower": {"kty": "rsa"},
    "kty-unknown": {"kty": "QQQ"},
    "kty-number": {"kty": 1},
    "kty-oct": {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"},
    "kid-number": {"kid": 1},
    "kid-null": {"kid": None},
    "x5c-junk": {"x5c": ["AAAA"]},
    "x5c-text": {"x5c": "AAAA"},
    "x5t": {"x5t": "AAAA"},
    "extra": {"issuer": "x", "note": [1]},
    "exp": {"exp": 1, "nbf": 2, "iat": 3},
}.items():
    AREA.add(f"own-{what}", partial(own, changes, ()))
AREA.add("own-without-kid", partial(own, {}, ("kid",)))
AREA.add("own-without-kty", partial(own, {}, ("kty",)))
AREA.add("own-without-numbers", partial(own, {}, ("n", "x")))


@AREA.kind("own-private")
def own_private(case: Case) -> None:
    private = case.signer.private.private_numbers() if case.signer.kind != "OKP" else None
    if private is None:
        case.own["d"] = encoded(case.signer.private.private_bytes_raw())
    elif case.signer.kind == "RSA":
        case.own["d"] = number(private.d)
    else:
        case.own["d"] = number(private.private_value, CURVES[case.signer.kind][2])


def respelled(name: str, kind: str, case: Case) -> None:
    """One of the key's numbers in another spelling."""
    into(case, RSA_ALGORITHMS if name in "ne" else (*CURVES, "EdDSA"))
    text = case.own[name]
    raw = case.signer.jwk[name]
    spellings = {
        "padded": text + "=" * (-len(text) % 4 or 4),
        "leading-zero": "AAAA" + raw if len(raw) % 4 == 0 else with_zero(raw),
        "standard-alphabet": text.replace("-", "+").replace("_", "/"),
        "hexadecimal": "0x" + text,
        "number": 12345,
        "list": [text],
        "space": text[:3] + " " + text[3:],
        "new-line": text + "\n",
        "empty": "",
        "null": None,
        "cut": text[:-4],
        "longer": text + "AAAA",
    }
    case.own[name] = spellings[kind]


def with_zero(text: str) -> str:
    import base64

    return encoded(b"\0" + base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


KINDS = (
    "padded",
    "leading-zero",
    "standard-alphabet",
    "hexadecimal",
    "number",
    "list",
    "space",
    "new-line",
    "empty",
    "null",
    "cut",
    "longer",
)
for name in ("n", "e", "x"):
    for kind in KINDS:
        AREA.add(f"own-{name}-{kind}", partial(respelled, name, kind))


@AREA.kind("own-rsa-1024")
def weak(case: Case) -> None:
    into(case, ("RS256", "RS384", "PS256"))
    case.signer = case.keys.weak
    case.own.update(case.signer.jwk)


@AREA.kind("own-exponent-one")
def exponent_one(case: Case) -> None:
    """With the exponent 1 everybody can sign: the signature is the padded digest itself."""
    import hashlib

    into(case, ("RS256",))
    case.own["e"] = "AQ"
    size = len(case.own["n"]) * 3 // 4
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")
    case.signed = lambda data: padded_digest(prefix + hashlib.sha256(data).digest(), size)


def padded_digest(digest: bytes, size: int) -> bytes:
    return b"\0\1" + b"\xff" * (size - 3 - len(digest)) + b"\0" + digest


@AREA.kind("own-exponent-even")
def exponent_even(case: Case) -> None:
    into(case, RSA_ALGORITHMS)
    case.own["e"] = number(65538)


@AREA.kind("own-modulus-even")
def modulus_even(case: Case) -> None:
    into(case, RSA_ALGORITHMS)
    case.own["n"] = number(case.signer.private.public_key().public_numbers().n ^ 1)


@AREA.kind("own-off-the-curve")
def off_the_curve(case: Case) -> None:
    into(case, tuple(CURVES))
    case.own["y"] = case.own["x"]


@AREA.kind("own-point-at-zero")
def point_at_zero(case: Case) -> None:
    into(case, tuple(CURVES))
    case.own["x"] = case.own["y"] = number(0, CURVES[case.signer.kind][2])


@AREA.kind("own-edwards-small-order")
def small_order(case: Case) -> None:
    """The neutral element: then the all-but-empty signature fits every message."""
    into(case, ("EdDSA", "Ed25519"))
    neutral = (1).to_bytes(32, "little")
    case.own["x"] = encoded(neutral)
    case.signed = lambda data: neutral + bytes(32)


def sibling(jwk: dict[str, Any] | str | int | None, case: Case) -> None:
    case.jwks.insert(case.random.randrange(len(case.jwks) + 1), jwk)  # type: ignore[arg-type]


for what, jwk in {
    "unknown-kty": {"kty": "QQQ", "kid": "s"},
    "without-kty": {"kid": "s"},
    "empty": {},
    "text": "key",
    "number": 5,
    "null": None,
    "rsa-without-n": {"kty": "RSA", "kid": "s", "e": "AQAB"},
    "rsa-bad-n": {"kty": "RSA", "kid": "s", "n": "!!", "e": "AQAB"},
    "ec-off-the-curve": {"kty": "EC", "kid": "s", "crv": "P-256", "x": "A" * 43, "y": "A" * 43},
    "ec-unknown-curve": {"kty": "EC", "kid": "s", "crv": "P-999", "x": "AA", "y": "AA"},
    "okp-x25519": {"kty": "OKP", "kid": "s", "crv": "X25519", "x": "A" * 43},
    "okp-ed448": {"kty": "OKP", "kid": "s", "crv": "Ed448", "x": "A" * 76},
    "akp": {"kty": "AKP", "kid": "s", "alg": "ML-DSA-44", "pub": "AAAA"},
    "oct": {"kty": "oct", "kid": "s", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"},
    "encryption": {"kty": "RSA", "kid": "s", "use": "enc", "n": "AQAB", "e": "AQAB"},
    "kid-number": {"kty": "QQQ", "kid": 7},
}.items():
    AREA.add(f"sibling-{what}", partial(sibling, jwk))


def twin(kind: str, first: bool, case: Case) -> None:
    """A second key of the same `kid`."""
    same = [key for key in case.keys.of(case.algorithm) if key is not case.signer]
    other = [key for key in case.keys.all() if key.kind != case.signer.kind]
    key = case.random.choice(same if kind == "same-kind" else other)
    second = {"kid": case.own["kid"], **key.jwk}
    case.jwks = [second, case.own] if first else [case.own, second]


for kind in ("same-kind", "other-kind"):
    AREA.add(f"twin-of-{kind}-before", partial(twin, kind, True))
    AREA.add(f"twin-of-{kind}-after", partial(twin, kind, False))


@AREA.kind("twin-is-the-same-key")
def same_twice(case: Case) -> None:
    case.jwks.append(dict(case.own))


@AREA.kind("many-siblings")
def many(case: Case) -> None:
    case.jwks += [{"kty": "QQQ", "kid": f"q{at}"} for at in range(60)]
