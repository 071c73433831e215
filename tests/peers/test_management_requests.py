"""Our management calls at the emulator's Graph and ARM beside those of Microsoft's clients, unmodified, request by request."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import certificates
import management_clients
import wire
from emulator import Emulator
from http_json import call, succeed
from management_proxy import ManagementProxy
from recorder import Recorded

INTENDED = Path(__file__).with_name("intended_management_differences.json")
ISSUER = "https://idp.example/realm"
AUDIENCE = "api://AzureADTokenExchange"
COLLECTION = "/federatedIdentityCredentials"


def credential(name: str, subject: str) -> dict[str, str]:
    return {"name": name, "issuer": ISSUER, "subject": subject, "audience": AUDIENCE}


CREATED, UPSERTED = credential("deploy", "workload-8"), credential("nightly", "workload-9")
# In this order: each is at the state that those before it leave.
CASES: dict[str, dict[str, Any]] = {
    "create": {"operation": "create", "credential": CREATED},
    "get": {"operation": "get", "name": "deploy"},
    "update": {"operation": "update", "credential": {"name": "deploy", "subject": "workload-10"}},
    "upsert": {"operation": "upsert", "credential": UPSERTED},
    "list": {"operation": "list"},
    "pages": {"operation": "list"},
    "name taken": {"operation": "create", "credential": credential("deploy", "workload-11")},
    "subject taken": {"operation": "create", "credential": credential("third", "workload-9")},
    "missing": {"operation": "get", "name": "missing"},
    "delete": {"operation": "delete", "name": "deploy"},
    "delete again": {"operation": "delete", "name": "deploy"},
}
ERRORS = {"name taken": "credential_conflict", "subject taken": "credential_conflict", "missing": "credential_not_found"}


@dataclass(frozen=True)
class Performed:
    """The outcome of an operation, and the requests for it."""

    outcome: dict[str, Any]
    requests: list[Recorded]


@dataclass(frozen=True)
class Comparison:
    """What both sides did, by the name of the case."""

    theirs: dict[str, Performed]
    ours: dict[str, Performed]


@pytest.fixture(scope="module")
def directory(folder: Path) -> Iterator[Emulator]:
    """An emulator whose directory these tests change."""
    server = Emulator(folder / "directory.log")
    try:
        server.start([])
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def proxy(directory: Emulator, server_certificates: certificates.Certificates) -> Iterator[ManagementProxy]:
    """The emulator over TLS: the official clients send no token without."""
    server = ManagementProxy(directory.facts["base_url"], server_certificates)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module", params=management_clients.OFFICIAL)
def comparison(
    request: pytest.FixtureRequest, directory: Emulator, proxy: ManagementProxy, npm: Path, our_npm: Path, site: Path
) -> tuple[str, Comparison]:
    """Runs all operations with an official client and with ours, from the same state."""
    client = request.param
    service, identity = ("graph", "application_object_id") if client == management_clients.GRAPH else ("arm", "managed_identity_id")
    resource = directory.facts["management_token_scope"][service].removesuffix("/.default")
    token = succeed(call("POST", control(directory, "access-token"), json_body={"audience": resource})).body
    job = {
        "client": client, "service": f"{proxy.base_url}/{service}", "identity": directory.facts[identity],
        "token": token["access_token"], "ca_file": str(request.getfixturevalue("server_certificates").ca_file),
    }
    sides = []
    for program in (
        lambda: management_clients.official(client, npm, job),
        lambda: management_clients.ours(client, site, our_npm, job),
    ):
        sides.append(perform(program, directory, proxy, service))
    return client, Comparison(*sides)


def perform(
    program: Callable[[], management_clients.Client], directory: Emulator, proxy: ManagementProxy, service: str
) -> dict[str, Performed]:
    performed = {}
    with program() as client:
        for case, operation in CASES.items():
            if case == "pages":
                fault(directory, f"{service}:page=1")
            proxy.take()
            performed[case] = Performed(client.run(operation), proxy.take())
            call("DELETE", control(directory, "faults"))
    for name in ("deploy", "nightly", "third"):
        facts = directory.facts
        client_id = facts["client_id"] if service == "graph" else facts["managed_identity_client_id"]
        call("DELETE", control(directory, "credentials"), form={"name": name, "client_id": client_id})
    return performed


def control(directory: Emulator, path: str) -> str:
    return f"{directory.facts['base_url']}/emulator/{path}"


def fault(directory: Emulator, text: str) -> None:
    request = urllib.request.Request(control(directory, "faults"), data=text.encode(), method="POST")
    urllib.request.urlopen(request, timeout=60).close()


def named(request: Recorded) -> str:
    """Method and path behind the identity's credentials; `list` and `next page` are reads of all."""
    path, _, query = request.path.partition("?")
    key = path.partition(COLLECTION)[2]
    if not key and request.method == "GET":
        return "next page" if "skiptoken" in query else "list"
    return f"{request.method} {'credential' if key else 'credentials'}"


def differences(mine: list[Recorded], theirs: list[Recorded]) -> set[wire.Difference]:
    """Compares requests of the same meaning, and lists the ones that only one side sends."""
    sides = [{named(request): request for request in side} for side in (mine, theirs)]
    found = wire.differences_of_values("request", *(dict.fromkeys(side) for side in sides))
    for name in sides[0].keys() & sides[1].keys():
        found |= wire.differences(sides[0][name], sides[1][name])
    return found


@pytest.mark.parametrize("case", CASES)
def test_each_request(comparison: tuple[str, Comparison], case: str) -> None:
    client, both = comparison
    found = differences(both.ours[case].requests, both.theirs[case].requests)
    listed = wire.intended(client, case, INTENDED)
    assert found - listed == set(), "differences that nobody wrote down"
    assert listed - found == set(), "differences that are written down but gone"


def known(outcome: dict[str, Any]) -> Any:
    """An outcome without what differs in each run: the ids of the service."""
    listed = outcome.get("credentials", [outcome["credential"]] if "credential" in outcome else None)
    if listed is None:
        return outcome
    return [{name: value for name, value in one.items() if name != "id"} for one in listed]


@pytest.mark.parametrize("case", CASES)
def test_each_outcome(comparison: tuple[str, Comparison], case: str) -> None:
    client, both = comparison
    mine, theirs = both.ours[case].outcome, both.theirs[case].outcome
    if case == "delete again":
        # Graph knows no such credential, which our client reports as what it is.
        assert mine == {"deleted": False}
        assert theirs == {"deleted": True} or theirs["error"]["status"] == 404
    elif case == "name taken" and client != management_clients.GRAPH:
        # The call of ARM replaces what is there. Ours refuses to create it twice.
        assert mine["error"]["code"] == ERRORS[case]
        assert theirs["credential"]["subject"] == "workload-11"
    elif case in ERRORS:
        assert mine["error"]["code"] == ERRORS[case]
        assert theirs["error"]["status"] in (400, 404, 409)
    else:
        assert known(mine) == known(theirs)


@pytest.mark.parametrize("name", ["deploy", "nightly"])
def test_the_state_that_both_leave(comparison: tuple[str, Comparison], name: str) -> None:
    _, both = comparison
    for side in (both.ours, both.theirs):
        assert any(one["name"] == name for one in side["pages"].outcome["credentials"])


def test_the_list_names_only_these_clients_and_cases() -> None:
    assert wire.peers(INTENDED) <= set(management_clients.OFFICIAL)
    assert wire.cases(INTENDED) <= set(CASES)
