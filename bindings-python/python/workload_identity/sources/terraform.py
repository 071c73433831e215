"""HCP Terraform, and Terraform's providers for Azure."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Terraform(Source):
    """The workload identity token of a run of HCP Terraform or Terraform Enterprise, or what Terraform's providers
    for Azure read: `ARM_OIDC_TOKEN`, `ARM_OIDC_TOKEN_FILE_PATH`.

    Args:
        tag: Tag of one of several tokens: the token is in `TFC_WORKLOAD_IDENTITY_TOKEN_TAG`.
        variable: The variable that holds the token; by default the platform's own.
    """

    __slots__ = ("tag", "variable")
    variables = (
        "TFC_WORKLOAD_IDENTITY_TOKEN",
        "TFC_RUN_ID",
        "ARM_OIDC_TOKEN",
        "ARM_OIDC_TOKEN_FILE_PATH",
    )

    def __init__(
        self,
        tag: str | None = None,
        *,
        variable: str | None = None,
    ) -> None:
        self.tag = tag
        self.variable = variable

    def describe(self) -> dict[str, Any]:
        return members(
            "terraform",
            tag=self.tag,
            variable=self.variable,
        )

    def __repr__(self) -> str:
        return f"Terraform(tag={self.tag!r})"
