"""CircleCI."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class CircleCI(Source):
    """The OIDC token of a CircleCI job.

    Without an audience it is in a variable, and its audience is the id of the organization.

    Args:
        audience: Audience of a token that `circleci run oidc get` makes. A federated credential can then have
            Entra's own audience.
        root_issuer: With an audience: the issuer is `https://oidc.circleci.com`, without the organization.
        variable: The variable that holds the token; by default `CIRCLE_OIDC_TOKEN_V2`, else `CIRCLE_OIDC_TOKEN`.
    """

    __slots__ = ("audience", "root_issuer", "variable")
    variables = ("CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN")

    def __init__(
        self,
        audience: str | None = None,
        *,
        root_issuer: bool | None = None,
        variable: str | None = None,
    ) -> None:
        self.audience = audience
        self.root_issuer = root_issuer
        self.variable = variable

    def describe(self) -> dict[str, Any]:
        return members(
            "circleci",
            audience=self.audience,
            root_issuer=self.root_issuer,
            variable=self.variable,
        )

    def __repr__(self) -> str:
        return f"CircleCI(audience={self.audience!r})"
