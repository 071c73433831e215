"""Programs that get tokens: ours in each language, and the official ones. Each reads a job and returns an outcome."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Mapping

import emulator
from node_packages import PROGRAMS

OFFICIAL_PYTHON = (
    "msal",
    "azure-identity ClientAssertionCredential",
    "azure-identity WorkloadIdentityCredential",
)
OFFICIAL_NODE = (
    "@azure/msal-node",
    "@azure/identity ClientAssertionCredential",
    "@azure/identity WorkloadIdentityCredential",
)
# Clients of Azure's token services; see test_azure_requests.py.
MANAGED_IDENTITY = (
    "azure-identity ManagedIdentityCredential",
    "msal ManagedIdentityClient",
    "@azure/identity ManagedIdentityCredential",
    "@azure/msal-node ManagedIdentityApplication",
)
AZURE_PIPELINES = ("azure-identity AzurePipelinesCredential", "@azure/identity AzurePipelinesCredential")
OFFICIAL_OF_PLATFORMS = MANAGED_IDENTITY + AZURE_PIPELINES
# Clients of Google Cloud; see test_google_requests.py.
GOOGLE = ("google-auth", "google-auth-library")
# Clients of CI platforms and of Vercel; see test_ci_requests.py.
CI = ("id", "@actions/core", "@vercel/oidc")


@dataclass(frozen=True)
class Outcome:
    """A token or an error; `error` has the members that programs/workload_python.py writes."""

    token: str | None
    expires_in: int | None
    error: Any

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Outcome:
        return cls(document.get("token"), document.get("expires_in"), document.get("error"))


def check_expiry(outcome: Outcome, claims: Mapping[str, Any]) -> None:
    """Asserts that a token expires when its program said so, which may have been some time ago."""
    assert outcome.expires_in is not None
    assert -2 <= outcome.expires_in - (claims["exp"] - time.time()) <= 60


@dataclass(frozen=True)
class Workload:
    """A program with a name; `run` performs one job."""

    name: str
    run: Callable[[Mapping[str, Any]], Outcome] = field(repr=False)


def command(
    name: str, argv: list[str | Path], environment: Mapping[str, str], **fixed: Any
) -> Workload:
    """A program that reads a job from standard input and writes its outcome to standard output."""

    def run(job: Mapping[str, Any]) -> Outcome:
        done = subprocess.run(
            [str(part) for part in argv],
            input=json.dumps({**job, **fixed}),
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr[-2000:]}")
        return Outcome.read(json.loads(done.stdout))

    return Workload(name, run)


def ours_python(name: str, site: Path, ca_file: Path, *, asynchronous: bool) -> Workload:
    """Our wheel, unpacked in `site`."""
    environment = {"PYTHONPATH": str(site), "SSL_CERT_FILE": str(ca_file)}
    argv: list[str | Path] = [sys.executable, PROGRAMS / "workload_python.py"]
    return command(name, argv, environment, asynchronous=asynchronous)


def ours_node(name: str, folder: Path, ca_file: Path) -> Workload:
    """Our npm packages, installed in `folder`."""
    return command(name, ["node", folder / "workload_node.mjs"], {"NODE_EXTRA_CA_CERTS": str(ca_file)})


def ours_command_line(name: str, folder: Path, ca_file: Path) -> Workload:
    """`wif token`, which is the host in Rust. It takes the assertion from a file only."""

    def run(job: Mapping[str, Any]) -> Outcome:
        token_file = job.get("token_file")
        if token_file is None:
            token_file = folder / "wif-token"
            token_file.write_text(job["assertion"])
        argv = [emulator.binary(), "token", "--json", "--scope", job["scope"], "--token-file", token_file]
        argv += ["--ca-file", ca_file]
        argv += ["--claims", job["claims"]] if "claims" in job else []
        argv += ["--enable-cae"] if job.get("enable_cae") else []
        options = {**job["options"], **job["options"].get("authority", {})}
        options.pop("authority", None)
        for option, value in options.items():
            argv += [f"--{option.replace('_', '-')}", value]
        done = subprocess.run([str(part) for part in argv], capture_output=True, text=True, timeout=300)
        if done.returncode == 0:
            answer = json.loads(done.stdout)
            return Outcome(answer["token"], answer["expires_on"] - int(time.time()), None)
        if done.returncode != 1:
            raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr[-2000:]}")
        error = json.loads(done.stderr)
        return Outcome(None, None, {"aadsts": [], **error, "text": done.stderr})

    return Workload(name, run)


def official_python(client: str, ca_file: Path) -> Workload:
    """Microsoft's Python packages, from this environment."""
    argv: list[str | Path] = [sys.executable, PROGRAMS / "official_python.py"]
    return command(client, argv, {"REQUESTS_CA_BUNDLE": str(ca_file)}, client=client)


def official_node(client: str, folder: Path, ca_file: Path) -> Workload:
    """Microsoft's npm packages, installed in `folder`."""
    environment = {"NODE_EXTRA_CA_CERTS": str(ca_file)}
    return command(client, ["node", folder / "official_node.mjs"], environment, client=client)
