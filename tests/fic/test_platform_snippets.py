"""Workflows of GitHub Actions and manifests of Kubernetes, checked by actionlint and by the published schemas."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from command_line import APP_ID, HOSTILE, ISSUER, snippet, wif

ACTIONLINT = Path(sys.executable).with_name("actionlint")


def linted(workflow: str) -> dict:
    run = subprocess.run([ACTIONLINT, "-no-color", "-"], input=workflow, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + workflow
    return yaml.safe_load(workflow)


@pytest.mark.parametrize("environment", ["production", "a b", HOSTILE, "${{ secrets.X }}"])
def test_a_workflow_of_an_environment(environment: str) -> None:
    document = linted(snippet("github", "--github", "octo/app", "--environment", environment, "--app-id", APP_ID))
    job = document["jobs"]["sign-in"]
    # GitHub evaluates the expression to the three characters.
    assert job["environment"].replace("${{ '${{' }}", "${{") == environment
    assert document["permissions"]["id-token"] == "write"
    assert job["env"]["AZURE_CLIENT_ID"] == APP_ID


@pytest.mark.parametrize(
    ("option", "trigger"),
    [
        (("--branch", "main"), {"push": {"branches": ["main"]}}),
        (("--branch", "release/1+2!x]"), {"push": {"branches": ["release/1\\+2\\!x]"]}}),
        (("--tag", "v1.0"), {"push": {"tags": ["v1.0"]}}),
        (("--pull-request",), {"pull_request": None}),
    ],
)
def test_a_workflow_starts_on_what_the_subject_names(option: tuple[str, ...], trigger: object) -> None:
    document = linted(snippet("github", "--github", "octo@1/app@2", *option))
    # YAML 1.1 reads the name `on` as a boolean.
    assert document[True] == trigger


def test_an_audience_of_its_own_reaches_the_command() -> None:
    document = linted(snippet("github", "--github", "o/a", "--environment", "e", "--audience", HOSTILE))
    job = document["jobs"]["sign-in"]
    assert job["env"]["EXCHANGE_AUDIENCE"].replace("${{ '${{' }}", "${{") == HOSTILE
    assert '--audience "$EXCHANGE_AUDIENCE"' in job["steps"][1]["run"]


def test_manifests_follow_the_schemas_of_kubernetes() -> None:
    text = snippet("kubernetes", "--kubernetes", "shop/orders", "--issuer", "https://i.example", "--audience", HOSTILE)
    account, pod = yaml.safe_load_all(text)
    for manifest in (account, pod):
        kubernetes_validate.validate(manifest, "1.33", strict=True)
    assert (account["metadata"]["namespace"], account["metadata"]["name"]) == ("shop", "orders")
    assert pod["spec"]["serviceAccountName"] == "orders"
    token = pod["spec"]["volumes"][0]["projected"]["sources"][0]["serviceAccountToken"]
    assert token["audience"] == HOSTILE


@pytest.mark.parametrize(
    ("language", "arguments", "reason"),
    [
        ("kubernetes", ("--github", "o/a", "--branch", "main"), "not for a Kubernetes service account"),
        ("kubernetes", ("--kubernetes", "Shop/orders", "--issuer", "https://i"), "lower-case"),
        ("kubernetes", ("--kubernetes", 'a"b/c', "--issuer", "https://i"), "lower-case"),
        ("github", ("--kubernetes", "a/b", "--issuer", "https://i"), "not for GitHub Actions"),
        ("github", ("--issuer", ISSUER, "--subject", "x"), "not for GitHub Actions"),
        ("github", (), "which trust?"),
    ],
)
def test_what_fits_no_snippet_is_refused(language: str, arguments: tuple[str, ...], reason: str) -> None:
    run = wif("fic", "snippet", "--for", language, *arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert reason in run.stderr
