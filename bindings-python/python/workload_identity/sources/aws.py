"""Amazon Web Services: STS, Amazon Cognito, IAM roles for service accounts."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

# The variables by which the AWS SDKs find region, credentials and endpoints.
AWS_VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_SESSION_NAME",
    "AWS_PROFILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CONFIG_FILE",
    "HOME",
    "USERPROFILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_COGNITO_IDENTITY",
    "AWS_ENDPOINT_URL",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
)


class AwsCredentials:
    """An access key. Without it, a source finds its credentials as the AWS SDKs do."""

    __slots__ = ("_secret_access_key", "_session_token", "access_key_id")

    def __init__(
        self, access_key_id: str, secret_access_key: str, session_token: str | None = None
    ) -> None:
        self.access_key_id = access_key_id
        self._secret_access_key = secret_access_key
        self._session_token = session_token

    def describe(self) -> dict[str, str]:
        """Returns the object `credentials` of the core's configuration."""
        described = {
            "access_key_id": self.access_key_id,
            "secret_access_key": self._secret_access_key,
        }
        if self._session_token is not None:
            described["session_token"] = self._session_token
        return described

    def __repr__(self) -> str:
        return f"AwsCredentials(access_key_id={self.access_key_id!r})"


class AwsWebIdentity(Source):
    """A token of AWS for the workload's own role (`sts:GetWebIdentityToken`).

    The AWS account has to switch outbound web identity federation on (`iam:EnableOutboundWebIdentityFederation`). In Entra, the
    credential's issuer is that of the account (`aws iam get-outbound-web-identity-federation-info`) and its subject the
    ARN of the role.

    Args:
        audience: Audience of the token; by default the cloud's exchange audience.
        region: By default that of the environment, of the profile or of the instance.
        signing_algorithm: `RS256`, the default, or `ES384`, which Entra does not accept.
        duration_seconds: Life of the token, from 60 to 3600; by default 300.
        tags: Up to 50 names and values that become claims.
        credentials: By default those that the AWS SDKs find: environment, pod, shared credentials file, container, instance.
    """

    __slots__ = (
        "audience",
        "credentials",
        "duration_seconds",
        "region",
        "signing_algorithm",
        "tags",
    )
    variables = AWS_VARIABLES

    def __init__(
        self,
        *,
        audience: str | None = None,
        region: str | None = None,
        signing_algorithm: Literal["RS256", "ES384"] | None = None,
        duration_seconds: int | None = None,
        tags: Mapping[str, str] | None = None,
        credentials: AwsCredentials | None = None,
    ) -> None:
        self.audience = audience
        self.region = region
        self.signing_algorithm = signing_algorithm
        self.duration_seconds = duration_seconds
        self.tags = tags
        self.credentials = credentials

    def describe(self) -> dict[str, Any]:
        return members(
            "aws",
            audience=self.audience,
            region=self.region,
            signing_algorithm=self.signing_algorithm,
            duration_seconds=self.duration_seconds,
            tags=None if self.tags is None else dict(self.tags),
            credentials=None if self.credentials is None else self.credentials.describe(),
        )

    def __repr__(self) -> str:
        return f"AwsWebIdentity(audience={self.audience!r}, region={self.region!r})"


class AwsCognito(Source):
    """The token of a developer identity of Amazon Cognito (`GetOpenIdTokenForDeveloperIdentity`).

    In Entra, the credential's issuer is `https://cognito-identity.amazonaws.com`, its audience the id of the identity pool
    and its subject the id of the identity.

    Args:
        identity_pool_id: Id of the identity pool; its start is the region.
        logins: Name of the pool's developer provider, and the workload's name there.
        identity_id: An existing identity; by default that of the login, which Cognito makes on first use.
        duration_seconds: Life of the token, from 1 to 86400; by default 900.
        credentials: As for `AwsWebIdentity`.
    """

    __slots__ = ("credentials", "duration_seconds", "identity_id", "identity_pool_id", "logins")
    variables = AWS_VARIABLES

    def __init__(
        self,
        identity_pool_id: str,
        *,
        logins: Mapping[str, str],
        identity_id: str | None = None,
        duration_seconds: int | None = None,
        credentials: AwsCredentials | None = None,
    ) -> None:
        self.identity_pool_id = identity_pool_id
        self.logins = logins
        self.identity_id = identity_id
        self.duration_seconds = duration_seconds
        self.credentials = credentials

    def describe(self) -> dict[str, Any]:
        return members(
            "aws_cognito",
            identity_pool_id=self.identity_pool_id,
            logins=dict(self.logins),
            identity_id=self.identity_id,
            duration_seconds=self.duration_seconds,
            credentials=None if self.credentials is None else self.credentials.describe(),
        )

    def __repr__(self) -> str:
        return f"AwsCognito({self.identity_pool_id!r}, identity_id={self.identity_id!r})"


class AwsIrsa(Source):
    """The token file of IAM roles for service accounts of Amazon EKS.

    Its audience is `sts.amazonaws.com`, which the credential has to name. For another audience the pod needs a second
    projected volume (`TokenFile`), or `AwsWebIdentity`.

    Args:
        path: By default `AWS_WEB_IDENTITY_TOKEN_FILE` of the environment.
    """

    __slots__ = ("path",)
    variables = ("AWS_WEB_IDENTITY_TOKEN_FILE",)

    def __init__(self, path: str | None = None) -> None:
        self.path = path

    def describe(self) -> dict[str, Any]:
        return members("aws_irsa", path=self.path)

    def __repr__(self) -> str:
        return f"AwsIrsa({self.path!r})"
