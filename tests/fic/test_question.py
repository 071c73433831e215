"""`wif fic apply` asks at a terminal before it changes anything, and colours the difference there."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from command_line import PROGRAM


@pytest.fixture(scope="module")
def job() -> Iterator[dict[str, str]]:
    """Yields the environment of a job on an emulator."""
    command = [PROGRAM, "emulator", "--json", "--quiet", "--platform", "github"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as emulator:
        assert emulator.stdout is not None
        yield json.loads(emulator.stdout.readline())["environment"]
        emulator.terminate()


def names(job: dict[str, str]) -> list[str]:
    listed = subprocess.run([*command(job, "list", "--json"), "--app-id", job["AZURE_CLIENT_ID"]], env=job, capture_output=True)
    return [credential["name"] for credential in json.loads(listed.stdout)["credentials"]]


def command(job: dict[str, str], *arguments: str) -> list[str]:
    return [PROGRAM, "fic", *arguments, "--graph-url", job["AZURE_AUTHORITY_HOST"] + "/graph"]


def at_a_terminal(
    job: dict[str, str], arguments: list[str], answer: str, meanwhile: Callable[[], object] | None = None
) -> tuple[int, str]:
    """Runs `wif fic apply` whose standard input and error are a terminal. Returns its status and what the terminal shows.

    The answer waits for what happens meanwhile, which waits for the question.
    """
    controller, terminal = pty.openpty()
    environment = {**job, "TERM": "xterm-256color"}
    with subprocess.Popen(
        command(job, "apply", *arguments), stdin=terminal, stdout=terminal, stderr=terminal, env=environment
    ) as run:
        os.close(terminal)
        if meanwhile is None:
            os.write(controller, answer.encode())
        shown = bytearray()
        while True:
            try:
                chunk = os.read(controller, 4096)
            # Linux reports the end of a terminal as an error.
            except OSError:
                break
            if not chunk:
                break
            shown += chunk
            if meanwhile is not None and b"[y/N]" in shown:
                meanwhile()
                meanwhile = None
                os.write(controller, answer.encode())
        status = run.wait(timeout=120)
    os.close(controller)
    return status, shown.decode()


def test_a_no_changes_nothing_and_a_yes_changes(job: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "trust.yaml"
    entry = {"name": "asked", "issuer": "https://i.example", "subject": "s"}
    document = {"version": 1, "identity": {"app_id": job["AZURE_CLIENT_ID"]}, "credentials": [entry]}
    file.write_text(json.dumps(document))
    status, shown = at_a_terminal(job, [str(file)], "n\n")
    assert status == 1 and "[y/N]" in shown and "nothing is changed" in shown
    assert "\x1b[32m+ asked" in shown, "coloured"
    assert "asked" not in names(job)
    status, shown = at_a_terminal(job, [str(file)], "y\n")
    assert status == 0, shown
    assert "asked" in names(job)
    status, shown = at_a_terminal(job, [str(file)], "")
    assert status == 0 and "[y/N]" not in shown and "nothing to do" in shown


def test_a_yes_is_for_the_changes_that_were_shown(job: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "trust.yaml"
    file.write_text(json.dumps({"version": 1, "identity": {"app_id": job["AZURE_CLIENT_ID"]}, "credentials": []}))
    other = ["--name", "unseen", "--issuer", "https://other.example", "--subject", "s", "--app-id", job["AZURE_CLIENT_ID"]]

    def add() -> None:
        subprocess.run(command(job, "add", *other), env=job, check=True, capture_output=True)

    before = names(job)
    status, shown = at_a_terminal(job, [str(file), "--prune"], "y\n", meanwhile=add)
    assert status == 1 and "(management_unsettled)" in shown, shown
    assert names(job) == [*before, "unseen"]
