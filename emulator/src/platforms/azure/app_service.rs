//! App Service, Functions and Container Apps ("How to use managed identities for App Service and Azure Functions").

use super::managed_identity::{credential, grant, granted, is_known, parameter};
use crate::directory::managed_identity::{CLIENT_ID, PRINCIPAL_ID, RESOURCE_ID};
use crate::platforms::{Platform, PlatformSetup, Reach, Workbench};
use crate::reply::{Response, json};
use crate::request::{Request, header};
use http::Method;
use serde_json::json;

const NAME: &str = "app-service";
const PATH: &str = "/platforms/app-service/msi/token";
const SECRET: &str = "7d0f6e2b-41c8-4a95-b3e7-emulated0001";

pub(in crate::platforms) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &["azure-functions", "container-apps", "managed-identity"],
    about: "Azure App Service, Functions, Container Apps: the endpoint of managed identities",
    paths: &[],
    reach: Reach::Token,
    credential,
    setup: |workbench, _folder| {
        Ok(PlatformSetup {
            variables: vec![
                ("IDENTITY_ENDPOINT", format!("{}{PATH}", workbench.settings.base_url)),
                ("IDENTITY_HEADER", SECRET.to_owned()),
            ],
            ..PlatformSetup::default()
        })
    },
    answer,
};

fn answer(workbench: &mut Workbench<'_>, request: &Request) -> Response {
    let refusal = |status: u16, message: &str| {
        json(status, &json!({ "statusCode": status, "message": message }))
    };
    if request.uri().path().trim_end_matches('/') != PATH || request.method() != Method::GET {
        return refusal(404, "Resource not found");
    }
    if header(request, "x-identity-header") != Some(SECRET) {
        return refusal(401, "The X-IDENTITY-HEADER header is missing or does not match.");
    }
    if parameter(request, "api-version").as_deref() != Some("2019-08-01") {
        return refusal(400, "The api-version parameter is missing or not supported.");
    }
    let Some(resource) = parameter(request, "resource") else {
        return refusal(400, "The resource parameter is missing.");
    };
    let selectors = [
        ("client_id", CLIENT_ID),
        ("object_id", PRINCIPAL_ID),
        ("principal_id", PRINCIPAL_ID),
        ("mi_res_id", RESOURCE_ID),
    ];
    if !is_known(request, &selectors) {
        return refusal(
            400,
            "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
        );
    }
    granted(grant(workbench, resource), |granted| {
        json!({
            "access_token": granted.token,
            "client_id": CLIENT_ID,
            "expires_on": granted.expires.to_string(),
            "resource": granted.resource,
            "token_type": "Bearer",
        })
    })
}
