"""Writes the core's configuration and requests as JSON (docs/protocol.md, sections 2 and 4)."""

from __future__ import annotations

import os
from json import dumps, loads
from json.encoder import encode_basestring_ascii

from ..errors import WorkloadIdentityError, from_wire, invalid_argument
from ..sources import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from ..sources.callback import Ask


# The variables of an AKS identity binding.
TOKEN_PROXY = tuple(f"AZURE_KUBERNETES_{name}" for name in ("TOKEN_PROXY", "SNI_NAME", "CA_FILE", "CA_DATA"))


def source_of(source: Source | Ask | str | None) -> Source | None:
    """Returns the source for an argument: a source, a function, the name of a source, or nothing (`auto`)."""
    if source is None or isinstance(source, Source):
        return source
    if isinstance(source, str):
        if source == "auto":
            return None
        from .. import _native
        from ..sources.named import Named

        known = {row["name"]: row["variables"] for row in loads(_native.sources(b"{}"))}
        return Named(source, tuple(known.get(source, ())))
    if callable(source):
        from ..sources import Callback

        try:
            return Callback(source)
        except TypeError as failure:
            raise invalid_argument("config_invalid", str(failure)) from None
    raise invalid_argument(
        "config_invalid",
        "source must be a source of workload_identity.sources, the name of one such as 'gitlab', or a function",
    )


def known_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables that the core reads."""
    from .. import _native

    names: list[str] = loads(_native.environment_names())
    return {name: environment[name] for name in names if name in environment}


def config(
    *,
    source: Source | None,
    authority: str | Mapping[str, str] | None,
    additionally_allowed_tenants: Iterable[str] | None,
    allowed_networks: Iterable[str] | None,
    timeout: float | None,
    token_proxy: bool | None,
    environment: Mapping[str, str] | None,
    environment_paths: Iterable[str] | None,
    **members: Any,
) -> bytes:
    """Returns the configuration. Members that are `None` get their defaults."""
    chosen = {name: value for name, value in members.items() if value is not None}
    try:
        if token_proxy is not None:
            chosen["token_proxy"] = token_proxy
        if environment is not None:
            chosen["environment"] = known_variables(environment)
        if source is not None:
            if environment is None and (source.variables or token_proxy):
                names = source.variables + (TOKEN_PROXY if token_proxy else ())
                chosen["environment"] = {name: os.environ[name] for name in names if name in os.environ}
                if environment_paths is None:
                    from ..detection import existing_paths

                    environment_paths = existing_paths()
            described = source.describe()
            if described:
                chosen["source"] = described
            else:
                # Only these variables, so that the core reports what is missing and chooses no other source.
                chosen["environment"] = source.incomplete()
        if isinstance(authority, str):
            chosen["authority"] = {"issuer": authority}
        elif authority is not None:
            chosen["authority"] = dict(authority)
        if timeout is not None:
            chosen["timeout_ms"] = int(timeout * 1000)
        for name, texts in (
            ("additionally_allowed_tenants", additionally_allowed_tenants),
            ("allowed_networks", allowed_networks),
            ("environment_paths", environment_paths),
        ):
            if texts is not None:
                chosen[name] = [texts] if isinstance(texts, str) else list(texts)
        return dumps(chosen, allow_nan=False).encode()
    except (TypeError, ValueError, OverflowError):
        raise invalid_argument(
            "config_invalid",
            "a setting has a wrong type: strings are str, timeout is a number of seconds, authority is a "
            "URL or a mapping, additionally_allowed_tenants, allowed_networks and environment_paths are lists of str",
        ) from None


def request(
    scopes: tuple[str, ...],
    claims: str | None,
    tenant_id: str | None,
    enable_cae: bool,
    timeout: float | None,
    force_refresh: bool,
    fmi_path: str | None,
    now: int,
) -> bytes:
    """Returns a request. Characters beyond ASCII are escaped, so that lone surrogates can be written, too."""
    try:
        text = '{"scopes":[' + ",".join(map(encode_basestring_ascii, scopes)) + "]"
        if claims is not None:
            text += ',"claims":' + encode_basestring_ascii(claims)
        if tenant_id is not None:
            text += ',"tenant_id":' + encode_basestring_ascii(tenant_id)
        if fmi_path is not None:
            text += ',"fmi_path":' + encode_basestring_ascii(fmi_path)
        if timeout is not None:
            text += f',"deadline":{now + int(timeout * 1000)}'
    except (TypeError, ValueError, OverflowError):
        raise invalid_argument(
            "request_invalid",
            "scopes, claims, tenant_id and fmi_path are strings and timeout is a number of seconds",
        ) from None
    if force_refresh:
        text += ',"force_refresh":true'
    return (text + (',"enable_cae":true}' if enable_cae else "}")).encode()


def cache_config(max_entries: int | None, max_bytes: int | None) -> bytes:
    """Returns the settings of a shared token cache (docs/protocol.md, section 9)."""
    members = {"max_entries": max_entries, "max_bytes": max_bytes}
    try:
        return dumps(members, allow_nan=False).encode()
    except (TypeError, ValueError):
        raise invalid_argument(
            "config_invalid", "max_entries and max_bytes are integers"
        ) from None


def error_of(failure: ValueError) -> WorkloadIdentityError:
    """Returns the error for a `ValueError` of the native module."""
    return from_wire(loads(str(failure)))
