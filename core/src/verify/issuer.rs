//! Trusted issuers: which tokens are theirs, and which keys may verify them.

use super::claim_rule::{mismatch, missing};
use super::profile::{IssuerForm, Profile};
use crate::entra::{TokenIssuers, is_guid};
use crate::jose::{Claims, EntraClaims, Jwk, RegisteredClaims};
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The tenants that a policy trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tenants {
    /// These, by GUID in lower case.
    Listed(Vec<String>),
    /// Every tenant of the cloud. Anyone who can register an application in any tenant can then get an accepted token.
    Any,
}

/// The issuers that a policy trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssuerRule {
    /// `iss` is one of these, compared byte by byte.
    OneOf(Vec<String>),
    /// `iss` is Entra's issuer of one of these tenants.
    Entra {
        /// The issuers of the cloud, or of another authority.
        issuers: TokenIssuers,
        /// The tenants.
        tenants: Tenants,
    },
    /// Any `iss`, but `sub` is a SPIFFE ID of this trust domain. Each trust domain has its own keys.
    TrustDomain(String),
}

/// Whether a token is from the issuer of a rule.
pub(super) enum IssuerMatch {
    /// The token claims this issuer.
    Trusted,
    /// The token claims another issuer.
    Other,
    /// The token claims this issuer, but other claims contradict that, or its tenant is not allowed.
    Refused(Error),
}

impl IssuerRule {
    /// Compares the issuer that a token claims.
    pub(super) fn matches(&self, profile: &Profile, claims: &Claims) -> IssuerMatch {
        let issuer = claims.registered.issuer.as_deref();
        match self {
            IssuerRule::OneOf(issuers) => match issuer {
                Some(issuer) if issuers.iter().any(|own| own == issuer) => IssuerMatch::Trusted,
                _ => IssuerMatch::Other,
            },
            IssuerRule::Entra { issuers, tenants } => {
                let (true, Some(issuer)) = (profile.entra(), issuer) else {
                    return IssuerMatch::Other;
                };
                let Some((tenant, version)) = tenant_of(issuers, issuer, profile.issuer) else {
                    return IssuerMatch::Other;
                };
                match check_entra(tenant, version, tenants, &claims.entra) {
                    Ok(()) => IssuerMatch::Trusted,
                    Err(error) => IssuerMatch::Refused(error),
                }
            }
            IssuerRule::TrustDomain(own) => {
                match claims.registered.subject.as_deref().and_then(trust_domain) {
                    Some(domain) if own == domain => IssuerMatch::Trusted,
                    _ => IssuerMatch::Other,
                }
            }
        }
    }

    /// The accepted issuers in the form of `iss`, or of `sub` for SPIFFE.
    pub(super) fn accepted(&self, profile: &Profile) -> Vec<String> {
        match (self, profile.issuer) {
            (IssuerRule::OneOf(issuers), _) => issuers.clone(),
            (IssuerRule::TrustDomain(domain), _) => alloc::vec![format!("spiffe://{domain}")],
            (IssuerRule::Entra { issuers, tenants }, IssuerForm::Entra { v1, v2, .. }) => {
                let any = [String::from("{tenantid}")];
                let tenants = match tenants {
                    Tenants::Listed(tenants) => tenants.as_slice(),
                    Tenants::Any => &any,
                };
                let versions = [(true, v1), (false, v2)].into_iter().filter(|(_, used)| *used);
                versions
                    .flat_map(|(v1, _)| {
                        tenants.iter().map(move |tenant| issuers.issuer(tenant, v1))
                    })
                    .collect()
            }
            (IssuerRule::Entra { .. }, _) => Vec::new(),
        }
    }

