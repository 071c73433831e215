//! SPIFFE: the JWT-SVID that spiffe-helper keeps in a file. The emulator serves no gRPC, so there is no Workload API.
//!
//! Formats follow SPIRE 1.15 with `jwt_key_type = "rsa-2048"`: `aud` always a list, no `jti`, no `nbf`.

use super::{Platform, PlatformSetup, Reach, no_endpoint};
use serde_json::json;

const NAME: &str = "spiffe";
const SUBJECT: &str = "spiffe://example.org/workload";
/// SPIRE's default life of a JWT-SVID.
const LIFE_SECONDS: i64 = 300;
const FILE: &str = "jwt_svid.token";

pub(super) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &["spire"],
    about: "SPIFFE: a JWT-SVID in a file, as spiffe-helper writes it",
    paths: &[],
    reach: Reach::Token,
    credential: |workbench| workbench.credential(NAME, SUBJECT),
    setup: |workbench, folder| {
        let claims = json!({ "sub": SUBJECT, "aud": [workbench.settings.audience] });
        let token = workbench.token(NAME, claims, LIFE_SECONDS)?;
        Ok(PlatformSetup {
            variables: vec![("AZURE_FEDERATED_TOKEN_FILE", format!("{folder}/{FILE}"))],
            files: vec![(FILE.to_owned(), token)],
            ..PlatformSetup::default()
        })
    },
    answer: no_endpoint,
};
