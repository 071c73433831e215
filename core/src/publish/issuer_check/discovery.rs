//! The content of a discovery document (OpenID Connect Discovery 1.0, section 3).

use super::answer::MAX_SHOWN;
use super::{Fetch, IssuerCheck, IssuerCheckStep, Service};
use crate::Code;
use crate::json::{strict, without_byte_order_mark};
use crate::redact::redact;
use alloc::format;
use alloc::string::String;
use serde_json::Value;

/// Members that the specification requires beside `issuer` and `jwks_uri`, with what a workload's issuer says there.
const LISTS: [(&str, &str); 2] =
    [("response_types_supported", "id_token"), ("subject_types_supported", "public")];

impl IssuerCheck {
    pub(super) fn check_discovery_document(&mut self, fetch: &Fetch, body: &[u8]) {
        let document = match strict::parse(without_byte_order_mark(body)) {
            Ok(document) if document.is_object() => document,
            Ok(_) => {
                return self.complain(fetch, Code::DiscoveryInvalid, "is JSON, but not an object");
            }
            Err(error) => return self.not_json(fetch, body, error),
        };
        self.check_issuer(document.get("issuer").and_then(Value::as_str));
        for (name, value) in LISTS {
            if !document.get(name).is_some_and(Value::is_array) {
                let message =
                    format!("the discovery document has no list `{name}`; add `[\"{value}\"]`");
                self.find(IssuerCheckStep::Discovery, Code::DiscoveryInvalid, &[], message);
            }
        }
        let algorithms = document.get("id_token_signing_alg_values_supported");
        let algorithms = algorithms.and_then(Value::as_array).into_iter().flatten();
        self.algorithms = algorithms.filter_map(Value::as_str).map(String::from).collect();
        if self.algorithms.is_empty() {
            self.find(
                IssuerCheckStep::Discovery,
                Code::DiscoveryInvalid,
                &[],
                "the discovery document has no list `id_token_signing_alg_values_supported`; add `[\"RS256\"]`",
            );
        }
        self.reached = IssuerCheckStep::JwksUri;
        let Some(jwks_uri) = document.get("jwks_uri").and_then(Value::as_str) else {
            return self.find(
                IssuerCheckStep::JwksUri,
                Code::DiscoveryInvalid,
                Service::ALL,
                "the discovery document has no `jwks_uri`; add the address of the key set",
            );
        };
        self.jwks_uri = Some(jwks_uri.into());
        let what = format!("the discovery document's `jwks_uri` `{}`", redact(jwks_uri, MAX_SHOWN));
        if let Some(url) = self.allowed(IssuerCheckStep::JwksUri, &what, jwks_uri) {
            self.begin(IssuerCheckStep::KeySet, url);
        }
    }

    fn check_issuer(&mut self, named: Option<&str>) {
        self.reached = IssuerCheckStep::Issuer;
        let issuer = self.issuer.as_str();
        if named == Some(issuer) {
            return;
        }
        let shown = redact(issuer, MAX_SHOWN);
        let Some(named) = named else {
            let message =
                format!("the discovery document has no `issuer`; add `issuer` with `{shown}`");
            return self.find(IssuerCheckStep::Issuer, Code::IssuerMismatch, Service::ALL, message);
        };
        let difference = if named.trim_end_matches('/') == issuer.trim_end_matches('/') {
            "; they differ in the slash at the end"
        } else if named.eq_ignore_ascii_case(issuer) {
            "; they differ in the case of letters"
        } else if named.trim() == issuer {
            "; it has white space around it"
        } else {
            ""
        };
        let message = format!(
            "the discovery document says `issuer` `{}`, and this is `{shown}`; services compare them octet for octet{difference}",
            redact(named, MAX_SHOWN).escape_debug()
        );
        self.find(IssuerCheckStep::Issuer, Code::IssuerMismatch, Service::ALL, message);
    }
}
