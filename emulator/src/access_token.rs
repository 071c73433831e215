//! Access tokens: claims as in Microsoft's "access token claims reference", signed with RS256.

use crate::discovery::Version;
use crate::emulator::Emulator;
use crate::entra_error::{Aadsts, Refusal};
use crate::fault_plan::Struck;
use crate::identifiers::is_uuid;
use workload_identity_core::json::{Json, object, parse};
use workload_identity_core::{Error, Timestamp};

/// Entra dates its tokens back by five minutes, for APIs whose clock is behind.
const BACKDATED_SECONDS: i64 = 300;

/// What a request's `claims` parameter asks for (OpenID Connect Core, section 5.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RequestedClaims {
    /// Authentication context, asked for by a claims challenge.
    acrs: Option<String>,
    /// Client capabilities such as `cp1`.
    capabilities: Vec<String>,
}

impl RequestedClaims {
    pub(crate) fn parse(text: Option<&str>) -> Result<Self, Refusal> {
        let Some(text) = text else { return Ok(Self::default()) };
        let Ok(document @ Json::Object(_)) = parse(text.as_bytes()) else {
            return Err(Refusal::new(
                Aadsts::ClaimsInvalid,
                "The value of the 'claims' parameter is not a JSON object.",
            ));
        };
        let wanted = document.member("access_token");
        let claim = |name: &str| wanted.and_then(|wanted| wanted.member(name));
        let acrs = claim("acrs").and_then(|acrs| acrs.member("value")).and_then(Json::as_text);
        let capabilities =
            claim("xms_cc").and_then(|claim| claim.member("values")).and_then(Json::as_list);
        Ok(Self {
            acrs: acrs.map(str::to_owned),
            capabilities: capabilities
                .unwrap_or_default()
                .iter()
                .filter_map(Json::as_text)
                .map(str::to_owned)
                .collect(),
        })
    }
}

/// The `aud` of a token for a resource: the API's client id where the resource names it.
pub(crate) fn audience(resource: &str) -> &str {
    match resource.strip_prefix("api://") {
        Some(id) if is_uuid(id) => id,
        _ => resource,
    }
}

impl Emulator {
    /// The issuer of v1 access tokens.
    pub(crate) fn access_token_issuer_v1(&self) -> String {
        format!("{}/{}/", self.settings.base_url, self.settings.tenant_id)
    }

    /// The answer to a granted token request.
    pub(crate) fn issue(
        &mut self,
        version: Version,
        resource: &str,
        requested: &RequestedClaims,
        struck: &Struck,
        now: Timestamp,
    ) -> Result<String, Error> {
        let life = self.settings.access_token_seconds;
        let starts = now.plus_seconds(-BACKDATED_SECONDS);
        let expires = now.plus_seconds(life);
        let uti = self.ids.short();
        let settings = &self.settings;
        let issuer = match version {
            Version::V1 => self.access_token_issuer_v1(),
            Version::V2 => self.access_token_issuer(),
        };
        let claims = object(|o| {
            o.text("aud", if version == Version::V1 { resource } else { audience(resource) })
                .text("iss", &issuer)
                .integer("iat", starts.seconds())
                .integer("nbf", starts.seconds())
                .integer("exp", expires.seconds());
            if let Some(acrs) = &requested.acrs {
                o.texts("acrs", [acrs.as_str()]);
            }
            match version {
                Version::V1 => {
                    o.text("appid", &settings.client_id).text("appidacr", "2").text("idp", &issuer)
                }
                Version::V2 => o.text("azp", &settings.client_id).text("azpacr", "2"),
            };
            o.text("idtyp", "app").text("oid", &settings.object_id);
            if !settings.roles.is_empty() {
                o.texts("roles", settings.roles.iter().map(String::as_str));
            }
            o.text("sub", &settings.object_id)
                .text("tid", &settings.tenant_id)
                .text("uti", &uti)
                .text("ver", if version == Version::V1 { "1.0" } else { "2.0" });
            if !requested.capabilities.is_empty() {
                o.texts("xms_cc", requested.capabilities.iter().map(String::as_str));
            }
        });
        let token = self.access_token_keys.current().sign(Some("JWT"), &claims)?;
        // A second passes before the client can look at its clock.
        let left = life - 1;
        let refresh_in = settings.refresh_in_seconds;
        Ok(object(|o| {
            o.text("token_type", struck.token_type());
            let expires_in = struck.expires_in(left);
            if version == Version::V2 {
                if let Some(expires_in) = &expires_in {
                    o.raw("expires_in", expires_in);
                }
                o.integer("ext_expires_in", left).integer_if("refresh_in", refresh_in);
            } else {
                // The v1 endpoint writes its numbers as strings.
                if let Some(expires_in) = &expires_in {
                    o.text("expires_in", expires_in.trim_matches('"'));
                }
                o.text("ext_expires_in", &left.to_string())
                    .text("expires_on", &expires.seconds().to_string())
                    .text("not_before", &starts.seconds().to_string())
                    .text("resource", resource);
            }
            o.text("access_token", &token);
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audience_is_the_client_id_where_it_is_named() {
        let id = "3b1d7a52-c94e-4f08-8e67-90af5d2c6b14";
        assert_eq!(audience(&format!("api://{id}")), id);
        assert_eq!(audience("api://app"), "api://app");
        assert_eq!(audience("https://vault.azure.net"), "https://vault.azure.net");
    }

    #[test]
    fn requested_claims_are_read() {
        let text = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"},"xms_cc":{"values":["cp1"]}}}"#;
        let requested = RequestedClaims::parse(Some(text)).expect("read");
        assert_eq!(requested.acrs.as_deref(), Some("c1"));
        assert_eq!(requested.capabilities, ["cp1"]);
        assert_eq!(RequestedClaims::parse(None), Ok(RequestedClaims::default()));
    }

    #[test]
    fn claims_that_are_no_object_are_refused() {
        for text in ["", "x", "[]", "\"c1\"", r#"{"a":1,"a":1}"#] {
            let refusal = RequestedClaims::parse(Some(text)).expect_err(text);
            assert_eq!(refusal.code, Aadsts::ClaimsInvalid, "{text}");
        }
    }
}
