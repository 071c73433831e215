//! What is asked of the token, from the command line to the configuration of a verifier.

use super::{JWKS_HELP, MAX_INPUT};
use clap::Args;
use std::fs::File;
use std::io::Read;
use workload_identity_core::json::{self, Members};

/// The options that say who is trusted and what the token must say.
#[derive(Args, Debug)]
pub(crate) struct PolicyArgs {
    // Not a doc comment, where the URL would have to be a link.
    #[arg(long, value_name = "FILE|URL", help = JWKS_HELP, conflicts_with = "several")]
    jwks: Option<String>,
    /// Accepted issuer, to the letter; without --jwks the keys are found through the first one
    #[arg(long, value_name = "ISSUER", conflicts_with = "several")]
    issuer: Vec<String>,
    /// Own name, which must be in the token's audience (may be repeated)
    #[arg(
        long,
        value_name = "AUDIENCE",
        required_unless_present = "batch",
        conflicts_with = "several"
    )]
    audience: Vec<String>,
    /// The rules of a kind of issuer, such as entra-v2, github, kubernetes, spiffe-jwt-svid
    #[arg(long, value_name = "NAME", conflicts_with = "several")]
    profile: Option<String>,
    /// Accepted algorithms, fewer than the profile's
    #[arg(long, value_name = "LIST", value_delimiter = ',', conflicts_with = "several")]
    algorithms: Vec<String>,
    /// Entra: the tenant, a GUID
    #[arg(long, value_name = "TENANT", conflicts_with = "several")]
    tenant_id: Option<String>,
    /// Entra, profile entra-common: the tenants, GUIDs, or `any`
    #[arg(long, value_name = "LIST", value_delimiter = ',', conflicts_with = "several")]
    tenants: Vec<String>,
    /// Entra: the cloud, such as public, usgov or china
    #[arg(long, value_name = "CLOUD", conflicts_with = "several")]
    cloud: Option<String>,
    /// SPIFFE: a trust domain (may be repeated)
    #[arg(long, value_name = "DOMAIN", conflicts_with = "several")]
    trust_domain: Vec<String>,
    /// AWS load balancer: the ARN that signs (may be repeated)
    #[arg(long, value_name = "ARN", conflicts_with = "several")]
    signer: Vec<String>,
    /// The claim is this text (may be repeated); a JSON pointer starts with /
    #[arg(long, value_name = "NAME=TEXT", value_parser = rule, conflicts_with = "several")]
    claim: Vec<(String, String)>,
    /// The claim has this form: * any run, ? one character, \ escapes (may be repeated)
    #[arg(long, value_name = "NAME=FORM", value_parser = rule, conflicts_with = "several")]
    claim_like: Vec<(String, String)>,
    /// The claim is there (may be repeated)
    #[arg(long, value_name = "CLAIM", conflicts_with = "several")]
    require: Vec<String>,
    /// The token has this role or another one named (may be repeated)
    #[arg(long, value_name = "ROLE", conflicts_with = "several")]
    role: Vec<String>,
    /// The token has this scope or another one named (may be repeated)
    #[arg(long, value_name = "SCOPE", conflicts_with = "several")]
    scope: Vec<String>,
    /// The token was issued to this client or another one named (may be repeated)
    #[arg(long, value_name = "CLIENT", conflicts_with = "several")]
    authorized_party: Vec<String>,
    /// The token is for nobody else
    #[arg(long, conflicts_with = "several")]
    sole_audience: bool,
    /// Entra: the token is an app's, not a person's
    #[arg(long, conflicts_with = "several")]
    app_only: bool,
    /// The token was issued no longer ago than this
    #[arg(long, value_name = "SECONDS", conflicts_with = "several")]
    max_age: Option<i64>,
    /// How far clocks may differ, 0 to 300 [default: 60]
    #[arg(long, value_name = "SECONDS", conflicts_with = "several")]
    leeway: Option<i64>,
    /// Keys may be fetched over http from this machine, for tests
    #[arg(long, conflicts_with = "several")]
    allow_loopback_http: bool,
}

impl PolicyArgs {
    /// The content of the named file; `None` when keys are fetched.
    pub(super) fn keys_text(&self) -> Result<Option<Vec<u8>>, String> {
        let Some(path) = self.jwks.as_deref().filter(|place| !is_address(place)) else {
            return Ok(None);
        };
        let mut content = Vec::new();
        File::open(path)
            .and_then(|file| file.take(2 * MAX_INPUT).read_to_end(&mut content))
            .map_err(|error| format!("{path}: {error}"))?;
        Ok(Some(content))
    }

    /// The configuration of a verifier; `keys` is a JSON document.
    pub(super) fn configuration(&self, keys: Option<&str>) -> String {
        json::object(|o| {
            o.objects("issuers", &[self], |args, o| args.issuer(keys, o))
                .integer_if("leeway_seconds", self.leeway)
                .bool("allow_loopback_http", self.allow_loopback_http);
        })
    }

    fn issuer(&self, keys: Option<&str>, o: &mut Members<'_>) {
        o.text_if("profile", self.profile.as_deref());
        list(o, "issuer", &self.issuer);
        list(o, "audience", &self.audience);
        list(o, "algorithms", &self.algorithms);
        o.text_if("tenant_id", self.tenant_id.as_deref());
        match self.tenants.as_slice() {
            [any] if any == "any" => {
                o.text("tenants", any);
            }
            tenants => list(o, "tenants", tenants),
        }
        o.text_if("cloud", self.cloud.as_deref());
        list(o, "trust_domain", &self.trust_domain);
        list(o, "signers", &self.signer);
        list(o, "require", &self.require);
        list(o, "roles", &self.role);
        list(o, "scopes", &self.scope);
        list(o, "authorized_parties", &self.authorized_party);
        o.integer_if("max_age_seconds", self.max_age)
            .bool("sole_audience", self.sole_audience)
            .bool("app_only", self.app_only);
        let equals = self.claim.iter().map(|rule| ("equals", rule));
        let rules: Vec<_> =
            equals.chain(self.claim_like.iter().map(|rule| ("glob", rule))).collect();
        o.objects("claims", &rules, |(kind, (claim, value)), o| {
            o.text("claim", claim).text(kind, value);
        });
        if let Some(keys) = keys {
            o.raw("keys", keys);
        } else {
            o.text_if("jwks_uri", self.jwks.as_deref());
        }
    }
}

fn list(o: &mut Members<'_>, name: &str, items: &[String]) {
    if !items.is_empty() {
        o.texts(name, items.iter().map(String::as_str));
    }
}

fn is_address(place: &str) -> bool {
    place.starts_with("https://") || place.starts_with("http://")
}

fn rule(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE, such as repository=octo/app".to_owned()),
    }
}
