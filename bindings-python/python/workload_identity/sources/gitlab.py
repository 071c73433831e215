"""GitLab CI/CD."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class GitLab(Source):
    """The ID token of a GitLab CI/CD job, from one of its `id_tokens`.

    Args:
        variable: The variable that the job's `id_tokens` name; by default the one derived from the audience,
            `AZURE_ID_TOKEN`, `GITLAB_OIDC_TOKEN` or `ARM_OIDC_TOKEN`.
    """

    __slots__ = ("variable",)
    variables = (
        "GITLAB_CI",
        "API___AZUREADTOKENEXCHANGE_ID_TOKEN",
        "API___AZUREADTOKENEXCHANGEUSGOV_ID_TOKEN",
        "API___AZUREADTOKENEXCHANGECHINA_ID_TOKEN",
        "AZURE_ID_TOKEN",
        "GITLAB_OIDC_TOKEN",
        "ARM_OIDC_TOKEN",
    )

    def __init__(
        self,
        variable: str | None = None,
    ) -> None:
        self.variable = variable

    def describe(self) -> dict[str, Any]:
        return members(
            "gitlab",
            variable=self.variable,
        )

    def __repr__(self) -> str:
        return f"GitLab(variable={self.variable!r})"
