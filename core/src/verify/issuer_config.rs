//! One issuer of a verifier's configuration: what its tokens must say, and where its keys are.

use super::claim_rule::{ClaimPath, ClaimRule, Requirement};
use super::config::{Shared, SourceConfig};
use super::issuer_rule::{IssuerRule, Tenants, trust_domain};
use super::profile::{IssuerForm, Profile};
use super::{EntraCloud, Policy};
use crate::entra::{discovery, is_guid};
use crate::jose::{Algorithm, Jwks};
use crate::json::Json;
use crate::keys::{KeySourceSettings, Place};
use crate::shape::{Kind, Members, Shape};
use crate::{Code, Error};
use alloc::string::String;
use alloc::vec::Vec;

const SHAPE: Shape = Shape {
    code: Code::ConfigInvalid,
    place: "issuers.",
    members: &[
        ("profile", Kind::Text),
        ("issuer", Kind::OneOrMore),
        ("audience", Kind::OneOrMore),
        ("tenant_id", Kind::Text),
        ("tenants", Kind::OneOrMore),
        ("cloud", Kind::Text),
        ("app_id", Kind::Text),
        ("trust_domain", Kind::OneOrMore),
        ("signers", Kind::Texts),
        ("keys", Kind::Object),
        ("jwks_uri", Kind::Text),
        ("discovery", Kind::Text),
        ("algorithms", Kind::Texts),
        ("sole_audience", Kind::Flag),
        ("max_age_seconds", Kind::Integer),
        ("require", Kind::Texts),
        ("claims", Kind::List),
        ("authorized_parties", Kind::Texts),
        ("roles", Kind::Texts),
        ("scopes", Kind::Texts),
        ("app_only", Kind::Flag),
    ],
};

const RULE: Shape = Shape {
    code: Code::ConfigInvalid,
    place: "issuers.claims.",
    members: &[
        ("claim", Kind::Required),
        ("equals", Kind::Any),
        ("one_of", Kind::List),
        ("glob", Kind::Text),
        ("present", Kind::Flag),
    ],
};

/// What a member of `issuers` says.
pub(super) struct Issuer {
    pub(super) policy: Policy,
    pub(super) source: SourceConfig,
}

pub(super) fn read_issuer(value: &Json, shared: &Shared) -> Result<Issuer, Error> {
    let members = Members::read(value, &SHAPE)?;
    let profile = match members.text("profile") {
        None => Profile::GENERIC,
        Some(name) => Profile::named(name)
            .ok_or_else(|| wrong("profile", "the name of a profile; see docs/profiles.md"))?,
    };
    let (issuer, document) = issuer_rule(profile, members)?;
    let audiences = members.texts("audience");
    if audiences.is_empty() {
        return Err(missing("audience", "without it a token for somebody else would be accepted"));
    }
    let policy = Policy {
        profile,
        issuer,
        audiences,
        algorithms: algorithms(profile, members)?,
        leeway_seconds: shared.leeway_seconds,
        sole_audience: members.flag("sole_audience"),
        max_age_seconds: members.integer("max_age_seconds"),
        claims: claim_rules(members)?,
        authorized_parties: members.texts("authorized_parties"),
        roles: members.texts("roles"),
        scopes: members.texts("scopes"),
        app_only: members.flag("app_only"),
        signers: members.texts("signers"),
    };
    if policy.max_age_seconds.is_some_and(|age| age <= 0) {
        return Err(wrong("max_age_seconds", "a positive number of seconds"));
    }
    if profile.load_balancer == policy.signers.is_empty() {
        return Err(wrong("signers", "the load balancer's ARN, for profile `alb` and no other"));
    }
    if policy.app_only && !profile.entra() {
        return Err(wrong("app_only", "for an Entra profile"));
    }
    let source = key_source(profile, members, document, shared)?;
    Ok(Issuer { policy, source })
}

