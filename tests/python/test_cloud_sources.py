"""Google Cloud, Kubernetes and spiffe-helper's file as sources, at the emulator, and files under rotation."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Emulator
from waiting import SECONDS
from workload_identity import (
    GoogleMetadata,
    GoogleServiceAccount,
    HttpResponse,
    KubernetesTokenRequest,
    TokenFile,
    WorkloadIdentity,
    WorkloadIdentityError,
)
from workload_identity._core import effects

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
        # In place of three seconds.
        monkeypatch.setenv("GCE_METADATA_TIMEOUT", str(SECONDS))
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


def test_the_file_of_spiffe_helper(platforms: Callable[..., Emulator]) -> None:
    emulator = platforms("spiffe")
    assert token(emulator, TokenFile(emulator.startup_info["environment"]["AZURE_FEDERATED_TOKEN_FILE"]))


@pytest.mark.parametrize("host", ["attacker.example", "169.254.170.2", "127.0.0.1/x", "a\nb"])
def test_a_foreign_metadata_server(host: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCE_METADATA_HOST", host)
    error = refusal(emulator, GoogleMetadata())
    assert (error.code, "GCE_METADATA_HOST" in str(error)) == ("config_invalid", True)


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


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


# The length changes, so that a mixture of two tokens would have a wrong end.
ROTATION = """
import base64, json, os, sys, time
os.chdir(sys.argv[1])
def encoded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")
header = encoded({"alg": "RS256"})
claims = {"iss": "i", "sub": "s", "aud": "a", "exp": int(time.time()) + 3600}
for number in range(10_001):
    folder = f"..{number}"
    os.mkdir(folder)
    file = os.open(folder + "/token", os.O_CREAT | os.O_WRONLY)
    end = "A" * (number % 97 * 4) + f"{number:08}"
    os.write(file, b".".join([header, encoded({**claims, "n": number}), end.encode()]))
    os.close(file)
    os.symlink(folder, "..data_tmp")
    os.rename("..data_tmp", "..data")
    if number:
        os.remove(former + "/token")
        os.rmdir(former)
    else:
        print("published", flush=True)
    former = folder
"""


@pytest.fixture
def volume() -> Iterator[Path]:
    """A folder in memory, as projected volumes are, where the system has one."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def test_a_projected_file_is_never_torn(volume: Path) -> None:
    """10,000 swaps of the symbolic link, as kubelet does them, under a reading loop."""
    (volume / "token").symlink_to("..data/token")
    # A process of its own: a thread would wait for the reader's.
    command = [sys.executable, "-c", ROTATION, str(volume)]
    endpoint = Assertions()
    ids = {"tenant_id": "contoso.com", "client_id": "11111111-2222-3333-4444-555555555555"}
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        while writer.poll() is None:
            source = TokenFile(volume / "token")
            with WorkloadIdentity(source=source, transport=endpoint, **ids) as identity:  # type: ignore[arg-type]
                identity.get_token(SCOPE)
    assert writer.returncode == 0
    assert len(endpoint.seen) > 10
    for seen in endpoint.seen:
        claims = json.loads(base64.urlsafe_b64decode(seen.split(".")[1] + "=="))
        assert seen.split(".")[2] == f"{'A' * (claims['n'] % 97 * 4)}{claims['n']:08}"


@pytest.mark.parametrize("written", [0, 1, 40, -1], ids=["empty", "a byte", "a part", "all but a byte"])
def test_a_half_written_file_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    """spiffe-helper truncates its file and writes it in place."""
    claims = {"iss": "i", "sub": "s", "aud": "a", "exp": int(time.time()) + 3600}
    # Without its last character the signature is no base64url.
    token = f"{encoded({'alg': 'RS256'})}.{encoded(claims)}.{'A' * 342}"
    file = tmp_path / "jwt_svid.token"
    file.write_text(token[:written])
    read = effects._read_file

    def read_and_go_on(path: str, limit: int) -> bytes:
        content = read(path, limit)
        file.write_text(token)
        return content

    monkeypatch.setattr(effects, "_read_file", read_and_go_on)
    endpoint = Assertions()
    ids = {"tenant_id": "contoso.com", "client_id": "11111111-2222-3333-4444-555555555555"}
    with WorkloadIdentity(source=TokenFile(file), transport=endpoint, **ids) as identity:  # type: ignore[arg-type]
        identity.get_token(SCOPE)
    assert endpoint.seen == [token]
