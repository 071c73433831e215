//! The options of the policy, and the configuration of a verifier made of them.

use super::super::addresses::AddressArgs;
use super::{DISCOVERY_HELP, JWKS_HELP, MAX_INPUT};
use clap::Args;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::Read;

/// The options that set the trusted issuer and the required claims.
#[derive(Args, Debug)]
pub(crate) struct PolicyArgs {
    // Not a doc comment, where the URL would have to be a link.
    #[arg(long, value_name = "FILE|URL", help = JWKS_HELP, conflicts_with = "several")]
    jwks: Option<String>,
    // The same.
    #[arg(
        long,
        value_name = "URL",
        help = DISCOVERY_HELP,
        conflicts_with = "several",
        conflicts_with = "jwks"
    )]
    discovery: Option<String>,
    /// Accepted issuer, to the letter; without --jwks the keys are found through the first one
    #[arg(long, value_name = "ISSUER", conflicts_with = "several")]
    issuer: Vec<String>,
    /// Own name, which must be in the token's audience (may be repeated)
    #[arg(
        long,
        value_name = "AUDIENCE",
        required_unless_present_any = ["batch", "dangerously_without_audience"],
        conflicts_with = "several"
    )]
    pub(super) audience: Vec<String>,
    /// The tokens have no audience, and another option says whom they are for: --authorized-party, or --claim
    /// about client_id, azp, appid, cid or sub
    #[arg(long, conflicts_with_all = ["several", "audience"])]
    dangerously_without_audience: bool,
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
    /// Entra: the authority that issues the tokens where it is not a cloud's, such as the emulator's address
    #[arg(long, value_name = "URL", conflicts_with = "several", conflicts_with = "cloud")]
    authority_host: Option<String>,
    /// SPIFFE: the trust domain whose bundle --jwks is
    #[arg(long, value_name = "DOMAIN", conflicts_with = "several")]
    trust_domain: Option<String>,
    /// SPIFFE: a trust domain and its own bundle, a file or an https:// address (may be repeated)
    #[arg(
        long,
        value_name = "DOMAIN=FILE|URL",
        value_parser = rule,
        conflicts_with_all = ["several", "profile", "trust_domain", "jwks", "discovery", "issuer"]
    )]
    bundle: Vec<(String, String)>,
    /// Profile rfc9068: claims that the token may lack, such as sub
    #[arg(long, value_name = "LIST", value_delimiter = ',', conflicts_with = "several")]
    rfc9068_without: Vec<String>,
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
    /// The token has no other audience
    #[arg(long, conflicts_with = "several")]
    sole_audience: bool,
    /// Entra: the token was issued to an application, not to a user
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
    #[command(flatten)]
    addresses: AddressArgs,
}

impl PolicyArgs {
    /// The keys that the options name, in the order of the issuers.
    pub(super) fn keys_texts(&self) -> Result<Vec<Option<Vec<u8>>>, String> {
        match self.bundle.as_slice() {
            [] => Ok(vec![self.jwks.as_deref().map_or(Ok(None), content)?]),
            bundles => bundles.iter().map(|(_, place)| content(place)).collect(),
        }
    }

    /// The configuration of a verifier, with the keys of each issuer that are at hand.
    pub(super) fn configuration(&self, keys: &[Option<&RawValue>]) -> Value {
        let mut issuer = self.issuer();
        let issuers: Vec<_> = match self.bundle.as_slice() {
            [] => {
                let keys = keys.first().copied().flatten();
                add_keys(&mut issuer, keys, self.jwks.as_deref());
                vec![issuer]
            }
            bundles => {
                issuer.insert("profile".to_owned(), json!("spiffe-jwt-svid"));
                let of_domain =
                    |((domain, place), keys): (&(String, String), &Option<&RawValue>)| {
                        let mut issuer = issuer.clone();
                        issuer.insert("trust_domain".to_owned(), json!(domain));
                        add_keys(&mut issuer, *keys, Some(place));
                        issuer
                    };
                bundles.iter().zip(keys).map(of_domain).collect()
            }
        };
        let mut document = json!({
            "issuers": issuers,
            "leeway_seconds": self.leeway,
            "allow_loopback_http": self.allow_loopback_http,
        });
        self.addresses.add_to(&mut document);
        document
    }

    /// The issuer of the configuration. An option that is not given has no member.
    fn issuer(&self) -> Map<String, Value> {
        let tenants = match self.tenants.as_slice() {
            [any] if any == "any" => json!(any),
            tenants => json!(tenants),
        };
        let equals =
            self.claim.iter().map(|(claim, text)| json!({ "claim": claim, "equals": text }));
        let like =
            self.claim_like.iter().map(|(claim, glob)| json!({ "claim": claim, "glob": glob }));
        let members = [
            ("profile", json!(self.profile)),
            ("issuer", json!(self.issuer)),
            ("audience", json!(self.audience)),
            ("algorithms", json!(self.algorithms)),
            ("tenant_id", json!(self.tenant_id)),
            ("tenants", tenants),
            ("cloud", json!(self.cloud)),
            ("authority_host", json!(self.authority_host)),
            ("trust_domain", json!(self.trust_domain)),
            ("signers", json!(self.signer)),
            ("require", json!(self.require)),
            ("roles", json!(self.role)),
            ("scopes", json!(self.scope)),
            ("authorized_parties", json!(self.authorized_party)),
            ("max_age_seconds", json!(self.max_age)),
            ("sole_audience", json!(self.sole_audience)),
            ("dangerously_without_audience", json!(self.dangerously_without_audience)),
            ("rfc9068_without", json!(self.rfc9068_without)),
            ("app_only", json!(self.app_only)),
            ("claims", equals.chain(like).collect()),
            ("discovery", json!(self.discovery)),
        ];
        let given =
            members.into_iter().filter(|(_, value)| !value.is_null() && *value != json!([]));
        given.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Adds the keys, or the address where they are.
fn add_keys(issuer: &mut Map<String, Value>, keys: Option<&RawValue>, place: Option<&str>) {
    if let Some(keys) = keys {
        issuer.insert("keys".to_owned(), json!(keys));
    } else if let Some(address) = place {
        issuer.insert("jwks_uri".to_owned(), json!(address));
    }
}

/// The content of a file; `None` for an address.
fn content(place: &str) -> Result<Option<Vec<u8>>, String> {
    if is_address(place) {
        return Ok(None);
    }
    let mut content = Vec::new();
    File::open(place)
        .and_then(|file| file.take(2 * MAX_INPUT).read_to_end(&mut content))
        .map_err(|error| format!("{place}: {error}"))?;
    Ok(Some(content))
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
