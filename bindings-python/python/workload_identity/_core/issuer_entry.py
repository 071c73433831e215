"""The entries of `issuers` in the core's configuration (docs/protocol.md, section 8)."""

from __future__ import annotations

from ..errors import invalid_argument

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..errors import ConfigurationError
    from ..issuers import Names


def entry_of_bundle(entry: dict[str, Any], trust_domain: str, bundle: Any) -> dict[str, Any]:
    """Returns the entry of one trust domain and its bundle, a URL or a JWK Set."""
    is_url = isinstance(bundle, str) and "://" in bundle[:8]
    return {**entry, "trust_domain": trust_domain, "jwks_uri" if is_url else "keys": bundle}


def entry_of(profile: str, audience: Names | None, members: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the entry of an issuer. Members that are `None` get their defaults."""
    entry = {"profile": profile, "audience": audience, **members}
    claims = members.get("claims")
    try:
        rules = None if claims is None else [rule.describe() for rule in claims]
        return {
            name: value if name == "keys" else _as_json_value(value)
            for name, value in {**entry, "claims": rules}.items()
            if value is not None
        }
    except (AttributeError, TypeError):
        raise wrong_type() from None


def wrong_type() -> ConfigurationError:
    """Returns the error about a setting that is not of its type."""
    return invalid_argument(
        "config_invalid",
        "a setting of an issuer has a wrong type: strings are str, several of them a list, rules are made by claim()",
    )


def _as_json_value(value: Any) -> Any:
    """Returns the value, as a list if it is another iterable."""
    if isinstance(value, (str, int, float, dict)):
        return value
    return list(value)
