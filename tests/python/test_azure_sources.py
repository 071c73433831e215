"""Managed identities, Azure Pipelines and the token proxy of AKS: what is asked, accepted and refused."""

from __future__ import annotations

import hashlib
import ssl
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from workload_identity import (
    AzurePipelines,
    ManagedIdentity,
    WorkloadIdentity,
    WorkloadIdentityError,
)

from azure_platform import (
    AUDIENCE,
    CONNECTION,
    SECRET,
    Answer,
    Platform,
    app_service,
    arc,
    azure_ml,
    cloud_shell,
    imds,
    jwt,
    pipelines,
    service_fabric,
)
from loopback_tls import AUTHORITY, CA_DATA

TENANT = "11111111-1111-1111-1111-111111111111"
CLIENT = "22222222-2222-2222-2222-222222222222"
ID = "44444444-4444-4444-8444-444444444444"
RESOURCE = "/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"
KEY_FILE = f"/var/opt/azcmagent/tokens/{uuid.uuid4()}.key"


@pytest.fixture
def platform() -> Iterator[Platform]:
    running = Platform()
    yield running
    running.stop()


@pytest.fixture
def tls_platform(tmp_path: Path) -> Iterator[tuple[Platform, str]]:
    """A platform over TLS, and the SHA-1 thumbprint of its certificate."""
    issued = AUTHORITY.issue_cert("127.0.0.1", "proxy.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    certificate = ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())
    running = Platform(context)
    yield running, hashlib.sha1(certificate).hexdigest()
    running.stop()


def token(platform: Platform, source: Any, environment: dict[str, str], **options: Any) -> str:
    authority = {"token_endpoint": f"{platform.url}/entra"}
    options = {"authority": authority, **options}
    with WorkloadIdentity(client_id=CLIENT, source=source, environment=environment, **options) as identity:
        return identity.get_token("https://vault.azure.net/.default").token


def refusal(platform: Platform, source: Any, environment: dict[str, str]) -> WorkloadIdentityError:
    with pytest.raises(WorkloadIdentityError) as caught:
        token(platform, source, environment)
    assert SECRET not in f"{caught.value} {caught.value!r}"
    return caught.value


Host = Callable[[str], dict[str, str]]


@pytest.mark.parametrize(
    ("host", "source", "method", "path", "parameters", "headers"),
    [
        (
            app_service, ManagedIdentity(ID), "GET", "/msi/token",
            {"api-version": "2019-08-01", "client_id": ID}, {"x-identity-header": SECRET},
        ),
        (
            app_service, ManagedIdentity(resource_id=RESOURCE), "GET", "/msi/token",
            {"api-version": "2019-08-01", "mi_res_id": RESOURCE}, {"x-identity-header": SECRET},
        ),
        (
            azure_ml, ManagedIdentity(ID), "GET", "/msi/token",
            {"api-version": "2017-09-01", "clientid": ID}, {"secret": SECRET},
        ),
        (cloud_shell, ManagedIdentity(), "POST", "/oauth2/token", {}, {"metadata": "true"}),
        (
            imds, ManagedIdentity(object_id=ID), "GET", "/metadata/identity/oauth2/token",
            {"api-version": "2018-02-01", "object_id": ID}, {"metadata": "true"},
        ),
        (
            imds, ManagedIdentity(resource_id=RESOURCE), "GET", "/metadata/identity/oauth2/token",
            {"api-version": "2018-02-01", "msi_res_id": RESOURCE}, {"metadata": "true"},
        ),
    ],
)
def test_each_host(
    platform: Platform, host: Host, source: Any, method: str, path: str,
    parameters: dict[str, str], headers: dict[str, str],
) -> None:
    assert token(platform, source, host(platform.url)) == "issued"
    [sent] = platform.requests
    assert (sent.method, sent.path) == (method, path)
    assert sent.parameters == {**parameters, "resource": AUDIENCE}
    assert headers.items() <= sent.headers.items()
    [exchange] = platform.exchanges
    assert exchange.parameters["client_assertion"] == platform.answer.body["access_token"]


@pytest.mark.parametrize("host", [app_service, azure_ml, cloud_shell, imds])
def test_each_host_is_found(platform: Platform, host: Host) -> None:
    assert token(platform, "auto", host(platform.url)) == "issued"
    assert len(platform.requests) == 1


def test_service_fabric_pins_its_certificate(tls_platform: tuple[Platform, str], platform: Platform) -> None:
    fabric, thumbprint = tls_platform
    assert token(platform, ManagedIdentity(), service_fabric(fabric.url, thumbprint.upper())) == "issued"
    [sent] = fabric.requests
    assert sent.parameters == {"api-version": "2019-07-01-preview", "resource": AUDIENCE}
    assert sent.headers["secret"] == SECRET
    fabric.requests.clear()
    error = refusal(platform, ManagedIdentity(), service_fabric(fabric.url))
    assert (error.code, fabric.requests) == ("source_unreachable", [])
    assert "Service Fabric" in str(error)


def test_arc_sends_a_key_file_of_its_directory_only(platform: Platform) -> None:
    for realm in ("/etc/passwd", "/var/opt/azcmagent/tokens/../../../../etc/a.key", "a.key", ""):
        platform.answer = Answer(b"", 401, (("WWW-Authenticate", f"Basic realm={realm}"),))
        error = refusal(platform, ManagedIdentity(), arc(platform.url))
        assert (error.code, "Azure Arc" in str(error)) == ("source_response_invalid", True), realm
    assert all("authorization" not in sent.headers for sent in platform.requests)
    platform.answer = Answer(b"", 401, (("WWW-Authenticate", f"Basic realm={KEY_FILE}"),))
    error = refusal(platform, ManagedIdentity(), arc(platform.url))
    assert (error.code, "Azure Arc" in str(error)) == ("token_file_missing", True)


def test_azure_pipelines(platform: Platform) -> None:
    platform.answer = Answer({"oidcToken": jwt()})
    variables = pipelines(platform.url)
    assert token(platform, AzurePipelines(), variables) == "issued"
    assert token(platform, "auto", variables) == "issued"
    given = AzurePipelines(CONNECTION, access_token=SECRET, request_uri=variables["SYSTEM_OIDCREQUESTURI"])
    assert SECRET not in repr(given)
    assert token(platform, given, {}) == "issued"
    for sent in platform.requests:
        assert (sent.method, sent.path) == ("POST", "/org/oidctoken")
        assert sent.parameters == {"api-version": "7.1", "serviceConnectionId": CONNECTION}
        assert sent.headers["authorization"] == f"Bearer {SECRET}"
        assert sent.headers["x-tfs-fedauthredirect"] == "Suppress"


@pytest.mark.parametrize(
    ("without", "code"),
    [
        ("SYSTEM_OIDCREQUESTURI", "environment_incomplete"),
        ("SYSTEM_ACCESSTOKEN", "environment_incomplete"),
        ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "environment_incomplete"),
    ],
)
def test_pipelines_that_pass_on_too_little(platform: Platform, without: str, code: str) -> None:
    variables = pipelines(platform.url)
    del variables[without]
    error = refusal(platform, AzurePipelines(), variables)
    assert error.code == code
    if without != "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID":
        assert without in str(error)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SYSTEM_ACCESSTOKEN", "$(System.AccessToken)"),
        ("SYSTEM_ACCESSTOKEN", "two\nlines"),
        ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "my-connection"),
        ("SYSTEM_OIDCREQUESTURI", "http://attacker.example/oidctoken"),
        ("SYSTEM_OIDCREQUESTURI", "https://169.254.169.254/oidctoken"),
    ],
)
def test_variables_of_pipelines_that_cannot_be_used(platform: Platform, name: str, value: str) -> None:
    error = refusal(platform, AzurePipelines(), {**pipelines(platform.url), name: value})
    assert (error.code, name in str(error)) == ("config_invalid", True)
    assert platform.requests == []


