//! Which issuers a policy means, and whether a key speaks for one.

use super::claim_rule::{mismatch, missing};
use super::profile::{IssuerForm, Profile};
use crate::entra::is_guid;
use crate::jose::{Jwk, RegisteredClaims};
use crate::json::{Json, RawMembers};
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// An Entra cloud as tokens and keys name it.
///
/// Source: the metadata documents of `common` in each cloud (`issuer`, `cloud_instance_name`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntraCloud {
    /// Host of v2 issuers and of all metadata.
    pub login: String,
    /// Host of v1 issuers.
    pub sts: String,
    /// `cloud_instance_name` of its keys, if it is known.
    pub instance: Option<&'static str>,
}

/// The tenants a policy trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tenants {
    /// These, by GUID in lower case.
    Listed(Vec<String>),
    /// Every tenant of the cloud, by explicit choice: whoever can register an app anywhere gets in.
    Any,
}

/// Which issuers a policy means.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssuerRule {
    /// Exactly one of these, octet for octet.
    OneOf(Vec<String>),
    /// Entra's issuers of some tenants.
    Entra {
        /// The cloud.
        cloud: EntraCloud,
        /// The tenants.
        tenants: Tenants,
    },
    /// Any `iss`, but `sub` is a SPIFFE ID of one of these trust domains.
    TrustDomains(Vec<String>),
}

/// What a rule says of a token.
pub(super) enum Claimed {
    /// The rule is about the token's issuer.
    Ours,
    /// It is about another issuer.
    Other,
    /// It is about the token's issuer, and refuses it.
    Refused(Error),
}

impl IssuerRule {
    /// Whether the rule is about the issuer that a token claims.
    pub(super) fn judge(
        &self,
        profile: &Profile,
        registered: &RegisteredClaims,
        claims: &RawMembers<'_>,
    ) -> Claimed {
        let issuer = registered.issuer.as_deref();
        match self {
            IssuerRule::OneOf(issuers) => match issuer {
                Some(issuer) if issuers.iter().any(|own| own == issuer) => Claimed::Ours,
                _ => Claimed::Other,
            },
            IssuerRule::Entra { cloud, tenants } => {
                let (true, Some(issuer)) = (profile.entra(), issuer) else { return Claimed::Other };
                let Some((tenant, version)) = cloud.tenant_of(issuer, profile.issuer) else {
                    return Claimed::Other;
                };
                match check_entra(tenant, version, tenants, claims) {
                    Ok(()) => Claimed::Ours,
                    Err(error) => Claimed::Refused(error),
                }
            }
            IssuerRule::TrustDomains(domains) => {
                match registered.subject.as_deref().and_then(trust_domain) {
                    Some(domain) if domains.iter().any(|own| own == domain) => Claimed::Ours,
                    _ => Claimed::Other,
                }
            }
        }
    }

    /// Whether a key may vouch for a token of this issuer.
    ///
    /// Entra's keys name an issuer, perhaps with `{tenantid}` in it, and a cloud: otherwise a key for personal accounts
    /// could vouch for a company's tenant.
    ///
    /// # Errors
    /// `key_issuer_mismatch`.
    pub(super) fn check_key(&self, key: &Jwk, registered: &RegisteredClaims) -> Result<(), Error> {
        let IssuerRule::Entra { cloud, .. } = self else { return Ok(()) };
        let foreign = |what: &str| {
            Err(Error::new(
                Code::KeyIssuerMismatch,
                format!("the key that the token names belongs to another {what}"),
            ))
        };
        if let (Some(named), Some(own)) = (key.cloud_instance_name(), cloud.instance)
            && named != own
        {
            return foreign("cloud");
        }
        let Some(named) = key.issuer() else { return Ok(()) };
        let issuer = registered.issuer.as_deref().unwrap_or_default();
        let both = IssuerForm::Entra { v1: true, v2: true, common: true };
        let tenant = cloud.tenant_of(issuer, both).map_or("", |(tenant, _)| tenant);
        // The template stands for any tenant, whose id is never empty.
        let named = match named.split_once("{tenantid}") {
            Some((before, after)) => format!("{before}{tenant}{after}"),
            None => String::from(named),
        };
        if named == issuer || named == cloud.issuer(tenant) { Ok(()) } else { foreign("issuer") }
    }
}

impl EntraCloud {
    /// The v2 issuer of a tenant.
    pub(super) fn issuer(&self, tenant: &str) -> String {
        format!("https://{}/{tenant}/v2.0", self.login)
    }

    /// The v1 issuer of a tenant.
    pub(super) fn issuer_v1(&self, tenant: &str) -> String {
        format!("https://{}/{tenant}/", self.sts)
    }

