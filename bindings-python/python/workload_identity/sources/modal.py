"""Modal."""

from __future__ import annotations

from .variable import VariableSource


class Modal(VariableSource):
    """The identity token of a Modal container.

    Its subject names the container, so that no exact credential of Entra accepts it.

    Args:
        variable: The variable that holds the token; by default the platform's own.
    """

    __slots__ = ()
    kind = "modal"
    variables = ("MODAL_IDENTITY_TOKEN",)
