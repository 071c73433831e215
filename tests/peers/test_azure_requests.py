"""Our requests to Azure's token services beside those of Microsoft's clients, unmodified, request by request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

import certificates
import wire
import workloads
from conftest import ours
from platform_recorder import PlatformRecorder, platform_token
from recorder import Recorded, Recorder
from workloads import MANAGED_IDENTITY

TENANT_ID = "11111111-2222-4333-8444-555555555555"
CLIENT_ID = "66666666-7777-4888-9999-000000000000"
IDENTITY_ID = "77777777-7777-4888-9999-000000000000"
RESOURCE_ID = "/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"
SCOPE = "https://vault.azure.net/.default"
AUDIENCE = "api://AzureADTokenExchange"


@dataclass(frozen=True)
class Case:
    """A host of managed identities: its variables (`{url}` is the recorder's), and the identity that is asked for."""

    variables: dict[str, str]
    identity: dict[str, str] = field(default_factory=dict)
    tls: bool = False
    peers: tuple[str, ...] = MANAGED_IDENTITY


APP_SERVICE = {"IDENTITY_ENDPOINT": "{url}/msi/token", "IDENTITY_HEADER": "a-header-value"}
IMDS = {"AZURE_POD_IDENTITY_AUTHORITY_HOST": "{url}"}
AZURE_ML = {"MSI_ENDPOINT": "{url}/msi/token", "MSI_SECRET": "a-secret"}
CLOUD_SHELL = {"MSI_ENDPOINT": "{url}/oauth2/token"}
SERVICE_FABRIC = {
    "IDENTITY_ENDPOINT": "{url}/metadata/identity/oauth2/token",
    "IDENTITY_HEADER": "a-header-value",
    "IDENTITY_SERVER_THUMBPRINT": "{thumbprint}",
}
CASES = {
    "app service": Case(APP_SERVICE),
    "app service, client id": Case(APP_SERVICE, {"client_id": IDENTITY_ID}),
    "app service, object id": Case(APP_SERVICE, {"object_id": IDENTITY_ID}),
    "app service, resource id": Case(APP_SERVICE, {"resource_id": RESOURCE_ID}),
    "imds": Case(IMDS),
    "imds, client id": Case(IMDS, {"client_id": IDENTITY_ID}),
    "imds, object id": Case(IMDS, {"object_id": IDENTITY_ID}),
    "imds, resource id": Case(IMDS, {"resource_id": RESOURCE_ID}),
    "azure ml": Case(AZURE_ML),
    "azure ml, client id": Case(AZURE_ML, {"client_id": IDENTITY_ID}),
    # MSAL for Python has another function for it, which asks for tokens of users.
    "cloud shell": Case(CLOUD_SHELL, peers=tuple(peer for peer in MANAGED_IDENTITY if not peer.startswith("msal "))),
    "service fabric": Case(SERVICE_FABRIC, tls=True),
}


@pytest.fixture(scope="module")
def platform() -> Iterator[PlatformRecorder]:
    yield from running(PlatformRecorder(None))


@pytest.fixture(scope="module")
def tls_platform(server_certificates: certificates.Certificates) -> Iterator[PlatformRecorder]:
    yield from running(PlatformRecorder(server_certificates))


def running(server: PlatformRecorder) -> Iterator[PlatformRecorder]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass(frozen=True)
class Side:
    """Runs official clients and ours, and returns what reached the platform."""

    request: pytest.FixtureRequest
    recorder: Recorder
    certificates: certificates.Certificates

    def theirs(self, peer: str, platform: Recorder, variables: dict[str, str], **job: object) -> list[Recorded]:
        ca_file = self.certificates.ca_file
        if peer.startswith("@"):
            client = workloads.official_node(peer, self.request.getfixturevalue("npm"), ca_file)
        else:
            client = workloads.official_python(peer, ca_file)
        known = {"authority": self.recorder.base_url, "tenant_id": TENANT_ID, "client_id": CLIENT_ID, "scope": SCOPE}
        return self._run(client, platform, {**known, "environment": variables, **job})

    def ours(self, peer: str, platform: Recorder, variables: dict[str, str], **job: object) -> list[Recorded]:
        client = ours(self.request, "node" if peer.startswith("@") else "python", self.certificates.ca_file)
        options = {"tenant_id": TENANT_ID, "client_id": CLIENT_ID, "authority_host": self.recorder.base_url}
        return self._run(client, platform, {"options": options, "scope": SCOPE, "environment": variables, **job})

    def _run(self, client: workloads.Workload, platform: Recorder, job: dict[str, object]) -> list[Recorded]:
        platform.take()
        outcome = client.run(job)
        assert outcome.error is None
        assert outcome.token
        return platform.take()


@pytest.fixture
def side(
    request: pytest.FixtureRequest, recorder: Recorder, server_certificates: certificates.Certificates
) -> Side:
    return Side(request, recorder, server_certificates)


def compare(peer: str, case: str, ours_sent: list[Recorded], theirs: list[Recorded]) -> None:
    """One request reaches the platform from each, and only listed differences are between them."""
    assert (len(ours_sent), len(theirs)) == (1, 1)
    found, listed = wire.differences(ours_sent[0], theirs[0]), wire.intended(peer, case)
    assert found - listed == set(), "differences that nobody wrote down"
    assert listed - found == set(), "differences that are written down but gone"


@pytest.mark.parametrize(
    ("case", "peer"), [(case, peer) for case in CASES for peer in CASES[case].peers]
)
def test_managed_identities(
    case: str, peer: str, side: Side, platform: PlatformRecorder, tls_platform: PlatformRecorder
) -> None:
    host = CASES[case]
    server = tls_platform if host.tls else platform
    known = {"url": server.base_url, "thumbprint": side.certificates.thumbprint()}
    variables = {name: value.format(**known) for name, value in host.variables.items()}
    theirs = side.theirs(peer, server, variables, scope=f"{AUDIENCE}/.default", identity=host.identity)
    mine = side.ours(peer, server, variables, source=["ManagedIdentity", host.identity])
    compare(peer, case, mine, theirs)


@pytest.mark.parametrize("peer", workloads.AZURE_PIPELINES)
def test_azure_pipelines(peer: str, side: Side, tls_platform: PlatformRecorder) -> None:
    variables = {
        "SYSTEM_OIDCREQUESTURI": f"{tls_platform.base_url}/oidctoken",
        "SYSTEM_ACCESSTOKEN": "an-access-token",
        "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": IDENTITY_ID,
    }
    theirs = side.theirs(peer, tls_platform, variables)
    mine = side.ours(peer, tls_platform, variables, source=["AzurePipelines", {}])
    # @azure/identity asks for two tokens and exchanges the second.
    assert len(theirs) == (2 if peer.startswith("@") else 1)
    compare(peer, "azure pipelines", mine, theirs[-1:])


def test_the_token_proxy_of_aks(side: Side, recorder: Recorder, tmp_path_factory: pytest.TempPathFactory) -> None:
    peer = "azure-identity WorkloadIdentityCredential"
    token_file = tmp_path_factory.mktemp("pod") / "token"
    token_file.write_text(platform_token(AUDIENCE))
    variables = {
        "AZURE_KUBERNETES_TOKEN_PROXY": f"{recorder.base_url}/base",
        "AZURE_KUBERNETES_SNI_NAME": certificates.SERVER_NAME,
        "AZURE_KUBERNETES_CA_FILE": str(side.certificates.ca_file),
    }
    entra = {"authority": "https://entra.example", "token_file": str(token_file)}
    theirs = side.theirs(peer, recorder, variables, **entra)
    options = {
        "tenant_id": TENANT_ID, "client_id": CLIENT_ID, "authority_host": "https://entra.example", "token_proxy": True,
    }
    mine = side.ours(peer, recorder, variables, options=options, token_file=str(token_file))
    assert mine[0].path == f"/base/{TENANT_ID}/oauth2/v2.0/token"
    compare(peer, "token proxy", mine, theirs)