    /// The tenant and the version of an issuer of this cloud.
    fn tenant_of<'i>(&self, issuer: &'i str, form: IssuerForm) -> Option<(&'i str, &'static str)> {
        let IssuerForm::Entra { v1, v2, .. } = form else { return None };
        let path = issuer.strip_prefix("https://")?;
        let within = |host: &str| path.strip_prefix(host)?.strip_prefix('/');
        let v2_tenant = || within(&self.login)?.strip_suffix("/v2.0");
        let v1_tenant = || within(&self.sts)?.strip_suffix('/');
        let plain = |tenant: &&str| !tenant.is_empty() && !tenant.contains('/');
        let second = || v2_tenant().filter(plain).map(|tenant| (tenant, "2.0"));
        let first = || v1_tenant().filter(plain).map(|tenant| (tenant, "1.0"));
        v2.then(second).flatten().or_else(|| v1.then(first).flatten())
    }
}

/// The claims that make an Entra issuer credible: `tid` is the tenant in `iss`, `ver` fits the form, and nothing
/// that lenient readers would take for them stands beside them.
fn check_entra(
    tenant: &str,
    version: &str,
    tenants: &Tenants,
    claims: &RawMembers<'_>,
) -> Result<(), Error> {
    for name in ["tid", "iss", "aud"] {
        if claims.names().any(|other| other != name && other.eq_ignore_ascii_case(name)) {
            return Err(mismatch(name));
        }
    }
    let text = |name: &'static str| match claims.get(name) {
        Some(Json::Text(value)) => Ok(value),
        Some(_) => Err(wrong(name)),
        None => Err(missing(name)),
    };
    let tid = text("tid")?;
    if !is_guid(&tid) {
        return Err(wrong("tid"));
    }
    if tid != tenant {
        return Err(Error::new(
            Code::IssuerMismatch,
            "the tenant in the token's `iss` is not the one in its `tid`",
        ));
    }
    if text("ver")? != version {
        return Err(mismatch("ver"));
    }
    match tenants {
        Tenants::Any => Ok(()),
        Tenants::Listed(listed) if listed.contains(&tid) => Ok(()),
        Tenants::Listed(_) => Err(Error::new(
            Code::TenantNotAllowed,
            "the token is from a tenant that the policy does not allow",
        )),
    }
}

fn wrong(name: &str) -> Error {
    Error::new(Code::ClaimType, format!("the claim `{name}` is not of the form Entra gives it"))
}

/// The trust domain of a SPIFFE ID (SPIFFE-ID, section 2): lower-case letters, digits, dots, dashes, underscores, and a path
/// without empty or dot segments.
pub(super) fn trust_domain(id: &str) -> Option<&str> {
    let rest = id.strip_prefix("spiffe://").filter(|_| id.len() <= 2048)?;
    let (domain, path) = match rest.split_once('/') {
        Some((domain, path)) => (domain, Some(path)),
        None => (rest, None),
    };
    let letters = |text: &str, upper: bool| {
        !text.is_empty()
            && text.bytes().all(|byte| {
                byte.is_ascii_lowercase()
                    || byte.is_ascii_digit()
                    || matches!(byte, b'.' | b'-' | b'_')
                    || (upper && byte.is_ascii_uppercase())
            })
    };
    let segment = |segment: &str| letters(segment, true) && segment != "." && segment != "..";
    let sound = domain.len() <= 255
        && letters(domain, false)
        && path.is_none_or(|path| path.split('/').all(segment));
    sound.then_some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spiffe_ids_have_one_form() {
        for (id, domain) in [
            ("spiffe://example.org/ns/a/sa/B_1", Some("example.org")),
            ("spiffe://example.org", Some("example.org")),
            ("spiffe://example.org/", None),
            ("spiffe://example.org//a", None),
            ("spiffe://example.org/./a", None),
            ("spiffe://example.org/..", None),
            ("spiffe://Example.org/a", None),
            ("spiffe:///a", None),
            ("spiffe://example.org:80/a", None),
            ("spiffe://u@example.org/a", None),
            ("SPIFFE://example.org/a", None),
            ("https://example.org/a", None),
            ("spiffe://example.org/a?b", None),
            ("spiffe://example.org/%41", None),
        ] {
            assert_eq!(trust_domain(id), domain, "{id}");
        }
    }

    #[test]
    fn entra_issuers_have_two_forms() {
        let cloud = EntraCloud { login: "login.a".into(), sts: "sts.a".into(), instance: None };
        let both = IssuerForm::Entra { v1: true, v2: true, common: true };
        for (issuer, found) in [
            ("https://login.a/T/v2.0", Some(("T", "2.0"))),
            ("https://sts.a/T/", Some(("T", "1.0"))),
            ("https://sts.a/T", None),
            ("https://login.a/T/v2.0/", None),
            ("https://login.a//v2.0", None),
            ("https://login.a/v2.0", None),
            ("https://login.a/T/policy/v2.0", None),
            ("https://login.ab/T/v2.0", None),
            ("http://login.a/T/v2.0", None),
        ] {
            assert_eq!(cloud.tenant_of(issuer, both), found, "{issuer}");
        }
        let second = IssuerForm::Entra { v1: false, v2: true, common: false };
        assert_eq!(cloud.tenant_of("https://sts.a/T/", second), None);
    }
}
