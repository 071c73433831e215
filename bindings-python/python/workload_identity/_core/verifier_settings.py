"""Writes the verifier's configuration and requests as JSON (docs/protocol.md, section 8)."""

from __future__ import annotations

from json import dumps, loads
from json.encoder import encode_basestring_ascii

from ..errors import from_wire, invalid_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..errors import WorkloadIdentityError
    from ..issuers import Issuer


def config(
    issuers: Iterable[Issuer],
    *,
    timeout: float | None,
    allowed_networks: Iterable[str] | None = None,
    **members: Any,
) -> tuple[bytes, list[str]]:
    """Returns the configuration and the profile of each entry. Members that are `None` get their defaults."""
    try:
        entries = [entry for issuer in issuers for entry in issuer.describe()]
        chosen = {name: value for name, value in members.items() if value is not None}
        if allowed_networks is not None:
            is_single = isinstance(allowed_networks, str)
            chosen["allowed_networks"] = [allowed_networks] if is_single else list(allowed_networks)
        if timeout is not None:
            chosen["timeout_ms"] = int(timeout * 1000)
        written = ",".join(map(_object, entries))
        rest = dumps(chosen, allow_nan=False)[1:]
        text = f'{{"issuers":[{written}]' + ("," if chosen else "") + rest
        return text.encode(), [entry["profile"] for entry in entries]
    except (AttributeError, TypeError, ValueError, OverflowError, RecursionError):
        raise invalid_argument(
            "config_invalid",
            "a setting has a wrong type: issuers are Issuer objects, strings are str, numbers are int, keys are a "
            "mapping or JSON text, rules are made by claim()",
        ) from None


def _object(entry: dict[str, Any]) -> str:
    return "{" + ",".join(f"{dumps(name)}:{_value(name, entry[name])}" for name in entry) + "}"


def _value(name: str, value: Any) -> str:
    if name != "keys":
        return dumps(value, allow_nan=False)
    if isinstance(value, (str, bytes, bytearray)):
        text = value if isinstance(value, str) else value.decode()
        # Some issuers publish their keys behind a byte order mark.
        text = text.removeprefix("\ufeff")
        # Inserted unchanged, so that the core detects e.g. duplicate members. Read here only to make sure that the
        # text is one JSON value: otherwise it could add members to the configuration.
        loads(text)
        return text
    return dumps(dict(value), allow_nan=False)


def verification(token: str, timeout: float | None, now: int) -> bytes:
    """Returns a request to verify a token."""
    return _request('{"token":' + encode_basestring_ascii(token), timeout, now)


def warm_up(index: int, timeout: float | None, now: int) -> bytes:
    """Returns a request for the keys of the issuer with this index."""
    return _request(f'{{"keys_of":{index}', timeout, now)


def _request(text: str, timeout: float | None, now: int) -> bytes:
    try:
        if timeout is not None:
            text += f',"deadline":{now + int(timeout * 1000)}'
    except (TypeError, ValueError, OverflowError):
        raise invalid_argument("request_invalid", "timeout is a number of seconds") from None
    return (text + "}").encode()


def encoded(text: str) -> bytes:
    """Returns a snapshot as bytes for the core."""
    if not isinstance(text, str):
        raise invalid_argument("request_invalid", "a snapshot is a str")
    return text.encode("utf-8", "surrogatepass")


def unreadable(token: object, failure: Exception) -> WorkloadIdentityError:
    """Returns the error for an argument that the native module rejected as a token."""
    if not isinstance(token, str):
        # An API that got no token answers so (RFC 6750, section 3.1).
        answer = {"http_status": 401, "www_authenticate": "Bearer"}
        message = "a token is a str"
        details = {"code": "request_invalid", "message": message, "fault": "caller"}
        return from_wire({**details, **answer})
    if isinstance(failure, UnicodeError):
        return from_wire(
            {
                "code": "malformed",
                "message": "the token has characters outside of base64url",
                "fault": "input",
                "http_status": 401,
                "www_authenticate": 'Bearer error="invalid_token"',
            }
        )
    return from_wire(loads(str(failure)))
