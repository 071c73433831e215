"""A variable of the application's choice."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class EnvironmentVariable(Source):
    """A token in an environment variable, read for each exchange.

    Args:
        variable: Name of the variable.
    """

    __slots__ = ("variable",)

    def __init__(
        self,
        variable: str,
    ) -> None:
        self.variable = variable

    def describe(self) -> dict[str, Any]:
        return members(
            "environment",
            variable=self.variable,
        )

    def __repr__(self) -> str:
        return f"EnvironmentVariable(variable={self.variable!r})"
