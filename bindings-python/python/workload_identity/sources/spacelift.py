"""Spacelift."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Spacelift(Source):
    """The token of a Spacelift run, from its variable or its file.

    Args:
        variable: The variable that holds the token; by default the platform's own.
    """

    __slots__ = ("variable",)
    variables = ("SPACELIFT_OIDC_TOKEN",)

    def __init__(
        self,
        variable: str | None = None,
    ) -> None:
        self.variable = variable

    def describe(self) -> dict[str, Any]:
        return members(
            "spacelift",
            variable=self.variable,
        )

    def __repr__(self) -> str:
        return f"Spacelift(variable={self.variable!r})"
