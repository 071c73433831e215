"""Management of federated credentials by both classes at the emulator's Graph and ARM, and with credentials of each kind."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from workload_identity import (
    ConfigurationError,
    GitHubActions,
    HttpRequest,
    HttpResponse,
    WorkloadIdentity,
    WorkloadIdentityError,
    aio,
    explain,
    management,
)
from workload_identity.management import TrustFile

from conftest import Emulator
from graph_service import APP, GITHUB, Given, Make, Service, page, wanted
from waiting import FOREVER


def identity_at(emulator: Emulator) -> WorkloadIdentity:
    return WorkloadIdentity(
        tenant_id=emulator.tenant_id,
        client_id=emulator.client_id,
        authority_host=emulator.base_url,
        source=GitHubActions(
            request_url=emulator.github_request_url, request_token=emulator.github_request_token
        ),
    )


@pytest.fixture(params=["app_id", "app_object_id", "managed_identity"])
def managed(request: pytest.FixtureRequest, make: Make, emulator: Emulator) -> Iterator[Any]:
    """The credentials of each kind of identity at the emulator. Those of the tests are deleted."""
    facts = emulator.startup_info
    ids = {
        "app_id": emulator.client_id,
        "app_object_id": facts["application_object_id"],
        "managed_identity": facts["managed_identity_id"],
    }
    with identity_at(emulator) as identity:
        options = {request.param: ids[request.param], "graph_url": facts["graph_url"], "arm_url": facts["arm_url"]}
        credentials = make(identity, **options, timeout=FOREVER)
        yield credentials
        for each in credentials.list():
            if each.name.startswith("test-"):
                credentials.delete(each.name)


def own(credentials: Any) -> set[str]:
    return {each.name for each in credentials.list() if each.name.startswith("test-")}


def test_one_credential(managed: Any) -> None:
    created = managed.create(wanted("test-one"))
    assert (created.name, created.issuer, created.audience) == ("test-one", GITHUB, "api://AzureADTokenExchange")
    assert created.id and managed.get("test-one") == created
    with pytest.raises(ConfigurationError) as refused:
        managed.create(wanted("test-one", subject="repo:octo/other:ref:refs/heads/main"))
    assert refused.value.code == "credential_conflict"
    with pytest.raises(ConfigurationError) as refused:
        managed.create(wanted("test-two", subject=created.subject))
    assert refused.value.code == "credential_conflict"
    updated = managed.update({"name": "test-one", "subject": "repo:octo/new:ref:refs/heads/main"})
    assert updated == created._replace(subject="repo:octo/new:ref:refs/heads/main")
    assert managed.upsert(wanted("test-one")) == created
    assert managed.upsert(wanted("test-two")).name == "test-two"
    assert own(managed) == {"test-one", "test-two"}
    assert managed.delete("test-one") and not managed.delete("test-one")
    for call in (lambda: managed.get("test-one"), lambda: managed.update(wanted("test-one"))):
        with pytest.raises(WorkloadIdentityError) as missing:
            call()
        assert missing.value.code == "credential_not_found"


def test_a_whole_list(managed: Any) -> None:
    managed.create(wanted("test-kept"))
    managed.create(wanted("test-changed"))
    others = {each.name for each in managed.list()} - {"test-changed"}
    new = [wanted("test-changed", issuer="https://gitlab.com"), *(wanted(f"test-new-{n}") for n in range(3))]
    plan = managed.plan(new)
    assert [(each.action, each.name) for each in plan.changes] == [
        ("update", "test-changed"),
        *(("add", f"test-new-{n}") for n in range(3)),
    ]
    assert plan.changes[0].differs == ("issuer",)
    assert set(plan.unmanaged) == others
    assert "~ test-changed\n  - issuer: https://token" in str(plan)
    assert own(managed) == {"test-kept", "test-changed"}
    applied = managed.apply(new)
    assert applied.complete and {each.outcome for each in applied.changes} == {"done"}
    again = managed.apply(new)
    assert (again.changes, again.unchanged) == ((), 4)
    assert managed.plan(new).changes == () and str(managed.plan([])).startswith("nothing to do")
    assert own(managed) == {"test-kept", "test-changed", "test-new-0", "test-new-1", "test-new-2"}


def test_prune(managed: Any) -> None:
    stay = [each for each in managed.list() if not each.name.startswith("test-")]
    managed.create(wanted("test-gone"))
    plan = managed.plan([*stay, wanted("test-new")], prune=True)
    assert [(each.action, each.name) for each in plan.changes] == [("remove", "test-gone"), ("add", "test-new")]
    assert managed.apply([*stay, wanted("test-new")], prune=True).complete
    assert own(managed) == {"test-new"}


def test_pages_and_throttling_and_late_reads(make: Make, start_emulator: Callable[..., Emulator]) -> None:
    faults = ("graph:page=2", "graph:delay=1", "graph:throttle=1*2")
    emulator = start_emulator(*(part for fault in faults for part in ("--fault", fault)))
    with identity_at(emulator) as identity:
        credentials = make(identity, app_id=emulator.client_id, graph_url=emulator.graph_url, timeout=FOREVER)
        new = [wanted(f"test-new-{n}") for n in range(3)]
        assert credentials.apply(new).complete
        assert own(credentials) == {each.name for each in new}
        assert credentials.apply(new).changes == ()


def test_a_trust_file(make: Make, emulator: Emulator, tmp_path: Path) -> None:
    path = tmp_path / "trust.yaml"
    path.write_text(
        f"version: 1\nidentity:\n  app_id: {APP}\ncredentials:\n"
        f"  - name: test-file\n    issuer: {GITHUB}\n    subject: repo:octo/app:environment:prod\n"
    )
    trust = TrustFile.read(path)
    assert trust == TrustFile.parse(path.read_bytes())
    assert (trust.identity["app_id"], trust.credentials[0].name) == (APP, "test-file")
    other = make(Given(), app_object_id=APP)
    with pytest.raises(ConfigurationError) as refused:
        other.plan(path)
    assert "another `identity`" in str(refused.value)
    # Ids are compared without case, whichever of both is the canonical one.
    spelled = "AAAAAAAA-2222-3333-4444-BBBBBBBBBBBB"
    for written, given in ((spelled, spelled.lower()), (spelled.lower(), spelled)):
        text = f"version: 1\nidentity: {{app_id: {written}}}\ncredentials: []\n"
        declared = TrustFile.parse(text)
        assert declared.identity == {"app_id": spelled.lower()}
        credentials = make(Given(), app_id=given, graph_url=emulator.graph_url)
        with pytest.raises(WorkloadIdentityError) as answered:
            credentials.plan(declared)
        assert answered.value.code == "management_refused"  # of the emulator, which was asked
    for text in ("version: 1\n\tx", "a: &a [*a]", b"\xff", "version: 1\nidentity: {}\ncredentials: []", "{"):
        with pytest.raises(ConfigurationError):
            TrustFile.parse(text)
    with pytest.raises(ConfigurationError) as refused:
        TrustFile.read(tmp_path / "missing.yaml")
    assert "missing.yaml" in str(refused.value)


def test_cancellation() -> None:
    class Silent:
        def __init__(self) -> None:
            self.begun = asyncio.Event()
            self.is_cancelled = False

        async def send(self, request: HttpRequest, /) -> HttpResponse:
            self.begun.set()
            try:
                await asyncio.sleep(FOREVER)
            except asyncio.CancelledError:
                self.is_cancelled = True
                raise
            raise AssertionError

    async def run() -> bool:
        transport = Silent()
        async with aio.FederatedCredentials(Given(), app_id=APP, transport=transport) as credentials:
            task = asyncio.create_task(credentials.list())
            await transport.begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        return transport.is_cancelled

    assert asyncio.run(run())


def test_threads_and_a_forked_child() -> None:
    with management.FederatedCredentials(Given(), app_id=APP, transport=Service(page("one"))) as credentials:
        results: list[int] = []
        threads = [threading.Thread(target=lambda: results.append(len(credentials.list()))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == [1] * 8
        child = os.fork()
        if child == 0:
            os._exit(len(credentials.list()))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1


def test_explain_takes_them() -> None:
    claims = {"iss": GITHUB, "sub": wanted("abc").subject, "aud": "api://AzureADTokenExchange"}
    assert explain(claims=claims, credentials=wanted("abc")).accepted
    assert explain(claims=claims, credentials=[wanted("other"), wanted("abc")]).nearest == 1
