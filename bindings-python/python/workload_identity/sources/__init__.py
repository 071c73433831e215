"""The sources of the workload's own token, one module for each.

Without a source, the environment decides: `AZURE_FEDERATED_TOKEN_FILE` first, then GitHub Actions.
"""

from __future__ import annotations

from .source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .azure_pipelines import AzurePipelines as AzurePipelines
    from .callback import Callback as Callback
    from .github_actions import GitHubActions as GitHubActions
    from .google_metadata import GoogleMetadata as GoogleMetadata
    from .google_service_account import GoogleServiceAccount as GoogleServiceAccount
    from .kubernetes_token_request import KubernetesTokenRequest as KubernetesTokenRequest
    from .managed_identity import ManagedIdentity as ManagedIdentity
    from .signed import Signed as Signed
    from .spiffe import Spiffe as Spiffe
    from .token_file import TokenFile as TokenFile

# The module of each source, imported on first use.
MODULES = {
    "AzurePipelines": "azure_pipelines",
    "Callback": "callback",
    "GitHubActions": "github_actions",
    "GoogleMetadata": "google_metadata",
    "GoogleServiceAccount": "google_service_account",
    "KubernetesTokenRequest": "kubernetes_token_request",
    "ManagedIdentity": "managed_identity",
    "Signed": "signed",
    "Spiffe": "spiffe",
    "TokenFile": "token_file",
}

__all__ = [
    "MODULES",
    "AzurePipelines",
    "Callback",
    "GitHubActions",
    "GoogleMetadata",
    "GoogleServiceAccount",
    "KubernetesTokenRequest",
    "ManagedIdentity",
    "Signed",
    "Source",
    "Spiffe",
    "TokenFile",
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
