"""The emulator of `wif` as a process of the test run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

_STOP_SECONDS = 10


class Emulator:
    """A running `wif emulator`: a token endpoint, workload issuers and a protected API on loopback.

        with Emulator("--fault", "throttle") as emulator:
            os.environ.update(emulator.environment)
            identity = WorkloadIdentity.from_environment()

    Args:
        arguments: Arguments of `wif emulator`, e.g. `"--fault", "throttle"`.
        program: Path of `wif`; otherwise the variable `WIF`, `wif` beside the interpreter, or `wif` on PATH.

    Attributes:
        facts: The members of the line that `wif emulator --json` prints.
        environment: The variables of a GitHub Actions job that uses this emulator; with `--token-file`, those of a pod.

    Raises:
        FileNotFoundError: There is no `wif`.
        RuntimeError: The emulator ended before it listened.
    """

    def __init__(self, *arguments: str, program: str | os.PathLike[str] | None = None) -> None:
        # A virtual environment that is used without activation is not on PATH.
        environment = os.path.dirname(sys.executable)
        found = (
            program
            or os.environ.get("WIF")
            or shutil.which("wif", path=environment)
            or shutil.which("wif")
        )
        if found is None:
            raise FileNotFoundError(
                "the emulator needs the program `wif`: `pip install wif`, or set WIF to its path"
            )
        self._process = subprocess.Popen(
            [found, "emulator", "--json", *arguments], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.stop()
            raise RuntimeError("the emulator ended before it listened; its message is above")
        self.facts: dict[str, Any] = json.loads(line)
        self.environment = {
            "AZURE_TENANT_ID": self.facts["tenant_id"],
            "AZURE_CLIENT_ID": self.facts["client_id"],
            "AZURE_AUTHORITY_HOST": self.facts["base_url"],
        }
        if "token_file" in self.facts:
            self.environment["AZURE_FEDERATED_TOKEN_FILE"] = self.facts["token_file"]
        else:
            self.environment |= {
                "GITHUB_ACTIONS": "true",
                "ACTIONS_ID_TOKEN_REQUEST_URL": self.facts["github_request_url"],
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.facts["github_request_token"],
            }

    def stop(self) -> None:
        """Ends the emulator."""
        self._process.terminate()
        self._process.wait(_STOP_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.stop()
