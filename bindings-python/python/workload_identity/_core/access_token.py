"""Asks the application's credential for an access token: the effect `ask_host` named `access_token` (docs/protocol.md, section 11)."""

from __future__ import annotations

from .effects import WrongReturnError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Any


def access_token(credential: Any, payload: dict[str, Any], is_async: bool) -> str | Awaitable[str]:
    """Returns the token, or an awaitable of it. The credential is one of azure-core's protocols."""
    options: dict[str, Any] = {
        name: payload[name] for name in ("claims", "tenant_id") if name in payload
    }
    scopes = payload["scopes"]
    if is_async:
        return _awaited(credential, scopes, options)
    answer = credential.get_token(*scopes, **options)
    if hasattr(answer, "__await__"):
        close = getattr(answer, "close", None)
        if close is not None:
            close()
        raise WrongReturnError(
            "the credential is asynchronous; use workload_identity.aio.FederatedCredentials"
        )
    return _text(answer)


async def _awaited(credential: Any, scopes: list[str], options: dict[str, Any]) -> str:
    from asyncio import wrap_future
    from inspect import iscoroutinefunction

    from .background_call import call_in_background

    if iscoroutinefunction(credential.get_token):
        return _text(await credential.get_token(*scopes, **options))
    # A synchronous credential makes requests, which would stop the event loop.
    answer = await wrap_future(call_in_background(lambda: credential.get_token(*scopes, **options)))
    return _text(await answer if hasattr(answer, "__await__") else answer)


def _text(answer: Any) -> str:
    token = getattr(answer, "token", None)
    if isinstance(token, str):
        return token
    returned = "None" if answer is None else type(answer).__name__
    raise WrongReturnError(
        f"the credential's get_token returned {returned}; it must return an AccessToken"
    )
