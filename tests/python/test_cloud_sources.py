"""Google Cloud, Kubernetes and SPIFFE as sources, at the emulator, and their files under rotation."""

from __future__ import annotations

import base64
import json
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Emulator
from workload_identity import (
    GoogleMetadata,
    GoogleServiceAccount,
    HttpResponse,
    KubernetesTokenRequest,
    Spiffe,
    TokenFile,
    WorkloadIdentity,
    WorkloadIdentityError,
)

SCOPE = "https://vault.azure.net/.default"
ACCOUNT = "workload@octo-project.iam.gserviceaccount.com"


@pytest.fixture
def platforms(
    start_emulator: Callable[..., Emulator], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Emulator]:
    """Starts an emulator that is a platform, and sets the platform's variables."""

    def start(name: str) -> Emulator:
        emulator = start_emulator("--platform", name)
        for variable, value in emulator.startup_info["environment"].items():
            monkeypatch.setenv(variable, value)
        return emulator

    return start


def token(emulator: Emulator, source: Any) -> str:
    options = {"tenant_id": emulator.tenant_id, "client_id": emulator.client_id}
    with WorkloadIdentity(source=source, authority_host=emulator.base_url, **options) as identity:
        return identity.get_token(SCOPE).token


def refusal(emulator: Emulator, source: Any) -> WorkloadIdentityError:
    with pytest.raises(WorkloadIdentityError) as caught:
        token(emulator, source)
    return caught.value


def test_google_cloud(platforms: Callable[..., Emulator]) -> None:
    emulator = platforms("gcp")
    assert token(emulator, GoogleMetadata())
    assert token(emulator, GoogleMetadata(service_account=ACCOUNT, licenses=True))
    assert token(emulator, GoogleServiceAccount(ACCOUNT, endpoint=emulator.base_url, include_email=True))
    error = refusal(emulator, GoogleMetadata(service_account="other@x"))
    assert (error.code, "other@x" in str(error)) == ("source_rejected", True)
    error = refusal(emulator, GoogleServiceAccount("other@x", endpoint=emulator.base_url))
    assert (error.code, "serviceAccountOpenIdTokenCreator" in str(error)) == ("source_rejected", True)


def test_kubernetes(platforms: Callable[..., Emulator], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    emulator = platforms("kubernetes")
    assert token(emulator, KubernetesTokenRequest())
    assert token(emulator, KubernetesTokenRequest("workload", expiration_seconds=600))
    error = refusal(emulator, KubernetesTokenRequest("other"))
    assert (error.code, "`default/other`" in str(error)) == ("source_rejected", True)
    error = refusal(emulator, KubernetesTokenRequest("workload", namespace="other"))
    assert (error.code, "serviceaccounts/token" in str(error)) == ("source_rejected", True)
    kubeconfig = Path(emulator.startup_info["environment"]["KUBECONFIG"]).read_text()
    metadata = tmp_path / "kubeconfig"
    metadata.write_text(kubeconfig.replace(f"{emulator.base_url}/platforms/kubernetes", "https://169.254.169.254"))
    error = refusal(emulator, KubernetesTokenRequest(kubeconfig=metadata))
    assert (error.code, "metadata service" in str(error)) == ("config_invalid", True)


def test_spiffe(platforms: Callable[..., Emulator]) -> None:
    emulator = platforms("spiffe")
    assert token(emulator, TokenFile(emulator.startup_info["environment"]["AZURE_FEDERATED_TOKEN_FILE"]))
    error = refusal(emulator, Spiffe(socket="unix:///nowhere/agent.sock"))
    assert (error.code, "workload-identity-federation[spiffe]" in str(error)) == ("source_unsupported", True)


@pytest.mark.parametrize("host", ["attacker.example", "169.254.170.2", "127.0.0.1/x", "a\nb"])
def test_a_foreign_metadata_server(host: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCE_METADATA_HOST", host)
    error = refusal(emulator, GoogleMetadata())
    assert (error.code, "GCE_METADATA_HOST" in str(error)) == ("config_invalid", True)


class Assertions:
    """A token endpoint that keeps the assertions that it gets."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def send(self, request: Any) -> HttpResponse:
        fields = dict(part.split("=", 1) for part in request.body.decode().split("&"))
        self.seen.append(fields["client_assertion"])
        body = {"token_type": "Bearer", "expires_in": 3599, "access_token": "t"}
        return HttpResponse(200, {"content-type": "application/json"}, json.dumps(body).encode())

    def close(self) -> None:
        pass


def test_a_projected_file_is_never_torn(tmp_path: Path) -> None:
    """10,000 swaps of the symbolic link, as kubelet does them, under a reading loop."""

    def encoded(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    def assertion(number: int) -> str:
        claims = {"iss": "i", "sub": "s", "aud": "a", "exp": int(time.time()) + 3600, "n": number}
        # The length changes, so that a mixture of two tokens would have a wrong end.
        return f"{encoded({'alg': 'RS256'})}.{encoded(claims)}.{'A' * (number % 97 * 4)}{number:08}"

    def publish(number: int) -> Path:
        folder = tmp_path / f"..{number}"
        folder.mkdir()
        (folder / "token").write_text(assertion(number))
        link = tmp_path / "..data_tmp"
        link.symlink_to(folder.name)
        link.rename(tmp_path / "..data")
        return folder

    last = publish(0)
    (tmp_path / "token").symlink_to("..data/token")
    done = threading.Event()

    def rotate() -> None:
        nonlocal last
        for number in range(1, 10_001):
            former, last = last, publish(number)
            shutil.rmtree(former)
        done.set()

    writer = threading.Thread(target=rotate)
    writer.start()
    endpoint = Assertions()
    ids = {"tenant_id": "contoso.com", "client_id": "11111111-2222-3333-4444-555555555555"}
    while not done.is_set():
        source = TokenFile(tmp_path / "token")
        with WorkloadIdentity(source=source, transport=endpoint, **ids) as identity:  # type: ignore[arg-type]
            identity.get_token(SCOPE)
    writer.join()
    assert len(endpoint.seen) > 10
    for seen in endpoint.seen:
        claims = json.loads(base64.urlsafe_b64decode(seen.split(".")[1] + "=="))
        assert seen.split(".")[2] == f"{'A' * (claims['n'] % 97 * 4)}{claims['n']:08}"
