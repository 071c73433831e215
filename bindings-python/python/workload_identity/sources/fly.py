"""Fly.io."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Fly(Source):
    """The OIDC token that Fly.io gives to a machine over the Unix socket `/.fly/api`.

    Args:
        audience: Audience of the token; by default the cloud's exchange audience.
    """

    __slots__ = ("audience",)
    variables = ("FLY_API_SOCKET",)

    def __init__(
        self,
        audience: str | None = None,
    ) -> None:
        self.audience = audience

    def describe(self) -> dict[str, Any]:
        return members(
            "fly",
            audience=self.audience,
        )

    def __repr__(self) -> str:
        return f"Fly(audience={self.audience!r})"
