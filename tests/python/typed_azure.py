"""Programs that use the credentials with clients of Azure, checked by mypy and pyright and not run by pytest."""

from __future__ import annotations

from contextlib import AsyncExitStack, ExitStack

from azure.core.credentials import SupportsTokenInfo, TokenCredential
from azure.core.credentials_async import AsyncSupportsTokenInfo, AsyncTokenCredential
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline.policies import (
    AsyncBearerTokenCredentialPolicy,
    BearerTokenCredentialPolicy,
)
from azure.core.rest import AsyncHttpResponse, HttpRequest, HttpResponse
from azure.identity import AzureCliCredential, ChainedTokenCredential
from azure.identity.aio import AzureCliCredential as AioAzureCliCredential
from azure.identity.aio import ChainedTokenCredential as AioChainedTokenCredential
from azure.keyvault.secrets import SecretClient
from azure.keyvault.secrets.aio import SecretClient as AioSecretClient
from azure.storage.blob import BlobServiceClient
from azure.storage.blob.aio import BlobServiceClient as AioBlobServiceClient
from workload_identity import SourceError, TokenFile, WorkloadIdentity, aio
from workload_identity.management import FederatedCredentials

# A misspelt name is an error at the import; both checkers report a comment that hides none.
from workload_identity import WorkloadIdentiti  # type: ignore[attr-defined]  # isort: skip
from workload_identity.aio import TokenVerifyer  # type: ignore[attr-defined]  # isort: skip

VAULT = "https://example.vault.azure.net"
BLOBS = "https://example.blob.core.windows.net"
SCOPE = "https://vault.azure.net/.default"

identity = WorkloadIdentity(source=TokenFile("/run/token"))
credential: TokenCredential = identity
with_info: SupportsTokenInfo = identity
aio_identity = aio.WorkloadIdentity(source=TokenFile("/run/token"))
aio_credential: AsyncTokenCredential = aio_identity
aio_with_info: AsyncSupportsTokenInfo = aio_identity
managed = [
    FederatedCredentials(credential, app_id="a"),
    FederatedCredentials(AzureCliCredential(), managed_identity="/subscriptions/s"),
]
aio_managed = [
    aio.FederatedCredentials(aio_credential, app_id="a"),
    aio.FederatedCredentials(AioAzureCliCredential(), app_object_id="a"),
]


def secret(name: str) -> str | None:
    with ExitStack() as stack:
        chain = stack.enter_context(
            ChainedTokenCredential(
                WorkloadIdentity.from_environment(required=False), AzureCliCredential()
            )
        )
        client = stack.enter_context(SecretClient(VAULT, chain))
        try:
            return client.get_secret(name).value
        except SourceError as error:
            return error.code
        except (ClientAuthenticationError, AzureError):
            return None


async def aio_secret(name: str) -> str | None:
    async with AsyncExitStack() as stack:
        chain = await stack.enter_async_context(
            AioChainedTokenCredential(
                aio.WorkloadIdentity.from_environment(required=False), AioAzureCliCredential()
            )
        )
        client = await stack.enter_async_context(AioSecretClient(VAULT, chain))
        return (await client.get_secret(name)).value


def containers() -> list[str]:
    with identity, BlobServiceClient(BLOBS, credential=identity) as client:
        return [container.name for container in client.list_containers()]


async def aio_containers() -> list[str]:
    async with aio_identity, AioBlobServiceClient(BLOBS, credential=aio_identity) as client:
        return [container.name async for container in client.list_containers()]


BearerTokenCredentialPolicy[HttpRequest, HttpResponse](identity, SCOPE)
AsyncBearerTokenCredentialPolicy[HttpRequest, AsyncHttpResponse](aio_identity, SCOPE)
clients = [SecretClient(VAULT, identity), AioSecretClient(VAULT, aio_identity)]
