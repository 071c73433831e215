"""The functions that the core asks this host for: variables and programs."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from workload_identity import ConfigurationError, WorkloadIdentity, _native, detect_sources
from workload_identity._core import execution
from workload_identity._core.effects import Performer, perform, perform_async
from workload_identity.standard_transport import StandardTransport

from waiting import FOREVER, SECONDS, Stopwatch, until, until_in_loop

Outcome = tuple[str, int, bytes, bytes]
Perform = Callable[[dict[str, Any]], Outcome]

LIMIT_MS = 400


def in_thread(effect: dict[str, Any]) -> Outcome:
    return perform(Performer(StandardTransport(), None, None), effect)[0]


def in_loop(effect: dict[str, Any]) -> Outcome:
    async def run() -> Outcome:
        return (await perform_async(Performer(StandardTransport(), None, None), effect))[0]

    return asyncio.run(run())


both = pytest.mark.parametrize("ask", [in_thread, in_loop], ids=["thread", "asyncio"])


def call(name: str, **payload: Any) -> dict[str, Any]:
    return {"kind": "ask_host", "name": name, "payload": payload, "timeout_ms": 1000 * SECONDS}


def execute(*command: str, max_bytes: int = 1000, **variables: str) -> dict[str, Any]:
    return call("execute", command=list(command), environment=variables, max_bytes=max_bytes)


def shell(script: str, **options: Any) -> dict[str, Any]:
    return execute("/bin/sh", "-c", script, **options)


def is_running(pid: int) -> bool:
    """Returns whether a process runs. One that has ended may still be listed until it is waited for."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def assert_ends(pid: int) -> None:
    until(lambda: not is_running(pid))


@both
def test_a_variable_is_read_now(ask: Perform, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("first", " second \n", ""):
        monkeypatch.setenv("WI_TEST", value)
        assert ask(call("environment", variable="WI_TEST")) == ("answer", 0, b"", value.encode())
    monkeypatch.delenv("WI_TEST")
    kind, _, word, detail = ask(call("environment", variable="WI_TEST"))
    assert (kind, word) == ("failed", b"not_found")
    assert b"WI_TEST" in detail


@both
def test_the_output_of_a_program(ask: Perform) -> None:
    # `cat` ends at once, because there is no standard input.
    kind, _, _, output = ask(shell("cat; echo secret >&2; printf '%s' \"$ADDED\"", ADDED="a b"))
    assert (kind, output) == ("answer", b"a b")
    # No shell looks at the arguments.
    assert ask(execute("/bin/echo", "$HOME", ";", "ls"))[3] == b"$HOME ; ls\n"


@both
def test_a_child_that_keeps_the_output_open(ask: Perform) -> None:
    with Stopwatch():
        kind, _, _, output = ask(shell(f"sleep {FOREVER} & echo $!"))
    assert kind == "answer"
    assert_ends(int(output))


@both
def test_a_program_that_hangs(ask: Perform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = tmp_path / "pids"
    real = time.monotonic

    def clock() -> float:
        """Passes the limit once both processes run."""
        begun = pids.exists() and pids.read_text().endswith("\n")
        return real() + (FOREVER if begun else 0)

    monkeypatch.setattr(execution, "time", SimpleNamespace(monotonic=clock))
    kind, _, word, _ = ask(shell(f"sleep {FOREVER} & echo $$ $! > {pids}; sleep {FOREVER}"))
    assert (kind, word) == ("failed", b"timeout")
    for pid in pids.read_text().split():
        assert_ends(int(pid))


@both
@pytest.mark.parametrize("script", [f"sleep {FOREVER}", f"exec >&-; sleep {FOREVER}"], ids=["hangs", "closes its output"])
def test_a_limit(ask: Perform, script: str) -> None:
    with Stopwatch() as watch:
        assert ask({**shell(script), "timeout_ms": LIMIT_MS})[2] == b"timeout"
    assert watch.seconds >= LIMIT_MS / 1000


@both
def test_a_program_that_floods(ask: Perform, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    kind, _, _, output = ask(shell(f"echo $$ > {pid}; exec yes", max_bytes=5000))
    assert (kind, len(output)) == ("answer", 5001)
    assert_ends(int(pid.read_text()))


@both
def test_programs_that_fail(ask: Perform, tmp_path: Path) -> None:
    assert ask(shell("echo secret; echo secret >&2; exit 3")) == (
        "failed",
        0,
        b"other",
        b"exit status 3",
    )
    assert ask(execute(str(tmp_path / "missing")))[2] == b"not_found"
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    assert ask(execute(str(program)))[2] == b"denied"
    program.chmod(0o755)
    assert ask(execute(str(program))) == ("answer", 0, b"", b"")


def test_cancellation_ends_the_program(tmp_path: Path) -> None:
    pid = tmp_path / "pid"

    async def run() -> None:
        performer = Performer(StandardTransport(), None, None)
        effect = shell(f"echo $$ > {pid}; exec sleep {FOREVER}")
        task = asyncio.ensure_future(perform_async(performer, {**effect, "timeout_ms": 1000 * FOREVER}))
        await until_in_loop(lambda: pid.exists() and pid.read_text().endswith("\n"))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert_ends(int(pid.read_text()))


@both
def test_a_function_that_does_not_exist(ask: Perform) -> None:
    kind, _, word, detail = ask(call("levitate"))
    assert (kind, word) == ("failed", b"unsupported")
    assert b"levitate" in detail


def test_sources_of_an_environment() -> None:
    found = detect_sources({"AZURE_FEDERATED_TOKEN_FILE": "/run/token"}, [])
    assert [source.name for source in found if source.chosen] == ["file"]
    chosen = next(source for source in found if source.chosen)
    assert chosen.detected
    assert "AZURE_FEDERATED_TOKEN_FILE" in chosen.variables
    assert chosen.why
    assert not any(source.detected for source in detect_sources({}, []))


def test_sources_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", "/run/token")
    names = [source.name for source in detect_sources() if source.chosen]
    assert names == ["file"]
    monkeypatch.setenv("AZURE_TENANT_ID", "contoso.com")
    monkeypatch.setenv("AZURE_CLIENT_ID", "66666666-7777-8888-9999-000000000000")
    assert "source=None" in repr(WorkloadIdentity.from_environment())


def test_wrong_arguments_of_detect_sources() -> None:
    for arguments in ((7, []), ({"A": b""}, []), ({}, [b""]), ({}, 7)):
        with pytest.raises(ConfigurationError) as caught:
            detect_sources(*arguments)  # type: ignore[arg-type]
        assert caught.value.code == "config_invalid"


def test_paths_are_looked_for_without_a_source(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = json.loads(_native.environment_paths())
    asked: list[str] = []
    exists = os.path.exists
    monkeypatch.setattr(os.path, "exists", lambda path: asked.append(path) or exists(path))
    WorkloadIdentity.from_environment(required=False)
    assert [path for path in asked if path in wanted] == wanted
    asked.clear()
    ids = {"tenant_id": "contoso.com", "client_id": "66666666-7777-8888-9999-000000000000"}
    WorkloadIdentity.from_environment(source=lambda: "", **ids)
    assert not set(asked) & set(wanted)
