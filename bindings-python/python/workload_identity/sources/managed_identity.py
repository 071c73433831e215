"""A managed identity of Azure as the workload's identity."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ManagedIdentity(Source):
    """A token of a user-assigned managed identity, as MSAL.NET's `ManagedIdentityClientAssertion` gives it.

        WorkloadIdentity(tenant_id=..., client_id=..., source=ManagedIdentity(client_id="..."))

    The environment shows where it comes from: Service Fabric, App Service (Functions, Container Apps), Azure Machine
    Learning, Azure Arc or Cloud Shell, and otherwise the metadata service (IMDS) of a virtual machine. The token is used
    until its own expiry nears.

    Name at most one of the ids. Arc, Cloud Shell and Service Fabric ignore them, so they are refused there, and so are the
    other ids than `client_id` in Azure Machine Learning.

    Args:
        client_id: Client id of the managed identity, not that of the application.
        object_id: Object (principal) id of the managed identity.
        resource_id: Resource id of the managed identity (`/subscriptions/...`).
        audience: Audience of the token; by default the exchange audience of the cloud.
    """

    __slots__ = ("audience", "client_id", "object_id", "resource_id")
    variables = (
        "IDENTITY_ENDPOINT",
        "IDENTITY_HEADER",
        "IDENTITY_SERVER_THUMBPRINT",
        "IMDS_ENDPOINT",
        "MSI_ENDPOINT",
        "MSI_SECRET",
        "DEFAULT_IDENTITY_CLIENT_ID",
        "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    )

    def __init__(
        self,
        client_id: str | None = None,
        *,
        object_id: str | None = None,
        resource_id: str | None = None,
        audience: str | None = None,
    ) -> None:
        self.client_id = client_id
        self.object_id = object_id
        self.resource_id = resource_id
        self.audience = audience

    def describe(self) -> dict[str, Any]:
        return members(
            "managed_identity",
            client_id=self.client_id,
            object_id=self.object_id,
            resource_id=self.resource_id,
            audience=self.audience,
        )

    def __repr__(self) -> str:
        given = ((name, getattr(self, name)) for name in self.__slots__)
        return f"ManagedIdentity({', '.join(f'{name}={value!r}' for name, value in given if value is not None)})"
