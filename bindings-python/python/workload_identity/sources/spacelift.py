"""Spacelift."""

from __future__ import annotations

from .variable import VariableSource


class Spacelift(VariableSource):
    """The token of a Spacelift run, from its variable or its file.

    Args:
        variable: The variable that holds the token; by default the platform's own.
    """

    __slots__ = ()
    kind = "spacelift"
    variables = ("SPACELIFT_OIDC_TOKEN",)
