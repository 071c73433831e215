//! Azure Cloud Shell ("Acquire a user token in Azure Cloud Shell"). Its tokens are of the user who is signed in, so that Entra
//! accepts none of them as an assertion.

use super::managed_identity::{credential, grant_claims, granted, has_metadata_header, refusal};
use crate::platforms::{Platform, PlatformSetup, Reach, Workbench};
use crate::reply::Response;
use crate::request::{Request, form_fields};
use http::Method;
use serde_json::json;
use workload_identity_core::Code;

const NAME: &str = "cloud-shell";
const PATH: &str = "/platforms/cloud-shell/oauth2/token";
/// The application id of Cloud Shell.
const SHELL_ID: &str = "b677c290-cf4b-4a8e-a60e-91ba650a4abe";

pub(in crate::platforms) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &[],
    about: "Azure Cloud Shell: the token endpoint. Its token is the user's, so the exchange is refused, as by Entra",
    paths: &[],
    reach: Reach::Refused(Code::TrustMismatch),
    credential,
    setup: |workbench, _folder| {
        let endpoint = format!("{}{PATH}", workbench.settings.base_url);
        Ok(PlatformSetup {
            variables: vec![("MSI_ENDPOINT", endpoint)],
            ..PlatformSetup::default()
        })
    },
    answer,
};

fn answer(workbench: &mut Workbench<'_>, request: &Request) -> Response {
    if request.uri().path() != PATH || request.method() != Method::POST {
        return refusal(404, "not_found", "Not found");
    }
    if !has_metadata_header(request) {
        return refusal(400, "invalid_request", "Required metadata header not specified");
    }
    let resource = form_fields(request).into_iter().find(|(name, _)| name == "resource");
    let Some((_, resource)) = resource.filter(|(_, value)| !value.is_empty()) else {
        return refusal(400, "invalid_request", "The resource is missing");
    };
    let user = json!({
        "azp": SHELL_ID,
        "azpacr": "0",
        "oid": "4f7a9c13-6b2e-4d58-90af-3c1e5b7d9f20",
        "preferred_username": "user@workload.example",
        "scp": "user_impersonation",
        "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
    });
    granted(grant_claims(workbench, resource, user), |granted| {
        let mut answer = granted.answer();
        answer["refresh_token"] = "".into();
        answer
    })
}
