//! Azure Pipelines: the endpoint of ID tokens for a service connection, and the issuer of older connections (Azure DevOps
//! documentation, "Troubleshoot workload identity service connections").

use crate::platforms::{Platform, PlatformSetup, Reach, Workbench};
use crate::reply::{Response, internal_error, json, response, with_header};
use crate::request::{Request, bearer_token, header, query};
use http::Method;
use serde_json::json;

const NAME: &str = "azure-pipelines";
const PATH: &str = "/platforms/azure-pipelines/shop/5b8f6a27-3c94-4d1e-9a70-2f3b4c5d6e7f/_apis/distributedtask/hubs/build/plans/1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f/jobs/12f1170f-54f2-53f3-20dd-22fc7dff55f9/oidctoken";
const CONNECTION: &str = "9d2f4b68-1a3c-4e5f-8071-b6c7d8e9f0a1";
const ACCESS_TOKEN: &str = "emulated-system-access-token";
const SUBJECT: &str = "sc://shop/orders/orders-production";
const LIFE_SECONDS: i64 = 600;

pub(in crate::platforms) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &["azure-devops"],
    about: "Azure Pipelines: a job's endpoint of ID tokens for a service connection",
    paths: &[],
    reach: Reach::Token,
    credential: |workbench| workbench.credential(NAME, SUBJECT),
    setup: |workbench, _folder| {
        Ok(PlatformSetup {
            variables: vec![
                ("SYSTEM_OIDCREQUESTURI", format!("{}{PATH}", workbench.settings.base_url)),
                ("SYSTEM_ACCESSTOKEN", ACCESS_TOKEN.to_owned()),
                ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", CONNECTION.to_owned()),
            ],
            ..PlatformSetup::default()
        })
    },
    answer,
};

fn answer(workbench: &mut Workbench<'_>, request: &Request) -> Response {
    if bearer_token(request) != Some(ACCESS_TOKEN) {
        return sign_in(workbench, request);
    }
    if request.uri().path() != PATH || request.method() != Method::POST {
        return refusal(404, "The controller for the path was not found.", "HttpNotFound");
    }
    if query(request, "api-version").is_none() {
        let message = "No api-version was supplied for the POST request.";
        return refusal(400, message, "VssVersionNotSpecifiedException");
    }
    if query(request, "serviceConnectionId").as_deref() != Some(CONNECTION) {
        let message =
            "The service connection does not exist, or the pipeline is not authorized for it.";
        return refusal(404, message, "ServiceEndpointNotFoundException");
    }
    let claims = json!({
        "sub": SUBJECT,
        "aud": workbench.settings.audience,
        "jti": workbench.ids.uuid(),
        "nbf": workbench.now.seconds(),
    });
    match workbench.token(NAME, claims, LIFE_SECONDS) {
        Ok(token) => json(200, &json!({ "oidcToken": token })),
        Err(error) => internal_error(&error),
    }
}

/// A token that is not accepted leads to the page for signing in, unless the client does not want that.
fn sign_in(workbench: &Workbench<'_>, request: &Request) -> Response {
    let is_suppressed = header(request, "x-tfs-fedauthredirect")
        .is_some_and(|value| value.eq_ignore_ascii_case("suppress"));
    if is_suppressed {
        return response(401, "text/html; charset=utf-8", "<html><title>Sign In</title></html>");
    }
    let page =
        response(302, "text/html; charset=utf-8", "<html><title>Object moved</title></html>");
    let address = format!("{}/_signin", workbench.base_url(NAME));
    with_header(page, http::header::LOCATION, &address)
}

/// The form of an error of Azure DevOps.
fn refusal(status: u16, message: &str, kind: &str) -> Response {
    json(
        status,
        &json!({
            "$id": "1",
            "innerException": null,
            "message": message,
            "typeName": format!("Microsoft.VisualStudio.Services.WebApi.{kind}, Microsoft.VisualStudio.Services.WebApi"),
            "typeKey": kind,
            "errorCode": 0,
            "eventId": 3000,
        }),
    )
}
