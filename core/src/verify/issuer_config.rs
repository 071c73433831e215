//! One issuer of a verifier's configuration: what its tokens must say, and where its keys are.

use super::Policy;
use super::claim_rule::{ClaimPath, ClaimRule, Requirement};
use super::config::{Shared, SourceConfig};
use super::issuer_rule::{EntraCloud, IssuerRule, Tenants, trust_domain};
use super::profile::{IssuerForm, Profile};
use crate::Error;
use crate::config::{Members, invalid};
use crate::entra::{CLOUDS, is_guid};
use crate::jose::{Algorithm, Jwks};
use crate::json::Json;
use crate::keys::{KeySourceSettings, Place};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const MEMBERS: &[&str] = &[
    "profile",
    "issuer",
    "audience",
    "tenant_id",
    "tenants",
    "cloud",
    "app_id",
    "trust_domain",
    "signers",
    "keys",
    "jwks_uri",
    "discovery",
    "algorithms",
    "sole_audience",
    "max_age_seconds",
    "require",
    "claims",
    "authorized_parties",
    "roles",
    "scopes",
    "app_only",
];

/// What a member of `issuers` says.
pub(super) struct Issuer {
    pub(super) policy: Policy,
    pub(super) source: SourceConfig,
}

pub(super) fn read_issuer(value: &Json, shared: &Shared) -> Result<Issuer, Error> {
    let members = Members::of(value, "issuers.")?;
    members.only(MEMBERS)?;
    let profile = match members.text("profile")? {
        None => Profile::GENERIC,
        Some(name) => Profile::named(name)
            .ok_or_else(|| wrong("profile", "the name of a profile; see docs/profiles.md"))?,
    };
    let (rule, addresses) = issuer_rule(profile, &members)?;
    let audiences = one_or_more(&members, "audience")?;
    if audiences.is_empty() {
        return Err(missing("audience", "without it a token for somebody else would be accepted"));
    }
    let mut policy = Policy::of(profile, rule, audiences);
    policy.leeway_seconds = shared.leeway_seconds;
    let named = members.texts("algorithms")?;
    if !named.is_empty() {
        let known = |name: &&str| {
            Algorithm::from_name(name).filter(|algorithm| profile.algorithms.contains(algorithm))
        };
        policy.algorithms =
            named.iter().map(known).collect::<Option<Vec<_>>>().ok_or_else(|| {
                wrong("algorithms", "a list of algorithms that the profile's issuers use")
            })?;
    }
    policy.sole_audience = members.bool("sole_audience")?.unwrap_or(false);
    policy.max_age_seconds = members.integer("max_age_seconds")?;
    if policy.max_age_seconds.is_some_and(|age| age <= 0) {
        return Err(wrong("max_age_seconds", "a positive number of seconds"));
    }
    for name in members.texts("require")? {
        let claim = ClaimPath::parse(name)?;
        policy.claims.push(ClaimRule { claim, requirement: Requirement::Present(true) });
    }
    for rule in members.list("claims")? {
        policy.claims.push(read_rule(rule)?);
    }
    policy.authorized_parties = owned(members.texts("authorized_parties")?);
    policy.roles = owned(members.texts("roles")?);
    policy.scopes = owned(members.texts("scopes")?);
    policy.app_only = members.bool("app_only")?.unwrap_or(false);
    policy.signers = owned(members.texts("signers")?);
    if profile.load_balancer == policy.signers.is_empty() {
        return Err(wrong("signers", "the load balancer's ARN, for profile `alb` and no other"));
    }
    if policy.app_only && !profile.entra() {
        return Err(wrong("app_only", "for an Entra profile"));
    }
    let source = key_source(profile, &members, addresses, shared)?;
    Ok(Issuer { policy, source })
}

/// Discovery document and the issuer it must name, where the rule knows them.
type Address = Option<(String, String)>;

