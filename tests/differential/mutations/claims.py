"""Registered claims of the wrong type or value, and times at their boundaries."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from case import AUDIENCE, ISSUER, LEEWAY, NOW, Case
from mutations import Area

AREA = Area("claim")
TIME = Area("time")

TYPES: dict[str, Any] = {
    "null": None,
    "true": True,
    "false": False,
    "zero": 0,
    "number": 1,
    "negative": -1,
    "fraction": 1.5,
    "empty-text": "",
    "empty-list": [],
    "list-of-text": ["a"],
    "list-of-number": [1],
    "empty-object": {},
    "object": {"a": 1},
}


def raw(name: str, text: str, case: Case) -> None:
    case.claims.raw(name, text)


def removed(name: str, case: Case) -> None:
    case.claims.remove(name)


for claim in ("iss", "sub", "aud", "exp", "nbf", "iat", "jti"):
    AREA.add(f"{claim}-missing", partial(removed, claim))
    for what, value in TYPES.items():
        AREA.add(f"{claim}-{what}", partial(raw, claim, json.dumps(value)))

ISSUERS: dict[str, Any] = {
    "prefix": ISSUER[:-1],
    "longer": ISSUER + "x",
    "slash": ISSUER + "/",
    "upper-case": ISSUER.upper(),
    "default-port": ISSUER.replace(".org", ".org:443"),
    "http": ISSUER.replace("https", "http"),
    "space": f" {ISSUER}",
    "nul": f"{ISSUER}\0",
    "list": [ISSUER],
    "list-with-other": ["https://attacker.example.org", ISSUER],
    "object": {"value": ISSUER},
    "substring": "issuer",
    "dot-segments": ISSUER.replace("/tenant", "/./tenant"),
    "percent": ISSUER.replace("tenant", "%74enant"),
}
AUDIENCES: dict[str, Any] = {
    "other": "api://other",
    "prefix": AUDIENCE[:-1],
    "longer": AUDIENCE + "s",
    "slash": AUDIENCE + "/",
    "upper-case": AUDIENCE.upper(),
    "with-spaces": f"{AUDIENCE} api://other",
    "comma": f"{AUDIENCE},api://other",
    "list-without": ["api://a", "api://b"],
    "list-of-one": [AUDIENCE],
    "list-twice": [AUDIENCE, AUDIENCE],
    "list-with-number": [AUDIENCE, 1],
    "number-first": [1, AUDIENCE],
    "list-with-null": [None, AUDIENCE],
    "list-with-list": [["x"], AUDIENCE],
    "nested": [[AUDIENCE]],
    "list-with-object": [{"a": 1}, AUDIENCE],
    "list-with-empty": ["", AUDIENCE],
    "object": {AUDIENCE: True},
    "object-with-index": {"0": AUDIENCE},
    "long-list": [f"api://{at}" for at in range(200)] + [AUDIENCE],
}
for what, value in ISSUERS.items():
    AREA.add(f"iss-{what}" if what not in TYPES else f"iss-{what}-with-it", partial(raw, "iss", json.dumps(value)))
for what, value in AUDIENCES.items():
    AREA.add(f"aud-{what}" if what not in TYPES else f"aud-{what}-with-it", partial(raw, "aud", json.dumps(value)))


@AREA.kind("policy-issuer-other")
def policy_issuer(case: Case) -> None:
    case.issuer = case.random.choice(["https://other.example.org", ISSUER + "/", ISSUER[:-1]])


@AREA.kind("policy-audience-other")
def policy_audience(case: Case) -> None:
    case.audience = case.random.choice(["api://other", AUDIENCE + "/", AUDIENCE[:-1]])


@AREA.kind("rich")
def rich(case: Case) -> None:
    """Many claims of all types, none of them registered."""
    for at in range(20):
        case.claims.set(
            f"claim-{at}", case.random.choice([*TYPES.values(), [{"a": [None, "b"]}], 1e-7, -0.0, 2**53 + 1])
        )


# Seconds from now; the wrong side of each boundary is one step away.
EDGES = (
    -LEEWAY - 1,
    -LEEWAY - 0.5,
    -LEEWAY,
    -LEEWAY + 0.5,
    -LEEWAY + 1,
    -1,
    0,
    1,
    LEEWAY - 1,
    LEEWAY - 0.5,
    LEEWAY,
    LEEWAY + 0.5,
    LEEWAY + 1,
)
for claim in ("exp", "nbf", "iat"):
    for edge in EDGES:
        TIME.add(f"{claim}-now{edge:+}", partial(raw, claim, json.dumps(NOW + edge)))
    for what, text in {
        "digits": f'"{NOW + 10 if claim == "exp" else NOW - 10}"',
        "digits-with-space": f'" {NOW + 10} "',
        "date": '"2030-01-01T00:00:00Z"',
        "exponent": "1.9e9" if claim == "exp" else "1.7e9",
        "fraction-of-whole": f"{NOW}.0",
        "milliseconds": f"{NOW}000",
        "1e400": "1e400",
        "-1e400": "-1e400",
        "1e300": "1e300",
        "-1e300": "-1e300",
        "2^53": str(2**53),
        "2^53+1": str(2**53 + 1),
        "2^63": str(2**63),
        "2^64": str(2**64),
        "-2^53-1": str(-(2**53) - 1),
        "-2^63": str(-(2**63)),
        "minus-zero": "-0",
        "tiny": "1e-300",
        "long": "1" + "0" * 60,
        "long-fraction": f"{NOW}." + "0" * 60 + "1",
        "nan": "NaN",
        "infinity": "Infinity",
        "minus-infinity": "-Infinity",
        "hexadecimal": "0x6b49d200",
        "list-of-one": f"[{NOW + 10}]",
    }.items():
        TIME.add(f"{claim}-{what}", partial(raw, claim, text))


@TIME.kind("clock-far-ahead")
def far_ahead(case: Case) -> None:
    case.now = NOW + 10_000_000


@TIME.kind("clock-far-behind")
def far_behind(case: Case) -> None:
    case.claims.set("nbf", NOW)
    case.now = NOW - 10_000_000


@TIME.kind("clock-at-zero")
def at_zero(case: Case) -> None:
    case.claims.set("iat", NOW)
    case.now = 1
