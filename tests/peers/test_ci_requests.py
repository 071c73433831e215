"""Our sources of CI platforms and of Vercel beside other clients of theirs, unmodified: requests, programs and tokens."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import certificates
import wire
import workloads
from access_tokens import claims
from conftest import ours
from node_packages import PROGRAMS
from platform_recorder import PlatformRecorder, platform_token
from recorder import Recorded, Recorder

TENANT_ID = "11111111-2222-4333-8444-555555555555"
CLIENT_ID = "66666666-7777-4888-9999-000000000000"
AUDIENCE = "api://AzureADTokenExchange"
SCOPE = "https://vault.azure.net/.default"
# In place of CircleCI's program: notes its arguments and prints a token.
CIRCLECI = '#!/bin/sh\nprintf "%s\\n" "$@" > "$CIRCLECI_ARGUMENTS"\nprintf "%s" "$CIRCLECI_TOKEN"\n'


@dataclass(frozen=True)
class Case:
    """A job: its variables, our source, the hosts of ours that are compared with each client, and the audience.

    In variables `{url}` is the recorder's, `{folder}` a folder with CircleCI's program and `{token:AUDIENCE}` a token.
    """

    variables: dict[str, str]
    source: tuple[str, Mapping[str, object]]
    peers: dict[str, tuple[str, ...]]
    audience: str = AUDIENCE
    # The audience of the token of the request that a function at Vercel answers.
    request_token: str | None = None


@dataclass
class Seen:
    """What a client did: requests to the platform, arguments of its program, and the audience of the token it chose."""

    requests: list[Recorded]
    arguments: dict[str, object]
    token: dict[str, object] = field(default_factory=dict)


JOB = {"request_url": "{url}/idtoken?api-version=2.0", "request_token": "a-request-token"}
GITHUB = {
    "GITHUB_ACTIONS": "true",
    "ACTIONS_ID_TOKEN_REQUEST_URL": JOB["request_url"],
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": JOB["request_token"],
}
OF_GITHUB: dict[str, tuple[str, ...]] = {"id": ("python",), "@actions/core": ("node",)}
# Otherwise a run in GitHub Actions would be that job.
ELSEWHERE = {"GITHUB_ACTIONS": ""}
GITLAB = {**ELSEWHERE, "GITLAB_CI": "true", "AZURE_ID_TOKEN": "{token:https://gitlab.example}"}
CIRCLE = {
    **ELSEWHERE, "CIRCLECI": "true", "PATH": f"{{folder}}{os.pathsep}{os.environ['PATH']}",
    "CIRCLECI_ARGUMENTS": "{folder}/arguments", "CIRCLECI_TOKEN": f"{{token:{AUDIENCE}}}",
}
OF_ID: dict[str, tuple[str, ...]] = {"id": ("python", "node")}
VERCEL = {**ELSEWHERE, "VERCEL": "1", "VERCEL_OIDC_TOKEN": "{token:https://vercel.example/variable}"}
OF_VERCEL: dict[str, tuple[str, ...]] = {"@vercel/oidc": ("python", "node")}
STRANGE = "https://audience.example/a b?c=d&e=f+g#%C3%A4"
CASES = {
    "github": Case(GITHUB, ("GitHubActions", JOB), OF_GITHUB),
    "github, strange audience": Case(GITHUB, ("GitHubActions", {**JOB, "audience": STRANGE}), OF_GITHUB, STRANGE),
    "github enterprise server": Case(
        {**GITHUB, "GITHUB_SERVER_URL": "https://github.example"}, ("GitHubActions", JOB), OF_GITHUB
    ),
    "forgejo": Case({**GITHUB, "FORGEJO_ACTIONS": "true"}, ("GitHubActions", JOB), OF_GITHUB),
    "gitlab": Case(
        {**GITLAB, "API___AZUREADTOKENEXCHANGE_ID_TOKEN": f"{{token:{AUDIENCE}}}"}, ("GitLab", {}), OF_ID
    ),
    "gitlab, other variable": Case(GITLAB, ("GitLab", {}), OF_ID),
    "circleci": Case(CIRCLE, ("CircleCI", {"audience": AUDIENCE}), OF_ID),
    "circleci, root issuer": Case(CIRCLE, ("CircleCI", {"audience": AUDIENCE, "root_issuer": True}), OF_ID),
    "vercel build": Case(VERCEL, ("Vercel", {}), OF_VERCEL),
    "vercel function": Case(
        VERCEL, ("Vercel", {}), {"@vercel/oidc": ("node",)}, request_token="https://vercel.example/request"
    ),
    "vercel file": Case({**VERCEL, "VERCEL_OIDC_TOKEN_FILE": "{folder}/token"}, ("Vercel", {}), OF_VERCEL),
}


@pytest.fixture(scope="module")
def platform() -> Iterator[PlatformRecorder]:
    """GitHub's token endpoint."""
    server = PlatformRecorder(None)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("case", "peer", "host"),
    [(case, peer, host) for case, job in CASES.items() for peer, hosts in job.peers.items() for host in hosts],
)
def test_only_intended_differences(
    request: pytest.FixtureRequest,
    platform: PlatformRecorder,
    recorder: Recorder,
    server_certificates: certificates.Certificates,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    case: str,
    peer: str,
    host: str,
) -> None:
    job = CASES[case]
    known = {"url": platform.base_url, "folder": str(tmp_path)}
    variables = filled(job.variables, known)
    name, members = job.source
    (tmp_path / "token").write_text(platform_token("https://vercel.example/file"))
    (tmp_path / "circleci").write_text(CIRCLECI)
    (tmp_path / "circleci").chmod(0o755)
    if job.request_token is not None:
        monkeypatch.setenv("NODE_OPTIONS", f"--import={PROGRAMS / 'vercel_function.mjs'}")
        monkeypatch.setenv("REQUEST_TOKEN", platform_token(job.request_token))
    platform.take()

    outcome = official(request, peer).run({"audience": job.audience, "environment": variables})
    theirs = Seen(platform.take(), arguments(tmp_path))
    if outcome.token is not None:
        theirs.token = chosen(outcome.token)

    recorder.take()
    options = {"tenant_id": TENANT_ID, "client_id": CLIENT_ID, "authority_host": recorder.base_url}
    outcome = ours(request, host, server_certificates.ca_file).run(
        {"options": options, "source": [name, filled(members, known)], "scope": SCOPE, "environment": variables}
    )
    assert outcome.error is None, outcome.error
    exchange = recorder.take()[-1]
    assert exchange.fields is not None
    mine = Seen(platform.take(), arguments(tmp_path), chosen(exchange.fields["client_assertion"]))

    assert len(mine.requests) == (1 if name == "GitHubActions" else 0)
    assert bool(mine.arguments) == (name == "CircleCI")
    assert job.request_token is None or mine.token == {"aud": job.request_token}
    found, listed = differences(mine, theirs), wire.intended(peer, case)
    assert found - listed == set(), "differences that nobody wrote down"
    assert listed - found == set(), "differences that are written down but gone"


