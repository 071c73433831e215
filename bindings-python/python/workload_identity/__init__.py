"""Workload identity federation without stored secrets, and the verification of tokens.

A workload exchanges the short-lived token that its platform issues for an Entra access token:

    from workload_identity import WorkloadIdentity

    with WorkloadIdentity.from_environment() as identity:
        token = identity.get_token("https://vault.azure.net/.default")

A service verifies the tokens that its callers send:

    from workload_identity import TokenVerifier

    verifier = TokenVerifier.entra(tenant_id, audience="api://orders")
    caller = verifier.verify(token).subject

Where Entra refuses a token, `explain` tells which value of a federated identity credential differs:

    from workload_identity import explain

    print(explain(token, "credentials.json"))

`workload_identity.aio` has the same classes for asyncio. Importing this package loads no HTTP library, no TLS and no
event loop; the first request does.
"""

from __future__ import annotations

from .credential import WorkloadIdentity
from .errors import (
    AuthenticationError,
    ConfigurationError,
    InternalError,
    SourceError,
    TokenError,
    TransportError,
    WorkloadIdentityError,
)
from .sources import MODULES as _SOURCES

# Like `typing.TYPE_CHECKING`, which type checkers accept, too: importing `typing` would double the import time of this
# package. All modules of the package do the same.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import aio as aio
    from .claim_rules import ClaimRule as ClaimRule
    from .claim_rules import claim as claim
    from .detection import DetectedSource as DetectedSource
    from .detection import detect_sources as detect_sources
    from .issuers import Issuer as Issuer
    from .shared_cache import SharedTokenCache as SharedTokenCache
    from .sources import AwsCognito as AwsCognito
    from .sources import AwsCredentials as AwsCredentials
    from .sources import AwsIrsa as AwsIrsa
    from .sources import AwsWebIdentity as AwsWebIdentity
    from .sources import AzurePipelines as AzurePipelines
    from .sources import Bitbucket as Bitbucket
    from .sources import Buildkite as Buildkite
    from .sources import Callback as Callback
    from .sources import CircleCI as CircleCI
    from .sources import EnvironmentVariable as EnvironmentVariable
    from .sources import Executable as Executable
    from .sources import Fly as Fly
    from .sources import GitHubActions as GitHubActions
    from .sources import GitLab as GitLab
    from .sources import GoogleMetadata as GoogleMetadata
    from .sources import GoogleServiceAccount as GoogleServiceAccount
    from .sources import KubernetesTokenRequest as KubernetesTokenRequest
    from .sources import ManagedIdentity as ManagedIdentity
    from .sources import Modal as Modal
    from .sources import Signed as Signed
    from .sources import Spacelift as Spacelift
    from .sources import Spiffe as Spiffe
    from .sources import Terraform as Terraform
    from .sources import TokenFile as TokenFile
    from .sources import TokenUrl as TokenUrl
    from .sources import Vercel as Vercel
    from .sources.assertion_request import AssertionRequest as AssertionRequest
    from .tokens import AccessToken as AccessToken
    from .tokens import AccessTokenInfo as AccessTokenInfo
    from .transport import ConnectionOptions as ConnectionOptions
    from .transport import HttpRequest as HttpRequest
    from .transport import HttpResponse as HttpResponse
    from .transport import TransportFailure as TransportFailure
    from .trust import Credential as Credential
    from .trust import EntraPreflight as EntraPreflight
    from .trust import Preflight as Preflight
    from .trust import Problem as Problem
    from .trust import Subject as Subject
    from .trust import build_subject as build_subject
    from .trust import explain as explain
    from .trust import parse_subject as parse_subject
    from .trust import preflight as preflight
    from .unverified import UnverifiedToken as UnverifiedToken
    from .unverified import peek_unverified as peek_unverified
    from .verdict import CredentialVerdict as CredentialVerdict
    from .verdict import FieldVerdict as FieldVerdict
    from .verdict import TrustCheck as TrustCheck
    from .verdict import Verdict as Verdict
    from .verifier import IssuerKeys as IssuerKeys
    from .verifier import TokenVerifier as TokenVerifier
    from .verifier import VerifiedToken as VerifiedToken

__all__ = [
    "AccessToken",
    "AccessTokenInfo",
    "AssertionRequest",
    "AuthenticationError",
    "AwsCognito",
    "AwsCredentials",
    "AwsIrsa",
    "AwsWebIdentity",
    "AzurePipelines",
    "Bitbucket",
    "Buildkite",
    "Callback",
    "CircleCI",
    "ClaimRule",
    "ConfigurationError",
    "ConnectionOptions",
    "Credential",
    "CredentialVerdict",
    "DetectedSource",
    "EntraPreflight",
    "EnvironmentVariable",
    "Executable",
    "FieldVerdict",
    "Fly",
    "GitHubActions",
    "GitLab",
    "GoogleMetadata",
    "GoogleServiceAccount",
    "HttpRequest",
    "HttpResponse",
    "InternalError",
    "Issuer",
    "IssuerKeys",
    "KubernetesTokenRequest",
    "ManagedIdentity",
    "Modal",
    "Preflight",
    "Problem",
    "SharedTokenCache",
    "Signed",
    "SourceError",
    "Spacelift",
    "Spiffe",
    "Subject",
    "Terraform",
    "TokenError",
    "TokenFile",
    "TokenUrl",
    "TokenVerifier",
    "TransportError",
    "TransportFailure",
    "TrustCheck",
    "UnverifiedToken",
    "Vercel",
    "Verdict",
    "VerifiedToken",
    "WorkloadIdentity",
    "WorkloadIdentityError",
    "aio",
    "build_subject",
    "claim",
    "detect_sources",
    "explain",
    "parse_subject",
    "peek_unverified",
    "preflight",
]

# The module of each public name that is imported on first use.
_MODULES = {
    "AccessToken": "tokens",
    "AccessTokenInfo": "tokens",
    "AssertionRequest": "sources.assertion_request",
    "ClaimRule": "claim_rules",
    "ConnectionOptions": "transport",
    "Credential": "trust",
    "CredentialVerdict": "verdict",
    "DetectedSource": "detection",
    "EntraPreflight": "trust",
    "FieldVerdict": "verdict",
    "HttpRequest": "transport",
    "HttpResponse": "transport",
    "Issuer": "issuers",
    "IssuerKeys": "verifier",
    "Preflight": "trust",
    "Problem": "trust",
    "SharedTokenCache": "shared_cache",
    "Subject": "trust",
    "TokenVerifier": "verifier",
    "TransportFailure": "transport",
    "TrustCheck": "verdict",
    "UnverifiedToken": "unverified",
    "Verdict": "verdict",
    "VerifiedToken": "verifier",
    "build_subject": "trust",
    "claim": "claim_rules",
    "detect_sources": "detection",
    "explain": "trust",
    "parse_subject": "trust",
    "peek_unverified": "unverified",
    "preflight": "trust",
}


# Hidden from type checkers, for which every misspelt name would exist otherwise.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Imports a public name on first use, so that programs pay only for what they use."""
        from importlib import import_module

        if name == "aio":
            return import_module(".aio", __name__)
        module = "sources" if name in _SOURCES else _MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f".{module}", __name__), name)


def __dir__() -> list[str]:
    """Lists the public names, also those that are not imported yet."""
    return sorted({*globals(), *__all__})
