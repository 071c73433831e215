"""A function of the application."""

from __future__ import annotations

from .source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from .assertion_request import AssertionRequest
    from .source import Assertion

    AskFor = Callable[[AssertionRequest], Assertion | Awaitable[Assertion]]
    Ask = Callable[[], Assertion | Awaitable[Assertion]] | AskFor


class Callback(Source):
    """A function of the application that returns the assertion, a JWT. With asyncio it may be a coroutine function.

        Callback(lambda: vault.read("jwt"))
        Callback(lambda request: vault.issue(request.audience))

    A function that needs an argument gets an `AssertionRequest`: the context of the exchange, why and how often the
    function is asked, and until when. Pass one function.

    Args:
        ask: A function that returns the assertion. It is called without an argument if it can be.
        ask_for: A function that gets the context in any case.

    Raises:
        TypeError: There is not one function, or it needs more than one argument.
    """

    __slots__ = ("_ask", "_takes_request")

    def __init__(self, ask: Ask | None = None, *, ask_for: AskFor | None = None) -> None:
        function = ask_for if ask is None else ask
        if not callable(function) or (ask is not None and ask_for is not None):
            raise TypeError("a callback source needs one function that returns the assertion")
        needed = _needed_arguments(function)
        if needed > 1:
            raise TypeError(f"a callback takes one argument, the request; this one needs {needed}")
        self._ask: Any = function
        self._takes_request = ask is None or needed == 1

    def describe(self) -> dict[str, Any]:
        return {"kind": "callback"}

    def ask(self, request: AssertionRequest) -> Assertion | Awaitable[Assertion]:
        answer: Assertion | Awaitable[Assertion]
        answer = self._ask(request) if self._takes_request else self._ask()
        return answer

    def __repr__(self) -> str:
        return f"Callback({getattr(self._ask, '__qualname__', type(self._ask).__name__)})"


def _needed_arguments(function: Callable[..., object]) -> int:
    """Returns how many positional arguments a function cannot be called without."""
    code = getattr(function, "__code__", None)
    if code is not None:
        # Functions and methods, without the import of `inspect`.
        bound = getattr(function, "__self__", None) is not None
        return int(code.co_argcount - bound - len(getattr(function, "__defaults__", None) or ()))
    from inspect import Parameter, signature

    try:
        parameters = signature(function).parameters.values()
    except (TypeError, ValueError):
        # A function of an extension module that does not describe itself.
        return 0
    positional = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return sum(each.kind in positional and each.default is Parameter.empty for each in parameters)
