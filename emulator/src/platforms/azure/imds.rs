//! The instance metadata service of a virtual machine ("How to use managed identities for Azure resources on an Azure VM to
//! acquire an access token", Entra documentation).

use super::managed_identity::{
    credential, grant, granted, has_metadata_header, is_known, parameter, refusal,
};
use crate::directory::managed_identity::{CLIENT_ID, PRINCIPAL_ID, RESOURCE_ID};
use crate::platforms::{Platform, PlatformSetup, Reach, Workbench};
use crate::reply::{Response, with_header};
use crate::request::{Request, header};
use http::Method;

const NAME: &str = "imds";
const PATH: &str = "metadata/identity/oauth2/token";

pub(in crate::platforms) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &["azure-vm", "virtual-machine"],
    about: "An Azure virtual machine: the metadata service (IMDS), at the address of AZURE_POD_IDENTITY_AUTHORITY_HOST",
    paths: &[PATH],
    reach: Reach::Token,
    credential,
    setup: |workbench, _folder| {
        let host = workbench.settings.base_url.clone();
        Ok(PlatformSetup {
            variables: vec![("AZURE_POD_IDENTITY_AUTHORITY_HOST", host)],
            ..PlatformSetup::default()
        })
    },
    answer,
};

fn answer(workbench: &mut Workbench<'_>, request: &Request) -> Response {
    let server = |response| with_header(response, http::header::SERVER, "IMDS/150.870.65.1854");
    server(token(workbench, request))
}

fn token(workbench: &mut Workbench<'_>, request: &Request) -> Response {
    if request.uri().path().trim_start_matches('/') != PATH {
        return refusal(404, "not_found", "The requested resource does not exist.");
    }
    if request.method() != Method::GET {
        return refusal(405, "invalid_request", "Method not allowed");
    }
    if !has_metadata_header(request) {
        return refusal(400, "invalid_request", "Required metadata header not specified");
    }
    if header(request, "x-forwarded-for").is_some() {
        return refusal(400, "invalid_request", "Forwarded requests are not allowed");
    }
    if parameter(request, "api-version").is_none() {
        return refusal(400, "invalid_request", "Required query variable 'api-version' is missing");
    }
    let Some(resource) = parameter(request, "resource") else {
        return refusal(400, "invalid_request", "Required query variable 'resource' is missing");
    };
    let selectors = [
        ("client_id", CLIENT_ID),
        ("object_id", PRINCIPAL_ID),
        ("msi_res_id", RESOURCE_ID),
        ("mi_res_id", RESOURCE_ID),
    ];
    if !is_known(request, &selectors) {
        return refusal(400, "invalid_request", "Identity not found");
    }
    granted(grant(workbench, resource), |granted| {
        let mut answer = granted.answer();
        answer["client_id"] = CLIENT_ID.into();
        answer
    })
}
