//! One issuer of a verifier's configuration: what its tokens must satisfy, and where its keys are.

use super::Policy;
use super::claim_rule::{ClaimPath, ClaimRule, Requirement, has_exact_integers};
use super::issuer::{IssuerRule, Tenants, is_trust_domain};
use super::one_or_more::OneOrMore;
use super::profile::{IssuerForm, Profile};
use crate::Error;
use crate::entra::{Cloud, is_guid};
use crate::http::AddressPolicy;
use crate::jose::{Algorithm, KeyRules};
use crate::json::config::{Document, null_is_default};
use crate::json::non_empty::{NonBlank, list, names};
use crate::keys::{KeySourceSettings, Place};
use crate::oauth::discovery;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::de::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The configuration of one issuer.
pub(super) struct Issuer {
    pub(super) policy: Policy,
    /// The JSON form of a key set that the configuration contains.
    pub(super) keys: Option<Value>,
    /// Where the keys are otherwise.
    pub(super) source: KeySourceSettings,
}

/// Settings of all issuers.
pub(super) struct Shared {
    pub(super) leeway_seconds: i64,
    pub(super) rules: KeyRules,
    pub(super) addresses: AddressPolicy,
}

/// The members of the JSON form.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Members {
    profile: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    issuer: OneOrMore,
    #[serde(default, deserialize_with = "null_is_default")]
    audience: OneOrMore,
    tenant_id: Option<String>,
    tenants: Option<OneOrMore>,
    cloud: Option<String>,
    app_id: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    trust_domain: OneOrMore,
    #[serde(default, deserialize_with = "names")]
    signers: Option<Vec<String>>,
    /// `Some(None)` is `null`.
    #[serde(default, deserialize_with = "present")]
    keys: Option<Option<Map<String, Value>>>,
    jwks_uri: Option<String>,
    discovery: Option<String>,
    #[serde(default, deserialize_with = "names")]
    algorithms: Option<Vec<String>>,
    #[serde(default, deserialize_with = "null_is_default")]
    sole_audience: bool,
    max_age_seconds: Option<i64>,
    #[serde(default, deserialize_with = "names")]
    require: Option<Vec<String>>,
    #[serde(default, deserialize_with = "list")]
    claims: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "names")]
    authorized_parties: Option<Vec<String>>,
    #[serde(default, deserialize_with = "names")]
    roles: Option<Vec<String>>,
    #[serde(default, deserialize_with = "names")]
    scopes: Option<Vec<String>>,
    #[serde(default, deserialize_with = "null_is_default")]
    app_only: bool,
}

/// The members of a rule in `claims`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct RuleMembers {
    claim: NonBlank,
    #[serde(default, deserialize_with = "present")]
    equals: Option<Value>,
    #[serde(default, deserialize_with = "list")]
    one_of: Option<Vec<Value>>,
    glob: Option<String>,
    present: Option<bool>,
}

/// Reads a member for which `null` is a value and not an absent member.
fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

fn refused(message: &str) -> Error {
    Document::CONFIGURATION.error(message)
}

impl Issuer {
    /// Reads a member of `issuers`.
    ///
    /// # Errors
    /// `config_invalid` names the member that is wrong.
    pub(super) fn read(value: Value, shared: &Shared) -> Result<Self, Error> {
        if !value.is_object() {
            return Err(refused("`issuers` is not an object"));
        }
        let members: Members = Document::CONFIGURATION.member("issuers.", value)?;
        let profile = match members.profile.as_deref() {
            None => Profile::GENERIC,
            Some(name) => Profile::named(name).ok_or_else(|| {
                refused("`issuers.profile` is not the name of a profile; see docs/profiles.md")
            })?,
        };
        let trusted = TrustedIssuer::read(profile, &members)?;
        let place = place(profile, &members, trusted.discovery);
        let keys = members.keys.clone().flatten().map(Value::Object);
        let policy = policy(profile, trusted.rule, members, shared)?;
        let source = KeySourceSettings {
            soft_ms: profile.soft_ms,
            cool_down_ms: profile.cool_down_ms,
            empty_set: profile.empty_set,
            redirects: profile.redirects,
            refresh_hint: profile.issuer == IssuerForm::TrustDomain,
            rules: shared.rules,
            addresses: shared.addresses.clone(),
            ..KeySourceSettings::new(place?, trusted.named_in_discovery)
        };
        Ok(Self { policy, keys, source })
    }
}