@pytest.mark.parametrize(
    ("host", "source"),
    [
        (arc, ManagedIdentity(ID)),
        (cloud_shell, ManagedIdentity(object_id=ID)),
        (lambda _: service_fabric("https://10.0.0.4:2377"), ManagedIdentity(resource_id=RESOURCE)),
        (azure_ml, ManagedIdentity(resource_id=RESOURCE)),
        (imds, ManagedIdentity(ID, object_id=ID)),
        (imds, ManagedIdentity("my-identity")),
        (imds, ManagedIdentity(resource_id="my-identity")),
        (imds, ManagedIdentity(" ")),
        (imds, ManagedIdentity(audience="")),
    ],
)
def test_selectors_that_a_host_ignores_or_that_are_none(platform: Platform, host: Host, source: Any) -> None:
    error = refusal(platform, source, host(platform.url))
    assert (error.code, platform.requests) == ("config_invalid", [])
    assert "`source." in str(error)


FOREIGN = [
    "http://169.254.169.254/metadata/identity/oauth2/token",
    "http://169.254.170.2/v2/credentials",
    "http://attacker.example/msi/token",
    "https://attacker.example/msi/token",
    "http://user:password@127.0.0.1/msi/token",
    "http://2852039166/msi/token",
    "http://127.0.0.1/msi/token?resource=other",
    "file:///etc/passwd",
    "localhost",
]


@pytest.mark.parametrize("address", FOREIGN)
@pytest.mark.parametrize("host", [app_service, azure_ml, cloud_shell, arc, imds, service_fabric])
def test_a_variable_sends_no_secret_elsewhere(platform: Platform, host: Host, address: str) -> None:
    variables = host("")
    name = next(iter(variables))
    error = refusal(platform, ManagedIdentity(), {**variables, name: address})
    assert (error.code, name in str(error)) == ("config_invalid", True)
    assert "password" not in str(error)


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"IDENTITY_ENDPOINT": "http://localhost/msi/token"}, "environment_incomplete"),
        ({"IDENTITY_HEADER": SECRET}, "environment_incomplete"),
        ({"MSI_SECRET": SECRET}, "environment_incomplete"),
        ({"IDENTITY_ENDPOINT": "http://localhost/", "IDENTITY_HEADER": "a\nb"}, "config_invalid"),
        ({"MSI_ENDPOINT": "http://localhost/", "MSI_SECRET": "a b"}, "config_invalid"),
        (service_fabric("https://10.0.0.4:2377", "no thumbprint"), "config_invalid"),
        (service_fabric("http://127.0.0.1:2377"), "config_invalid"),
    ],
)
def test_variables_that_cannot_be_used(platform: Platform, variables: dict[str, str], code: str) -> None:
    error = refusal(platform, ManagedIdentity(), variables)
    assert error.code == code
    assert any(name in str(error) for name in variables)


