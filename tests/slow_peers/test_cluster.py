"""TokenRequest tokens of a real kube-apiserver: asked for by our programs, verified and exchanged."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster import ACCOUNT, Cluster
from explained import AUDIENCE, check
from programs import REPOSITORY, wif
from sources import run

sys.path.insert(0, str(REPOSITORY / "tests" / "peers"))

from server import Server  # noqa: E402

KIND = {"wif": "kubernetes", "python": "KubernetesTokenRequest", "node": "kubernetesTokenRequest"}
PROGRAMS = ("wif", "python", "node")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="module")
def facts(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An emulator that trusts the cluster and its certificate authority."""
    log = tmp_path_factory.mktemp("emulator") / "log"
    server = Server("wif emulator", log)
    credential = f"issuer={cluster.url},subject={ACCOUNT},audience={AUDIENCE}"
    try:
        server.start([wif(), "emulator", "--json", "--quiet", "--ca-file", cluster.ca_file, "--credential", credential])
        server.wait_until(lambda: "\n" in log.read_text())
        yield json.loads(log.read_text().splitlines()[0])
    finally:
        server.stop()


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_token_of_the_own_account(program: str, cluster: Cluster, facts: dict[str, str], node_folder: Path) -> None:
    members = {"kubeconfig": str(cluster.kubeconfig("workload"))}
    answer = run(program, KIND, members, facts, node_folder)
    assert answer.get("token"), answer


@pytest.mark.parametrize("program", PROGRAMS)
def test_refusals(program: str, cluster: Cluster, facts: dict[str, str], node_folder: Path) -> None:
    powerless = {"kubeconfig": str(cluster.kubeconfig("powerless")), "service_account": "workload"}
    answer = run(program, KIND, powerless, facts, node_folder)
    assert answer["code"] == "source_rejected"
    assert "serviceaccounts/token" in answer["message"]
    absent = {"kubeconfig": str(cluster.kubeconfig("workload")), "service_account": "absent"}
    answer = run(program, KIND, absent, facts, node_folder)
    assert answer["code"] == "source_rejected"
    assert "`default/absent`" in answer["message"]


def test_the_token_is_verified_with_its_own_keys(cluster: Cluster) -> None:
    from workload_identity import Issuer, TokenVerifier

    token = cluster.token("workload", "api://orders")
    issuer = Issuer("kubernetes", issuer=cluster.url, audience="api://orders", keys=cluster.keys())
    verifier = TokenVerifier(issuer)
    assert verifier.verify(token).subject == ACCOUNT


def test_the_token_is_explained(cluster: Cluster, tmp_path: Path) -> None:
    check(cluster.token("workload", AUDIENCE), cluster.url, ACCOUNT, cluster.keys(), tmp_path)