fn issuer_rule(profile: &Profile, members: &Members<'_>) -> Result<(IssuerRule, Address), Error> {
    let mut issuers = one_or_more(members, "issuer")?;
    let domains = one_or_more(members, "trust_domain")?;
    let foreign = |name: &str, given: bool, ours: bool| {
        if given && !ours { Err(wrong(name, "a member for this profile")) } else { Ok(()) }
    };
    let entra = profile.entra();
    foreign("tenant_id", members.has("tenant_id"), entra)?;
    foreign("tenants", members.has("tenants"), entra)?;
    foreign("cloud", members.has("cloud"), entra)?;
    foreign("app_id", members.has("app_id"), entra)?;
    foreign("trust_domain", !domains.is_empty(), profile.issuer == IssuerForm::TrustDomain)?;
    match profile.issuer {
        IssuerForm::Entra { v1, common, .. } => {
            foreign("issuer", !issuers.is_empty(), false)?;
            entra_rule(v1 && !common, common, members)
        }
        IssuerForm::TrustDomain => {
            foreign("issuer", !issuers.is_empty(), false)?;
            let id = |domain: &String| format!("spiffe://{domain}");
            let sound = |domain: &String| trust_domain(&id(domain)) == Some(domain.as_str());
            if domains.is_empty() || !domains.iter().all(sound) {
                return Err(wrong("trust_domain", "a SPIFFE trust domain such as `example.org`"));
            }
            Ok((IssuerRule::TrustDomains(domains), None))
        }
        IssuerForm::Configured | IssuerForm::Known(_) => {
            if let (IssuerForm::Known(known), true) = (profile.issuer, issuers.is_empty()) {
                issuers = owned(known.to_vec());
            }
            let Some(first) = issuers.first() else {
                return Err(missing("issuer", "this profile knows none"));
            };
            let at = format!("{}/.well-known/openid-configuration", first.trim_end_matches('/'));
            let address = Some((at, first.clone()));
            Ok((IssuerRule::OneOf(issuers), address))
        }
    }
}

fn entra_rule(
    v1: bool,
    common: bool,
    members: &Members<'_>,
) -> Result<(IssuerRule, Address), Error> {
    let cloud = match members.text("cloud")? {
        None => cloud_of("public"),
        Some(name) => cloud_of(name),
    }
    .ok_or_else(|| wrong("cloud", "`public`, `usgov`, `china` or the host name of a cloud"))?;
    let one = members.text("tenant_id")?;
    let listed = if members.is_text("tenants") {
        match members.text("tenants")? {
            Some("any") => Some(Tenants::Any),
            _ => return Err(wrong("tenants", "a list of tenant GUIDs or `any`")),
        }
    } else {
        let guids = members.texts("tenants")?;
        (!guids.is_empty()).then(|| Tenants::Listed(owned(guids)))
    };
    let tenants = match (one, listed, common) {
        (Some(tenant), None, _) => Tenants::Listed(Vec::from([tenant.to_string()])),
        (None, Some(tenants), true) => tenants,
        _ if common => {
            return Err(missing("tenants", "name the tenants, or `any` for every tenant there is"));
        }
        _ => return Err(missing("tenant_id", "name the tenant by its GUID")),
    };
    let mut tenants = tenants;
    if let Tenants::Listed(guids) = &mut tenants {
        guids.iter_mut().for_each(|guid| guid.make_ascii_lowercase());
        if !guids.iter().all(|guid| is_guid(guid)) {
            return Err(wrong("tenant_id", "a GUID: tokens name the tenant by it"));
        }
    }
    let segment = match &tenants {
        Tenants::Listed(guids) if !common => guids.first().cloned().unwrap_or_default(),
        _ => String::from("common"),
    };
    let named = if common { "{tenantid}" } else { segment.as_str() };
    let document_issuer = if v1 { cloud.issuer_v1(named) } else { cloud.issuer(named) };
    let version = if v1 { "" } else { "/v2.0" };
    let mut discovery =
        format!("https://{}/{segment}{version}/.well-known/openid-configuration", cloud.login);
    if let Some(app) = members.text("app_id")? {
        if !is_guid(app) {
            return Err(wrong("app_id", "a GUID"));
        }
        discovery.push_str("?appid=");
        discovery.push_str(app);
    }
    Ok((IssuerRule::Entra { cloud, tenants }, Some((discovery, document_issuer))))
}

