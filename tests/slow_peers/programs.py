"""Where the programs under test and their peers are."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]


def wif() -> Path:
    """Returns the command line: `WIF`, or the build of `cargo build -p wif`."""
    return _existing(Path(os.environ.get("WIF", REPOSITORY / "target" / "debug" / "wif")))


def peer(name: str) -> Path:
    """Returns a program that `cargo xtask test --only slow-peers` has built."""
    folder = os.environ.get("WIF_SLOW_PEERS", REPOSITORY / "target" / "slow-peers" / "bin")
    return _existing(Path(folder) / name)


def output(*command: str | Path) -> Any:
    """Runs a program and returns the JSON that it prints."""
    ended = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise FileNotFoundError(f"{path}: run `cargo xtask test --only slow-peers`")
    return path
