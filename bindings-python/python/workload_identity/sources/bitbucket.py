"""Bitbucket Pipelines."""

from __future__ import annotations

from .variable import VariableSource


class Bitbucket(VariableSource):
    """The token of a Bitbucket Pipelines step with `oidc: true`.

    Its subject names the step, so that no exact credential of Entra accepts it.

    Args:
        variable: The variable that holds the token; by default the platform's own.
    """

    __slots__ = ()
    kind = "bitbucket"
    variables = ("BITBUCKET_STEP_OIDC_TOKEN", "BITBUCKET_STEP_UUID")
