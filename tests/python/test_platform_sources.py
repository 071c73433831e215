"""The sources of CI platforms and the generic ones: from the environment, by name, by class, and their log."""

from __future__ import annotations

import base64
import json
import logging
import sys
import time

import pytest
from workload_identity import (
    Executable,
    GitLab,
    HttpRequest,
    HttpResponse,
    Modal,
    Terraform,
    TokenFile,
    TokenUrl,
    WorkloadIdentity,
    WorkloadIdentityError,
)

IDENTITY = {
    "tenant_id": "11111111-1111-1111-1111-111111111111",
    "client_id": "22222222-2222-2222-2222-222222222222",
}
SCOPE = "https://vault.azure.net/.default"


def workload_token(audience: str = "api://AzureADTokenExchange") -> str:
    parts = {"alg": "RS256"}, {"sub": "s", "aud": audience, "exp": int(time.time()) + 600}
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts)
    return ".".join(part.rstrip(b"=").decode() for part in encoded) + ".c2ln"


class Service:
    """Answers Buildkite's agent API and Entra, and keeps the requests."""

    def __init__(self) -> None:
        self.requests: list[HttpRequest] = []

    def send(self, request: HttpRequest, /) -> HttpResponse:
        self.requests.append(request)
        answer = {"access_token": "issued", "token_type": "Bearer", "expires_in": 3600}
        if "/oidc/tokens" in request.url:
            answer = {"token": workload_token()}
        return HttpResponse(200, {}, json.dumps(answer).encode())


def issued(source, environment=None) -> str:
    identity = WorkloadIdentity(
        source=source, environment=environment, transport=Service(), **IDENTITY
    )
    with identity:
        return identity.get_token(SCOPE).token


def refused(source, environment=None) -> WorkloadIdentityError:
    with pytest.raises(WorkloadIdentityError) as caught:
        issued(source, environment)
    return caught.value


def test_a_rotated_variable_is_seen(monkeypatch):
    monkeypatch.setenv("MY_TOKEN", workload_token())
    service = Service()
    with WorkloadIdentity(source=GitLab("MY_TOKEN"), transport=service, **IDENTITY) as identity:
        identity.get_token(SCOPE)
        rotated = workload_token("other")
        monkeypatch.setenv("MY_TOKEN", rotated)
        identity.get_token("https://graph.microsoft.com/.default")
        assert rotated.encode() in service.requests[-1].body
        monkeypatch.delenv("MY_TOKEN")
        with pytest.raises(WorkloadIdentityError) as caught:
            identity.get_token("https://storage.azure.com/.default")
    assert caught.value.code == "environment_incomplete"
    assert "GitLab" in str(caught.value)


@pytest.mark.parametrize("source", ["modal", Modal(), Modal("MODAL_IDENTITY_TOKEN")])
def test_a_source_by_its_name_reads_its_variables_only(monkeypatch, source):
    monkeypatch.setenv("MODAL_IDENTITY_TOKEN", workload_token())
    monkeypatch.setenv("AZURE_TENANT_ID", "other.example")
    assert issued(source) == "issued"


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("gitlab", {"GITLAB_CI": "true", "AZURE_ID_TOKEN": workload_token()}),
        ("circleci", {"CIRCLE_OIDC_TOKEN_V2": workload_token("org")}),
        ("bitbucket", {"BITBUCKET_STEP_OIDC_TOKEN": workload_token()}),
        ("terraform", {"TFC_WORKLOAD_IDENTITY_TOKEN": workload_token()}),
        ("buildkite", {"BUILDKITE_AGENT_ACCESS_TOKEN": "t", "BUILDKITE_JOB_ID": "1"}),
        ("spacelift", {"SPACELIFT_OIDC_TOKEN": workload_token()}),
        ("vercel", {"VERCEL_OIDC_TOKEN": workload_token()}),
        ("modal", {"MODAL_IDENTITY_TOKEN": workload_token()}),
    ],
)
def test_an_environment_of_the_application(name, environment):
    assert issued(name, environment) == "issued"
    assert issued("auto", environment) == "issued"


