"""The claims of test tokens, as the issuers document them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Made-up identifiers.
TENANT_ID = "11111111-2222-4333-8444-555555555555"
CLIENT_ID = "66666666-7777-4888-9999-aaaaaaaaaaaa"
OBJECT_ID = "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff"

ENTRA_ISSUERS = {
    1: "https://sts.windows.net/{tenant_id}/",
    2: "https://login.microsoftonline.com/{tenant_id}/v2.0",
}
GITHUB_ISSUER = "https://token.actions.githubusercontent.com"


def entra(tenant_id: str, version: int) -> dict[str, Any]:
    """An access token of an application (Microsoft identity platform, access token claims)."""
    client = {1: {"appid": CLIENT_ID, "appidacr": "2"}, 2: {"azp": CLIENT_ID, "azpacr": "2"}}
    return {
        "iss": ENTRA_ISSUERS[version].format(tenant_id=tenant_id),
        "tid": tenant_id,
        "ver": f"{version}.0",
        "oid": OBJECT_ID,
        "sub": OBJECT_ID,
        "idtyp": "app",
        **client[version],
    }


def github(repository: str, ref: str, environment: str | None) -> dict[str, Any]:
    """A job's token (GitHub, OpenID Connect reference)."""
    owner = repository.partition("/")[0]
    context = f"ref:{ref}" if environment is None else f"environment:{environment}"
    workflow = f"{repository}/.github/workflows/deploy.yml@{ref}"
    claims = {
        "iss": GITHUB_ISSUER,
        "sub": f"repo:{repository}:{context}",
        "repository": repository,
        "repository_id": "1000",
        "repository_owner": owner,
        "repository_owner_id": "2000",
        "repository_visibility": "private",
        "ref": ref,
        "ref_type": "tag" if ref.startswith("refs/tags/") else "branch",
        "sha": "0123456789abcdef0123456789abcdef01234567",
        "actor": "octocat",
        "actor_id": "3000",
        "event_name": "push",
        "workflow": "deploy",
        "workflow_ref": workflow,
        "job_workflow_ref": workflow,
        "run_id": "4000",
        "run_number": "1",
        "run_attempt": "1",
        "runner_environment": "github-hosted",
    }
    return claims if environment is None else {**claims, "environment": environment}


def kubernetes(issuer: str, namespace: str, service_account: str) -> dict[str, Any]:
    """A projected service account token (Kubernetes, managing service accounts)."""
    return {
        "iss": issuer,
        "sub": f"system:serviceaccount:{namespace}:{service_account}",
        "kubernetes.io": {
            "namespace": namespace,
            "pod": {"name": f"{service_account}-0", "uid": OBJECT_ID},
            "serviceaccount": {"name": service_account, "uid": CLIENT_ID},
        },
    }
