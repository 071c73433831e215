"""Performs the effect `ask_host`: the application's callback and credential, and the functions of this host (docs/protocol.md, section 4)."""

from __future__ import annotations

import os

from ..transport import TransportFailure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Any

    from .effects import Performer

    Answer = str | bytes | Awaitable[str | bytes]


def ask_host(effect: dict[str, Any], performer: Performer, is_async: bool) -> Answer:
    """Calls a function by its name. Returns its answer, or an awaitable."""
    name, payload = effect["name"], effect["payload"]
    if name == "environment":
        own = performer.environment
        return _variable(payload["variable"], os.environ if own is None else own)
    if name == "assertion":
        if performer.source is None:
            raise LookupError("this credential has no callback")
        from ..sources.assertion_request import AssertionRequest

        return performer.source.ask(AssertionRequest(payload, performer.is_closed))
    if name == "access_token":
        from .access_token import access_token

        return access_token(performer.credential, payload, is_async)
    function = _FUNCTIONS.get(name)
    if function is None:
        raise TransportFailure("unsupported", f"this version has no host function `{name[:50]}`")
    return function(payload, effect["timeout_ms"] / 1000, is_async)


def _variable(name: str, environment: Mapping[str, str]) -> str:
    value = environment.get(name)
    if value is None:
        raise LookupError(f"the variable {name} is not set")
    return value


def _execute(payload: dict[str, Any], timeout: float, is_async: bool) -> Answer:
    from .execution import Execution

    execution = Execution(payload["command"], payload["environment"], payload["max_bytes"], timeout)
    return execution.run_in_thread() if is_async else execution.run()


def _jwt_svid(payload: dict[str, Any], timeout: float, is_async: bool) -> Answer:
    from .workload_api import fetch_jwt_svid

    if not is_async:
        return fetch_jwt_svid(payload, timeout)
    import asyncio

    return asyncio.to_thread(fetch_jwt_svid, payload, timeout)


_FUNCTIONS: dict[str, Callable[[dict[str, Any], float, bool], Answer]] = {
    "execute": _execute,
    "spiffe_jwt_svid": _jwt_svid,
}
