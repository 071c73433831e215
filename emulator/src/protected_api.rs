//! A protected API that takes the emulator's access tokens (RFC 6750).

use crate::emulator::Emulator;
use crate::fault::FaultTarget;
use crate::message::{Request, Response};
use workload_identity_core::crypto::{KeySet, RustCrypto};
use workload_identity_core::jose::{Algorithm, UnverifiedClaims, base64url_encode};
use workload_identity_core::json::{Json, Object, object};
use workload_identity_core::verify::{Policy, verify};
use workload_identity_core::{Code, Error, Timestamp};

/// What `/api/step-up` asks for when a token lacks it.
const STEP_UP: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;

impl Emulator {
    /// `GET /api/resource` takes any valid token for the tenant's resources, with `?audience=` only one for that
    /// audience. `GET /api/step-up` also wants the authentication context `c1` and answers with a claims challenge
    /// until it is there.
    pub(crate) fn protected_api(&mut self, request: &Request, now: Timestamp) -> Response {
        let struck = self.faults.strike(FaultTarget::Api);
        let now = struck.clock(now);
        let correlation = self.correlation(None);
        if let Some(answer) = struck.answer(&correlation, now) {
            return answer;
        }
        let Some(token) = request.bearer() else {
            return self.unauthorized(&[], "token_missing");
        };
        let claims = match self.verify_access_token(token, request.query("audience"), now) {
            Ok(claims) => claims,
            Err(error) => {
                let why = error.code.name();
                return self
                    .unauthorized(&[("error", "invalid_token"), ("error_description", why)], why);
            }
        };
        if request.path() == "/api/step-up" && !has_context(&claims, "c1") {
            let wanted = padded(&base64url_encode(STEP_UP.as_bytes()));
            let challenge =
                [("realm", ""), ("error", "insufficient_claims"), ("claims", wanted.as_str())];
            return self.unauthorized(&challenge, "insufficient_claims");
        }
        let text = |name: &str| claims.get(name).and_then(Json::as_text);
        let roles = claims.get("roles").and_then(Json::as_list).unwrap_or_default();
        struck.distort(Response::json(
            200,
            object(|o| {
                o.text("message", "hello")
                    .text_if("application", text("azp").or_else(|| text("appid")))
                    .text_if("principal", text("oid"))
                    .text_if("tenant", text("tid"))
                    .text_if("audience", text("aud"))
                    .texts("roles", roles.iter().filter_map(Json::as_text));
            }),
        ))
    }

    fn verify_access_token(
        &self,
        token: &str,
        audience: Option<String>,
        now: Timestamp,
    ) -> Result<Object, Error> {
        let unverified = UnverifiedClaims::peek(token)?;
        let audience = match audience {
            Some(audience) => audience,
            None => {
                let accepted = &self.settings.api_audiences;
                let named = unverified.audience.iter().find(|audience| {
                    accepted.is_empty() || accepted.iter().any(|known| known == *audience)
                });
                named.cloned().ok_or_else(|| {
                    Error::new(Code::AudienceMismatch, "the token is not for this API")
                })?
            }
        };
        // APIs get v1 or v2 tokens, depending on the endpoint the client used.
        let v1 = self.access_token_issuer_v1();
        let issuer = if unverified.issuer.as_deref() == Some(v1.as_str()) {
            v1
        } else {
            self.access_token_issuer()
        };
        let policy = Policy::new(issuer, audience).with_algorithms(&[Algorithm::Rs256]);
        let keys = KeySet::import(self.access_token_keys.key_set()?, &RustCrypto);
        Ok(verify(token, &keys, &policy, now)?.claims())
    }

    fn unauthorized(&self, parameters: &[(&str, &str)], why: &str) -> Response {
        let authority =
            format!("{}/{}/oauth2/v2.0/authorize", self.settings.base_url, self.settings.tenant_id);
        let parameters: Vec<String> = parameters
            .iter()
            .copied()
            .chain([("authorization_uri", authority.as_str())])
            .map(|(name, value)| format!("{name}=\"{value}\""))
            .collect();
        let body = object(|o| {
            o.text("error", why);
        });
        Response::json(401, body)
            .with_header("www-authenticate", &format!("Bearer {}", parameters.join(", ")))
    }
}

fn has_context(claims: &Object, wanted: &str) -> bool {
    claims
        .get("acrs")
        .and_then(Json::as_list)
        .is_some_and(|values| values.iter().any(|value| value.as_text() == Some(wanted)))
}

/// Challenges carry base64 with padding.
fn padded(text: &str) -> String {
    let missing = (4 - text.len() % 4) % 4;
    format!("{text}{}", "=".repeat(missing))
}
