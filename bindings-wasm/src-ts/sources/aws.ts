/** Amazon Web Services: STS, Amazon Cognito, IAM roles for service accounts. */

import type { TokenSource } from "./token-source.js";

/** The variables by which the AWS SDKs find region, credentials and endpoints. */
const variables = [
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
];

/** An access key. Without it, a source finds its credentials as the AWS SDKs do; a runtime without files needs it, or variables. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

/**
 * A token of AWS for the workload's own role (`sts:GetWebIdentityToken`). The AWS account has to switch outbound web identity
 * federation on (`iam:EnableOutboundWebIdentityFederation`). The token's subject is the ARN of the role.
 */
export function awsWebIdentity(
  options: {
    /** Defaults to the audience that the cloud's token exchange expects. */
    audience?: string;
    /** Defaults to that of the environment, of the profile or of the instance. */
    region?: string;
    /** Entra does not accept `ES384`. */
    signingAlgorithm?: "RS256" | "ES384";
    /** Life of the token, from 60 to 3600; 300 if absent. */
    durationSeconds?: number;
    /** Up to 50 names and values that become claims. */
    tags?: Readonly<Record<string, string>>;
    credentials?: AwsCredentials;
  } = {},
): TokenSource {
  return {
    config: {
      kind: "aws",
      audience: options.audience,
      region: options.region,
      signing_algorithm: options.signingAlgorithm,
      duration_seconds: options.durationSeconds,
      tags: options.tags,
      credentials: described(options.credentials),
    },
    variables,
  };
}

/**
 * The token of a developer identity of Amazon Cognito (`GetOpenIdTokenForDeveloperIdentity`). Its audience is the id of the identity
 * pool, and its subject the id of the identity.
 */
export function awsCognito(options: {
  /** The start of the id is the region. */
  identityPoolId: string;
  /** Name of the pool's developer provider, and the workload's name there. */
  logins: Readonly<Record<string, string>>;
  /** An existing identity; that of the login if absent, which Cognito makes on first use. */
  identityId?: string;
  /** Life of the token, from 1 to 86400; 900 if absent. */
  durationSeconds?: number;
  credentials?: AwsCredentials;
}): TokenSource {
  return {
    config: {
      kind: "aws_cognito",
      identity_pool_id: options.identityPoolId,
      logins: options.logins,
      identity_id: options.identityId,
      duration_seconds: options.durationSeconds,
      credentials: described(options.credentials),
    },
    variables,
  };
}

/**
 * The token file of IAM roles for service accounts of Amazon EKS; `AWS_WEB_IDENTITY_TOKEN_FILE` without a path. Its audience is
 * `sts.amazonaws.com`. For another one the pod needs a second projected volume (`tokenFile`), or `awsWebIdentity`.
 */
export function awsIrsa(path?: string): TokenSource {
  return { config: { kind: "aws_irsa", path }, variables: ["AWS_WEB_IDENTITY_TOKEN_FILE"] };
}

function described(credentials: AwsCredentials | undefined): object | undefined {
  return (
    credentials && {
      access_key_id: credentials.accessKeyId,
      secret_access_key: credentials.secretAccessKey,
      session_token: credentials.sessionToken,
    }
  );
}
