//! Fly.io: the token endpoint of a machine, HTTP over a Unix socket (Fly.io documentation, "OpenID Connect").

use super::{Platform, PlatformSetup, Reach, Workbench};
use crate::reply::{Response, json, response};
use crate::request::Request;
use http::Method;
use serde_json::json;
use workload_identity_core::json::strict;

const NAME: &str = "fly";
const SUBJECT: &str = "acme:shop:shop-web-1";
const PATH: &str = "v1/tokens/oidc";
const LIFE_SECONDS: i64 = 600;

pub(super) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &["fly.io"],
    about: "Fly.io: a machine's token endpoint, over a Unix socket",
    paths: &[PATH],
    reach: Reach::Token,
    credential: |workbench| workbench.credential(NAME, SUBJECT),
    setup: |_workbench, folder| {
        Ok(PlatformSetup {
            variables: vec![
                ("FLY_APP_NAME", "shop".to_owned()),
                ("FLY_API_SOCKET", format!("{folder}/fly-api")),
            ],
            sockets: vec!["fly-api".to_owned()],
            ..PlatformSetup::default()
        })
    },
    answer,
};

fn answer(workbench: &mut Workbench<'_>, request: &Request) -> Response {
    if request.uri().path().trim_start_matches('/') != PATH || request.method() != Method::POST {
        return json(404, &json!({ "error": "not found" }));
    }
    let body = strict::parse(request.body()).unwrap_or_default();
    let claims = json!({
        "sub": SUBJECT,
        "aud": body["aud"].as_str().unwrap_or("https://fly.io/acme"),
        "org_name": "acme",
        "app_name": "shop",
        "machine_name": "shop-web-1",
        "region": "ams",
    });
    match workbench.token(NAME, claims, LIFE_SECONDS) {
        Ok(token) => response(200, "text/plain; charset=utf-8", token),
        Err(error) => json(500, &json!({ "error": error.to_string() })),
    }
}
