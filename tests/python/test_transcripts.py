"""Every transcript replays byte for byte through the native module (docs/protocol.md, section 7)."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from workload_identity._native import Engine

FOLDER = Path(__file__).resolve().parents[1] / "vectors" / "transcripts"
FILES = sorted(FOLDER.glob("*.json"))


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def test_there_are_transcripts() -> None:
    assert FILES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_replays(file: Path) -> None:
    transcript = json.loads(file.read_text("utf-8"))
    config = compact(transcript["config"]).encode()
    calls = transcript["calls"]
    if calls[0]["call"] == "new":
        assert len(calls) == 1
        with pytest.raises(ValueError) as raised:
            Engine(config)
        assert str(raised.value) == compact(calls[0]["error"])
        return
    engine = Engine(config)
    engine.reseed(bytes.fromhex(transcript["seed"]))
    for number, call in enumerate(calls):
        given, expected = replay(engine, call)
        assert given == expected, f"call {number}: {call['call']}"


def replay(engine: Engine, call: dict[str, Any]) -> tuple[object, object]:
    match call["call"]:
        case "begin":
            return engine.begin(compact(call["request"]).encode()), call["ticket"]
        case "poll":
            return engine.poll(call["ticket"], call["now"]), compact(call["step"])
        case "resolve":
            body = (
                b64decode(call["body_base64"]) if "body_base64" in call else call["body"].encode()
            )
            head = call["head"].encode()
            wake = engine.resolve(
                call["effect"], call["kind"], call["status"], head, body, call["now"]
            )
            return wake, call["wake"]
        case "end":
            return engine.end(call["ticket"]), call["wake"]
    raise AssertionError(f"unknown call {call['call']}")
