"""Runs the command line of this build."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("WIF", str(REPOSITORY / "target" / "debug" / "wif"))
ISSUER = "https://token.actions.githubusercontent.com"
APP_ID = "11111111-2222-3333-4444-555555555555"
MANAGED_IDENTITY = (
    f"/subscriptions/{APP_ID}/resourceGroups/shop/providers/Microsoft.ManagedIdentity/userAssignedIdentities/orders"
)
# What ends a literal, begins an interpolation or an escape in one of the languages, and what a terminal would act on.
HOSTILE = "a\"b'c\\d${e}%{f}${{ g }}`id`$(id)#\u001b[31m\t\u00e4\U0001f600\u202e"


def wif(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Runs `wif` without the environment of this process."""
    return subprocess.run([PROGRAM, *arguments], input=stdin, capture_output=True, text=True, env={}, timeout=120)


def snippet(language: str, *arguments: str, stdin: str = "") -> str:
    """Returns what `wif fic snippet` prints."""
    run = wif("fic", "snippet", "--for", language, *arguments, stdin=stdin)
    assert run.returncode == 0, run.stderr
    assert run.stdout.isascii() and "\x1b" not in run.stdout
    return run.stdout
