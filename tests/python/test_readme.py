"""Each example of the README runs by itself in a GitHub job that the emulator trusts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import REPOSITORY, Emulator
from waiting import FOREVER

README = REPOSITORY / "bindings-python" / "README.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", README.read_text("utf-8"), re.M | re.S)


def test_readme_has_examples() -> None:
    assert len(EXAMPLES) >= 5


@pytest.mark.parametrize("code", EXAMPLES, ids=[str(number) for number in range(len(EXAMPLES))])
def test_example(emulator: Emulator, tmp_path: Path, code: str) -> None:
    # Without the sources of tokens and the proxies of this process.
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AZURE_", "ACTIONS_", "GITHUB_")) and "proxy" not in name.lower()
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**environment, **emulator.environment()},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=FOREVER,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
