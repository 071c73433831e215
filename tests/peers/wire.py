"""Differences between two token requests, field by field, and the ones that are intended."""

from __future__ import annotations

import json
import re
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

from recorder import Recorded

INTENDED = Path(__file__).with_name("intended_differences.json")


@dataclass(frozen=True, order=True)
class Difference:
    """`part` is method, path, query, header, field or claims; `kind` is only_ours, only_theirs or other_value."""

    part: str
    name: str
    kind: str


def differences(ours: Recorded, theirs: Recorded) -> set[Difference]:
    """What is not the same. Order never matters; scopes are a set, claims are read as JSON."""
    return set(_differences(ours, theirs))


def intended(peer: str, case: str) -> set[Difference]:
    """Returns the listed differences to this peer in this case. Each must have a reason."""
    found = set()
    for row in json.loads(INTENDED.read_text())["differences"]:
        assert len(row["why"]) > 20, f"{row}: no reason"
        if peer in row["peers"] and case in row.get("cases", [case]):
            difference = Difference(row["part"], row["name"], row["kind"])
            assert difference not in found, f"{difference} is listed twice for {peer}"
            found.add(difference)
    return found


def peers() -> set[str]:
    """Returns all peers in the list."""
    return {peer for row in json.loads(INTENDED.read_text())["differences"] for peer in row["peers"]}


def _differences(ours: Recorded, theirs: Recorded) -> Iterator[Difference]:
    our_path, _, our_query = ours.path.partition("?")
    their_path, _, their_query = theirs.path.partition("?")
    yield from _compare("method", {"": ours.method}, {"": theirs.method})
    yield from _compare("path", {"": our_path}, {"": their_path})
    yield from _compare("query", _query(our_query), _query(their_query))
    yield from _compare("header", _headers(ours), _headers(theirs))
    yield from _compare("field", _fields(ours), _fields(theirs))
    yield from _compare("claims", _claims(ours), _claims(theirs))


def _compare(part: str, ours: dict[str, object], theirs: dict[str, object]) -> Iterator[Difference]:
    for name in ours.keys() | theirs.keys():
        if name not in theirs:
            yield Difference(part, name, "only_ours")
        elif name not in ours:
            yield Difference(part, name, "only_theirs")
        elif ours[name] != theirs[name]:
            yield Difference(part, name, "other_value")


def _query(text: str) -> dict[str, object]:
    return dict(urllib.parse.parse_qsl(text, keep_blank_values=True))


def _headers(request: Recorded) -> dict[str, object]:
    values: dict[str, object] = dict(request.headers)
    # The length follows from the fields; ids differ in every request, so only their form is compared.
    if request.headers.get("content-length", "").isdigit():
        values["content-length"] = "a length"
    for name in ("client-request-id", "x-ms-client-request-id"):
        if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", request.headers.get(name, "")):
            values[name] = "an id"
    return values


def _fields(request: Recorded) -> dict[str, object]:
    values: dict[str, object] = dict(request.fields or {})
    if "scope" in values:
        values["scope"] = frozenset((request.fields or {})["scope"].split(" "))
    if "claims" in values:
        # Its members are compared separately.
        values["claims"] = "an object"
    return values


def _claims(request: Recorded) -> dict[str, object]:
    """The claims request (OpenID Connect Core 1.0, section 5.5), by token and claim."""
    asked = json.loads((request.fields or {}).get("claims", "{}"))
    return {f"{token}.{claim}": wish for token, claims in asked.items() for claim, wish in claims.items()}
