//! The checks of a token request in their order, and how far a request came.

use crate::entra::error::Aadsts;
use serde::Serialize;
use workload_identity_core::trust::Field;

/// A check, and the numbers of its failures.
struct Check {
    name: &'static str,
    title: &'static str,
    numbers: &'static [Aadsts],
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Passed,
    Failed,
    /// An earlier check failed, or a fault replaced the answer.
    NotReached,
}

/// A check of one request.
#[derive(Debug, Serialize)]
pub(super) struct CheckResult {
    check: &'static str,
    title: &'static str,
    pub(super) outcome: Outcome,
    /// What was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

const fn check(name: &'static str, title: &'static str, numbers: &'static [Aadsts]) -> Check {
    Check { name, title, numbers }
}

/// All checks, in the order in which the token endpoint makes them.
const CHECKS: [Check; 18] = {
    use Aadsts::{
        ApplicationNotFound, AssertionAlgorithm, AssertionExpired, AssertionMalformed,
        AssertionType, AudienceMismatch, ClaimsInvalid, CredentialMissing, CredentialNone,
        EntraIssued, EntraSubjectMismatch, ExpressionInvalid, ExpressionMismatch,
        ExpressionNotAllowed, ExpressionUnsupported, GrantTypeUnsupported, IssuerMismatch,
        KeyNotFound, MetadataInvalid, MetadataUnreachable, ParameterDuplicated, ParameterMissing,
        RequestMalformed, ResourceNotFound, ScopeMalformed, ScopeMultipleResources,
        ScopeNotDefault, SecretInvalid, SignatureInvalid, SubjectMismatch, TenantMalformed,
        TenantNotFound, TenantShared, TenantUnnamed, WrongMethod,
    };
    [
        check("method", "The request is a POST", &[WrongMethod]),
        check("form", "Each parameter is there once", &[ParameterDuplicated, ParameterMissing]),
        check("grant_type", "The grant type is client_credentials", &[GrantTypeUnsupported]),
        check(
            "tenant",
            "The tenant exists",
            &[TenantNotFound, TenantMalformed, TenantShared, TenantUnnamed],
        ),
        check("application", "The tenant has the application", &[ApplicationNotFound]),
        check(
            "scope",
            "The scope names one resource of the tenant",
            &[ScopeNotDefault, ScopeMultipleResources, ScopeMalformed, ResourceNotFound],
        ),
        check("claims", "The claims parameter can be read", &[ClaimsInvalid]),
        check(
            "assertion",
            "The request carries a client assertion",
            &[CredentialMissing, SecretInvalid, RequestMalformed],
        ),
        check("format", "The assertion is a JWT", &[AssertionMalformed]),
        check("type", "Its type is JWT", &[AssertionType]),
        check("algorithm", "It is signed with RS256", &[AssertionAlgorithm]),
        check("issuer_kind", "Entra itself did not issue it", &[EntraIssued]),
        check("issuer", "A credential has its issuer", &[CredentialNone, IssuerMismatch]),
        check(
            "subject",
            "That credential has its subject, or an expression that it meets",
            &[
                SubjectMismatch,
                EntraSubjectMismatch,
                ExpressionMismatch,
                ExpressionInvalid,
                ExpressionNotAllowed,
                ExpressionUnsupported,
            ],
        ),
        check("audience", "That credential has its audience", &[AudienceMismatch]),
        check(
            "metadata",
            "The issuer's documents can be fetched and read",
            &[MetadataUnreachable, MetadataInvalid],
        ),
        check(
            "signature",
            "A key of the issuer verifies the signature",
            &[KeyNotFound, SignatureInvalid],
        ),
        check("lifetime", "The assertion is within its lifetime", &[AssertionExpired]),
    ]
};

/// How far a request came.
#[derive(Clone, Copy)]
pub(super) enum Progress {
    /// A token was issued.
    Issued,
    /// Refused with this number, which can be about a field of the credentials.
    Refused { number: u32, field: Option<Field> },
    /// A fault replaced the answer before any check.
    Replaced,
}

/// The outcome of each check. `value` gives what a check looked at.
pub(super) fn results(
    progress: Progress,
    value: impl Fn(&str) -> Option<String>,
) -> Vec<CheckResult> {
    let reached = match progress {
        Progress::Issued => CHECKS.len(),
        Progress::Refused { number, field } => failed(number, field).unwrap_or(0),
        Progress::Replaced => 0,
    };
    let has_failed =
        matches!(progress, Progress::Refused { number, field } if failed(number, field).is_some());
    let result = |(index, check): (usize, &Check)| CheckResult {
        check: check.name,
        title: check.title,
        outcome: match index {
            passed if passed < reached => Outcome::Passed,
            at if at == reached && has_failed => Outcome::Failed,
            _ => Outcome::NotReached,
        },
        value: value(check.name),
    };
    CHECKS.iter().enumerate().map(result).collect()
}

/// The index of the check that a number is about.
fn failed(number: u32, field: Option<Field>) -> Option<usize> {
    let named = |name: &str| CHECKS.iter().position(|check| check.name == name);
    match field {
        Some(Field::Issuer) => return named("issuer"),
        Some(Field::Subject | Field::Expression) => return named("subject"),
        Some(Field::Audience) => return named("audience"),
        None => {}
    }
    CHECKS.iter().position(|check| check.numbers.iter().any(|known| known.number() == number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(progress: Progress) -> Option<&'static str> {
        let results = results(progress, |_| None);
        let failed = results.iter().position(|result| result.outcome == Outcome::Failed)?;
        let (before, after) = results.split_at(failed);
        assert!(before.iter().all(|result| result.outcome == Outcome::Passed));
        assert!(after[1..].iter().all(|result| result.outcome == Outcome::NotReached));
        Some(after[0].check)
    }

    #[test]
    fn each_number_belongs_to_one_check() {
        // These are no checks of a token request, or need the field that they are about.
        let other =
            [Aadsts::CaseMismatch, Aadsts::InstanceUnknown, Aadsts::Throttled, Aadsts::Transient];
        for code in Aadsts::ALL {
            let count = CHECKS.iter().filter(|check| check.numbers.contains(code)).count();
            assert_eq!(count, usize::from(!other.contains(code)), "{code:?}");
        }
    }

    #[test]
    fn a_refusal_ends_the_checks() {
        let refused = |number, field| failing(Progress::Refused { number, field });
        assert_eq!(refused(700_213, Some(Field::Subject)), Some("subject"));
        assert_eq!(refused(7_002_138, Some(Field::Audience)), Some("audience"));
        assert_eq!(refused(90_002, None), Some("tenant"));
        assert_eq!(refused(90_033, None), None);
        assert_eq!(failing(Progress::Replaced), None);
        let all = results(Progress::Issued, |_| None);
        assert!(all.iter().all(|result| result.outcome == Outcome::Passed));
    }
}
