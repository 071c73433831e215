"""maturin's build backend, which leaves aws-lc out if there is no C compiler.

Such a wheel verifies signatures in pure Rust: with the same results, but several times slower.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
import warnings

import maturin
from maturin import (  # noqa: F401 - maturin's other hooks, unchanged
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PURE_RUST = ["--no-default-features", "--features", "rustcrypto"]


def build_wheel(
    wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None
) -> str:
    """Builds a wheel (PEP 517)."""
    return str(maturin.build_wheel(wheel_directory, _settings(config_settings), metadata_directory))


def build_editable(
    wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None
) -> str:
    """Builds an editable wheel (PEP 660)."""
    return str(
        maturin.build_editable(wheel_directory, _settings(config_settings), metadata_directory)
    )


def _settings(given: Any) -> Any:
    """Returns the settings for maturin. Build arguments of the caller are not changed."""
    chosen = dict(given or {})
    names = ("build-args", "maturin.build-args")
    if (
        any(chosen.get(name) for name in names)
        or os.environ.get("MATURIN_PEP517_ARGS")
        or _compiles()
    ):
        return given
    message = (
        "no working C compiler was found (CC, cc, gcc, clang): signatures will be verified in pure Rust, "
        "several times slower"
    )
    warnings.warn(message, stacklevel=2)
    # pip hides the output of a build, warnings too; this line appears with `pip install -v`.
    print(f"warning: {message}", flush=True)
    chosen["build-args"] = shlex.join(_PURE_RUST)
    return chosen


def _compiles() -> bool:
    """Returns whether a C program can be compiled as the build of aws-lc does it."""
    if os.name == "nt":
        # The compiler is found in the registry, like the linker that Rust uses.
        return True
    programs = (
        [shlex.split(os.environ["CC"])] if os.environ.get("CC") else [["cc"], ["gcc"], ["clang"]]
    )
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "probe.c")
        with open(source, "w", encoding="ascii") as file:
            file.write("#include <stdlib.h>\nint probe(void) { return abs(-1); }\n")
        for program in programs:
            try:
                done = subprocess.run(
                    [*program, "-c", source, "-o", os.path.join(folder, "probe.o")],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    timeout=60,
                    check=False,
                )
            except (OSError, subprocess.SubprocessError):
                continue
            if done.returncode == 0:
                return True
    return False