    /// The version of the token format, if the token is from the same cloud in another version than the profile takes.
    pub(super) fn other_version(&self, profile: &Profile, claims: &Claims) -> Option<&'static str> {
        let IssuerRule::Entra { issuers, .. } = self else { return None };
        let issuer = claims.registered.issuer.as_deref()?;
        let (_, version) = issuers.parse_issuer(issuer)?;
        tenant_of(issuers, issuer, profile.issuer).is_none().then_some(version)
    }

    /// Checks that a key belongs to the token's issuer.
    ///
    /// Entra's keys name an issuer, sometimes with `{tenantid}` in it, and a cloud. Without this check a key for personal
    /// accounts could verify tokens of a company's tenant.
    ///
    /// # Errors
    /// `key_issuer_mismatch`.
    pub(super) fn check_key(&self, key: &Jwk, registered: &RegisteredClaims) -> Result<(), Error> {
        let IssuerRule::Entra { issuers, .. } = self else { return Ok(()) };
        let foreign = |what| {
            let message = format!("the key that the token names belongs to another {what}");
            Err(Error::new(Code::KeyIssuerMismatch, message))
        };
        if let (Some(named), Some(own)) = (key.cloud_instance_name(), issuers.instance_name())
            && named != own
        {
            return foreign("cloud");
        }
        let Some(named) = key.issuer() else { return Ok(()) };
        let issuer = registered.issuer.as_deref().unwrap_or_default();
        match (issuers.parse_issuer(named), issuers.parse_issuer(issuer)) {
            // Keys of v1 tokens may name the v2 issuer too.
            (Some((of, form)), Some((tenant, version)))
                if (of == tenant || of == "{tenantid}") && (form == version || form == "2.0") =>
            {
                Ok(())
            }
            _ => foreign("issuer"),
        }
    }
}

/// The tenant and the token version of an Entra issuer in a form that the profile accepts.
fn tenant_of<'i>(
    issuers: &TokenIssuers,
    issuer: &'i str,
    form: IssuerForm,
) -> Option<(&'i str, &'static str)> {
    let IssuerForm::Entra { v1, v2, .. } = form else { return None };
    issuers.parse_issuer(issuer).filter(|(_, version)| if *version == "2.0" { v2 } else { v1 })
}

/// Checks the claims that belong to an Entra issuer: `tid` is the tenant in `iss`, `ver` fits the form of `iss`, and no claim
/// has a spelling that lenient readers would take for `tid`, `iss` or `aud`.
fn check_entra<'c>(
    tenant: &str,
    version: &str,
    tenants: &Tenants,
    claims: &'c EntraClaims,
) -> Result<(), Error> {
    if let Some(name) = claims.misspelled() {
        return Err(mismatch(name));
    }
    let text = |name: &str, found: Option<Option<&'c str>>| match found {
        Some(Some(value)) => Ok(value),
        Some(None) => Err(wrong(name)),
        None => Err(missing(name)),
    };
    let tid = text("tid", claims.tenant())?;
    if !is_guid(tid) {
        return Err(wrong("tid"));
    }
    if tid != tenant {
        return Err(Error::new(
            Code::IssuerMismatch,
            "the tenant in the token's `iss` is not the one in its `tid`",
        )
        .about_claim("tid"));
    }
    if text("ver", claims.version())? != version {
        return Err(mismatch("ver"));
    }
    match tenants {
        Tenants::Any => Ok(()),
        Tenants::Listed(listed) if listed.iter().any(|own| own == tid) => Ok(()),
        Tenants::Listed(_) => Err(Error::new(
            Code::TenantNotAllowed,
            "the token is from a tenant that the policy does not allow",
        )
        .about_claim("tid")
        .of_rule("tenants")),
    }
}

fn wrong(name: &str) -> Error {
    Error::new(Code::ClaimType, format!("the claim `{name}` is not of the form Entra gives it"))
        .about_claim(name)
}

/// The trust domain of a SPIFFE ID (SPIFFE-ID, section 2): lower-case letters, digits, dots, dashes, underscores, and a path
/// without empty or dot segments.
pub(crate) fn trust_domain(id: &str) -> Option<&str> {
    let rest = id.strip_prefix("spiffe://").filter(|_| id.len() <= 2048)?;
    let mut parts = rest.split('/');
    let domain = parts.next()?;
    let sound = |part| is_name(part, true) && !matches!(part, "." | "..");
    (is_trust_domain(domain) && parts.all(sound)).then_some(domain)
}

/// Returns whether a text is the name of a trust domain (SPIFFE-ID, section 2.1).
pub(crate) fn is_trust_domain(domain: &str) -> bool {
    domain.len() <= 255 && is_name(domain, false)
}

fn is_name(text: &str, upper: bool) -> bool {
    let letter = |byte| match byte {
        b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' => true,
        b'A'..=b'Z' => upper,
        _ => false,
    };
    !text.is_empty() && text.bytes().all(letter)
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
}
