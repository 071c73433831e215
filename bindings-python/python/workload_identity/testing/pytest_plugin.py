"""Fixtures that pytest finds when the package is installed.

- `entra_issuer`: a new `TestIssuer.entra()`.
- `wif_emulator`: an `Emulator` that all tests of the run share.
- `wif_environment`: the emulator's variables, set for one test, so that `WorkloadIdentity.from_environment()` uses it.
"""

from __future__ import annotations

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .emulator import Emulator
    from .issuer import TestIssuer


@pytest.fixture
def entra_issuer() -> TestIssuer:
    """An Entra tenant with a key of its own."""
    from .issuer import TestIssuer

    return TestIssuer.entra()


@pytest.fixture(scope="session")
def wif_emulator() -> Iterator[Emulator]:
    """The emulator of this test run."""
    from .emulator import Emulator

    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def wif_environment(
    wif_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The variables of a GitHub Actions job that uses the emulator, set in `os.environ`."""
    for name, value in wif_emulator.environment.items():
        monkeypatch.setenv(name, value)
    return wif_emulator.environment
