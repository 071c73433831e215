"""The IAM Credentials API of Google Cloud."""

from __future__ import annotations

from .google_metadata import METADATA_VARIABLES
from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class GoogleServiceAccount(Source):
    """The identity token of a service account that the workload may act as (`generateIdToken`).

    The metadata server gives the access token for the request. The workload's own account needs
    `roles/iam.serviceAccountOpenIdTokenCreator` on the service account.

        GoogleServiceAccount("robot@project.iam.gserviceaccount.com")

    Args:
        service_account: Email address or unique id of the service account.
        audience: Audience of the token; by default the cloud's exchange audience.
        delegates: Service accounts in between, each of which may act as the next one.
        include_email: Adds the claims `email` and `email_verified`.
        endpoint: Address of the API, for emulators; by default `https://iamcredentials.googleapis.com`.
    """

    __slots__ = ("audience", "delegates", "endpoint", "include_email", "service_account")
    variables = METADATA_VARIABLES

    def __init__(
        self,
        service_account: str,
        *,
        audience: str | None = None,
        delegates: Sequence[str] | None = None,
        include_email: bool | None = None,
        endpoint: str | None = None,
    ) -> None:
        self.service_account = service_account
        self.audience = audience
        self.delegates = delegates
        self.include_email = include_email
        self.endpoint = endpoint

    def describe(self) -> dict[str, Any]:
        return members(
            "google_service_account",
            service_account=self.service_account,
            audience=self.audience,
            delegates=None if self.delegates is None else list(self.delegates),
            include_email=self.include_email,
            endpoint=self.endpoint,
        )

    def __repr__(self) -> str:
        return f"GoogleServiceAccount({self.service_account!r}, audience={self.audience!r})"
