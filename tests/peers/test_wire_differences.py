"""Our token request beside that of each official client, for the same tenant, client, assertion and scope."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Mapping

import pytest

import wire
import workloads
from conftest import ours
from openbao import OpenBao
from recorder import ACCESS_TOKEN, Recorded, Recorder

TENANT_ID = "11111111-2222-4333-8444-555555555555"
CLIENT_ID = "66666666-7777-4888-9999-000000000000"
SCOPE = "https://vault.azure.net/.default"


CHALLENGE = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}'


CASES: dict[str, dict[str, object]] = {
    "plain": {},
    "cae": {"enable_cae": True},
    "claims": {"claims": CHALLENGE},
    "claims and cae": {"claims": CHALLENGE, "enable_cae": True},
}


@pytest.mark.parametrize("case", CASES)
def test_only_intended_differences(
    request: pytest.FixtureRequest,
    official_client: workloads.Workload,
    recorder: Recorder,
    openbao: OpenBao,
    ca_file: Path,
    tmp_path: Path,
    case: str,
) -> None:
    assertion = openbao.token("entra")
    (tmp_path / "token").write_text(assertion)
    theirs = token_request(
        recorder,
        official_client,
        {
            "authority": recorder.base_url,
            "tenant_id": TENANT_ID,
            "client_id": CLIENT_ID,
            "assertion": assertion,
            "token_file": str(tmp_path / "token"),
            "scope": SCOPE,
            **CASES[case],
        },
    )
    host = "python" if official_client.name in workloads.OFFICIAL_PYTHON else "node"
    mine = our_request(recorder, ours(request, host, ca_file), assertion, CASES[case])
    found, listed = wire.differences(mine, theirs), wire.intended(official_client.name, case)
    assert found - listed == set(), "differences that nobody wrote down"
    assert listed - found == set(), "differences that are written down but gone"


@pytest.mark.parametrize("name", ["python-asyncio", "workerd"])
def test_our_packages_send_the_same_fields(
    request: pytest.FixtureRequest, name: str, recorder: Recorder, openbao: OpenBao, ca_file: Path
) -> None:
    assertion = openbao.token("entra")
    other = our_request(recorder, ours(request, name, ca_file), assertion)
    reference = our_request(recorder, ours(request, "python", ca_file), assertion)
    assert (other.method, other.path, other.fields) == (reference.method, reference.path, reference.fields)


def test_the_list_speaks_of_known_clients_only() -> None:
    of_platforms = workloads.OFFICIAL_OF_PLATFORMS + workloads.GOOGLE + workloads.CI
    known = workloads.OFFICIAL_PYTHON + workloads.OFFICIAL_NODE + of_platforms
    assert wire.peers() == set(known)


def our_request(
    recorder: Recorder, workload: workloads.Workload, assertion: str, extras: Mapping[str, object] = {}
) -> Recorded:
    options = {"tenant_id": TENANT_ID, "client_id": CLIENT_ID, "authority_host": recorder.base_url}
    return token_request(recorder, workload, {"options": options, "assertion": assertion, "scope": SCOPE, **extras})


def token_request(recorder: Recorder, workload: workloads.Workload, job: dict[str, object]) -> Recorded:
    """The one token request that this job makes; official clients may fetch metadata before it."""
    recorder.take()
    outcome = workload.run(job)
    assert outcome.error is None
    assert outcome.token == ACCESS_TOKEN
    [sent] = [request for request in recorder.take() if request.method == "POST"]
    return sent


def test_every_part_of_a_request_is_compared() -> None:
    ours_sent = Recorded("POST", "/t/token", {"accept": "a", "content-length": "10"}, {"scope": "a b", "x": "1"})
    same = Recorded("POST", "/t/token", {"content-length": "11", "accept": "a"}, {"x": "1", "scope": "b a"})
    assert wire.differences(ours_sent, same) == set()
    challenged = replace(same, fields={**same.fields, "claims": CHALLENGE})
    assert wire.differences(challenged, replace(same, fields={**same.fields, "claims": '{"access_token":{}}'})) == {
        wire.Difference("claims", "access_token.nbf", "only_ours")
    }
    for theirs, difference in [
        (replace(same, method="PUT"), ("method", "", "other_value")),
        (replace(same, path="/u/token"), ("path", "", "other_value")),
        (replace(same, path="/t/token?q=1"), ("query", "q", "only_theirs")),
        (replace(same, headers={"content-length": "11"}), ("header", "accept", "only_ours")),
        (replace(same, headers={**same.headers, "accept": "b"}), ("header", "accept", "other_value")),
        (replace(same, fields={"scope": "a b"}), ("field", "x", "only_ours")),
        (replace(same, fields={"scope": "a", "x": "1"}), ("field", "scope", "other_value")),
        (replace(same, fields={**same.fields, "y": ""}), ("field", "y", "only_theirs")),
    ]:
        assert wire.differences(ours_sent, theirs) == {wire.Difference(*difference)}
