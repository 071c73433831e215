"""Our npm packages in a folder of their own, with the gRPC client that the source of SPIFFE loads."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from programs import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tests" / "peers"))

import node_packages  # noqa: E402

GRPC = "@grpc/grpc-js@1.14.7"


@pytest.fixture(scope="session")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Returns a folder with the npm packages that are under test."""
    folder = node_packages.ours(tmp_path_factory.mktemp("node") / "packages")
    install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", GRPC]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    yield folder
