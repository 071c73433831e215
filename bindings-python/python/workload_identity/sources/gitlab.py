"""GitLab CI/CD."""

from __future__ import annotations

from .variable import VariableSource


class GitLab(VariableSource):
    """The ID token of a GitLab CI/CD job, from one of its `id_tokens`.

    Args:
        variable: The variable that the job's `id_tokens` name; by default the one derived from the audience,
            `AZURE_ID_TOKEN`, `GITLAB_OIDC_TOKEN` or `ARM_OIDC_TOKEN`.
    """

    __slots__ = ()
    kind = "gitlab"
    variables = (
        "GITLAB_CI",
        "API___AZUREADTOKENEXCHANGE_ID_TOKEN",
        "API___AZUREADTOKENEXCHANGEUSGOV_ID_TOKEN",
        "API___AZUREADTOKENEXCHANGECHINA_ID_TOKEN",
        "AZURE_ID_TOKEN",
        "GITLAB_OIDC_TOKEN",
        "ARM_OIDC_TOKEN",
    )
