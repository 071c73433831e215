"""Modal."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Modal(Source):
    """The identity token of a Modal container.

    Its subject names the container, so that no exact credential of Entra accepts it.

    Args:
        variable: The variable that holds the token; by default the platform's own.
    """

    __slots__ = ("variable",)
    variables = ("MODAL_IDENTITY_TOKEN",)

    def __init__(
        self,
        variable: str | None = None,
    ) -> None:
        self.variable = variable

    def describe(self) -> dict[str, Any]:
        return members(
            "modal",
            variable=self.variable,
        )

    def __repr__(self) -> str:
        return f"Modal(variable={self.variable!r})"