def official(request: pytest.FixtureRequest, peer: str) -> workloads.Workload:
    """Another client of the platform."""
    if peer == "id":
        return workloads.command(peer, [sys.executable, PROGRAMS / "official_ci.py"], {})
    program: Path = request.getfixturevalue("npm") / "official_ci.mjs"
    return workloads.command(peer, ["node", program], {}, client=peer)


def filled(members: Mapping[str, object], known: dict[str, str]) -> dict[str, Any]:
    """Returns members with what only the run knows in their texts."""
    return {name: filled_text(value, known) if isinstance(value, str) else value for name, value in members.items()}


def filled_text(text: str, known: dict[str, str]) -> str:
    """Returns a text with its token, or with the address and the folder of the run."""
    if text.startswith("{token:"):
        return platform_token(text.removeprefix("{token:").removesuffix("}"))
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def arguments(folder: Path) -> dict[str, object]:
    """Returns and forgets the arguments of CircleCI's program: the command, and each option with its value."""
    file = folder / "arguments"
    if not file.exists():
        return {}
    words = file.read_text().splitlines()
    file.unlink()
    *command, option, claims_text = words[: words.index("--claims") + 2]
    return {"": command, option: json.loads(claims_text), **dict.fromkeys(words[len(command) + 2 :])}


def chosen(token: str) -> dict[str, object]:
    """Returns what tells the tokens of a case apart."""
    return {"aud": claims(token)["aud"]}


def differences(mine: Seen, theirs: Seen) -> set[wire.Difference]:
    """What is not the same."""
    return (
        wire.differences_of_all(mine.requests, theirs.requests)
        | wire.differences_of_values("argument", mine.arguments, theirs.arguments)
        | wire.differences_of_values("token", mine.token, theirs.token)
    )
