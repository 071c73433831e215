"""A function of the application."""

from __future__ import annotations

from .source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from .source import Assertion

    Ask = Callable[[], Assertion | Awaitable[Assertion]]
    AskFor = Callable[[dict[str, Any]], Assertion | Awaitable[Assertion]]


class Callback(Source):
    """A function of the application that returns the assertion, a JWT. With asyncio it may be a coroutine function.

        Callback(lambda: vault.read("jwt"))

    Pass one of the two functions.

    Args:
        ask: A function without arguments that returns the assertion.
        ask_for: A function that gets the purpose of the assertion and returns it. The purpose is a mapping with
            `token_endpoint` and `correlation_id` and, if they are known, `tenant_id`, `client_id`, `audience` and
            `claims`.
    """

    __slots__ = ("_ask", "_takes_purpose")

    def __init__(self, ask: Ask | None = None, *, ask_for: AskFor | None = None) -> None:
        function = ask_for if ask is None else ask
        if not callable(function) or (ask is not None and ask_for is not None):
            raise TypeError("a callback source needs one function that returns the assertion")
        self._ask: Any = function
        self._takes_purpose = ask is None

    def describe(self) -> dict[str, Any]:
        return {"kind": "callback"}

    def ask(self, purpose: dict[str, Any]) -> Assertion | Awaitable[Assertion]:
        answer: Assertion | Awaitable[Assertion]
        answer = self._ask(purpose) if self._takes_purpose else self._ask()
        return answer

    def __repr__(self) -> str:
        return f"Callback({getattr(self._ask, '__qualname__', type(self._ask).__name__)})"
