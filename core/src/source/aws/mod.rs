//! Tokens of AWS workloads: `sts:GetWebIdentityToken`, developer identities of Amazon Cognito, and the token file of IAM roles
//! for service accounts.
//!
//! The first two are signed with the credentials of the workload. AWS issues their tokens to the role.

mod access;
mod answer;
mod container;
mod credentials;
mod developer_identity;
mod instance_metadata;
mod irsa;
mod profile;
mod progress;
mod region;
mod service_address;
mod signature;
mod signed_source;
mod web_identity;
mod web_identity_token;

pub(super) use developer_identity::KIND as DEVELOPER_IDENTITY;
pub(super) use irsa::KIND as IRSA;
pub(super) use web_identity_token::KIND as WEB_IDENTITY_TOKEN;

/// The variables of region, credentials and endpoints.
const VARIABLES: [&str; 27] = [
    credentials::ACCESS_KEY_ID,
    credentials::SECRET_ACCESS_KEY,
    credentials::SESSION_TOKEN,
    credentials::EXPIRATION,
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    web_identity::ROLE_ARN,
    web_identity::TOKEN_FILE,
    web_identity::SESSION_NAME,
    profile::PROFILE,
    profile::CREDENTIALS_FILE,
    profile::CONFIG_FILE,
    "HOME",
    "USERPROFILE",
    container::RELATIVE,
    container::FULL,
    container::TOKEN,
    container::TOKEN_FILE,
    instance_metadata::DISABLED,
    instance_metadata::ADDRESS,
    instance_metadata::MODE,
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_COGNITO_IDENTITY",
    "AWS_ENDPOINT_URL",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    service_address::FIPS,
    service_address::DUAL_STACK,
];
