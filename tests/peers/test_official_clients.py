"""Microsoft's own clients, unmodified, and ours get tokens from the emulator over TLS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from access_tokens import claims
from emulator import Emulator
from openbao import OpenBao
from workloads import Workload

SCOPE = "https://graph.microsoft.com/.default"


def official_job(emulator: Emulator, assertion: str, folder: Path) -> dict[str, Any]:
    token_file = folder / "token"
    token_file.write_text(assertion)
    return {
        "authority": emulator.facts["base_url"],
        "tenant_id": emulator.facts["tenant_id"],
        "client_id": emulator.facts["client_id"],
        "assertion": assertion,
        "token_file": str(token_file),
        "scope": SCOPE,
    }


def test_an_official_client_gets_a_token(
    official_client: Workload, tls_emulator: Emulator, openbao: OpenBao, tmp_path: Path
) -> None:
    outcome = official_client.run(official_job(tls_emulator, openbao.token("entra"), tmp_path))
    assert outcome.error is None
    check(outcome.token, tls_emulator)
    assert 3000 < outcome.expires_in <= 5400


def test_an_official_client_reports_the_refusal(
    official_client: Workload, tls_emulator: Emulator, openbao: OpenBao, tmp_path: Path
) -> None:
    outcome = official_client.run(official_job(tls_emulator, openbao.token("entra", "unregistered"), tmp_path))
    assert outcome.token is None
    assert "AADSTS700213" in str(outcome.error)


@pytest.mark.parametrize("by_file", [False, True], ids=["value", "file"])
def test_our_client_gets_a_token(
    workload: Workload, tls_emulator: Emulator, openbao: OpenBao, tmp_path: Path, by_file: bool
) -> None:
    official = official_job(tls_emulator, openbao.token("entra"), tmp_path)
    job: dict[str, Any] = {
        "options": {
            "tenant_id": official["tenant_id"],
            "client_id": official["client_id"],
            "authority_host": official["authority"],
        },
        "scope": SCOPE,
        **({"token_file": official["token_file"]} if by_file else {"assertion": official["assertion"]}),
    }
    outcome = workload.run(job)
    if by_file and workload.name == "workerd":
        # An edge worker has no files.
        assert outcome.error["code"] == "config_invalid"
        return
    assert outcome.error is None
    check(outcome.token, tls_emulator)


def check(token: str, emulator: Emulator) -> None:
    """The emulator's token for the asked resource and the registered client."""
    found = claims(token)
    assert found["aud"] == "https://graph.microsoft.com"
    assert found["azp"] == emulator.facts["client_id"]
    assert found["tid"] == emulator.facts["tenant_id"]
