//! Service Fabric ("How to leverage a Service Fabric application's managed identity to access Azure services"): https, with the
//! server's certificate pinned by its thumbprint.

use super::managed_identity::{credential, grant, granted, parameter};
use crate::platforms::{Platform, PlatformSetup, Reach, Workbench};
use crate::reply::{Response, json};
use crate::request::{Request, header};
use http::Method;
use serde_json::json;

const NAME: &str = "service-fabric";
const PATH: &str = "/platforms/service-fabric/metadata/identity/oauth2/token";
const SECRET: &str = "emulated-secret-of-the-service";

pub(in crate::platforms) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &[],
    about: "Azure Service Fabric: the endpoint of managed identities; needs --tls",
    paths: &[],
    reach: Reach::TokenOverTls,
    credential,
    setup: |workbench, _folder| {
        let thumbprint = workbench.certificate()?.sha1.to_ascii_uppercase();
        Ok(PlatformSetup {
            variables: vec![
                ("IDENTITY_ENDPOINT", format!("{}{PATH}", workbench.settings.base_url)),
                ("IDENTITY_HEADER", SECRET.to_owned()),
                ("IDENTITY_SERVER_THUMBPRINT", thumbprint),
            ],
            ..PlatformSetup::default()
        })
    },
    answer,
};

fn answer(workbench: &mut Workbench<'_>, request: &Request) -> Response {
    let correlation_id = workbench.ids.uuid();
    let refusal = |status: u16, code: &str, message: &str| {
        json(
            status,
            &json!({ "error": { "correlationId": correlation_id, "code": code, "message": message } }),
        )
    };
    if request.uri().path() != PATH || request.method() != Method::GET {
        return refusal(404, "NotFound", "The path is not one of the token service.");
    }
    match header(request, "secret") {
        Some(SECRET) => {}
        None => {
            return refusal(
                400,
                "SecretHeaderNotFound",
                "Secret is not found in the request headers.",
            );
        }
        Some(_) => {
            return refusal(
                404,
                "ManagedIdentityNotFound",
                "Managed identity not found for the specified application host.",
            );
        }
    }
    let version = parameter(request, "api-version");
    if !matches!(version.as_deref(), Some("2019-07-01-preview" | "2020-05-01")) {
        return refusal(400, "InvalidApiVersion", "The api-version is not supported.");
    }
    let Some(resource) = parameter(request, "resource") else {
        return refusal(
            400,
            "ArgumentNullOrEmpty",
            "The parameter 'resource' should not be null or empty string.",
        );
    };
    granted(grant(workbench, resource), |granted| {
        json!({
            "access_token": granted.token,
            "expires_on": granted.expires,
            "resource": granted.resource,
            "token_type": "Bearer",
        })
    })
}
