//! One issuer of a verifier's configuration: what its tokens must say, and where its keys are.

use super::claim_rule::{ClaimPath, ClaimRule, Requirement};
use super::config::{Shared, refuse};
use super::issuer_rule::{IssuerRule, Tenants, is_trust_domain};
use super::profile::{IssuerForm, Profile};
use super::{EntraCloud, Policy};
use crate::entra::{discovery, is_guid};
use crate::jose::Algorithm;
use crate::json::Json;
use crate::keys::{KeySourceSettings, Place};
use crate::shape::{Kind, Members, Shape};
use crate::{Code, Error};
use alloc::string::String;
use alloc::vec::Vec;

const SHAPE: Shape = Shape {
    code: Code::ConfigInvalid,
    not_an_object: "`issuers` is not an object",
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
    not_an_object: "`issuers.claims` is not an object",
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
pub(super) struct Issuer<'a> {
    pub(super) policy: Policy,
    /// A key set that was given.
    pub(super) keys: Option<&'a Json>,
    /// Where the keys are otherwise.
    pub(super) source: KeySourceSettings,
}

pub(super) fn read_issuer<'a>(value: &'a Json, shared: &Shared) -> Result<Issuer<'a>, Error> {
    SHAPE.check(value)?;
    let members = Members(value);
    let profile = match members.text("profile") {
        None => Some(Profile::GENERIC),
        Some(name) => Profile::named(name),
    };
    let Some(profile) = profile else {
        let message = "`issuers.profile` is not the name of a profile; see docs/profiles.md";
        return Err(Error::new(Code::ConfigInvalid, message));
    };
    let mut policy = Policy::of(profile, IssuerRule::OneOf(Vec::new()), Vec::new());
    policy.leeway_seconds = shared.leeway_seconds;
    let mut source = KeySourceSettings::new(Place::Discovery(String::new()), String::new());
    source.soft_ms = profile.soft_ms;
    source.cool_down_ms = profile.cool_down_ms;
    source.empty_set = profile.empty_set;
    source.redirects = profile.redirects;
    source.refresh_hint = profile.issuer == IssuerForm::TrustDomain;
    source.rules = shared.rules;
    source.allow_loopback_http = shared.allow_loopback_http;
    let mut issuer = Issuer { policy, keys: members.object("keys"), source };
    issuer.read(members).map(|()| issuer)
}

