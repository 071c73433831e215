"""The published schema of trust files: what it refuses, `wif` refuses; what it accepts, `wif` reads."""

from __future__ import annotations

import copy
import json

import jsonschema
import pytest
import yaml

from command_line import APP_ID, MANAGED_IDENTITY, REPOSITORY, wif

SCHEMA = json.loads((REPOSITORY / "docs" / "trust.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
EXAMPLE = """\
version: 1
identity:
  app_id: 11111111-2222-3333-4444-555555555555
credentials:
  - name: production
    issuer: https://token.actions.githubusercontent.com
    subject: repo:octo/app:environment:production
    description: deploys
  - name: branches
    issuer: https://gitlab.com
    expression: claims['sub'] matches 'project_path:octo/*' and claims['sub'] eq 'it''s'
    audience: api://other
"""


def is_read(text: str) -> bool:
    """Whether `wif` reads a file. It prints a snippet of it, which needs no service."""
    run = wif("fic", "snippet", "--for", "bicep", "--file", "-", stdin=text)
    assert run.returncode in (0, 2), run.stderr
    assert run.returncode == 0 or "config_invalid" in run.stderr or "no such credential" in run.stderr, run.stderr
    return "config_invalid" not in run.stderr


def test_the_command_prints_the_published_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(wif("fic", "schema").stdout) == SCHEMA


def test_examples_are_accepted() -> None:
    document = yaml.safe_load(EXAMPLE)
    VALIDATOR.validate(document)
    assert is_read(EXAMPLE) and is_read(json.dumps(document))
    managed = {"version": 1, "identity": {"managed_identity": MANAGED_IDENTITY.upper()}, "credentials": []}
    VALIDATOR.validate(managed)
    assert is_read(json.dumps(managed))


def without(path: tuple[object, ...]) -> object:
    document = yaml.safe_load(EXAMPLE)
    place = document
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return document


def replaced(path: tuple[object, ...], value: object) -> object:
    document = copy.deepcopy(yaml.safe_load(EXAMPLE))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return document


FIRST, SECOND = ("credentials", 0), ("credentials", 1)
REFUSED = [
    [],
    {},
    without(("version",)),
    without(("identity",)),
    without(("credentials",)),
    without((*FIRST, "name")),
    without((*FIRST, "issuer")),
    without((*FIRST, "subject")),
    replaced(("version",), 2),
    replaced(("version",), "1"),
    replaced(("version",), None),
    replaced(("x",), 1),
    replaced(("identity",), {}),
    replaced(("identity", "app_id"), "x"),
    replaced(("identity", "app_id"), 7),
    replaced(("identity", "app_object_id"), APP_ID),
    replaced(("identity",), {"agent": APP_ID}),
    replaced(("identity",), {"managed_identity": APP_ID}),
    replaced(("identity",), {"managed_identity": MANAGED_IDENTITY + "/x"}),
    replaced(("credentials",), {}),
    replaced(("credentials",), [{"name": f"n-{i}", "issuer": "https://i", "subject": f"{i}"} for i in range(21)]),
    replaced(FIRST, "x"),
    replaced((*FIRST, "x"), "y"),
    replaced((*FIRST, "name"), "ab"),
    replaced((*FIRST, "name"), "a.b"),
    replaced((*FIRST, "name"), "x" * 121),
    replaced((*FIRST, "name"), 123),
    replaced((*FIRST, "issuer"), ""),
    replaced((*FIRST, "issuer"), "issuer"),
    replaced((*FIRST, "issuer"), " https://i"),
    replaced((*FIRST, "subject"), ""),
    replaced((*FIRST, "subject"), "x" * 601),
    replaced((*FIRST, "subject"), ["x"]),
    replaced((*FIRST, "audience"), ""),
    replaced((*FIRST, "description"), "x" * 601),
    replaced((*FIRST, "description"), True),
    replaced((*FIRST, "expression"), "claims['sub'] eq 'x'"),
    replaced((*SECOND, "expression"), "claims['sub'] is 'x'"),
    replaced((*SECOND, "expression"), "claims['sub'] eq 'x"),
    replaced((*SECOND, "expression"), ""),
]


@pytest.mark.parametrize("document", REFUSED, ids=range(len(REFUSED)))
def test_what_the_schema_refuses_is_refused(document: object) -> None:
    assert not VALIDATOR.is_valid(document)
    assert not is_read(json.dumps(document))
    assert not is_read(yaml.safe_dump(document))
