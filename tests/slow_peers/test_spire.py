"""JWT-SVIDs of a real SPIRE agent: over the Workload API and by its command, verified and exchanged."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from explained import AUDIENCE, check
from programs import REPOSITORY, peer, wif
from sources import run
from spire import SPIFFE_ID, TRUST_DOMAIN, Spire

sys.path.insert(0, str(REPOSITORY / "tests" / "peers"))

from emulator import Emulator  # noqa: E402

KIND = {"wif": "spiffe", "python": "Spiffe", "node": "spiffe"}
PROGRAMS = ("wif", "python", "node")


@pytest.fixture(scope="module")
def spire() -> Iterator[Spire]:
    spire = Spire()
    try:
        spire.start()
        yield spire
    finally:
        spire.stop()


@pytest.fixture(scope="module")
def emulator(spire: Spire, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path_factory.mktemp("emulator") / "log")
    try:
        emulator.start([(spire.issuer, SPIFFE_ID, AUDIENCE)])
        yield emulator
    finally:
        emulator.stop()


@pytest.fixture(scope="module")
def registered(spire: Spire) -> Spire:
    spire.register()
    return spire


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_agent_that_denies(program: str, spire: Spire, emulator: Emulator, node_folder: Path) -> None:
    answer = run(program, KIND, {"socket": spire.socket}, emulator.facts, node_folder)
    assert answer["code"] == "source_rejected"
    assert "registration entry" in answer["message"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_workload_api(program: str, registered: Spire, emulator: Emulator, node_folder: Path) -> None:
    answer = run(program, KIND, {"socket": registered.socket}, emulator.facts, node_folder)
    assert answer.get("token"), answer
    members = {"socket": registered.socket, "spiffe_id": SPIFFE_ID}
    assert run(program, KIND, members, emulator.facts, node_folder).get("token")


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_command_of_the_agent(program: str, registered: Spire, emulator: Emulator, node_folder: Path) -> None:
    members = {"socket": registered.socket, "spire_agent": str(peer("spire-agent"))}
    answer = run(program, KIND, members, emulator.facts, node_folder)
    assert answer.get("token"), answer


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_identity_of_another(program: str, registered: Spire, emulator: Emulator, node_folder: Path) -> None:
    members = {"socket": registered.socket, "spiffe_id": f"spiffe://{TRUST_DOMAIN}/other"}
    assert run(program, KIND, members, emulator.facts, node_folder)["code"] == "source_rejected"


def test_the_svid_is_verified_with_its_own_keys(registered: Spire, tmp_path: Path) -> None:
    token = registered.fetch("api://orders")
    assert token is not None
    bundle = tmp_path / "bundle.json"
    bundle.write_text(json.dumps(registered.bundle()))
    command: list[str | Path] = [wif(), "verify", "--bundle", f"{TRUST_DOMAIN}={bundle}"]
    done = subprocess.run(
        [*command, "--audience", "api://orders", "--json", "-"], input=token, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr + done.stdout

    from workload_identity import TokenVerifier

    bundles: dict[str, Any] = {TRUST_DOMAIN: registered.bundle()}
    verifier = TokenVerifier.spiffe(bundles, audience="api://orders")
    assert verifier.verify(token).subject == SPIFFE_ID


def test_the_svid_is_explained(registered: Spire, tmp_path: Path) -> None:
    token = registered.fetch(AUDIENCE)
    assert token is not None
    check(token, registered.issuer, SPIFFE_ID, registered.published_keys(), tmp_path)
