"""azure-core's own pipelines take the credentials as they take Microsoft's, against a protected API."""

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

from conftest import Emulator
from loopback import LoopbackTransport
from stubs import SCOPE


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
async def twin(
    tls_emulator: Emulator, context: ssl.SSLContext
) -> AsyncIterator[workload_identity.aio.WorkloadIdentity]:
    transport = workload_identity.aio.ThreadTransport(StandardTransport(context))
    async with workload_identity.aio.WorkloadIdentity(
        environment=tls_emulator.environment(), transport=transport
    ) as twin:
        yield twin


def test_the_shape_is_azure_cores(
    identity: WorkloadIdentity, twin: workload_identity.aio.WorkloadIdentity
) -> None:
    assert isinstance(identity, TokenCredential)
    assert isinstance(identity, SupportsTokenInfo)
    assert isinstance(twin, AsyncTokenCredential)
    assert isinstance(twin, AsyncSupportsTokenInfo)


@pytest.mark.parametrize("enable_cae", [False, True])
def test_a_pipeline(
    tls_emulator: Emulator, context: ssl.SSLContext, identity: WorkloadIdentity, enable_cae: bool
) -> None:
    policy = BearerTokenCredentialPolicy(identity, SCOPE, enable_cae=enable_cae)
    with Pipeline(transport=LoopbackTransport(context), policies=[policy]) as pipeline:
        for _ in range(3):
            request = HttpRequest("GET", tls_emulator.api_url)
            assert pipeline.run(request).http_response.status_code == 200
    assert tls_emulator.token_requests() == 1


def test_the_api_is_protected(tls_emulator: Emulator, context: ssl.SSLContext) -> None:
    with Pipeline(transport=LoopbackTransport(context), policies=[]) as pipeline:
        request = HttpRequest("GET", tls_emulator.api_url)
        assert pipeline.run(request).http_response.status_code == 401


async def test_an_asyncio_pipeline(
    tls_emulator: Emulator,
    context: ssl.SSLContext,
    twin: workload_identity.aio.WorkloadIdentity,
) -> None:
    policy = AsyncBearerTokenCredentialPolicy(twin, SCOPE)
    connector = aiohttp.TCPConnector(ssl=context)
    async with aiohttp.ClientSession(connector=connector) as session:
        transport = AioHttpTransport(session=session, session_owner=False)
        async with AsyncPipeline(transport=transport, policies=[policy]) as pipeline:
            for _ in range(3):
                request = HttpRequest("GET", tls_emulator.api_url)
                answer = await pipeline.run(request)
                assert answer.http_response.status_code == 200
    assert tls_emulator.token_requests() == 1