impl Issuer<'_> {
    fn read(&mut self, members: Members<'_>) -> Result<(), Error> {
        self.read_rule(members)?;
        let policy = &mut self.policy;
        members.texts("audience", &mut policy.audiences);
        if policy.audiences.is_empty() {
            return refuse(
                "`issuers.audience` is missing: without it a token for somebody else would be accepted",
            );
        }
        let named = members.list("algorithms");
        if !named.is_empty() {
            policy.algorithms.clear();
        }
        for name in named {
            match name.as_text().and_then(Algorithm::from_name) {
                Some(known) if policy.profile.algorithms.contains(&known) => {
                    policy.algorithms.push(known);
                }
                _ => {
                    return refuse(
                        "`issuers.algorithms` is not a list of algorithms that the profile's issuers use",
                    );
                }
            }
        }
        policy.sole_audience = members.flag("sole_audience");
        policy.max_age_seconds = members.integer("max_age_seconds");
        if policy.max_age_seconds.is_some_and(|age| age <= 0) {
            return refuse("`issuers.max_age_seconds` is not a positive number of seconds");
        }
        read_claims(members, &mut policy.claims)?;
        members.texts("authorized_parties", &mut policy.authorized_parties);
        members.texts("roles", &mut policy.roles);
        members.texts("scopes", &mut policy.scopes);
        members.texts("signers", &mut policy.signers);
        policy.app_only = members.flag("app_only");
        if policy.profile.load_balancer == policy.signers.is_empty() {
            return refuse(
                "`issuers.signers` is not the load balancer's ARN, for profile `alb` and no other",
            );
        }
        if policy.app_only && !policy.profile.entra() {
            return refuse("`issuers.app_only` is not for an Entra profile");
        }
        self.read_source(members)
    }

    /// Whose tokens are meant. Says where the issuer's discovery document is, and the issuer that it must name.
    fn read_rule(&mut self, members: Members<'_>) -> Result<(), Error> {
        let profile = self.policy.profile;
        let foreign: &[&str] = match profile.issuer {
            IssuerForm::Entra { .. } => &["issuer", "trust_domain"],
            IssuerForm::TrustDomain => &["issuer", "tenant_id", "tenants", "cloud", "app_id"],
            _ => &["trust_domain", "tenant_id", "tenants", "cloud", "app_id"],
        };
        for name in foreign {
            if members.has(name) {
                let message = ["`issuers.", name, "` is not a member for this profile"];
                return Err(Error::of(Code::ConfigInvalid, &message));
            }
        }
        let mut named = Vec::new();
        let known: &[&str] = match profile.issuer {
            IssuerForm::Entra { v1, common, .. } => {
                return self.read_entra(members, v1 && !common, common);
            }
            IssuerForm::TrustDomain => {
                members.texts("trust_domain", &mut named);
                if named.is_empty() || !named.iter().all(|domain| is_trust_domain(domain)) {
                    return refuse(
                        "`issuers.trust_domain` is not a SPIFFE trust domain such as `example.org`",
                    );
                }
                self.policy.issuer = IssuerRule::TrustDomains(named);
                return Ok(());
            }
            IssuerForm::Known(known) => known,
            IssuerForm::Configured => &[],
        };
        members.texts("issuer", &mut named);
        if named.is_empty() {
            named.extend(known.iter().copied().map(String::from));
        }
        let Some(first) = named.first() else {
            return refuse("`issuers.issuer` is missing: this profile knows none");
        };
        self.source.place = Place::Discovery(discovery::address(first));
        self.source.issuer.push_str(first);
        self.policy.issuer = IssuerRule::OneOf(named);
        Ok(())
    }

    fn read_entra(&mut self, members: Members<'_>, v1: bool, common: bool) -> Result<(), Error> {
        let Some(cloud) = EntraCloud::named(members.text("cloud").map_or("public", String::as_str))
        else {
            return refuse(
                "`issuers.cloud` is not `public`, `usgov`, `china` or the host name of a cloud",
            );
        };
        let any = members.text("tenants");
        if any.is_some_and(|word| word != "any") {
            return refuse("`issuers.tenants` is not a list of tenant GUIDs or `any`");
        }
        let mut tenants = Vec::new();
        members.texts("tenants", &mut tenants);
        let listed = !tenants.is_empty();
        members.texts("tenant_id", &mut tenants);
        // One of the two.
        let single = members.text("tenant_id").is_some();
        if single == listed || (listed && !common) {
            return refuse(if common {
                "`issuers.tenants` is missing: name the tenants, or `any` for every tenant there is"
            } else {
                "`issuers.tenant_id` is missing: name the tenant by its GUID"
            });
        }
        for tenant in &mut tenants {
            tenant.make_ascii_lowercase();
            if any.is_none() && !is_guid(tenant) {
                return refuse("`issuers.tenant_id` is not a GUID: tokens name the tenant by it");
            }
        }
        let (segment, named) = match tenants.first() {
            Some(tenant) if !common => (tenant.as_str(), tenant.as_str()),
            _ => ("common", "{tenantid}"),
        };
        self.source.issuer = cloud.issuer(named, v1);
        let authority = cloud.authority(segment, v1);
        let mut address = discovery::address(&authority);
        if let Some(app) = members.text("app_id") {
            if !is_guid(app) {
                return refuse("`issuers.app_id` is not a GUID");
            }
            address.push_str("?appid=");
            address.push_str(app);
        }
        self.source.place = Place::Discovery(address);
        let tenants = if any.is_some() { Tenants::Any } else { Tenants::Listed(tenants) };
        self.policy.issuer = IssuerRule::Entra { cloud, tenants };
        Ok(())
    }

    fn read_source(&mut self, members: Members<'_>) -> Result<(), Error> {
        let jwks_uri = members.text("jwks_uri");
        let discovery = members.text("discovery");
        // `null` would silently mean the network, where keys were meant to be given.
        if self.keys.is_none() && members.get("keys").is_some() {
            return refuse("`issuers.keys` is not a JWK Set");
        }
        match (self.keys, jwks_uri, discovery) {
            (Some(_), None, None) => {}
            (None, Some(address), None) => self.source.place = Place::Address(address.clone()),
            (None, None, Some(address)) => self.source.place = Place::Discovery(address.clone()),
            (None, None, None) => {
                if self.source.place.url().is_empty() || self.policy.profile.load_balancer {
                    return refuse(
                        "`issuers.keys` is missing: give them, or `jwks_uri`: this profile has no discovery document",
                    );
                }
            }
            _ => {
                return refuse(
                    "`issuers.keys` is not the only one: give `keys`, `jwks_uri` or `discovery`",
                );
            }
        }
        Ok(())
    }
}

/// `require` and `claims`.
fn read_claims(members: Members<'_>, rules: &mut Vec<ClaimRule>) -> Result<(), Error> {
    for name in members.list("require") {
        let claim = ClaimPath::parse(name.as_text().unwrap_or_default())?;
        rules.push(ClaimRule { claim, requirement: Requirement::Present(true) });
    }
    for rule in members.list("claims") {
        RULE.check(rule)?;
        let members = Members(rule);
        let claim = ClaimPath::parse(members.text("claim").map_or("", String::as_str))?;
        let requirement = match (
            members.get("equals"),
            members.get("one_of"),
            members.text("glob"),
            members.get("present").and_then(Json::as_bool),
        ) {
            (Some(value), None, None, None) => Requirement::Equals(value.clone()),
            (None, Some(_), None, None) => Requirement::OneOf(members.list("one_of").to_vec()),
            (None, None, Some(glob), None) => Requirement::Glob(glob.clone()),
            (None, None, None, Some(present)) => Requirement::Present(present),
            _ => {
                return refuse(
                    "`issuers.claims` is not a rule with one of `equals`, `one_of`, `glob` and `present`",
                );
            }
        };
        rules.push(ClaimRule { claim, requirement });
    }
    Ok(())
}
