"""Bitbucket Pipelines."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Bitbucket(Source):
    """The token of a Bitbucket Pipelines step with `oidc: true`.

    Its subject names the step, so that no exact credential of Entra accepts it.

    Args:
        variable: The variable that holds the token; by default the platform's own.
    """

    __slots__ = ("variable",)
    variables = ("BITBUCKET_STEP_OIDC_TOKEN", "BITBUCKET_STEP_UUID")

    def __init__(
        self,
        variable: str | None = None,
    ) -> None:
        self.variable = variable

    def describe(self) -> dict[str, Any]:
        return members(
            "bitbucket",
            variable=self.variable,
        )

    def __repr__(self) -> str:
        return f"Bitbucket(variable={self.variable!r})"
