"""A source by its name."""

from __future__ import annotations

from .source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Named(Source):
    """The source of a name, such as `gitlab`, with what the environment says of it."""

    __slots__ = ("name", "variables")

    def __init__(self, name: str, variables: tuple[str, ...]) -> None:
        self.name = name
        self.variables = variables

    def describe(self) -> dict[str, Any]:
        return {"kind": self.name}

    def __repr__(self) -> str:
        return f"Named({self.name!r})"
