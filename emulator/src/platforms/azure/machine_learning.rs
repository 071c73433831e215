//! Azure Machine Learning: the endpoint of a compute's managed identity, as azure-identity and MSAL ask it.

use super::managed_identity::{credential, grant, granted, is_known, parameter};
use crate::directory::managed_identity::CLIENT_ID;
use crate::platforms::{Platform, PlatformSetup, Reach, Workbench};
use crate::reply::{Response, json};
use crate::request::{Request, header};
use http::Method;
use serde_json::json;

const NAME: &str = "azure-ml";
const PATH: &str = "/platforms/azure-ml/MSI/auth";
const SECRET: &str = "3e9b1c70-5d24-4f86-a1b8-emulated0002";

pub(in crate::platforms) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &["azure-machine-learning"],
    about: "Azure Machine Learning: the endpoint of a compute's managed identity",
    paths: &[],
    reach: Reach::Token,
    credential,
    setup: |workbench, _folder| {
        Ok(PlatformSetup {
            variables: vec![
                ("MSI_ENDPOINT", format!("{}{PATH}", workbench.settings.base_url)),
                ("MSI_SECRET", SECRET.to_owned()),
                ("DEFAULT_IDENTITY_CLIENT_ID", CLIENT_ID.to_owned()),
            ],
            ..PlatformSetup::default()
        })
    },
    answer,
};

fn answer(workbench: &mut Workbench<'_>, request: &Request) -> Response {
    let refusal = |status: u16, message: &str| {
        json(status, &json!({ "error": { "code": status.to_string(), "message": message } }))
    };
    if request.uri().path() != PATH || request.method() != Method::GET {
        return refusal(404, "Not found");
    }
    if header(request, "secret") != Some(SECRET) {
        return refusal(401, "The secret header is missing or does not match");
    }
    if parameter(request, "api-version").as_deref() != Some("2017-09-01") {
        return refusal(400, "The api-version is missing or not supported");
    }
    let Some(resource) = parameter(request, "resource") else {
        return refusal(400, "The resource is missing");
    };
    if !is_known(request, &[("clientid", CLIENT_ID)]) {
        return refusal(400, "The identity was not found");
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
