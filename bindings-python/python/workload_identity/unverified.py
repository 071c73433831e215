"""A look into a token before, or without, its verification."""

from __future__ import annotations

from . import _native
from ._verifier_settings import unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class UnverifiedToken:
    """What a token says of itself. Anybody can have written it.

    It is no mapping and shares no type with `VerifiedToken`, so that it cannot be taken for one.

    Attributes:
        unverified_header: The header.
        unverified_claims: The claims.
    """

    __slots__ = ("unverified_claims", "unverified_header")

    def __init__(self, header: dict[str, Any], claims: dict[str, Any]) -> None:
        self.unverified_header = header
        self.unverified_claims = claims

    def __repr__(self) -> str:
        return "<UnverifiedToken>"


def peek_unverified(token: str) -> UnverifiedToken:
    """Reads a token strictly and verifies nothing: for diagnostics, never to decide what a caller may do.

    Raises:
        TokenError: It is not a token that could be verified.
    """
    try:
        return UnverifiedToken(*_native.peek_unverified(token))
    except (TypeError, ValueError) as failure:
        raise unreadable(token, failure) from None
