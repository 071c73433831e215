"""Vercel."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Vercel(Source):
    """The OIDC token of a Vercel build or function, read for each exchange and never kept.

    Args:
        variable: The variable that holds the token; by default the platform's own.
    """

    __slots__ = ("variable",)
    variables = ("VERCEL_OIDC_TOKEN", "VERCEL")

    def __init__(
        self,
        variable: str | None = None,
    ) -> None:
        self.variable = variable

    def describe(self) -> dict[str, Any]:
        return members(
            "vercel",
            variable=self.variable,
        )

    def __repr__(self) -> str:
        return f"Vercel(variable={self.variable!r})"
