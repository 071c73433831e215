"""Vercel."""

from __future__ import annotations

from .variable import VariableSource


class Vercel(VariableSource):
    """The OIDC token of a Vercel build or function, read for each exchange and never kept.

    Args:
        variable: The variable that holds the token; by default the platform's own.
    """

    __slots__ = ()
    kind = "vercel"
    variables = ("VERCEL_OIDC_TOKEN", "VERCEL")
