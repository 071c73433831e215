"""Our jar from `cargo xtask pack`, with the jars that it needs, fetched by Maven."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from node_packages import PROGRAMS, REPOSITORY, newest

PACKAGE = REPOSITORY / "bindings-uniffi"


def java(name: str) -> str:
    """Returns a program of the JDK of `JAVA_HOME`, or of the path."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / name) if home else name


def workload(cache: Path, folder: Path) -> list[str | Path]:
    """Compiles the program that gets one token, and returns the command that runs it without its argument."""
    classes = folder / "java"
    classes.mkdir()
    path = os.pathsep.join([str(newest("workload-identity-[0-9]*.jar")), *map(str, _needed(cache)), str(classes)])
    subprocess.run(
        [java("javac"), "-cp", path, "-d", classes, PROGRAMS / "WorkloadJava.java"], check=True, timeout=300
    )
    return [java("java"), "--enable-native-access=ALL-UNNAMED", "-cp", path, "WorkloadJava"]


def _needed(cache: Path) -> list[Path]:
    """The jars that ours needs, fetched once for each state of its manifests."""
    manifests = b"".join(path.read_bytes() for path in (PACKAGE / "pom.xml", PACKAGE / "kotlin" / "pom.xml"))
    folder = cache / f"maven-{hashlib.sha256(manifests).hexdigest()[:12]}"
    done = folder / "installed"
    if not done.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(
            ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"],
            cwd=PACKAGE / "kotlin", check=True, timeout=600,
        )
        done.touch()
    return sorted(folder.glob("*.jar"))