/// Everything but the issuer and its keys.
fn policy(
    profile: &'static Profile,
    issuer: IssuerRule,
    members: Members,
    shared: &Shared,
) -> Result<Policy, Error> {
    if members.audience.texts.is_empty() {
        return Err(refused(
            "`issuers.audience` is missing: without it a token for another audience would be accepted",
        ));
    }
    let algorithms = match &members.algorithms {
        None => profile.algorithms.to_vec(),
        Some(names) => names
            .iter()
            .map(|name| {
                Algorithm::from_name(name).filter(|known| profile.algorithms.contains(known))
            })
            .collect::<Option<_>>()
            .ok_or_else(|| {
                refused(
                    "`issuers.algorithms` is not a list of algorithms that the profile's issuers use",
                )
            })?,
    };
    if members.max_age_seconds.is_some_and(|age| age <= 0) {
        return Err(refused("`issuers.max_age_seconds` is not a positive number of seconds"));
    }
    let required = members.require.unwrap_or_default();
    let claims = claim_rules(&required, members.claims.unwrap_or_default())?;
    if profile.load_balancer != members.signers.is_some() {
        return Err(refused(
            "`issuers.signers` is not the load balancer's ARN, for profile `alb` and no other",
        ));
    }
    if members.app_only && !profile.entra() {
        return Err(refused("`issuers.app_only` is not for an Entra profile"));
    }
    Ok(Policy {
        algorithms,
        leeway_seconds: shared.leeway_seconds,
        sole_audience: members.sole_audience,
        max_age_seconds: members.max_age_seconds,
        claims,
        authorized_parties: members.authorized_parties,
        roles: members.roles,
        scopes: members.scopes,
        app_only: members.app_only,
        signers: members.signers,
        ..Policy::of(profile, issuer, members.audience.texts)
    })
}

/// Reads `require` and `claims`.
fn claim_rules(required: &[String], claims: Vec<Value>) -> Result<Vec<ClaimRule>, Error> {
    let mut rules = Vec::new();
    for name in required {
        let requirement = Requirement::Present(true);
        rules.push(ClaimRule { claim: ClaimPath::parse(name)?, requirement });
    }
    for rule in claims {
        if !rule.is_object() {
            return Err(refused("`issuers.claims` is not an object"));
        }
        let rule: RuleMembers = Document::CONFIGURATION.member("issuers.claims.", rule)?;
        let requirement = match (rule.equals, rule.one_of, rule.glob, rule.present) {
            (Some(value), None, None, None) => Requirement::Equals(value),
            (None, Some(values), None, None) => Requirement::OneOf(values),
            (None, None, Some(pattern), None) => Requirement::Glob(pattern),
            (None, None, None, Some(present)) => Requirement::Present(present),
            _ => {
                return Err(refused(
                    "`issuers.claims` is not a rule with one of `equals`, `one_of`, `glob` and `present`",
                ));
            }
        };
        let exact = match &requirement {
            Requirement::Equals(value) => has_exact_integers(value),
            Requirement::OneOf(values) => values.iter().all(has_exact_integers),
            Requirement::Glob(_) | Requirement::Present(_) => true,
        };
        if !exact {
            return Err(refused(
                "`issuers.claims` has an integer of more than 64 bits, which cannot be compared exactly",
            ));
        }
        rules.push(ClaimRule { claim: ClaimPath::parse(&rule.claim.0)?, requirement });
    }
    Ok(rules)
}

/// Which issuer is trusted, and where its discovery document is.
struct TrustedIssuer {
    rule: IssuerRule,
    /// Address of the discovery document; empty if there is none.
    discovery: String,
    /// The issuer that the discovery document must name.
    named_in_discovery: String,
}

impl TrustedIssuer {
    fn read(profile: &Profile, members: &Members) -> Result<Self, Error> {
        check_members(profile, members)?;
        let known: &[&str] = match profile.issuer {
            IssuerForm::Entra { v1, common, .. } => {
                return Self::entra(members, v1 && !common, common);
            }
            IssuerForm::TrustDomain => {
                let domains = &members.trust_domain.texts;
                if domains.is_empty() || !domains.iter().all(|domain| is_trust_domain(domain)) {
                    return Err(refused(
                        "`issuers.trust_domain` is not a SPIFFE trust domain such as `example.org`",
                    ));
                }
                return Ok(Self {
                    rule: IssuerRule::TrustDomains(domains.clone()),
                    discovery: String::new(),
                    named_in_discovery: String::new(),
                });
            }
            IssuerForm::Known(known) => known,
            IssuerForm::Configured => &[],
        };
        let mut issuers = members.issuer.texts.clone();
        if issuers.is_empty() {
            issuers.extend(known.iter().copied().map(String::from));
        }
        let Some(first) = issuers.first() else {
            return Err(refused("`issuers.issuer` is missing: this profile has no default"));
        };
        Ok(Self {
            discovery: discovery::address(first),
            named_in_discovery: first.clone(),
            rule: IssuerRule::OneOf(issuers),
        })
    }

