"""Management of federated identity credentials: what applications, agent blueprints and managed identities trust.

    from workload_identity import WorkloadIdentity
    from workload_identity.management import FederatedCredential, FederatedCredentials

    with FederatedCredentials(WorkloadIdentity.from_environment(), app_id="...") as credentials:
        for each in credentials.list():
            print(each)

`workload_identity.aio` has the same class for asyncio.
"""

from __future__ import annotations

from ._core.base_management import (
    BaseFederatedCredentials,
    applied_from_step,
    credential_from_step,
    credentials_from_step,
    plan_from_step,
    wire_of,
)
from ._core.closing import ClosedByWith
from ._core.default_transport import close_transport, transport_of
from .federated_credential import (
    Applied,
    Change,
    FederatedCredential,
    Identity,
    Plan,
    TrustFile,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    import os
    from collections.abc import Iterable
    from typing import Any, Literal

    from azure.core.credentials import TokenCredential

    from ._core.base_management import AnyCredential, Wanted
    from .issuers import PrivateAddresses
    from .transport import Transport

__all__ = [
    "Applied",
    "Change",
    "FederatedCredential",
    "FederatedCredentials",
    "Identity",
    "Plan",
    "TrustFile",
]


class FederatedCredentials(BaseFederatedCredentials, ClosedByWith):
    """The federated identity credentials of one application, agent blueprint or managed identity.

    They are read and written at Microsoft Graph, those of a managed identity at Azure Resource Manager. Threads may share
    one object; writes are made one after another.

    Args:
        credential: Gives the access tokens: a `WorkloadIdentity`, or a credential of azure-core's `TokenCredential`. It is
            not closed with this object.
        app_id: Application (client) id of an app registration.
        app_object_id: Object id of an app registration.
        agent_blueprint: Object id of an agent identity blueprint.
        managed_identity: Resource id of a user-assigned managed identity
            (`/subscriptions/.../userAssignedIdentities/NAME`).
        tenant_id: Tenant of the access tokens, where the credential serves several.
        authority_host: Host of the Entra authority, for national clouds: it selects Graph and Resource Manager.
        graph_url: Microsoft Graph without its version, for tests.
        arm_url: Azure Resource Manager, for tests.
        graph_version: `"v1.0"` or `"beta"`; by default beta is used only where an expression needs it.
        scope: The scope of the access tokens; by default that of the cloud's service.
        timeout: Maximum duration of a call in seconds.
        private_addresses: `"deny"` refuses addresses on private networks and on this machine.
        allowed_networks: Networks such as `10.0.0.0/8`: the only private addresses that are allowed.
        transport: Sends the HTTP requests; the standard library's transport by default.
        ca_file: A file of certificate authorities (PEM) that the default transport trusts beside the machine's.
        ca_data: Certificate authorities as text or bytes, likewise.

    Raises:
        ConfigurationError: A setting is wrong.
    """

    __slots__ = ()

    def __init__(
        self,
        credential: TokenCredential,
        *,
        app_id: str | None = None,
        app_object_id: str | None = None,
        agent_blueprint: str | None = None,
        managed_identity: str | None = None,
        tenant_id: str | None = None,
        authority_host: str | None = None,
        graph_url: str | None = None,
        arm_url: str | None = None,
        graph_version: Literal["v1.0", "beta"] | None = None,
        scope: str | None = None,
        timeout: float | None = None,
        private_addresses: PrivateAddresses | None = None,
        allowed_networks: Iterable[str] | None = None,
        transport: Transport | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        ca_data: str | bytes | None = None,
    ) -> None:
        self._open(
            credential,
            transport_of(transport, ca_file, ca_data),
            identity={
                "app_id": app_id,
                "app_object_id": app_object_id,
                "agent_blueprint": agent_blueprint,
                "managed_identity": managed_identity,
            },
            tenant_id=tenant_id,
            authority_host=authority_host,
            graph_url=graph_url,
            arm_url=arm_url,
            graph_version=graph_version,
            scope=scope,
            timeout=timeout,
            private_addresses=private_addresses,
            allowed_networks=allowed_networks,
        )

    def list(self, *, timeout: float | None = None) -> builtins.list[FederatedCredential]:
        """Returns all credentials.

        Raises:
            WorkloadIdentityError: One of its subclasses; see `errors`.
        """
        return credentials_from_step(self._done("list", timeout))

    def get(self, name: str, *, timeout: float | None = None) -> FederatedCredential:
        """Returns the credential of a name.

        Raises:
            WorkloadIdentityError: `credential_not_found`, or another of its subclasses.
        """
        return credential_from_step(self._done("get", timeout, name=name))

    def create(
        self, credential: AnyCredential, *, timeout: float | None = None
    ) -> FederatedCredential:
        """Creates a credential, and returns it as the service has it.

        Raises:
            WorkloadIdentityError: `credential_conflict` if its name, or its issuer and subject, exist already, or another
                of its subclasses.
        """
        return credential_from_step(self._done("create", timeout, credential=wire_of(credential)))

    def update(
        self, credential: AnyCredential, *, timeout: float | None = None
    ) -> FederatedCredential:
        """Changes the members that are given of the credential with this name; a mapping may leave out the others.

            credentials.update({"name": "production", "subject": "repo:octo/app:environment:prod"})

        Raises:
            WorkloadIdentityError: `credential_not_found`, or another of its subclasses.
        """
        return credential_from_step(self._done("update", timeout, credential=wire_of(credential)))

    def upsert(
        self, credential: AnyCredential, *, timeout: float | None = None
    ) -> FederatedCredential:
        """Creates the credential, or makes the one with this name equal to it.

        Raises:
            WorkloadIdentityError: One of its subclasses; see `errors`.
        """
        return credential_from_step(self._done("upsert", timeout, credential=wire_of(credential)))

    def delete(self, name: str, *, timeout: float | None = None) -> bool:
        """Deletes the credential of a name. Returns whether there was one.

        Raises:
            WorkloadIdentityError: One of its subclasses; see `errors`.
        """
        return bool(self._done("delete", timeout, name=name)["value"]["deleted"])

    def plan(
        self, credentials: Wanted, *, prune: bool = False, timeout: float | None = None
    ) -> Plan:
        """Returns what `apply` would change. Nothing is written.

            print(credentials.plan("trust.yaml"))

        Args:
            credentials: The wanted credentials: a list, a `TrustFile`, or the path of one.
            prune: Whether credentials that are not wanted are removed.
            timeout: Maximum duration of this call in seconds.

        Raises:
            WorkloadIdentityError: One of its subclasses; see `errors`.
        """
        return plan_from_step(self._done("plan", timeout, **self._wanted(credentials, prune)))

    def apply(
        self, credentials: Wanted, *, prune: bool = False, timeout: float | None = None
    ) -> Applied:
        """Makes the credentials as wanted, and returns what was changed. A second time there is nothing to do.

            applied = credentials.apply("trust.yaml")
            print(applied)

        Args:
            credentials: The wanted credentials: a list, a `TrustFile`, or the path of one.
            prune: Whether credentials that are not wanted are removed.
            timeout: Maximum duration of this call in seconds.

        Raises:
            WorkloadIdentityError: One of its subclasses. If something had been changed, `error.applied` is the report.
        """
        return applied_from_step(self._done("apply", timeout, **self._wanted(credentials, prune)))

    def close(self) -> None:
        """Closes the transport."""
        self._mark_closed()
        close_transport(self._performer.transport)

    def _done(self, operation: str, timeout: float | None, **members: Any) -> dict[str, Any]:
        return self._host.drive(self._performer, self._begin(operation, timeout, **members))