/// Hosts and `cloud_instance_name` as the metadata of `common` gives them in each cloud.
fn cloud_of(name: &str) -> Option<EntraCloud> {
    let known = |login: &str, sts: &str, instance| EntraCloud {
        login: login.to_string(),
        sts: sts.to_string(),
        instance: Some(instance),
    };
    match name {
        "public" | "login.microsoftonline.com" => {
            Some(known("login.microsoftonline.com", "sts.windows.net", "microsoftonline.com"))
        }
        "usgov" | "login.microsoftonline.us" => {
            Some(known("login.microsoftonline.us", "sts.windows.net", "microsoftonline.us"))
        }
        "china" | "login.partner.microsoftonline.cn" => Some(known(
            "login.partner.microsoftonline.cn",
            "sts.chinacloudapi.cn",
            "partner.microsoftonline.cn",
        )),
        host if CLOUDS.iter().any(|cloud| cloud.host == host) => {
            Some(EntraCloud { login: host.to_string(), sts: host.to_string(), instance: None })
        }
        _ => None,
    }
}

fn key_source(
    profile: &Profile,
    members: &Members<'_>,
    known: Address,
    shared: &Shared,
) -> Result<SourceConfig, Error> {
    let jwks_uri = members.text("jwks_uri")?;
    let discovery = members.text("discovery")?;
    let keys = members.object("keys")?;
    // `null` would silently mean the network, where keys were meant to be given.
    if keys.is_none() && members.has("keys") {
        return Err(wrong("keys", "a JWK Set"));
    }
    if [jwks_uri.is_some(), discovery.is_some(), keys.is_some()].iter().filter(|is| **is).count()
        > 1
    {
        return Err(wrong("keys", "the only one: give `keys`, `jwks_uri` or `discovery`"));
    }
    if let Some(keys) = keys {
        return Jwks::read(keys, shared.rules).map(SourceConfig::Given);
    }
    let (default, issuer) = known.unwrap_or_default();
    let place = match (jwks_uri, discovery) {
        (Some(address), _) => Place::Address(address.to_string()),
        (None, Some(address)) => Place::Discovery(address.to_string()),
        (None, None) if default.is_empty() || profile.load_balancer => {
            return Err(missing(
                "keys",
                "give them, or `jwks_uri`: this profile has no discovery document",
            ));
        }
        (None, None) => Place::Discovery(default),
    };
    let mut settings = KeySourceSettings::new(place, issuer);
    settings.soft_ms = profile.soft_ms;
    settings.cool_down_ms = profile.cool_down_ms;
    settings.empty_set = profile.empty_set;
    settings.redirects = profile.redirects;
    settings.refresh_hint = profile.issuer == IssuerForm::TrustDomain;
    settings.rules = shared.rules;
    settings.allow_loopback_http = shared.allow_loopback_http;
    Ok(SourceConfig::Fetched(settings))
}

fn read_rule(value: &Json) -> Result<ClaimRule, Error> {
    let members = Members::of(value, "issuers.claims.")?;
    members.only(&["claim", "equals", "one_of", "glob", "present"])?;
    let claim = ClaimPath::parse(members.required("claim")?)?;
    let mut requirements = Vec::new();
    requirements.extend(value.member("equals").cloned().map(Requirement::Equals));
    if value.member("one_of").is_some() {
        requirements.push(Requirement::OneOf(members.list("one_of")?.to_vec()));
    }
    requirements.extend(members.text("glob")?.map(|glob| Requirement::Glob(glob.to_string())));
    requirements.extend(members.bool("present")?.map(Requirement::Present));
    match (requirements.pop(), requirements.is_empty()) {
        (Some(requirement), true) => Ok(ClaimRule { claim, requirement }),
        _ => Err(wrong("claims", "a rule with one of `equals`, `one_of`, `glob` and `present`")),
    }
}

/// A string or a list of strings, none of them empty.
fn one_or_more(members: &Members<'_>, name: &str) -> Result<Vec<String>, Error> {
    let texts = if members.is_text(name) {
        members.text(name)?.into_iter().collect()
    } else {
        members.texts(name)?
    };
    if texts.iter().any(|text| text.is_empty()) {
        return Err(wrong(name, "a string or a list of strings that are not empty"));
    }
    Ok(owned(texts))
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(String::from).collect()
}

fn missing(name: &str, what_to_do: &str) -> Error {
    invalid(format!("`issuers.{name}` is missing: {what_to_do}"))
}

fn wrong(name: &str, wanted: &str) -> Error {
    invalid(format!("`issuers.{name}` is not {wanted}"))
}
