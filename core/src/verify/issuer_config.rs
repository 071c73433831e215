//! One issuer of a verifier's configuration: what its tokens must satisfy, and where its keys are.

use super::Policy;
use super::claim_checks::PARTIES;
use super::claim_rule::ClaimRule;
use super::entra_authority::token_issuers;
use super::issuer::{IssuerRule, Tenants, is_trust_domain};
use super::one_or_more::OneOrMore;
use super::profile::{IssuerForm, Profile};
use super::rule_config::{claim_rules, present};
use crate::Error;
use crate::entra::is_guid;
use crate::http::AddressPolicy;
use crate::jose::{Algorithm, KeyRules};
use crate::json::config::{Document, null_is_default};
use crate::json::non_empty::{list, names};
use crate::keys::{KeySourceSettings, Place};
use crate::oauth::discovery;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
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
    authority_host: Option<String>,
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
    #[serde(default, deserialize_with = "null_is_default")]
    dangerously_without_audience: bool,
    #[serde(default, deserialize_with = "names")]
    rfc9068_without: Option<Vec<String>>,
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
        let trusted = TrustedIssuer::read(profile, &members, &shared.addresses)?;
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
    mut members: Members,
    shared: &Shared,
) -> Result<Policy, Error> {
    if members.audience.texts.is_empty() && !members.dangerously_without_audience {
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
    let required = members.require.take().unwrap_or_default();
    let claims = claim_rules(&required, members.claims.take().unwrap_or_default())?;
    if profile.load_balancer != members.signers.is_some() {
        return Err(refused(
            "`issuers.signers` is not the load balancer's ARN, for profile `alb` and no other",
        ));
    }
    if members.app_only && !profile.entra() {
        return Err(refused("`issuers.app_only` is not for an Entra profile"));
    }
    if members.dangerously_without_audience {
        check_without_audience(profile, &members, &claims)?;
    }
    let not_required = members.rfc9068_without.clone().unwrap_or_default();
    let optional = |name: &String| profile.required.contains(&name.as_str());
    if members.rfc9068_without.is_some()
        && (profile.name != "rfc9068" || !not_required.iter().all(optional))
    {
        return Err(refused(
            "`issuers.rfc9068_without` is not a list of `sub`, `client_id`, `iat` and `jti`, for profile `rfc9068` and no other",
        ));
    }
    Ok(Policy {
        algorithms,
        leeway_seconds: shared.leeway_seconds,
        without_audience: members.dangerously_without_audience,
        not_required,
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

/// Checks that tokens without an audience are told apart by another claim.
fn check_without_audience(
    profile: &Profile,
    members: &Members,
    claims: &[ClaimRule],
) -> Result<(), Error> {
    if profile.name != Profile::GENERIC.name
        || !members.audience.texts.is_empty()
        || members.sole_audience
    {
        return Err(refused(
            "`issuers.dangerously_without_audience` is not for this profile, nor beside `audience` and `sole_audience`",
        ));
    }
    let names_party = |rule: &ClaimRule| {
        let named = rule.wanted().is_some_and(|values| values.iter().all(Value::is_string));
        named && PARTIES.contains(&rule.claim.as_str())
    };
    if members.authorized_parties.is_none() && !claims.iter().any(names_party) {
        return Err(refused(
            "`issuers.dangerously_without_audience` needs `authorized_parties`, or a rule with `equals` or `one_of` about `client_id`, `azp`, `appid`, `cid` or `sub`: otherwise every token of the issuer would be accepted",
        ));
    }
    Ok(())
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
    fn read(
        profile: &Profile,
        members: &Members,
        addresses: &AddressPolicy,
    ) -> Result<Self, Error> {
        check_members(profile, members)?;
        let known: &[&str] = match profile.issuer {
            IssuerForm::Entra { v1, common, .. } => {
                return Self::entra(members, v1 && !common, common, addresses);
            }
            IssuerForm::TrustDomain => {
                let domain = match members.trust_domain.texts.as_slice() {
                    [domain] if is_trust_domain(domain) => domain.clone(),
                    [_, _, ..] => {
                        return Err(refused(
                            "`issuers.trust_domain` is not a single one: each trust domain has its own bundle, so that it needs an issuer of its own",
                        ));
                    }
                    _ => {
                        return Err(refused(
                            "`issuers.trust_domain` is not a SPIFFE trust domain such as `example.org`",
                        ));
                    }
                };
                return Ok(Self {
                    rule: IssuerRule::TrustDomain(domain),
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

    fn entra(
        members: &Members,
        v1: bool,
        common: bool,
        addresses: &AddressPolicy,
    ) -> Result<Self, Error> {
        let issuers =
            token_issuers(members.cloud.as_deref(), members.authority_host.as_deref(), addresses)?;
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
        let named_in_discovery = issuers.issuer(named, v1);
        let mut discovery = discovery::address(&issuers.metadata_base(segment, v1));
        if let Some(app) = &members.app_id {
            if !is_guid(app) {
                return Err(refused("`issuers.app_id` is not a GUID"));
            }
            discovery.push_str("?appid=");
            discovery.push_str(app);
        }
        let tenants = if any { Tenants::Any } else { Tenants::Listed(tenants) };
        Ok(Self { rule: IssuerRule::Entra { issuers, tenants }, discovery, named_in_discovery })
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
        ("authority_host", members.authority_host.is_some()),
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
