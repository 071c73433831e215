"""The requests of Google's own clients, unmodified, and ours: both ask the emulator in the same way for the same token."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Iterator

import pytest

import certificates
import wire
import workloads
from access_tokens import claims
from conftest import ours
from emulator import Emulator
from google_proxy import API, GoogleProxy
from node_packages import PROGRAMS
from recorder import Recorded

AUDIENCE = "api://AzureADTokenExchange"
ACCOUNT = "workload@octo-project.iam.gserviceaccount.com"
SCOPE = "https://vault.azure.net/.default"
CASES = ("metadata", "service account")


@pytest.fixture(scope="module")
def google(folder: Path) -> Iterator[Emulator]:
    """An emulator that is Google Cloud."""
    server = Emulator(folder / "google-emulator.log")
    try:
        server.start([], platform="gcp")
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def proxy(google: Emulator, folder: Path) -> Iterator[GoogleProxy]:
    """Records what the programs ask Google Cloud for."""
    keys = folder / "google-keys"
    keys.mkdir()
    server = GoogleProxy(google.facts["base_url"], certificates.create(keys, API))
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(params=workloads.GOOGLE)
def client(request: pytest.FixtureRequest, proxy: GoogleProxy) -> workloads.Workload:
    """Each of Google's clients in turn."""
    variables = {**metadata_server(proxy), "HTTPS_PROXY": proxy.base_url, "NO_PROXY": "127.0.0.1"}
    if request.param == "google-auth":
        argv: list[str | Path] = [sys.executable, PROGRAMS / "official_google.py"]
        return workloads.command(request.param, argv, {**variables, "REQUESTS_CA_BUNDLE": str(proxy.ca_file)})
    npm: Path = request.getfixturevalue("npm")
    variables["NODE_EXTRA_CA_CERTS"] = str(proxy.ca_file)
    return workloads.command(request.param, ["node", npm / "official_google.mjs"], variables)


@pytest.mark.parametrize("case", CASES)
def test_only_intended_differences(
    request: pytest.FixtureRequest,
    client: workloads.Workload,
    google: Emulator,
    proxy: GoogleProxy,
    ca_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    case: str,
) -> None:
    proxy.take()
    outcome = client.run({"case": case, "audience": AUDIENCE, "service_account": ACCOUNT})
    assert claims(outcome.token)["aud"] == AUDIENCE
    theirs = proxy.take()
    for name, value in metadata_server(proxy).items():
        monkeypatch.setenv(name, value)
    workload = ours(request, "python" if client.name == "google-auth" else "node", ca_file)
    mine = our_requests(workload, google, proxy, case)
    found, listed = wire.differences_of_all(mine, theirs), wire.intended(client.name, case)
    assert found - listed == set(), "differences that nobody wrote down"
    assert listed - found == set(), "differences that are written down but gone"


def metadata_server(proxy: GoogleProxy) -> dict[str, str]:
    host = proxy.base_url.removeprefix("http://")
    return {"GCE_METADATA_HOST": host, "GCE_METADATA_IP": host}


def our_requests(
    workload: workloads.Workload, google: Emulator, proxy: GoogleProxy, case: str
) -> list[Recorded]:
    """Returns what our package asks Google Cloud for. The token is exchanged at the emulator."""
    account = {"service_account": ACCOUNT, "include_email": True, "endpoint": proxy.base_url}
    facts = google.facts
    options = {
        "tenant_id": facts["tenant_id"],
        "client_id": facts["client_id"],
        "authority_host": facts["base_url"],
    }
    job: dict[str, Any] = {
        "options": options,
        "source": ("GoogleMetadata", {}) if case == "metadata" else ("GoogleServiceAccount", account),
        "scope": SCOPE,
    }
    outcome = workload.run(job)
    assert outcome.error is None, outcome.error
    return proxy.take()
