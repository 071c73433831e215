//! The metadata service of an instance, version 2 (EC2 User Guide, "Use the Instance Metadata Service"), and the agent of EKS
//! Pod Identity (Amazon EKS User Guide).

use super::{ACCOUNT, REGION, ROLE, ROLE_ARN};
use crate::dates;
use crate::platforms::Workbench;
use crate::reply::{Response, json, response, with_header};
use crate::request::{Request, header};
use http::{HeaderName, Method};
use serde_json::{Value, json};

pub(super) const ACCESS_KEY_ID: &str = "ASIAEMULATOREXAMPLE";
pub(super) const SECRET_ACCESS_KEY: &str = "emulated/SecretAccessKey+0123456789EXAMPLE";
pub(super) const SESSION_TOKEN: &str = "IQoJb3JpZ2luX2VjEMULATEDSESSIONTOKEN==";
/// What the agent of EKS Pod Identity asks for.
pub(super) const POD_IDENTITY_TOKEN: &str = "emulated-eks-pod-identity-token";

const METADATA_TOKEN: &str = "AQAEALemulatedMetadataToken==";
const TTL: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");
const LONGEST_TTL: u32 = 21_600;
const LIFE_SECONDS: i64 = 6 * 3600;
const ROLES: &str = "latest/meta-data/iam/security-credentials/";

/// The temporary credentials, with the name that their session token has there.
pub(super) fn issued(workbench: &Workbench<'_>, token: &str) -> Value {
    json!({
        "AccessKeyId": ACCESS_KEY_ID,
        "SecretAccessKey": SECRET_ACCESS_KEY,
        token: SESSION_TOKEN,
        "Expiration": dates::rfc3339(workbench.now.plus_seconds(LIFE_SECONDS)),
    })
}

/// The instance's metadata. Version 1, without a session token, is switched off.
pub(super) fn metadata(workbench: &Workbench<'_>, request: &Request, path: &str) -> Response {
    if path == "latest/api/token" {
        return token(request);
    }
    if request.method() != Method::GET {
        return page(405, "405 - Method Not Allowed");
    }
    // A request that a proxy has forwarded is not from this instance.
    if header(request, "x-forwarded-for").is_some() {
        return page(403, "403 - Forbidden");
    }
    if header(request, "x-aws-ec2-metadata-token") != Some(METADATA_TOKEN) {
        return page(401, "401 - Unauthorized");
    }
    match path {
        "latest/meta-data/placement/region" => response(200, "text/plain", REGION),
        ROLES => response(200, "text/plain", ROLE),
        _ if path.strip_prefix(ROLES) == Some(ROLE) => {
            let mut credentials = issued(workbench, "Token");
            credentials["Code"] = "Success".into();
            credentials["Type"] = "AWS-HMAC".into();
            credentials["LastUpdated"] = dates::rfc3339(workbench.now).into();
            json(200, &credentials)
        }
        _ => page(404, "404 - Not Found"),
    }
}

fn token(request: &Request) -> Response {
    if request.method() != Method::PUT {
        return page(405, "405 - Method Not Allowed");
    }
    if header(request, "x-forwarded-for").is_some() {
        return page(403, "403 - Forbidden");
    }
    let seconds = header(request, TTL.as_str()).and_then(|text| text.parse::<u32>().ok());
    match seconds.filter(|seconds| (1..=LONGEST_TTL).contains(seconds)) {
        Some(seconds) => {
            with_header(response(200, "text/plain", METADATA_TOKEN), TTL, &seconds.to_string())
        }
        None => page(400, "400 - Bad Request"),
    }
}

/// The agent of EKS Pod Identity.
pub(super) fn container(workbench: &Workbench<'_>, request: &Request) -> Response {
    match header(request, "authorization") {
        Some(POD_IDENTITY_TOKEN) => {
            let mut credentials = issued(workbench, "Token");
            credentials["AccountId"] = ACCOUNT.into();
            credentials["RoleArn"] = ROLE_ARN.into();
            json(200, &credentials)
        }
        Some(_) => response(
            400,
            "text/plain",
            "[InvalidTokenException]: The token included in the request is invalid.",
        ),
        None => response(400, "text/plain", "Service account token cannot be empty"),
    }
}

/// The metadata service answers with pages.
fn page(status: u16, title: &str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    );
    response(status, "text/html", body)
}
