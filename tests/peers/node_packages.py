"""npm packages: the official clients and workerd from the lock file, ours from the packed tarballs."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAMS = HERE / "programs"
REPOSITORY = HERE.parents[1]


def distributions() -> Path:
    """Returns the folder where `cargo xtask pack` puts wheels and tarballs: `WIF_DIST`, or `dist` in the repository."""
    return Path(os.environ.get("WIF_DIST", REPOSITORY / "dist"))


def newest(pattern: str) -> Path:
    """Returns the packed file that was written last."""
    found = sorted(distributions().glob(pattern), key=lambda path: path.stat().st_mtime)
    if not found:
        raise FileNotFoundError(f"{distributions() / pattern}: run `cargo xtask pack`")
    return found[-1]


def official(cache: Path) -> Path:
    """A folder with the packages of `package-lock.json`, installed once for each state of that file."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = cache / f"npm-{hashlib.sha256(lock).hexdigest()[:12]}"
    done = folder / "installed"
    if not done.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        # Not `ci`: it requires workerd's programs for every platform in the lock file, and some mirrors lack them.
        _npm(folder, "install", "--ignore-scripts")
        done.touch()
    for program in ("official_node.mjs", "official_google.mjs", "official_ci.mjs", "management_official.mjs"):
        shutil.copy(PROGRAMS / program, folder)
    return folder


def ours(folder: Path) -> Path:
    """A fresh folder with our two packages, installed from their tarballs as a user would, and nothing else."""
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"name": "workload", "private": True, "type": "module"}))
    tarballs = [str(newest("workload-identity-wasm-*.tgz")), str(newest("workload-identity-[0-9]*.tgz"))]
    _npm(folder, "install", "--offline", *tarballs)
    for program in ("workload.mjs", "workload_node.mjs", "verifier_node.mjs", "management_ours.mjs"):
        shutil.copy(PROGRAMS / program, folder)
    return folder


def _npm(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        ["npm", *arguments, "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True, timeout=300
    )
    if done.returncode != 0:
        raise RuntimeError(f"npm {arguments[0]} failed: {done.stderr[-2000:]}")
