"""The requests of botocore, unmodified, and ours: the same places are asked in the same way, and the signatures are equal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.parse
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Iterator

import pytest

from aws_endpoints import CREDENTIALS, AwsEndpoints, AwsRequest
from node_packages import PROGRAMS

AUDIENCE = "api://AzureADTokenExchange"
INTENDED = json.loads(Path(__file__).with_name("intended_aws_differences.json").read_text())
CASES = ["keys", "temporary keys", "web identity", "shared file", "pod identity", "instance"]


@pytest.fixture
def endpoints() -> Iterator[AwsEndpoints]:
    with AwsEndpoints() as running:
        yield running


def environment(case: str, folder: Path, base_url: str) -> dict[str, str]:
    """Returns the variables of a place where credentials are."""
    variables = {
        "AWS_ENDPOINT_URL_STS": f"{base_url}/sts",
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"{base_url}/imds",
    }
    token_file = folder / "token"
    token_file.write_text("header.claims.signature")
    if case in ("keys", "temporary keys"):
        variables["AWS_ACCESS_KEY_ID"] = CREDENTIALS["AccessKeyId"]
        variables["AWS_SECRET_ACCESS_KEY"] = CREDENTIALS["SecretAccessKey"]
    if case == "temporary keys":
        variables["AWS_SESSION_TOKEN"] = CREDENTIALS["Token"]
    if case == "web identity":
        variables["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/app"
        variables["AWS_ROLE_SESSION_NAME"] = "app"
        variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = str(token_file)
    if case == "shared file":
        variables["AWS_PROFILE"] = "work"
        (folder / "credentials").write_text(
            f"[default]\naws_access_key_id = OTHER\naws_secret_access_key = other\n[work]\n"
            f"aws_access_key_id = {CREDENTIALS['AccessKeyId']}\n"
            f"aws_secret_access_key = {CREDENTIALS['SecretAccessKey']}\n"
            f"aws_session_token = {CREDENTIALS['Token']}\n"
        )
    if case == "pod identity":
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"{base_url}/v1/credentials"
        variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = str(token_file)
    return variables


def run(program: str, arguments: list[str], variables: dict[str, str], given: str = "") -> Any:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, str(PROGRAMS / program), *arguments],
        env={**inherited, **variables},
        input=given,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("case", CASES)
def test_the_requests_are_those_of_botocore(
    case: str, endpoints: AwsEndpoints, site: Path, tmp_path: Path
) -> None:
    variables = environment(case, tmp_path, endpoints.base_url)
    run("aws_official.py", [AUDIENCE], variables)
    theirs = endpoints.take()
    # The signature contains the time, so ours is made at the instant of theirs.
    signed_at = datetime.strptime(theirs[-1].headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
    now = int(signed_at.replace(tzinfo=timezone.utc).timestamp() * 1000)
    answer = run(
        "aws_ours.py",
        [str(now), f"{endpoints.base_url}/token"],
        {**variables, "PYTHONPATH": str(site)},
    )
    assert answer == {"token": "a-token"}
    *ours, exchange = endpoints.take()
    assert exchange.path == "/token"
    assert [(each.method, each.path) for each in ours] == [(each.method, each.path) for each in theirs]
    found = set()
    for our, their in zip(ours, theirs, strict=True):
        assert fields(our) == fields(their)
        found |= {(name, kind) for name, kind in differences(our, their)}
    assert ours[-1].headers["authorization"] == theirs[-1].headers["authorization"]
    assert found == intended(case)


# Not those of the partitions aws-iso-e and aws-iso-f: an older table of botocore refuses their dual-stack endpoints before its rules.
REGIONS = [
    "us-east-1", "us-west-2", "eu-west-1", "ca-central-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1", "us-iso-east-1",
    "us-isob-east-1",
]
ENDPOINTS: list[dict[str, str]] = [
    {},
    {"AWS_USE_FIPS_ENDPOINT": "true"},
    {"AWS_USE_DUALSTACK_ENDPOINT": "True"},
    {"AWS_USE_FIPS_ENDPOINT": "TRUE", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
    {"AWS_USE_FIPS_ENDPOINT": "false", "AWS_PROFILE": "both"},
    {"AWS_PROFILE": "both"},
    {"AWS_PROFILE": "fips", "AWS_USE_DUALSTACK_ENDPOINT": ""},
    {"AWS_PROFILE": "fips", "AWS_ENDPOINT_URL": "https://aws.example/"},
    {"AWS_USE_DUALSTACK_ENDPOINT": "true", "AWS_ENDPOINT_URL": "https://aws.example/"},
    {"AWS_USE_DUALSTACK_ENDPOINT": "false", "AWS_ENDPOINT_URL": "https://aws.example/"},
]


def test_the_endpoints_are_those_of_botocore(site: Path, tmp_path: Path) -> None:
    (tmp_path / "config").write_text(
        "[profile fips]\nuse_fips_endpoint = true\n"
        "[profile both]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = True\n"
    )
    keys = {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_ACCESS_KEY_ID": CREDENTIALS["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS["SecretAccessKey"],
    }
    places = [
        {"service": service, "region": region, "environment": {**keys, **more}}
        for service in ("sts", "cognito-identity")
        for region in REGIONS
        for more in ENDPOINTS
    ]
    given = json.dumps(places)
    theirs = run("aws_hosts_official.py", [], {}, given)
    ours = run("aws_hosts_ours.py", [], {"PYTHONPATH": str(site)}, given)
    assert [pair for pair in zip(places, ours, theirs, strict=True) if pair[1] != pair[2]] == []
    assert len({address for address in ours if address}) > 60


def fields(request: AwsRequest) -> dict[str, str]:
    return dict(urllib.parse.parse_qsl(request.body, keep_blank_values=True))


def differences(ours: AwsRequest, theirs: AwsRequest) -> Iterator[tuple[str, str]]:
    """Yields the headers that are not the same, with how they differ."""
    for name in ours.headers.keys() | theirs.headers.keys():
        if name not in theirs.headers:
            yield name, "only_ours"
        elif name not in ours.headers:
            yield name, "only_theirs"
        elif ours.headers[name] != theirs.headers[name] and name != "content-length":
            yield name, "other_value"


def intended(case: str) -> set[tuple[str, str]]:
    """Returns the listed differences in this case. Each must have a reason."""
    found = set()
    for row in INTENDED["differences"]:
        assert len(row["why"]) > 20, f"{row}: no reason"
        if case in row.get("cases", CASES):
            found.add((row["header"], row["kind"]))
    return found
