//! Google Cloud: the metadata server, and `generateIdToken` of the IAM Credentials API (Google documentation, "Verify the
//! identity of a VM" and "projects.serviceAccounts.generateIdToken").

use super::{Platform, PlatformSetup, Reach};
use crate::platforms::Workbench;
use crate::reply::{Response, json, response, with_header};
use crate::request::{Request, bearer_token, header, query};
use http::{HeaderName, Method};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use workload_identity_core::json::strict;

const NAME: &str = "gcp";
const EMAIL: &str = "workload@octo-project.iam.gserviceaccount.com";
/// The service account's unique id, which is the subject of its tokens.
const UNIQUE_ID: &str = "112233445566778899000";
const ACCESS_TOKEN: &str = "ya29.c.emulated-access-token";
const LIFE_SECONDS: i64 = 3600;
const METADATA: &str = "computeMetadata/v1/";
const IAM: &str = "v1/projects/-/serviceAccounts/";
const FLAVOR: HeaderName = HeaderName::from_static("metadata-flavor");

pub(super) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &["google", "gce", "gke", "cloud-run"],
    about: "Google Cloud: the metadata server, and generateIdToken of the IAM Credentials API",
    paths: &["computeMetadata/", IAM],
    reach: Reach::Token,
    credential: |workbench| workbench.credential(NAME, UNIQUE_ID),
    setup: |workbench, _folder| {
        let host = workbench.settings.base_url.split_once("://").map_or("", |(_, host)| host);
        Ok(PlatformSetup {
            variables: vec![
                ("GCE_METADATA_HOST", host.to_owned()),
                ("GCE_METADATA_IP", host.to_owned()),
            ],
            ..PlatformSetup::default()
        })
    },
    answer: |workbench, request| {
        let path = request.uri().path().trim_start_matches('/');
        match path.strip_prefix(METADATA) {
            Some(path) => with_header(metadata(workbench, request, path), FLAVOR, "Google"),
            None => generate_id_token(workbench, request, path),
        }
    },
};

/// The answer of the metadata server. Each has the header that requests need.
fn metadata(workbench: &Workbench<'_>, request: &Request, path: &str) -> Response {
    if request.method() != Method::GET {
        return html(405, "Method Not Allowed");
    }
    if header(request, "metadata-flavor") != Some("Google") {
        return html(403, "Missing Metadata-Flavor:Google header.");
    }
    if header(request, "x-forwarded-for").is_some() {
        return html(403, "X-Forwarded-For is not allowed.");
    }
    match path {
        "project/project-id" => return text("octo-project"),
        "universe/universe-domain" => return text("googleapis.com"),
        _ => {}
    }
    let Some((account, wanted)) =
        path.strip_prefix("instance/service-accounts/").and_then(|rest| rest.split_once('/'))
    else {
        return html(404, "Not Found");
    };
    let account = percent_decode_str(account).decode_utf8_lossy();
    if account != "default" && account != EMAIL {
        return html(404, "The service account was not found.");
    }
    match wanted {
        "" => json(
            200,
            &json!({
                "aliases": ["default"],
                "email": EMAIL,
                "scopes": ["https://www.googleapis.com/auth/cloud-platform"],
            }),
        ),
        "email" => text(EMAIL),
        "token" => json(
            200,
            &json!({ "access_token": ACCESS_TOKEN, "expires_in": 3599, "token_type": "Bearer" }),
        ),
        "identity" => identity(workbench, request),
        _ => html(404, "Not Found"),
    }
}

/// The identity token, which is the whole body.
fn identity(workbench: &Workbench<'_>, request: &Request) -> Response {
    let Some(audience) = query(request, "audience").filter(|audience| !audience.is_empty()) else {
        return html(400, "non-empty audience parameter required");
    };
    let mut claims = claims(&audience, true);
    if query(request, "format").as_deref() == Some("full") {
        claims["google"] = json!({ "compute_engine": {
            "instance_creation_timestamp": 1_767_225_600,
            "instance_id": "3141592653589793238",
            "instance_name": "workload-1",
            "project_id": "octo-project",
            "project_number": 271_828_182_845_i64,
            "zone": "europe-west1-b",
        }});
        if query(request, "licenses").as_deref() == Some("TRUE") {
            claims["google"]["compute_engine"]["license_id"] = json!(["1001000"]);
        }
    }
    match workbench.token(NAME, claims, LIFE_SECONDS) {
        Ok(token) => response(200, "text/html", token),
        Err(error) => html(500, &error.to_string()),
    }
}

/// `POST v1/projects/-/serviceAccounts/{account}:generateIdToken`. The service account may make tokens of itself.
fn generate_id_token(workbench: &Workbench<'_>, request: &Request, path: &str) -> Response {
    let called = path.strip_prefix(IAM).and_then(|rest| rest.strip_suffix(":generateIdToken"));
    let Some(account) = called else { return refusal(404, "NOT_FOUND", "Method not found.") };
    if request.method() != Method::POST {
        return refusal(404, "NOT_FOUND", "Method not found.");
    }
    if bearer_token(request) != Some(ACCESS_TOKEN) {
        return refusal(
            401,
            "UNAUTHENTICATED",
            "Request had invalid authentication credentials. Expected OAuth 2 access token.",
        );
    }
    let account = percent_decode_str(account).decode_utf8_lossy();
    let body = strict::parse(request.body()).unwrap_or_default();
    let Some(audience) = body["audience"].as_str().filter(|audience| !audience.is_empty()) else {
        return refusal(400, "INVALID_ARGUMENT", "Audience must be provided.");
    };
    if account != EMAIL && account != UNIQUE_ID {
        return refusal(
            403,
            "PERMISSION_DENIED",
            "Permission 'iam.serviceAccounts.getOpenIdToken' denied on resource (or it may not exist).",
        );
    }
    let with_email = body["includeEmail"].as_bool().unwrap_or_default();
    match workbench.token(NAME, claims(audience, with_email), LIFE_SECONDS) {
        Ok(token) => json(200, &json!({ "token": token })),
        Err(error) => refusal(500, "INTERNAL", &error.to_string()),
    }
}

fn claims(audience: &str, with_email: bool) -> Value {
    let mut claims = json!({ "aud": audience, "azp": UNIQUE_ID, "sub": UNIQUE_ID });
    if with_email {
        claims["email"] = EMAIL.into();
        claims["email_verified"] = true.into();
    }
    claims
}

fn text(body: &str) -> Response {
    response(200, "application/text", body)
}

fn html(status: u16, message: &str) -> Response {
    response(
        status,
        "text/html; charset=UTF-8",
        format!("<!DOCTYPE html><html><title>{message}</title></html>"),
    )
}

/// The form of an error of Google's APIs.
fn refusal(code: u16, status: &str, message: &str) -> Response {
    json(code, &json!({ "error": { "code": code, "message": message, "status": status } }))
}
