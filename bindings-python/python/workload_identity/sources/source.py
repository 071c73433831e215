"""The base of all sources of tokens."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Any

    from .assertion_request import AssertionRequest

    Assertion = str | bytes


class Source:
    """Base of the sources of this package."""

    __slots__ = ()

    # The environment variables that the core reads for this source where the credential was not made from the environment.
    variables: tuple[str, ...] = ()

    def describe(self) -> dict[str, Any]:
        """Returns the object `source` of the core's configuration (docs/protocol.md, section 3)."""
        raise NotImplementedError

    def incomplete(self) -> dict[str, str]:
        """Returns the environment whose error tells what is missing, where `describe` returns nothing."""
        return {}

    def ask(self, request: AssertionRequest) -> Assertion | Awaitable[Assertion]:
        """Performs the effect `ask_host` named `assertion`."""
        raise LookupError("this source has no callback")

    def sign(self, data: bytes) -> bytes | Awaitable[bytes]:
        """Performs the effect `sign`."""
        raise LookupError("this source has no key")


def members(kind: str, **given: Any) -> dict[str, Any]:
    """Returns the description of a source: its kind, and the members that are given."""
    return {"kind": kind, **{name: value for name, value in given.items() if value is not None}}
