"""The header: algorithm, type, critical extensions, key id, members that carry keys."""

from __future__ import annotations

from functools import partial
from typing import Any

from case import Case
from keys import encoded, hmac_signature
from mutations import Area

AREA = Area("header")


def member(name: str, text: str, case: Case) -> None:
    case.header.raw(name, text)


for what, name, text in (
    ("alg-null", "alg", "null"),
    ("alg-number", "alg", "256"),
    ("alg-list", "alg", '["RS256"]'),
    ("alg-unknown", "alg", '"XS256"'),
    ("alg-empty", "alg", '""'),
    ("typ-lower", "typ", '"jwt"'),
    ("typ-media-type", "typ", '"application/jwt"'),
    ("typ-access-token", "typ", '"at+jwt"'),
    ("typ-jose", "typ", '"JOSE"'),
    ("typ-secevent", "typ", '"secevent+jwt"'),
    ("typ-number", "typ", "5"),
    ("typ-null", "typ", "null"),
    ("typ-empty", "typ", '""'),
    ("cty-jwt", "cty", '"JWT"'),
    ("cty-number", "cty", "1"),
    ("crit-empty", "crit", "[]"),
    ("crit-unknown", "crit", '["http://example.com/UNDEFINED"]'),
    ("crit-registered", "crit", '["alg"]'),
    ("crit-text", "crit", '"exp"'),
    ("crit-null", "crit", "null"),
    ("crit-false", "crit", "false"),
    ("b64-true", "b64", "true"),
    ("b64-false", "b64", "false"),
    ("zip", "zip", '"DEF"'),
    ("kid-number", "kid", "1"),
    ("kid-null", "kid", "null"),
    ("kid-list", "kid", '["k1"]'),
    ("kid-empty", "kid", '""'),
    ("kid-unknown", "kid", '"nobody"'),
    ("kid-long", "kid", '"' + "k" * 2000 + '"'),
    ("extra-member", "extra", '{"a":[1,2,3]}'),
    ("x5t", "x5t", '"dGhpcyBpcyBhIFNIQTEgdGVzdCE"'),
    ("x5t-number", "x5t", "7"),
    ("jku", "jku", '"https://attacker.example.org/keys"'),
    ("jku-number", "jku", "7"),
    ("x5u", "x5u", '"https://attacker.example.org/chain"'),
    ("x5c-text", "x5c", '"MIIB"'),
    ("nonce", "nonce", '"AQABAAAAAAD"'),
    ("long", "note", '"' + "x" * 700 + '"'),
    ("very-long", "note", '"' + "x" * 9000 + '"'),
    ("deep", "note", "[" * 40 + "]" * 40),
):
    AREA.add(what, partial(member, name, text))


@AREA.kind("alg-missing")
def alg_missing(case: Case) -> None:
    case.header.remove("alg")


@AREA.kind("alg-none")
def alg_none(case: Case) -> None:
    case.header.set("alg", case.random.choice(["none", "None", "NONE", "nOnE"]))
    case.signed = lambda data: b""


@AREA.kind("alg-none-signed")
def alg_none_signed(case: Case) -> None:
    case.header.set("alg", "none")


@AREA.kind("alg-other-case")
def alg_other_case(case: Case) -> None:
    name = case.header.get("alg")
    case.header.set("alg", case.random.choice([name.lower(), name.swapcase(), f" {name}", f"{name} ", f"{name}\u0000"]))


@AREA.kind("alg-hmac-with-public-key")
def alg_hmac(case: Case) -> None:
    case.header.set("alg", "HS256")
    secrets = [str(case.own), case.own.get("n", case.own.get("x")), ""]
    secret = case.random.choice(secrets).encode()
    case.signed = lambda data: hmac_signature(secret, data)


@AREA.kind("typ-missing")
def typ_missing(case: Case) -> None:
    case.header.remove("typ")


@AREA.kind("crit-present-extension")
def crit_present(case: Case) -> None:
    case.header.set("crit", ["exp-policy"])
    case.header.set("exp-policy", "strict")


@AREA.kind("crit-b64")
def crit_b64(case: Case) -> None:
    case.header.set("crit", ["b64"])
    case.header.set("b64", case.random.choice([True, False]))


@AREA.kind("kid-missing-one-key")
def kid_missing_one(case: Case) -> None:
    case.header.remove("kid")
    case.jwks = [case.own]


@AREA.kind("kid-missing-one-fits")
def kid_missing_one_fits(case: Case) -> None:
    case.header.remove("kid")
    others = [key for key in case.keys.all() if key.kind != case.signer.kind]
    case.jwks = [{"kid": "another", **case.random.choice(others).jwk}, case.own]


@AREA.kind("kid-missing-many-fit")
def kid_missing_many(case: Case) -> None:
    case.header.remove("kid")
    others = [key for key in case.keys.of(case.algorithm) if key is not case.signer]
    case.jwks = [case.own, {"kid": "another", **case.random.choice(others).jwk}]
    case.random.shuffle(case.jwks)


@AREA.kind("kid-other-case")
def kid_other_case(case: Case) -> None:
    case.own["kid"] = "Key-One"
    case.header.set("kid", case.random.choice(["key-one", "KEY-ONE", " Key-One", "Key-One ", "Key-One\u0000"]))


@AREA.kind("kid-of-another-key")
def kid_of_another(case: Case) -> None:
    others = [key for key in case.keys.of(case.algorithm) if key is not case.signer]
    case.jwks.append({"kid": "another", **case.random.choice(others).jwk})
    case.header.set("kid", "another")


def forged(name: str, value: Any, case: Case) -> None:
    """A key that is not in the set signs, and the header brings it along."""
    inside = [case.own]
    case.signer = case.random.choice([key for key in case.keys.of(case.algorithm) if key is not case.signer])
    case.jwks = inside
    case.header.set(name, value(case))


AREA.add("jwk-of-attacker", partial(forged, "jwk", lambda case: dict(case.signer.jwk)))
AREA.add("jku-of-attacker", partial(forged, "jku", lambda case: "data:application/json,{}"))
AREA.add("x5c-of-attacker", partial(forged, "x5c", lambda case: ["MIIB" + encoded(case.random.randbytes(30))]))


@AREA.kind("jwk-of-own-key")
def jwk_of_own(case: Case) -> None:
    case.header.set("jwk", dict(case.signer.jwk))