def test_the_log_names_the_source_and_those_not_used(monkeypatch, caplog):
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("AZURE_ID_TOKEN", workload_token())
    monkeypatch.setenv("MODAL_IDENTITY_TOKEN", workload_token())
    for name in ("AZURE_FEDERATED_TOKEN_FILE", "ACTIONS_ID_TOKEN_REQUEST_URL"):
        monkeypatch.delenv(name, raising=False)
    with caplog.at_level(logging.DEBUG, "workload_identity"):
        WorkloadIdentity.from_environment(**IDENTITY).close()
    lines = [line for line in caplog.messages if line.startswith("token source")]
    assert lines[0] == "token source gitlab: GitLab CI/CD: AZURE_ID_TOKEN is set"
    assert lines[1].startswith("token source modal is not used, gitlab comes first")
    assert "eyJ" not in caplog.text


class MetadataServer(Service):
    """Answers in place of Google's metadata server, too."""

    connections = True

    def send(self, request: HttpRequest, /) -> HttpResponse:
        if "169.254.169.254" in request.url or "metadata.google" in request.url:
            self.requests.append(request)
            return HttpResponse(200, {"metadata-flavor": "Google"}, workload_token().encode())
        return super().send(request)


@pytest.mark.parametrize("chosen", [{"probe": True}, {"source": "probe"}])
def test_a_metadata_service_is_looked_for_when_asked(chosen):
    service = MetadataServer()
    nothing = {"environment": {}, "environment_paths": [], "transport": service, **IDENTITY}
    with pytest.raises(WorkloadIdentityError) as caught:
        WorkloadIdentity.from_environment(**nothing)
    assert caught.value.code == "source_not_found"
    assert not service.requests
    with WorkloadIdentity.from_environment(**chosen, **nothing) as identity:
        assert not service.requests
        assert identity.get_token(SCOPE).token == "issued"
    assert service.requests[0].url == "http://169.254.169.254/"
    assert service.requests[1].url.startswith("http://metadata.google.internal/")


class SignInPage(Service):
    """Answers every request as a network that wants a sign-in does."""

    connections = True

    def send(self, request: HttpRequest, /) -> HttpResponse:
        self.requests.append(request)
        return HttpResponse(200, {}, b"<html>sign in</html>")


def test_no_metadata_service():
    nothing = {"environment": {}, "environment_paths": [], "transport": SignInPage(), **IDENTITY}
    with WorkloadIdentity.from_environment(probe=True, **nothing) as identity:
        with pytest.raises(WorkloadIdentityError) as caught:
            identity.get_token(SCOPE)
    assert caught.value.code == "source_not_found"
    assert "Google's metadata server (something else answered)" in str(caught.value)


def test_an_executable_and_a_json_file(tmp_path):
    answer = {
        "version": 1,
        "success": True,
        "token_type": "urn:ietf:params:oauth:token-type:jwt",
        "id_token": workload_token(),
    }
    command = [sys.executable, "-c", f"print({json.dumps(answer)!r})"]
    assert issued(Executable(command, allow_executables=True)) == "issued"
    assert refused(Executable(command)).code == "config_invalid"
    file = tmp_path / "token.json"
    file.write_text(json.dumps({"t": workload_token()}))
    assert issued(TokenFile(file, format="json", field="t")) == "issued"


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("nope", "config_invalid"),
        (" ", "config_invalid"),
        (7, "config_invalid"),
        (Terraform(), "environment_incomplete"),
        (TokenUrl("https://169.254.169.254/"), "config_invalid"),
        (TokenUrl("https://a.example/", headers={"authorization": "s3cret\nx"}), "config_invalid"),
    ],
)
def test_wrong_sources(monkeypatch, source, code):
    for name in ("TFC_WORKLOAD_IDENTITY_TOKEN", "ARM_OIDC_TOKEN", "ARM_OIDC_TOKEN_FILE_PATH"):
        monkeypatch.delenv(name, raising=False)
    error = refused(source)
    assert error.code == code
    assert "s3cret" not in str(error)


def test_headers_of_a_url_are_not_shown():
    assert "s3cret" not in repr(TokenUrl("https://a.example/", headers={"authorization": "s3cret"}))
