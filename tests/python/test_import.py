"""What an import loads, and that the package has no mandatory dependency."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys

import pytest

# Modules that only the first request may load.
pytestmark = pytest.mark.smoke

HEAVY = {
    "aiohttp",
    "asyncio",
    "azure",
    "base64",
    "email",
    "http.client",
    "httpx",
    "json",
    "logging",
    "re",
    "socket",
    "ssl",
    "tempfile",
    "threading",
    "typing",
    "urllib.parse",
    "urllib.request",
    "weakref",
}


def python(code: str) -> str:
    # -I and -S: no start-up files of the user or the site, which could import any module.
    paths = json.dumps(sys.path)
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:] = {paths}; {code}"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_import_loads_nothing_heavy() -> None:
    loaded = set(
        python(
            "before = set(sys.modules); import workload_identity, workload_identity.aio;"
            "print(*sorted(set(sys.modules) - before))"
        ).split()
    )
    assert "workload_identity.credential" in loaded
    assert not loaded & HEAVY
    assert {name.split(".")[0] for name in loaded} <= {
        "workload_identity",
        *sys.stdlib_module_names,
    }


def test_credential_loads_no_http_library() -> None:
    loaded = set(
        python(
            "import workload_identity; workload_identity.WorkloadIdentity(tenant_id='contoso.com',"
            "client_id='66666666-7777-8888-9999-000000000000', source=lambda: '');"
            "print(*sorted(sys.modules))"
        ).split()
    )
    assert not loaded & {"http.client", "ssl", "socket", "urllib.request", "asyncio", "logging"}


def test_import_needs_little_memory() -> None:
    measure = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"

    def kibibytes(code: str) -> int:
        # With `site`, as users start it.
        command = [sys.executable, "-c", f"{code}; {measure}"]
        return int(subprocess.run(command, check=True, capture_output=True).stdout)

    empty = min(kibibytes("pass") for _ in range(5))
    grown = min(kibibytes("import workload_identity") for _ in range(5)) - empty
    assert grown <= 3 * 1024, f"{grown} KiB"


def test_no_mandatory_dependency() -> None:
    required = importlib.metadata.requires("workload-identity-federation") or []
    assert all("extra ==" in requirement for requirement in required)


def test_types_without_azure_core() -> None:
    """The types have the members of azure-core's, and their `repr` hides the token."""
    output = python(
        "sys.modules['azure'] = None; sys.modules['azure.core.credentials'] = None;"
        "from workload_identity import AccessToken, AccessTokenInfo;"
        "token, end = AccessToken('secret', 5); assert (token, end) == ('secret', 5);"
        "info = AccessTokenInfo('secret', 5, refresh_on=3);"
        "assert (info.token, info.expires_on, info.token_type, info.refresh_on)"
        " == ('secret', 5, 'Bearer', 3);"
        "print(AccessToken('secret', 5), info, AccessToken.__module__)"
    )
    assert "secret" not in output
    assert "workload_identity.tokens" in output


def test_every_public_name_exists() -> None:
    import workload_identity

    for name in workload_identity.__all__:
        assert getattr(workload_identity, name) is not None
    assert not hasattr(workload_identity, "nonsense")
