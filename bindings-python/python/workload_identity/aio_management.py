"""The asyncio management of federated identity credentials; `workload_identity.aio` exports the class."""

from __future__ import annotations

from ._core.base_management import (
    BaseFederatedCredentials,
    applied_from_step,
    credential_from_step,
    credentials_from_step,
    plan_from_step,
    wire_of,
)
from ._core.closing import ClosedByAsyncWith
from ._core.default_transport import close_transport_async
from .federated_credential import Applied, FederatedCredential, Plan
from .thread_transport import async_transport

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    import os
    from collections.abc import Iterable
    from typing import Any, Literal

    from azure.core.credentials import TokenCredential
    from azure.core.credentials_async import AsyncTokenCredential

    from ._core.base_management import AnyCredential, Wanted
    from .issuers import PrivateAddresses
    from .transport import AsyncTransport


class FederatedCredentials(BaseFederatedCredentials, ClosedByAsyncWith):
    """The federated identity credentials of one application, agent blueprint or managed identity.

    Tasks, event loops and threads may share one object. The arguments are those of
    `workload_identity.management.FederatedCredentials`, except that credential and transport may be asynchronous. A
    credential that is not is called in a thread:

        async with FederatedCredentials(WorkloadIdentity.from_environment(), app_id="...") as credentials:
            print(await credentials.plan("trust.yaml"))

    Raises:
        ConfigurationError: A setting is wrong.
    """

    __slots__ = ()

    def __init__(
        self,
        credential: AsyncTokenCredential | TokenCredential,
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
        transport: AsyncTransport | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        ca_data: str | bytes | None = None,
    ) -> None:
        self._open(
            credential,
            async_transport(transport, ca_file, ca_data),
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

    async def list(self, *, timeout: float | None = None) -> builtins.list[FederatedCredential]:
        """Returns all credentials."""
        return credentials_from_step(await self._done("list", timeout))

    async def get(self, name: str, *, timeout: float | None = None) -> FederatedCredential:
        """Returns the credential of a name; `credential_not_found` if there is none."""
        return credential_from_step(await self._done("get", timeout, name=name))

    async def create(
        self, credential: AnyCredential, *, timeout: float | None = None
    ) -> FederatedCredential:
        """Creates a credential; see `workload_identity.management.FederatedCredentials.create`."""
        step = await self._done("create", timeout, credential=wire_of(credential))
        return credential_from_step(step)

    async def update(
        self, credential: AnyCredential, *, timeout: float | None = None
    ) -> FederatedCredential:
        """Changes the members that are given; see `workload_identity.management.FederatedCredentials.update`."""
        step = await self._done("update", timeout, credential=wire_of(credential))
        return credential_from_step(step)

    async def upsert(
        self, credential: AnyCredential, *, timeout: float | None = None
    ) -> FederatedCredential:
        """Creates the credential, or makes the one with this name equal to it."""
        step = await self._done("upsert", timeout, credential=wire_of(credential))
        return credential_from_step(step)

    async def delete(self, name: str, *, timeout: float | None = None) -> bool:
        """Deletes the credential of a name. Returns whether there was one."""
        return bool((await self._done("delete", timeout, name=name))["value"]["deleted"])

    async def plan(
        self, credentials: Wanted, *, prune: bool = False, timeout: float | None = None
    ) -> Plan:
        """Returns what `apply` would change; see `workload_identity.management.FederatedCredentials.plan`."""
        return plan_from_step(await self._done("plan", timeout, **self._wanted(credentials, prune)))

    async def apply(
        self, credentials: Wanted, *, prune: bool = False, timeout: float | None = None
    ) -> Applied:
        """Makes the credentials as wanted; see `workload_identity.management.FederatedCredentials.apply`.

        A task that is cancelled does not report what it had changed; `plan` shows what is left.
        """
        step = await self._done("apply", timeout, **self._wanted(credentials, prune))
        return applied_from_step(step)

    async def close(self) -> None:
        """Closes the transport."""
        self._mark_closed()
        await close_transport_async(self._performer.transport)

    async def _done(self, operation: str, timeout: float | None, **members: Any) -> dict[str, Any]:
        ticket = self._begin(operation, timeout, **members)
        return await self._host.drive_async(self._performer, ticket)
