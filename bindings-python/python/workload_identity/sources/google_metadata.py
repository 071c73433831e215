"""The metadata server of Google Cloud."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

# The variables by which Google's libraries find the metadata server.
METADATA_VARIABLES = (
    "GCE_METADATA_HOST",
    "GCE_METADATA_ROOT",
    "GCE_METADATA_IP",
    "GCE_METADATA_TIMEOUT",
)


class GoogleMetadata(Source):
    """The identity token that Google Cloud's metadata server gives to Compute Engine, GKE, Cloud Run and App Engine.

    In Entra, the credential's issuer is `https://accounts.google.com` and its subject the service account's unique id.

    Args:
        service_account: Email address of one of the workload's service accounts; by default the default one.
        audience: Audience of the token; by default the cloud's exchange audience.
        format: `full`, the default, adds claims about the virtual machine to the token.
        licenses: Adds the licences of the virtual machine's images.
    """

    __slots__ = ("audience", "format", "licenses", "service_account")
    variables = METADATA_VARIABLES

    def __init__(
        self,
        *,
        service_account: str | None = None,
        audience: str | None = None,
        format: Literal["full", "standard"] | None = None,
        licenses: bool | None = None,
    ) -> None:
        self.service_account = service_account
        self.audience = audience
        self.format = format
        self.licenses = licenses

    def describe(self) -> dict[str, Any]:
        return members(
            "google_metadata",
            service_account=self.service_account,
            audience=self.audience,
            format=self.format,
            licenses=self.licenses,
        )

    def __repr__(self) -> str:
        return f"GoogleMetadata(service_account={self.service_account!r}, audience={self.audience!r})"
