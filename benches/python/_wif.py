"""`wif` as users install it."""

from __future__ import annotations

import os
import subprocess
import venv
from pathlib import Path

DIST = Path(os.environ["WIF_DIST"])


def from_wheel(folder: Path) -> str:
    """Installs the wheel in an environment of its own and returns the program's path."""
    venv.create(folder, with_pip=True)
    (wheel,) = DIST.glob("wif-*.whl")
    install = (
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "--no-index",
        wheel,
    )
    subprocess.run([folder / "bin/python", *install], check=True)
    return str(folder / "bin/wif")
