"""The sources of the workload's own token, one module for each.

Without a source, the environment decides: `docs/protocol.md`, section 3, has the order.
"""

from __future__ import annotations

from .source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .aws import AwsCognito as AwsCognito
    from .aws import AwsCredentials as AwsCredentials
    from .aws import AwsIrsa as AwsIrsa
    from .aws import AwsWebIdentity as AwsWebIdentity
    from .azure_pipelines import AzurePipelines as AzurePipelines
    from .bitbucket import Bitbucket as Bitbucket
    from .buildkite import Buildkite as Buildkite
    from .callback import Callback as Callback
    from .circleci import CircleCI as CircleCI
    from .environment_variable import EnvironmentVariable as EnvironmentVariable
    from .executable import Executable as Executable
    from .fly import Fly as Fly
    from .github_actions import GitHubActions as GitHubActions
    from .gitlab import GitLab as GitLab
    from .google_metadata import GoogleMetadata as GoogleMetadata
    from .google_service_account import GoogleServiceAccount as GoogleServiceAccount
    from .kubernetes_token_request import KubernetesTokenRequest as KubernetesTokenRequest
    from .managed_identity import ManagedIdentity as ManagedIdentity
    from .modal import Modal as Modal
    from .signed import Signed as Signed
    from .spacelift import Spacelift as Spacelift
    from .spiffe import Spiffe as Spiffe
    from .terraform import Terraform as Terraform
    from .token_file import TokenFile as TokenFile
    from .token_url import TokenUrl as TokenUrl
    from .vercel import Vercel as Vercel

# The module of each source, imported on first use.
MODULES = {
    "AwsCognito": "aws",
    "AwsCredentials": "aws",
    "AwsIrsa": "aws",
    "AwsWebIdentity": "aws",
    "AzurePipelines": "azure_pipelines",
    "Bitbucket": "bitbucket",
    "Buildkite": "buildkite",
    "Callback": "callback",
    "CircleCI": "circleci",
    "EnvironmentVariable": "environment_variable",
    "Executable": "executable",
    "Fly": "fly",
    "GitHubActions": "github_actions",
    "GitLab": "gitlab",
    "GoogleMetadata": "google_metadata",
    "GoogleServiceAccount": "google_service_account",
    "KubernetesTokenRequest": "kubernetes_token_request",
    "ManagedIdentity": "managed_identity",
    "Modal": "modal",
    "Signed": "signed",
    "Spacelift": "spacelift",
    "Spiffe": "spiffe",
    "Terraform": "terraform",
    "TokenFile": "token_file",
    "TokenUrl": "token_url",
    "Vercel": "vercel",
}

__all__ = [
    "MODULES",
    "AwsCognito",
    "AwsCredentials",
    "AwsIrsa",
    "AwsWebIdentity",
    "AzurePipelines",
    "Bitbucket",
    "Buildkite",
    "Callback",
    "CircleCI",
    "EnvironmentVariable",
    "Executable",
    "Fly",
    "GitHubActions",
    "GitLab",
    "GoogleMetadata",
    "GoogleServiceAccount",
    "KubernetesTokenRequest",
    "ManagedIdentity",
    "Modal",
    "Signed",
    "Source",
    "Spacelift",
    "Spiffe",
    "Terraform",
    "TokenFile",
    "TokenUrl",
    "Vercel",
]

# Hidden from type checkers, for which every misspelt name would exist otherwise.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Imports a source on first use, so that programs pay only for the one that they use."""
        from importlib import import_module

        module = MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f".{module}", __name__), name)