fn algorithms(profile: &Profile, members: Members<'_>) -> Result<Vec<Algorithm>, Error> {
    let named = members.list("algorithms");
    if named.is_empty() {
        return Ok(profile.algorithms.to_vec());
    }
    let mut algorithms = Vec::new();
    for name in named {
        match name.as_text().and_then(Algorithm::from_name) {
            Some(known) if profile.algorithms.contains(&known) => algorithms.push(known),
            _ => {
                let wanted = "a list of algorithms that the profile's issuers use";
                return Err(wrong("algorithms", wanted));
            }
        }
    }
    Ok(algorithms)
}

/// Where the issuer's discovery document is, and the issuer it must name; empty where the rule does not say.
#[derive(Default)]
struct Document {
    address: String,
    issuer: String,
}

fn issuer_rule(profile: &Profile, members: Members<'_>) -> Result<(IssuerRule, Document), Error> {
    let foreign = |name| Err(wrong(name, "a member for this profile"));
    for name in ["tenant_id", "tenants", "cloud", "app_id"] {
        if members.get(name).is_some() && !profile.entra() {
            return foreign(name);
        }
    }
    let mut issuers = members.texts("issuer");
    let domains = members.texts("trust_domain");
    if !domains.is_empty() && profile.issuer != IssuerForm::TrustDomain {
        return foreign("trust_domain");
    }
    if let (IssuerForm::Entra { .. } | IssuerForm::TrustDomain, false) =
        (profile.issuer, issuers.is_empty())
    {
        return foreign("issuer");
    }
    let known: &[&str] = match profile.issuer {
        IssuerForm::Entra { v1, common, .. } => return entra_rule(v1 && !common, common, members),
        IssuerForm::TrustDomain => {
            let sound = |domain: &String| {
                trust_domain(&["spiffe://", domain].concat()) == Some(domain.as_str())
            };
            if domains.is_empty() || !domains.iter().all(sound) {
                return Err(wrong("trust_domain", "a SPIFFE trust domain such as `example.org`"));
            }
            return Ok((IssuerRule::TrustDomains(domains), Document::default()));
        }
        IssuerForm::Known(known) => known,
        IssuerForm::Configured => &[],
    };
    if issuers.is_empty() {
        issuers.extend(known.iter().copied().map(String::from));
    }
    let Some(first) = issuers.first() else {
        return Err(missing("issuer", "this profile knows none"));
    };
    let document = Document { address: discovery::address(first), issuer: first.clone() };
    Ok((IssuerRule::OneOf(issuers), document))
}

fn entra_rule(
    v1: bool,
    common: bool,
    members: Members<'_>,
) -> Result<(IssuerRule, Document), Error> {
    let cloud = EntraCloud::named(members.text("cloud").unwrap_or("public"))
        .ok_or_else(|| wrong("cloud", "`public`, `usgov`, `china` or the host name of a cloud"))?;
    let any = match members.text("tenants") {
        None => false,
        Some("any") => true,
        Some(_) => return Err(wrong("tenants", "a list of tenant GUIDs or `any`")),
    };
    let mut tenants = members.texts("tenants");
    match members.text("tenant_id") {
        Some(tenant) if tenants.is_empty() => tenants.push(String::from(tenant)),
        None if common && !tenants.is_empty() => {}
        _ if common => {
            return Err(missing("tenants", "name the tenants, or `any` for every tenant there is"));
        }
        _ => return Err(missing("tenant_id", "name the tenant by its GUID")),
    }
    for tenant in &mut tenants {
        tenant.make_ascii_lowercase();
        if !any && !is_guid(tenant) {
            return Err(wrong("tenant_id", "a GUID: tokens name the tenant by it"));
        }
    }
    let mut segment = "common";
    let mut named = "{tenantid}";
    if !common {
        segment = tenants.first().map_or("", String::as_str);
        named = segment;
    }
    let issuer = cloud.issuer(named, v1);
    let version = if v1 { "" } else { "/v2.0" };
    let authority = ["https://", cloud.login, "/", segment, version].concat();
    let mut address = discovery::address(&authority);
    if let Some(app) = members.text("app_id") {
        if !is_guid(app) {
            return Err(wrong("app_id", "a GUID"));
        }
        address = [&address, "?appid=", app].concat();
    }
    let tenants = if any { Tenants::Any } else { Tenants::Listed(tenants) };
    Ok((IssuerRule::Entra { cloud, tenants }, Document { address, issuer }))
}

