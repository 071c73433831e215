"""The token endpoint of Azure Pipelines."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class AzurePipelines(Source):
    """The ID token of an Azure Pipelines job for a service connection with workload identity federation.

    The step maps the job's token: `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`.

    Args:
        service_connection_id: Id of the service connection (`resourceId` in the URL of its page); by default
            `AZURESUBSCRIPTION_SERVICE_CONNECTION_ID` of the environment, which tasks such as AzureCLI@2 set.
        access_token: By default `SYSTEM_ACCESSTOKEN` of the environment.
        request_uri: By default `SYSTEM_OIDCREQUESTURI` of the environment.
    """

    __slots__ = ("_access_token", "request_uri", "service_connection_id")
    variables = (
        "SYSTEM_OIDCREQUESTURI",
        "SYSTEM_ACCESSTOKEN",
        "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    )

    def __init__(
        self,
        service_connection_id: str | None = None,
        *,
        access_token: str | None = None,
        request_uri: str | None = None,
    ) -> None:
        self.service_connection_id = service_connection_id
        self.request_uri = request_uri
        self._access_token = access_token

    def describe(self) -> dict[str, Any]:
        return members(
            "azure_pipelines",
            service_connection_id=self.service_connection_id,
            access_token=self._access_token,
            request_uri=self.request_uri,
        )

    def __repr__(self) -> str:
        return (
            f"AzurePipelines(service_connection_id={self.service_connection_id!r}, request_uri={self.request_uri!r})"
        )
