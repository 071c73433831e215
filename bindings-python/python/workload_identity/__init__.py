"""Workload identity federation without secrets.

A workload swaps the short-lived token that its platform gave it for an Entra access token:

    from workload_identity import WorkloadIdentity

    with WorkloadIdentity.from_environment() as identity:
        token = identity.get_token("https://vault.azure.net/.default")

`workload_identity.aio` has the asyncio twin. Importing this module loads no HTTP library, no TLS
and no event loop; the first request does.
"""

from __future__ import annotations

from .credential import WorkloadIdentity
from .errors import (
    AuthenticationError,
    ConfigurationError,
    InternalError,
    SourceError,
    TokenError,
    TransportError,
    WorkloadIdentityError,
)
from .sources import Callback, GitHubActions, Signed, TokenFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import aio as aio
    from .tokens import AccessToken as AccessToken
    from .tokens import AccessTokenInfo as AccessTokenInfo
    from .transport import HttpRequest as HttpRequest
    from .transport import HttpResponse as HttpResponse
    from .transport import TransportFailure as TransportFailure

__all__ = [
    "AccessToken",
    "AccessTokenInfo",
    "AuthenticationError",
    "Callback",
    "ConfigurationError",
    "GitHubActions",
    "HttpRequest",
    "HttpResponse",
    "InternalError",
    "Signed",
    "SourceError",
    "TokenError",
    "TokenFile",
    "TransportError",
    "TransportFailure",
    "WorkloadIdentity",
    "WorkloadIdentityError",
    "aio",
]

_HOMES = {
    "AccessToken": "tokens",
    "AccessTokenInfo": "tokens",
    "HttpRequest": "transport",
    "HttpResponse": "transport",
    "TransportFailure": "transport",
}


def __getattr__(name: str) -> object:
    """Loads on first use what costs time to import."""
    from importlib import import_module

    if name == "aio":
        return import_module(".aio", __name__)
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{home}", __name__), name)
