"""The base of sources that read a variable which a platform sets."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class VariableSource(Source):
    """Base of the sources whose only setting is the name of the variable that holds the token."""

    __slots__ = ("variable",)

    # `kind` of the object `source` (docs/protocol.md, section 3).
    kind = ""

    def __init__(
        self,
        variable: str | None = None,
    ) -> None:
        self.variable = variable

    def describe(self) -> dict[str, Any]:
        return members(
            self.kind,
            variable=self.variable,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(variable={self.variable!r})"
