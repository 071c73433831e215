//! Azure Arc's agent ("Authenticate against Azure resources with Azure Arc-enabled servers"): the first answer is a challenge
//! that names a key file of the agent's directory, and a request with its content gets the token.
//!
//! Clients read key files of that directory only. A user who may write there can put this platform's key file into it.

use super::managed_identity::{
    credential, grant, granted, has_metadata_header, parameter, refusal,
};
use crate::platforms::{Platform, PlatformSetup, Reach, Workbench};
use crate::reply::{Response, with_header};
use crate::request::{Request, header};
use http::Method;
use workload_identity_core::Code;

const NAME: &str = "arc";
const PATH: &str = "/platforms/arc/metadata/identity/oauth2/token";
const DIRECTORY: &str = "/var/opt/azcmagent/tokens";
const KEY_FILE: &str = "6f0d2c4e-8b1a-4793-a5d6-e7f8091a2b3c.key";
const KEY: &str = "emulated-key-of-the-agent";

pub(in crate::platforms) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &["azure-arc"],
    about: "Azure Arc's agent: its challenge. Clients read the key only in the agent's directory, where an emulator does not write",
    paths: &[],
    reach: Reach::Refused(Code::TokenFileMissing),
    credential,
    setup: |workbench, _folder| {
        Ok(PlatformSetup {
            variables: vec![
                ("IDENTITY_ENDPOINT", format!("{}{PATH}", workbench.settings.base_url)),
                ("IMDS_ENDPOINT", workbench.base_url(NAME)),
            ],
            files: vec![(KEY_FILE.to_owned(), KEY.to_owned())],
            ..PlatformSetup::default()
        })
    },
    answer,
};

fn answer(workbench: &mut Workbench<'_>, request: &Request) -> Response {
    if request.uri().path() != PATH || request.method() != Method::GET {
        return refusal(404, "not_found", "Not found");
    }
    if !has_metadata_header(request) {
        return refusal(400, "invalid_request", "Required metadata header not specified");
    }
    if parameter(request, "api-version").is_none() {
        return refusal(400, "invalid_request", "The api-version is missing");
    }
    let Some(resource) = parameter(request, "resource") else {
        return refusal(400, "invalid_request", "The resource is missing");
    };
    let key = header(request, "authorization").and_then(|value| value.strip_prefix("Basic "));
    match key {
        Some(KEY) => granted(grant(workbench, resource), |granted| granted.answer()),
        Some(_) => refusal(403, "unauthorized_client", "The key is not that of the challenge"),
        None => {
            let challenge = format!("Basic realm={DIRECTORY}/{KEY_FILE}");
            let refused = refusal(401, "unauthorized_client", "Missing Basic Authorization header");
            with_header(refused, http::header::WWW_AUTHENTICATE, &challenge)
        }
    }
}