fn key_source(
    profile: &Profile,
    members: Members<'_>,
    document: Document,
    shared: &Shared,
) -> Result<SourceConfig, Error> {
    let jwks_uri = members.text("jwks_uri");
    let discovery = members.text("discovery");
    let keys = members.object("keys");
    // `null` would silently mean the network, where keys were meant to be given.
    if keys.is_none() && members.get("keys").is_some() {
        return Err(wrong("keys", "a JWK Set"));
    }
    let place = match (keys, jwks_uri, discovery) {
        (Some(keys), None, None) => {
            return Jwks::read(keys, shared.rules).map(SourceConfig::Given);
        }
        (None, Some(address), None) => Place::Address(String::from(address)),
        (None, None, Some(address)) => Place::Discovery(String::from(address)),
        (None, None, None) if document.address.is_empty() || profile.load_balancer => {
            let what_to_do = "give them, or `jwks_uri`: this profile has no discovery document";
            return Err(missing("keys", what_to_do));
        }
        (None, None, None) => Place::Discovery(document.address),
        _ => return Err(wrong("keys", "the only one: give `keys`, `jwks_uri` or `discovery`")),
    };
    let mut settings = KeySourceSettings::new(place, document.issuer);
    settings.soft_ms = profile.soft_ms;
    settings.cool_down_ms = profile.cool_down_ms;
    settings.empty_set = profile.empty_set;
    settings.redirects = profile.redirects;
    settings.refresh_hint = profile.issuer == IssuerForm::TrustDomain;
    settings.rules = shared.rules;
    settings.allow_loopback_http = shared.allow_loopback_http;
    Ok(SourceConfig::Fetched(settings))
}

/// `require` and `claims`.
fn claim_rules(members: Members<'_>) -> Result<Vec<ClaimRule>, Error> {
    let mut rules = Vec::new();
    for name in members.list("require") {
        let claim = ClaimPath::parse(name.as_text().unwrap_or_default())?;
        rules.push(ClaimRule { claim, requirement: Requirement::Present(true) });
    }
    for rule in members.list("claims") {
        let members = Members::read(rule, &RULE)?;
        let claim = ClaimPath::parse(members.text("claim").unwrap_or_default())?;
        let requirement = match (
            members.get("equals"),
            members.get("one_of"),
            members.text("glob"),
            members.get("present").and_then(Json::as_bool),
        ) {
            (Some(value), None, None, None) => Requirement::Equals(value.clone()),
            (None, Some(_), None, None) => Requirement::OneOf(members.list("one_of").to_vec()),
            (None, None, Some(glob), None) => Requirement::Glob(String::from(glob)),
            (None, None, None, Some(present)) => Requirement::Present(present),
            _ => {
                let wanted = "a rule with one of `equals`, `one_of`, `glob` and `present`";
                return Err(wrong("claims", wanted));
            }
        };
        rules.push(ClaimRule { claim, requirement });
    }
    Ok(rules)
}

fn missing(name: &str, what_to_do: &str) -> Error {
    refuse(name, "missing: ", what_to_do)
}

fn wrong(name: &str, wanted: &str) -> Error {
    refuse(name, "not ", wanted)
}

fn refuse(name: &str, what: &str, more: &str) -> Error {
    Error::of(Code::ConfigInvalid, &["`issuers.", name, "` is ", what, more])
}
