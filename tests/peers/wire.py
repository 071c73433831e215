"""Differences between two requests, field by field, and the ones that are intended."""

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
    """`part` is request, method, path, query, header, field, claims, argument or token; `kind` is only_ours, only_theirs or other_value."""

    part: str
    name: str
    kind: str


def differences(ours: Recorded, theirs: Recorded) -> set[Difference]:
    """What is not the same. Order never matters; scopes are a set, claims are read as JSON."""
    return set(_differences(ours, theirs))


def differences_of_all(ours: list[Recorded], theirs: list[Recorded]) -> set[Difference]:
    """What is not the same in the requests for a token, which are compared by their paths."""
    our_paths, their_paths = ({_path(request): request for request in side} for side in (ours, theirs))
    found = set(_compare("request", dict.fromkeys(our_paths), dict.fromkeys(their_paths)))
    for path in our_paths.keys() & their_paths.keys():
        found |= differences(our_paths[path], their_paths[path])
    return found


def differences_of_values(part: str, ours: dict[str, object], theirs: dict[str, object]) -> set[Difference]:
    """What is not the same in other things than requests, by their names."""
    return set(_compare(part, ours, theirs))


def intended(peer: str, case: str, file: Path = INTENDED) -> set[Difference]:
    """Returns the listed differences to this peer in this case. Each must have a reason."""
    found = set()
    for row in json.loads(file.read_text())["differences"]:
        assert len(row["why"]) > 20, f"{row}: no reason"
        if peer in row["peers"] and case in row.get("cases", [case]):
            difference = Difference(row["part"], row["name"], row["kind"])
            assert difference not in found, f"{difference} is listed twice for {peer}"
            found.add(difference)
    return found


def peers(file: Path = INTENDED) -> set[str]:
    """Returns all peers in the list."""
    return {peer for row in json.loads(file.read_text())["differences"] for peer in row["peers"]}


def cases(file: Path = INTENDED) -> set[str]:
    """Returns all cases in the list."""
    return {case for row in json.loads(file.read_text())["differences"] for case in row.get("cases", [])}


def _differences(ours: Recorded, theirs: Recorded) -> Iterator[Difference]:
    yield from _compare("method", {"": ours.method}, {"": theirs.method})
    yield from _compare("path", {"": _path(ours)}, {"": _path(theirs)})
    yield from _compare("query", _query(ours), _query(theirs))
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


def _path(request: Recorded) -> str:
    """Returns the decoded path: `@` and `:` may be written in two ways there."""
    return urllib.parse.unquote(request.path.partition("?")[0])


def _query(request: Recorded) -> dict[str, object]:
    return dict(urllib.parse.parse_qsl(request.path.partition("?")[2], keep_blank_values=True))


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
