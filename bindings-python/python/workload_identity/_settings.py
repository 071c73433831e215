"""The core's configuration and requests as JSON text (docs/protocol.md, sections 2 and 4)."""

from __future__ import annotations

import os
from json import dumps, loads
from json.encoder import encode_basestring_ascii

from . import _native
from .errors import WorkloadIdentityError, by_caller, from_wire
from .sources import Callback, GitHubActions, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from .sources import Ask


def environment() -> dict[str, str]:
    """The environment variables that the core knows."""
    names: list[str] = loads(_native.environment_names())
    return {name: os.environ[name] for name in names if name in os.environ}


def source_of(source: Source | Ask | None) -> Source | None:
    """The source for what the caller gave: a source, a bare function or nothing."""
    if source is None or isinstance(source, Source):
        return source
    if callable(source):
        return Callback(source)
    raise by_caller(
        "config_invalid",
        "source must be TokenFile, GitHubActions, Callback, Signed or a function",
    )


def config(
    *,
    source: Source | None,
    authority: str | Mapping[str, str] | None,
    additionally_allowed_tenants: Iterable[str],
    timeout: float | None,
    environment: Mapping[str, str] | None,
    **members: Any,
) -> bytes:
    """The configuration. Members that are `None` are left to their defaults."""
    chosen = {name: value for name, value in members.items() if value is not None}
    try:
        if environment is not None:
            chosen["environment"] = dict(environment)
        if source is not None:
            described = source.describe()
            if described:
                chosen["source"] = described
            elif isinstance(source, GitHubActions):
                # The core explains what a GitHub job lacks; other sources of the environment must not win.
                chosen["environment"] = {"GITHUB_ACTIONS": "true"}
        if isinstance(authority, str):
            chosen["authority"] = {"issuer": authority}
        elif authority is not None:
            chosen["authority"] = dict(authority)
        if timeout is not None:
            chosen["timeout_ms"] = int(timeout * 1000)
        tenants = additionally_allowed_tenants
        if tenants:
            one = isinstance(tenants, str)
            chosen["additionally_allowed_tenants"] = [tenants] if one else list(tenants)
        return dumps(chosen, allow_nan=False).encode()
    except (TypeError, ValueError, OverflowError):
        raise by_caller(
            "config_invalid",
            "a setting has a wrong type: texts are str, timeout is a number of seconds, authority is a "
            "URL or a mapping, additionally_allowed_tenants is a list of str",
        ) from None


def request(
    scopes: tuple[str, ...],
    claims: str | None,
    tenant_id: str | None,
    enable_cae: bool,
    timeout: float | None,
    force_refresh: bool,
    now: int,
) -> bytes:
    """A request. Everything but ASCII is escaped, so that any text can be written."""
    try:
        text = '{"scopes":[' + ",".join(map(encode_basestring_ascii, scopes)) + "]"
        if claims is not None:
            text += ',"claims":' + encode_basestring_ascii(claims)
        if tenant_id is not None:
            text += ',"tenant_id":' + encode_basestring_ascii(tenant_id)
        if timeout is not None:
            text += f',"deadline":{now + int(timeout * 1000)}'
    except (TypeError, ValueError, OverflowError):
        raise by_caller(
            "request_invalid",
            "scopes, claims and tenant_id are strings and timeout is a number of seconds",
        ) from None
    if force_refresh:
        text += ',"force_refresh":true'
    return (text + (',"enable_cae":true}' if enable_cae else "}")).encode()


def refused(failure: ValueError) -> WorkloadIdentityError:
    """The error for what the native module raised."""
    return from_wire(loads(str(failure)))
