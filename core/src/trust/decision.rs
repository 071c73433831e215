//! Entra's decision about a token's header and claims, in the order in which Entra makes it.

use super::platform::{self, Platform};
use super::{Condition, Credential, TokenClaims, difference, flexible};
use crate::entra::is_guid;
use crate::jose::Algorithm;
use crate::verdict::Field;

/// Why Entra refuses a token, before it looks at the issuer's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The AADSTS number.
    pub aadsts: u32,
    /// The value of a credential that the number is about.
    pub field: Option<Field>,
}

impl Refusal {
    /// The token is not a JWS, or lacks a claim that every token has.
    pub const MALFORMED: Self = Self::of_token(50_027);
    /// The token's `typ` is not `JWT`.
    pub const TYPE: Self = Self::of_token(5_002_727);
    /// The token is not signed with RS256.
    pub const ALGORITHM: Self = Self::of_token(5_002_738);
    /// Entra issued the token, and not to a managed identity or for Azure DevOps.
    pub const ENTRA_ISSUED: Self = Self::of_token(700_222);
    /// There is no credential.
    pub const NO_CREDENTIAL: Self = Self::of_token(70_025);

    const fn of_token(aadsts: u32) -> Self {
        Self { aadsts, field: None }
    }

    const fn of(field: Field, aadsts: u32) -> Self {
        Self { aadsts, field: Some(field) }
    }
}

/// The types that Entra takes.
const TYPES: [&str; 2] = ["JWT", "http://openid.net/specs/jwt/1.0"];

/// Finds the credential that accepts a token: its index.
///
/// `own_issuers` are issuers of Entra beside those of its clouds, such as an emulator's.
///
/// # Errors
/// The number of Entra's answer.
pub fn decide(
    claims: &TokenClaims,
    credentials: &[Credential],
    own_issuers: &[&str],
) -> Result<usize, Refusal> {
    check_header(claims)?;
    let (Some(issuer), Some(subject)) = (claims.issuer.as_deref(), claims.subject.as_deref())
    else {
        return Err(Refusal::MALFORMED);
    };
    let entra_issued = own_issuers.contains(&issuer) || platform::is_entra_issuer(issuer);
    if entra_issued && !is_federated(claims, subject) {
        return Err(Refusal::ENTRA_ISSUED);
    }
    match_credential(claims, credentials, issuer, subject)
}

/// Checks what Entra reads of the header. Passes if only claims are known.
pub(super) fn check_header(claims: &TokenClaims) -> Result<(), Refusal> {
    let Some(header) = &claims.header else { return Ok(()) };
    if header.defect.is_some() {
        return Err(Refusal::MALFORMED);
    }
    if let Some(typ) = &header.typ
        && !TYPES.iter().any(|known| typ.eq_ignore_ascii_case(known))
    {
        return Err(Refusal::TYPE);
    }
    if header.algorithm.as_deref() != Some(Algorithm::Rs256.name()) {
        return Err(Refusal::ALGORITHM);
    }
    Ok(())
}

/// Whether a token that Entra issued may be an assertion: a managed identity's ("Configure an application to trust a managed
/// identity"), or one that Entra issued for a service connection of Azure DevOps.
pub(super) fn is_federated(claims: &TokenClaims, subject: &str) -> bool {
    /// The resource id of the managed identity.
    const MANAGED_IDENTITY: &str = "xms_mirid";
    /// Claims of every complete token for an application or a user. Without them only the compared claims are known.
    const COMPLETE: [&str; 4] = ["appid", "azp", "tid", "uti"];
    let v2 = claims.issuer.as_deref().is_some_and(|issuer| issuer.ends_with("/v2.0"));
    let connection = platform_of(subject) == Some(Platform::AzureDevops);
    let managed = is_guid(subject)
        && (claims.has(MANAGED_IDENTITY) || !COMPLETE.iter().any(|name| claims.has(name)));
    v2 && (connection || managed)
}

fn platform_of(subject: &str) -> Option<Platform> {
    super::Subject::parse(subject).map(|subject| subject.form.platform)
}

/// Issuer first, then subject or expression, then audience.
fn match_credential(
    claims: &TokenClaims,
    credentials: &[Credential],
    issuer: &str,
    subject: &str,
) -> Result<usize, Refusal> {
    const CASE_ONLY: u32 = 7_002_138;
    if credentials.is_empty() {
        return Err(Refusal::NO_CREDENTIAL);
    }
    let of_issuer = || credentials.iter().enumerate().filter(|(_, known)| known.issuer == issuer);
    if of_issuer().next().is_none() {
        let near = |known: &Credential| difference::is_case_only(&known.issuer, issuer);
        let number = if credentials.iter().any(near) { CASE_ONLY } else { 700_211 };
        return Err(Refusal::of(Field::Issuer, number));
    }
    let of_subject = || of_issuer().filter(|(_, known)| meets(known, claims, subject));
    if of_subject().next().is_none() {
        return Err(subject_refusal(of_issuer().map(|(_, known)| known), issuer, subject));
    }
    let presented = &claims.audience;
    let accepting = of_subject().find(|(_, known)| presented.contains(&known.audience));
    accepting.map(|(index, _)| index).ok_or_else(|| {
        let near = |known: &Credential| {
            presented.iter().any(|audience| difference::is_case_only(&known.audience, audience))
        };
        let number = if of_subject().any(|(_, known)| near(known)) { CASE_ONLY } else { 700_212 };
        Refusal::of(Field::Audience, number)
    })
}

/// Whether a credential's subject or expression accepts a token.
pub(super) fn meets(credential: &Credential, claims: &TokenClaims, subject: &str) -> bool {
    match &credential.condition {
        Condition::Subject(expected) => expected == subject,
        Condition::Expression(expression) => match &expression.parsed {
            Ok(expression) => {
                flexible::is_allowed(&credential.issuer, expression) && expression.matches(claims)
            }
            Err(_) => false,
        },
    }
}

/// No credential of the issuer accepts the subject.
fn subject_refusal<'c>(
    of_issuer: impl Iterator<Item = &'c Credential> + Clone,
    issuer: &str,
    subject: &str,
) -> Refusal {
    let case_only = of_issuer
        .clone()
        .filter_map(Credential::subject)
        .any(|expected| difference::is_case_only(expected, subject));
    if case_only {
        return Refusal::of(Field::Subject, 7_002_138);
    }
    if of_issuer.clone().any(|known| known.subject().is_none()) {
        return Refusal::of(Field::Expression, flexible::refusal(of_issuer));
    }
    // Entra's own issuer has a number of its own, whose text names the expected form.
    let number = if platform::is_entra_issuer(issuer) { 7_002_137 } else { 700_213 };
    Refusal::of(Field::Subject, number)
}
