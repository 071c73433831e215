"""Terraform, Bicep and commands of the Azure CLI, read by parsers. Each value arrives as it was given."""

from __future__ import annotations

import json
import re
import subprocess

import hcl2
import pycep
import pytest

from command_line import APP_ID, HOSTILE, ISSUER, MANAGED_IDENTITY, snippet, wif

AUDIENCE = "api://AzureADTokenExchange"
FLEXIBLE = "claims['sub'] matches 'repo:octo/app:${x}*'"
OWNERS = [("--app-id", APP_ID), ("--app-object-id", APP_ID), ("--managed-identity", MANAGED_IDENTITY)]
OPTIONS = ("--name", "prod-1", "--issuer", ISSUER, "--subject", HOSTILE)


def unquoted_hcl(literal: str) -> str:
    """Returns the value of a quoted template of HCL."""
    assert literal[0] == literal[-1] == '"'
    escapes = re.compile(r"\\U([0-9a-f]{8})|\\u([0-9a-f]{4})|\\(.)|\$\$\{|%%\{|[$%]\{|\"")

    def value(match: re.Match[str]) -> str:
        if match[1] or match[2]:
            return chr(int(match[1] or match[2], 16))
        if match[3]:
            return match[3]
        assert len(match[0]) == 3, f"an interpolation or an open quote in {literal}"
        return match[0][1:]

    return escapes.sub(value, literal[1:-1])


def resources(terraform: str) -> list[tuple[str, str, dict]]:
    found = []
    for resource in hcl2.loads(terraform)["resource"]:
        for kind, blocks in resource.items():
            for label, block in blocks.items():
                found.append((kind.strip('"'), label.strip('"'), block))
    return found


@pytest.mark.parametrize("owner", OWNERS)
def test_terraform_reads_the_values_back(owner: tuple[str, str]) -> None:
    [(kind, label, block)] = resources(snippet("terraform", *owner, *OPTIONS))
    assert label == "prod_1"
    assert unquoted_hcl(block["subject"]) == HOSTILE
    if owner[0] == "--managed-identity":
        assert kind == "azurerm_federated_identity_credential"
        assert unquoted_hcl(block["parent_id"]) == MANAGED_IDENTITY
        assert [unquoted_hcl(item) for item in block["audience"]] == [AUDIENCE]
    else:
        assert kind == "azuread_application_federated_identity_credential"
        assert [unquoted_hcl(item) for item in block["audiences"]] == [AUDIENCE]


def test_terraform_has_a_resource_for_expressions() -> None:
    options = ("--issuer", ISSUER, "--expression", FLEXIBLE)
    [(kind, _, block)] = resources(snippet("terraform", "--app-id", APP_ID, *options))
    assert kind == "azuread_application_flexible_federated_identity_credential"
    assert unquoted_hcl(block["claims_matching_expression"]) == FLEXIBLE
    run = wif("fic", "snippet", "--for", "terraform", "--managed-identity", MANAGED_IDENTITY, *options)
    assert run.returncode == 2 and "has no expressions" in run.stderr


def unquoted_bicep(text: str) -> str:
    """Returns the value of a Bicep string, given what stands between its quotes."""
    assert not re.search(r"(?<!\\)\$\{", text), f"an interpolation in {text}"
    return re.sub(
        r"\\u\{([0-9a-f]+)\}|\\(.)", lambda match: chr(int(match[1], 16)) if match[1] else match[2], text
    )


@pytest.mark.parametrize("owner", OWNERS)
@pytest.mark.parametrize("condition", [("subject", HOSTILE), ("expression", FLEXIBLE)])
def test_bicep_reads_the_values_back(owner: tuple[str, str], condition: tuple[str, str]) -> None:
    member, value = condition
    text = snippet("bicep", *owner, "--name", "prod-1", "--issuer", ISSUER, f"--{member}", value)
    resource = pycep.BicepParser().parse(text=text)["resources"]["prod_1"]
    config = resource["config"].get("properties", resource["config"])
    assert resource["type"].endswith("/federatedIdentityCredentials")
    assert config["issuer"] == ISSUER
    found = config["subject"] if member == "subject" else config["claimsMatchingExpression"]["value"]
    assert unquoted_bicep(found) == value
    assert config["audiences"] == [AUDIENCE]


def azure_cli(script: str) -> list[list[str]]:
    """Returns the arguments of each call of `az` when bash runs a script."""
    call = "import json, sys; print(json.dumps(sys.argv[1:]))"
    run = subprocess.run(
        ["bash", "-c", f"az() {{ python3 -c '{call}' \"$@\"; }}\n{script}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def options(arguments: list[str]) -> dict[str, str]:
    names = " ".join(arguments)
    assert names
    found, words = {}, iter(arguments)
    for word in words:
        if word.startswith("--"):
            name, separator, value = word.partition("=")
            found[name] = value if separator else next(words)
    return found


@pytest.mark.parametrize("owner", OWNERS)
def test_the_azure_cli_gets_the_values(owner: tuple[str, str]) -> None:
    [arguments] = azure_cli(snippet("az", *owner, *OPTIONS, "--description", HOSTILE))
    given = options(arguments)
    if owner[0] == "--managed-identity":
        assert arguments[:3] == ["identity", "federated-credential", "create"]
        assert (given["--identity-name"], given["--resource-group"]) == ("orders", "shop")
        assert given["--subject"] == HOSTILE
    else:
        assert arguments[:4] == ["ad", "app", "federated-credential", "create"]
        body = json.loads(given["--parameters"])
        assert (body["subject"], body["description"]) == (HOSTILE, HOSTILE)


@pytest.mark.parametrize("owner", OWNERS)
def test_the_azure_cli_sends_expressions(owner: tuple[str, str]) -> None:
    [arguments] = azure_cli(snippet("az", *owner, "--name", "any", "--issuer", ISSUER, "--expression", FLEXIBLE))
    assert arguments[0] == "rest"
    body = json.loads(options(arguments)["--body"])
    assert body.get("properties", body)["claimsMatchingExpression"]["value"] == FLEXIBLE


def test_a_file_gives_a_snippet_for_each_credential() -> None:
    credentials = [{"name": name, "issuer": "https://i", "subject": name} for name in ("one", "One", "1ne")]
    file = json.dumps({"version": 1, "identity": {"app_id": APP_ID}, "credentials": credentials})
    found = resources(snippet("terraform", "--file", "-", stdin=file))
    assert len({label for _, label, _ in found}) == 3
    assert len(azure_cli(snippet("az", "--file", "-", "--managed-identity", MANAGED_IDENTITY, stdin=file))) == 3
    [(_, _, block)] = resources(snippet("terraform", "--file", "-", "--name", "1ne", stdin=file))
    assert unquoted_hcl(block["display_name"]) == "1ne"
