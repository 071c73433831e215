"""Fixtures of the peers and the programs under test. Servers listen on free ports and stop at the end of the run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Iterator

import pytest

import certificates
import java_packages
import keycloak as keycloak_server
import node_packages
import workloads
from access_tokens import claims
from emulator import REPOSITORY, Emulator
from openbao import OpenBao
from recorder import Recorder
from workerd import Workerd

EXCHANGE_AUDIENCE = "api://AzureADTokenExchange"
_keycloak = pytest.StashKey["Future[keycloak_server.Keycloak]"]()


def cache() -> Path:
    """Returns the folder of downloads, which later runs reuse."""
    return Path(os.environ.get("WIF_PEERS_CACHE", REPOSITORY / "target" / "peers"))


def pytest_configure() -> None:
    """Turns SIGTERM into an interrupt, so that the fixtures stop their servers."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Moves the tests that need Keycloak or an expired token to the end: both take time."""
    items.sort(key=lambda item: (_needs(item, "long_expired_token"), _needs_keycloak(item)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Starts Keycloak in the background when a selected test needs it."""
    if session.config.option.collectonly or not any(map(_needs_keycloak, session.items)):
        return

    def start() -> keycloak_server.Keycloak:
        server = keycloak_server.Keycloak(keycloak_server.installed(cache()), cache() / "keycloak.log")
        server.start()
        return server

    with_one_thread = ThreadPoolExecutor(1)
    session.stash[_keycloak] = with_one_thread.submit(start)
    with_one_thread.shutdown(wait=False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stops Keycloak."""
    started = session.stash.get(_keycloak, None)
    if started is not None and started.exception() is None:
        started.result().stop()


def _needs_keycloak(item: pytest.Item) -> bool:
    return _needs(item, "keycloak")


def _needs(item: pytest.Item, fixture: str) -> bool:
    return fixture in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs, certificates and installed packages of this run."""
    return tmp_path_factory.mktemp("peers")


@pytest.fixture(scope="session")
def openbao(folder: Path) -> Iterator[OpenBao]:
    """The external issuer, with one role for Entra's exchange audience and one for another audience."""
    server = OpenBao(folder / "openbao.log")
    try:
        server.start()
        server.add_audience("entra", EXCHANGE_AUDIENCE)
        server.add_audience("elsewhere", "api://Elsewhere")
        server.add_audience("entra-short", EXCHANGE_AUDIENCE, ttl="1s")
        server.add_key("elliptic", "ES256")
        server.add_audience("entra-es256", EXCHANGE_AUDIENCE, key="elliptic")
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session", autouse=True)
def young_token(request: pytest.FixtureRequest) -> str | None:
    """Requests a token of one second before the first test, if a selected test needs an expired one."""
    if not any(_needs(item, "long_expired_token") for item in request.session.items):
        return None
    openbao: OpenBao = request.getfixturevalue("openbao")
    return openbao.token("entra-short")


@pytest.fixture(scope="session")
def long_expired_token(young_token: str) -> str:
    """Returns a token that expired more than a minute ago, which is longer than any leeway for clocks."""
    time.sleep(max(0.0, claims(young_token)["exp"] + 61 - time.time()))
    return young_token


@pytest.fixture(scope="session")
def emulator(folder: Path, openbao: OpenBao) -> Iterator[Emulator]:
    """The emulator over plain HTTP; it trusts OpenBao's workload."""
    yield from _emulator(folder / "emulator.log", openbao, tls=False)


@pytest.fixture(scope="session")
def tls_emulator(folder: Path, openbao: OpenBao) -> Iterator[Emulator]:
    """The emulator over TLS, for clients that refuse plain HTTP."""
    yield from _emulator(folder / "tls-emulator.log", openbao, tls=True)


@pytest.fixture(scope="session")
def strange_emulator(folder: Path, openbao: OpenBao) -> Iterator[Emulator]:
    """An emulator whose trusted credential has an issuer with a trailing slash."""
    yield from _emulator(folder / "strange-emulator.log", openbao, tls=False, slash="/")


def _emulator(log: Path, openbao: OpenBao, *, tls: bool, slash: str = "") -> Iterator[Emulator]:
    server = Emulator(log)
    try:
        server.start([(f"{openbao.issuer}{slash}", openbao.subject, EXCHANGE_AUDIENCE)], tls=tls)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def server_certificates(folder: Path) -> certificates.Certificates:
    """The certificates of the recorders."""
    return certificates.create(folder)


@pytest.fixture(scope="session")
def recorder(server_certificates: certificates.Certificates) -> Iterator[Recorder]:
    """A TLS endpoint that records the requests of clients."""
    server = Recorder(server_certificates)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def ca_file(folder: Path, server_certificates: certificates.Certificates, tls_emulator: Emulator) -> Path:
    """Returns a file with the certificate authorities of all TLS servers of this run."""
    bundle = folder / "authorities.pem"
    bundle.write_bytes(server_certificates.ca_file.read_bytes() + Path(tls_emulator.facts["ca_file"]).read_bytes())
    return bundle


@pytest.fixture(scope="session")
def npm(folder: Path) -> Path:
    """The folder with the official npm packages and workerd."""
    return node_packages.official(cache())


@pytest.fixture(scope="session")
def our_npm(folder: Path) -> Path:
    """A fresh folder with our npm packages."""
    return node_packages.ours(folder / "node")


@pytest.fixture(scope="session")
def site(folder: Path) -> Path:
    """A fresh folder with our wheel."""
    target = folder / "python"
    wheel = node_packages.newest("workload_identity_federation-*.whl")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target", target, wheel],
        check=True, timeout=300,
    )
    return target


@pytest.fixture(scope="session")
def java_workload(folder: Path) -> list[str | Path]:
    """The command of the program with our jar."""
    return java_packages.workload(cache(), folder)


@pytest.fixture(scope="session")
def workerd(folder: Path, npm: Path, our_npm: Path, ca_file: Path) -> Iterator[Workerd]:
    """workerd with our wasm package."""
    server = Workerd(npm / "node_modules" / ".bin" / "workerd", our_npm, folder / "workerd", ca_file)
    try:
        server.start()
        yield server
    finally:
        server.stop()


OURS = ("wif", "python", "python-asyncio", "node", "workerd", "java")


@pytest.fixture(params=OURS)
def workload(request: pytest.FixtureRequest, ca_file: Path) -> workloads.Workload:
    """Each of our packages in turn."""
    return ours(request, request.param, ca_file)


def ours(request: pytest.FixtureRequest, name: str, ca_file: Path) -> workloads.Workload:
    """One of our packages by the name of its host."""
    if name == "workerd":
        server: Workerd = request.getfixturevalue("workerd")
        return workloads.Workload(name, lambda job: workloads.Outcome.read(server.run(dict(job))))
    if name == "node":
        return workloads.ours_node(name, request.getfixturevalue("our_npm"), ca_file)
    if name == "java":
        # Otherwise JNA would prefer a library of the folders that cargo names there to the one inside the jar.
        environment = {"LD_LIBRARY_PATH": ""}
        return workloads.command(name, [*request.getfixturevalue("java_workload"), ca_file], environment)
    if name == "wif":
        return workloads.ours_command_line(name, request.getfixturevalue("folder"), ca_file)
    site = request.getfixturevalue("site")
    return workloads.ours_python(name, site, ca_file, asynchronous=name == "python-asyncio")


@pytest.fixture(params=workloads.OFFICIAL_PYTHON + workloads.OFFICIAL_NODE)
def official_client(request: pytest.FixtureRequest, ca_file: Path) -> workloads.Workload:
    """Each of Microsoft's clients in turn."""
    if request.param in workloads.OFFICIAL_PYTHON:
        return workloads.official_python(request.param, ca_file)
    return workloads.official_node(request.param, request.getfixturevalue("npm"), ca_file)


@pytest.fixture(scope="session")
def keycloak(request: pytest.FixtureRequest, openbao: OpenBao) -> keycloak_server.Keycloak:
    """A realm that trusts OpenBao, and roles of OpenBao whose audience is that realm."""
    server = request.session.stash[_keycloak].result(timeout=600)
    server.wait()
    server.trust(openbao.issuer, openbao.jwks_url)
    server.add_client("workload", openbao.subject)
    openbao.add_audience("keycloak", server.issuer)
    openbao.add_audience("keycloak-short", server.issuer, ttl="1s")
    openbao.add_audience("keycloak-es256", server.issuer, key="elliptic")
    return server
