//! AWS: STS, Cognito, the metadata service of an instance and the credentials endpoint of a container.
//!
//! The workload is the role `workload` of the account 123456789012. Every place gives the same temporary credentials, and
//! STS and Cognito check the signatures that are made with them.

mod cognito;
mod credentials;
mod security_token_service;
mod signature;

use super::{Platform, PlatformSetup, Reach};
use crate::issuers::kubernetes::ServiceAccount;
use crate::platforms::Workbench;
use crate::reply::{Response, not_found};
use crate::request::Request;

const NAME: &str = "aws";
const REGION: &str = "eu-west-1";
const ACCOUNT: &str = "123456789012";
const ROLE: &str = "workload";
const ROLE_ARN: &str = "arn:aws:iam::123456789012:role/workload";
/// The audience of the token that EKS projects for IAM roles for service accounts.
const POD_AUDIENCE: &str = "sts.amazonaws.com";
const POD_TOKEN_SECONDS: i64 = 86_400;

pub(super) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &["eks", "ecs", "ec2"],
    about: "AWS: STS (GetWebIdentityToken), Cognito, IMDSv2 and EKS Pod Identity",
    paths: &[],
    reach: Reach::Token,
    credential: |workbench| workbench.credential(NAME, ROLE_ARN),
    setup: |workbench, folder| {
        let base = workbench.base_url(NAME);
        let now = workbench.now;
        let pod_token = workbench.kubernetes.token(
            &ServiceAccount::default(),
            &[POD_AUDIENCE],
            POD_TOKEN_SECONDS,
            workbench.ids,
            now,
        )?;
        Ok(PlatformSetup {
            variables: vec![
                ("AWS_REGION", REGION.to_owned()),
                ("AWS_ENDPOINT_URL_STS", format!("{base}/sts")),
                ("AWS_ENDPOINT_URL_COGNITO_IDENTITY", format!("{base}/cognito")),
                ("AWS_EC2_METADATA_SERVICE_ENDPOINT", format!("{base}/imds")),
                (
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                    format!("{base}/pod-identity/v1/credentials"),
                ),
                (
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                    format!("{folder}/eks-pod-identity-token"),
                ),
                // The credentials of the machine on which the emulator runs are not used.
                ("AWS_SHARED_CREDENTIALS_FILE", format!("{folder}/no-credentials")),
                ("AWS_CONFIG_FILE", format!("{folder}/no-config")),
            ],
            files: vec![
                ("eks-pod-identity-token".to_owned(), credentials::POD_IDENTITY_TOKEN.to_owned()),
                ("irsa-token".to_owned(), pod_token),
            ],
            ..PlatformSetup::default()
        })
    },
    answer,
};

fn answer(workbench: &mut Workbench<'_>, request: &Request) -> Response {
    let path = request.uri().path().trim_start_matches("/platforms/aws/");
    let (service, rest) = path.split_once('/').unwrap_or((path, ""));
    match (service, rest) {
        ("sts", "") => security_token_service::answer(workbench, request),
        ("cognito", "") => cognito::answer(workbench, request),
        ("imds", path) => credentials::metadata(workbench, request, path),
        ("pod-identity", "v1/credentials") => credentials::container(workbench, request),
        _ => not_found(),
    }
}
