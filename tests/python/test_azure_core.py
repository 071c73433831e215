"""azure-core's pipelines accept the credentials, against a protected API of the emulator."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
import workload_identity.aio
from azure.core.credentials import SupportsTokenInfo, TokenCredential
from azure.core.credentials_async import AsyncSupportsTokenInfo, AsyncTokenCredential
from azure.core.pipeline import AsyncPipeline, Pipeline
from azure.core.pipeline.policies import (
    AsyncBearerTokenCredentialPolicy,
    BearerTokenCredentialPolicy,
)
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import HttpRequest
from workload_identity import WorkloadIdentity
from workload_identity.standard_transport import StandardTransport

from azure_core_transport import LoopbackTransport
from conftest import Emulator
from stubs import SCOPE

pytestmark = pytest.mark.smoke


@pytest.fixture
def context(tls_emulator: Emulator) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=tls_emulator.ca_file)


@pytest.fixture
def identity(tls_emulator: Emulator, context: ssl.SSLContext) -> Iterator[WorkloadIdentity]:
    with WorkloadIdentity(
        environment=tls_emulator.environment(), transport=StandardTransport(context)
    ) as identity:
        yield identity


@pytest.fixture
async def aio_identity(
    tls_emulator: Emulator, context: ssl.SSLContext
) -> AsyncIterator[workload_identity.aio.WorkloadIdentity]:
    transport = workload_identity.aio.ThreadTransport(StandardTransport(context))
    async with workload_identity.aio.WorkloadIdentity(
        environment=tls_emulator.environment(), transport=transport
    ) as aio_identity:
        yield aio_identity


def test_credentials_implement_the_protocols(
    identity: WorkloadIdentity, aio_identity: workload_identity.aio.WorkloadIdentity
) -> None:
    assert isinstance(identity, TokenCredential)
    assert isinstance(identity, SupportsTokenInfo)
    assert isinstance(aio_identity, AsyncTokenCredential)
    assert isinstance(aio_identity, AsyncSupportsTokenInfo)


@pytest.mark.parametrize("enable_cae", [False, True])
def test_pipeline(
    tls_emulator: Emulator, context: ssl.SSLContext, identity: WorkloadIdentity, enable_cae: bool
) -> None:
    policy = BearerTokenCredentialPolicy(identity, SCOPE, enable_cae=enable_cae)
    with Pipeline(transport=LoopbackTransport(context), policies=[policy]) as pipeline:
        for _ in range(3):
            request = HttpRequest("GET", tls_emulator.api_url)
            assert pipeline.run(request).http_response.status_code == 200
    assert tls_emulator.token_requests() == 1


def test_api_requires_a_token(tls_emulator: Emulator, context: ssl.SSLContext) -> None:
    with Pipeline(transport=LoopbackTransport(context), policies=[]) as pipeline:
        request = HttpRequest("GET", tls_emulator.api_url)
        assert pipeline.run(request).http_response.status_code == 401


async def test_asyncio_pipeline(
    tls_emulator: Emulator,
    context: ssl.SSLContext,
    aio_identity: workload_identity.aio.WorkloadIdentity,
) -> None:
    policy = AsyncBearerTokenCredentialPolicy(aio_identity, SCOPE)
    connector = aiohttp.TCPConnector(ssl=context)
    async with aiohttp.ClientSession(connector=connector) as session:
        transport = AioHttpTransport(session=session, session_owner=False)
        async with AsyncPipeline(transport=transport, policies=[policy]) as pipeline:
            for _ in range(3):
                request = HttpRequest("GET", tls_emulator.api_url)
                answer = await pipeline.run(request)
                assert answer.http_response.status_code == 200
    assert tls_emulator.token_requests() == 1