PAGE = b"<!doctype html><title>Sign in</title>"
METADATA = "http://169.254.169.254/latest"
ANSWERS = [
    (Answer(PAGE), "source_response_invalid"),
    (Answer(PAGE, 302, (("Location", METADATA),)), "source_rejected"),
    (Answer({"error": "invalid_request"}, 400), "source_rejected"),
    (Answer({"message": "no identity"}, 403), "source_rejected"),
    (Answer({}), "source_response_invalid"),
    (Answer({"access_token": 7, "oidcToken": 7}), "source_response_invalid"),
    (Answer({"access_token": ["a"], "oidcToken": {}}), "source_response_invalid"),
    (Answer([]), "source_response_invalid"),
    (Answer(b'{"access_token":"'), "source_response_invalid"),
    (Answer({"access_token": " ", "oidcToken": " "}), "source_response_invalid"),
    (Answer({"access_token": "a" * 1_000_000, "oidcToken": "a" * 1_000_000}), "source_response_invalid"),
]


@pytest.mark.parametrize("host", [app_service, azure_ml, cloud_shell, imds])
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        *ANSWERS,
        (Answer({"access_token": "opaque"}), "source_response_invalid"),
        (Answer({"access_token": jwt("https://vault.azure.net")}), "source_audience_mismatch"),
        (Answer({"access_token": jwt(lifetime=-600)}), "assertion_expired"),
        (Answer({"access_token": jwt(), "expires_on": {}}), "source_response_invalid"),
    ],
)
def test_answers_that_are_refused(platform: Platform, host: Host, answer: Answer, code: str) -> None:
    good, platform.answer = platform.answer, answer
    variables = host(platform.url)
    error = refusal(platform, ManagedIdentity(), variables)
    assert error.code == code
    assert (len(platform.requests), platform.exchanges) == (1, [])
    platform.answer = good
    assert token(platform, ManagedIdentity(), variables) == "issued"


@pytest.mark.parametrize("host", [app_service, azure_ml])
def test_what_a_host_says_is_repeated_without_the_secret(platform: Platform, host: Host) -> None:
    platform.answer = Answer({"message": "no identity found"}, 400)
    assert "no identity found" in str(refusal(platform, ManagedIdentity(), host(platform.url)))
    platform.answer = Answer({"message": f"no {SECRET}"}, 400)
    refusal(platform, ManagedIdentity(), host(platform.url))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        *ANSWERS[1:],
        (Answer(PAGE), "source_rejected"),
        (Answer(PAGE, 203), "source_rejected"),
    ],
)
def test_answers_of_pipelines_that_are_refused(platform: Platform, answer: Answer, code: str) -> None:
    platform.answer = answer
    error = refusal(platform, AzurePipelines(), pipelines(platform.url))
    assert (error.code, "Azure Pipelines" in str(error)) == (code, True)
    assert (len(platform.requests), platform.exchanges) == (1, [])


def proxied(url: str, tmp_path: Path) -> dict[str, str]:
    assertion, authorities = tmp_path / "token", tmp_path / "ca.crt"
    assertion.write_text(jwt())
    authorities.write_bytes(CA_DATA)
    return {
        "AZURE_FEDERATED_TOKEN_FILE": str(assertion),
        "AZURE_KUBERNETES_TOKEN_PROXY": f"{url}/entra",
        "AZURE_KUBERNETES_SNI_NAME": "proxy.example",
        "AZURE_KUBERNETES_CA_FILE": str(authorities),
    }


def test_the_token_proxy_of_aks(tls_platform: tuple[Platform, str], tmp_path: Path) -> None:
    proxy, _ = tls_platform
    variables = proxied(proxy.url, tmp_path)
    entra = {"authority": None, "tenant_id": TENANT}
    assert token(proxy, "auto", variables, **entra) == "issued"
    [sent] = proxy.exchanges
    assert sent.path.startswith("/entra")
    other = {**variables, "AZURE_KUBERNETES_SNI_NAME": "other.example"}
    with pytest.raises(WorkloadIdentityError) as refused:
        token(proxy, "auto", other, **entra)
    assert len(proxy.exchanges) == 1
    assert "AZURE_KUBERNETES_TOKEN_PROXY" in str(refused.value)


def test_nothing_is_asked_at_a_url_of_the_caller() -> None:
    unknown = {"kind": "managed_identity", "endpoint": METADATA}
    with pytest.raises((WorkloadIdentityError, TypeError)):
        WorkloadIdentity(client_id=CLIENT, tenant_id=TENANT, source=unknown)