    fn entra(members: &Members, v1: bool, common: bool) -> Result<Self, Error> {
        let cloud =
            Cloud::named(members.cloud.as_deref().unwrap_or("public")).ok_or_else(|| {
                refused(
                    "`issuers.cloud` is not `public`, `usgov`, `china` or the host name of a cloud",
                )
            })?;
        let (mut tenants, any) = match &members.tenants {
            None => (Vec::new(), false),
            Some(OneOrMore { texts, single: false }) => (texts.clone(), false),
            Some(OneOrMore { texts, .. }) if texts.iter().all(|word| word == "any") => {
                (Vec::new(), true)
            }
            Some(_) => {
                return Err(refused("`issuers.tenants` is not a list of tenant GUIDs or `any`"));
            }
        };
        let listed = any || !tenants.is_empty();
        // Exactly one of the two members names the tenants.
        if members.tenant_id.is_some() == listed || (listed && !common) {
            return Err(refused(if common {
                "`issuers.tenants` is missing: name the tenants, or `any` for every tenant there is"
            } else {
                "`issuers.tenant_id` is missing: name the tenant by its GUID"
            }));
        }
        tenants.extend(members.tenant_id.clone());
        for tenant in &mut tenants {
            tenant.make_ascii_lowercase();
            if !is_guid(tenant) {
                return Err(refused(
                    "`issuers.tenant_id` is not a GUID: tokens name the tenant by it",
                ));
            }
        }
        let (segment, named) = match tenants.first() {
            Some(tenant) if !common => (tenant.as_str(), tenant.as_str()),
            _ => ("common", "{tenantid}"),
        };
        let named_in_discovery = cloud.issuer(named, v1);
        let mut discovery = discovery::address(&cloud.metadata_base(segment, v1));
        if let Some(app) = &members.app_id {
            if !is_guid(app) {
                return Err(refused("`issuers.app_id` is not a GUID"));
            }
            discovery.push_str("?appid=");
            discovery.push_str(app);
        }
        let tenants = if any { Tenants::Any } else { Tenants::Listed(tenants) };
        Ok(Self { rule: IssuerRule::Entra { cloud, tenants }, discovery, named_in_discovery })
    }
}

/// Refuses members that have no meaning for the profile.
fn check_members(profile: &Profile, members: &Members) -> Result<(), Error> {
    let issuer = ("issuer", !members.issuer.texts.is_empty());
    let trust_domain = ("trust_domain", !members.trust_domain.texts.is_empty());
    let tenants = members.tenants.as_ref().is_some_and(|tenants| !tenants.texts.is_empty());
    let entra = [
        ("tenant_id", members.tenant_id.is_some()),
        ("tenants", tenants),
        ("cloud", members.cloud.is_some()),
        ("app_id", members.app_id.is_some()),
    ];
    let mut foreign = match profile.issuer {
        IssuerForm::Entra { .. } => alloc::vec![issuer, trust_domain],
        IssuerForm::TrustDomain => alloc::vec![issuer],
        _ => alloc::vec![trust_domain],
    };
    if !profile.entra() {
        foreign.extend(entra);
    }
    match foreign.into_iter().find(|(_, present)| *present) {
        None => Ok(()),
        Some((name, _)) => {
            Err(refused(&format!("`issuers.{name}` is not a member for this profile")))
        }
    }
}

/// Where the keys are, unless the configuration contains them.
fn place(profile: &Profile, members: &Members, discovery: String) -> Result<Place, Error> {
    // `null` must not silently cause a fetch where keys were expected.
    if members.keys == Some(None) {
        return Err(refused("`issuers.keys` is not a JWK Set"));
    }
    match (&members.keys, &members.jwks_uri, &members.discovery) {
        (Some(_), None, None) => Ok(Place::Discovery(discovery)),
        (None, Some(address), None) => Ok(Place::Address(address.clone())),
        (None, None, Some(address)) => Ok(Place::Discovery(address.clone())),
        (None, None, None) if discovery.is_empty() || profile.load_balancer => Err(refused(
            "`issuers.keys` is missing: give them, or `jwks_uri`: this profile has no discovery document",
        )),
        (None, None, None) => Ok(Place::Discovery(discovery)),
        _ => Err(refused(
            "`issuers.keys` is not the only one: give `keys`, `jwks_uri` or `discovery`",
        )),
    }
}
