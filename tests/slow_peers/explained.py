"""What `wif explain`, `wif preflight` and the Python package say about a token of a real platform."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from programs import wif

AUDIENCE = "api://AzureADTokenExchange"
CHINA = "api://AzureADTokenExchangeChina"


def check(token: str, issuer: str, subject: str, keys: Any, folder: Path) -> None:
    """Explains a token for AUDIENCE: accepted by a matching credential, refused by near misses."""
    jwks = folder / "jwks.json"
    jwks.write_text(json.dumps(keys))
    matching = {"issuer": issuer, "subject": subject, "audience": AUDIENCE}
    accepted = _verdicts(token, matching, jwks, True)
    assert all(verdict["aadsts"] is None and verdict["difference"] is None for verdict in accepted)
    upper = subject[:-1] + subject[-1].upper()
    misses: list[tuple[str, str, str, int]] = [
        ("issuer", f"{issuer}/", "trailing_slash", len(issuer)),
        ("subject", upper, "case_only", len(subject) - 1),
        ("subject", f"{subject}2", "different", len(subject)),
        ("audience", CHINA, "audience_of_another_cloud", len(AUDIENCE)),
    ]
    for field, expected, difference, position in misses:
        for verdict in _verdicts(token, {**matching, field: expected}, jwks, False):
            assert (verdict["field"], verdict["difference"]) == (field, difference)
            (found,) = [each for each in verdict["credentials"][0]["fields"] if each["field"] == field]
            assert found["presented"] == matching[field]
            assert found["position"] == position
    _preflight(token, matching, jwks)


def _verdicts(token: str, credential: dict[str, str], jwks: Path, accepted: bool) -> list[dict[str, Any]]:
    """Returns the verdict of the command line and that of the package."""
    from workload_identity import Credential, explain

    values = ",".join(f"{name}={value}" for name, value in credential.items())
    command = [wif(), "explain", "-", "--credential", values, "--jwks", jwks, "--json"]
    done = subprocess.run(command, input=token, capture_output=True, text=True, timeout=60)
    assert done.returncode == (0 if accepted else 1), done.stderr + done.stdout
    printed = json.loads(done.stdout)
    verdict = explain(token, [Credential(**credential)], jwks=jwks.read_text())
    (one,) = verdict.credentials
    ours = {
        **verdict._asdict(),
        "credentials": [{"fields": [field._asdict() for field in one.fields]}],
        "checks": {each.check: each.outcome for each in verdict.checks},
    }
    checks = {each["check"]: each["outcome"] for each in printed["checks"]}
    for found in (printed, ours):
        assert found["accepted"] is accepted, found
    # The key of the platform has made the signature.
    assert checks == ours["checks"] and checks["signature"] == "pass", printed
    return [{"aadsts": None, "field": None, "difference": None, **printed}, ours]


def _preflight(token: str, matching: dict[str, str], jwks: Path) -> None:
    from workload_identity import preflight

    done = subprocess.run(
        [wif(), "preflight", "-", "--jwks", jwks, "--json"], input=token, capture_output=True, text=True, timeout=60
    )
    printed = json.loads(done.stdout)
    report = preflight(token, jwks=jwks.read_text())
    assert (printed["issuer"], printed["subject"]) == (matching["issuer"], matching["subject"])
    assert (report.issuer, report.subject) == (matching["issuer"], matching["subject"])
    assert printed["audience"] == list(report.audience) == [AUDIENCE]
    assert printed["algorithm"] == report.algorithm == "RS256"
    # Entra cannot reach this machine. Nothing else hinders an exchange.
    problems = [problem["code"] for problem in printed["entra"]["problems"]]
    assert problems == [problem.code for problem in report.entra.problems] == ["private_issuer"]
    assert printed["entra"]["possible"] is report.entra.possible is False
    assert done.returncode == 1
