//! The comparison of a token with credentials, value by value.

use super::decision::{self, Refusal};
use super::{Condition, Credential, MatchingExpression, TokenClaims, difference, flexible};
use super::{Platform, Subject, advice, remedy};
use crate::verdict::{CredentialVerdict, Difference, Field, FieldVerdict, Verdict};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Reverse;

/// Returns whether Entra would accept a token for one of some credentials, and how it differs from each.
///
/// The time is proportional to the number of credentials and the lengths of the values.
#[must_use]
pub fn evaluate(claims: &TokenClaims, credentials: &[Credential]) -> Verdict {
    evaluate_with(claims, credentials, &[])
}

/// As [`evaluate`], with further issuers that belong to Entra, such as an emulator's.
#[must_use]
pub fn evaluate_with(
    claims: &TokenClaims,
    credentials: &[Credential],
    own_issuers: &[&str],
) -> Verdict {
    let decided = decision::decide(claims, credentials, own_issuers);
    let mut verdict = Verdict {
        accepted: decided.is_ok(),
        credentials: compare_all(claims, credentials),
        ..Verdict::default()
    };
    match decided {
        Ok(index) => verdict.nearest = Some(index),
        Err(refusal) => refuse(&mut verdict, refusal, claims, credentials),
    }
    verdict
}

/// Completes the verdict on a token that is refused.
pub(super) fn refuse(
    verdict: &mut Verdict,
    refusal: Refusal,
    claims: &TokenClaims,
    credentials: &[Credential],
) {
    verdict.accepted = false;
    verdict.aadsts = Some(refusal.aadsts);
    verdict.field = refusal.field;
    verdict.nearest = nearest(&verdict.credentials, refusal.field);
    verdict.difference = decisive(verdict).and_then(|field| field.difference);
    verdict.fix = advice::sentences(verdict, claims, credentials);
    verdict.fix.extend(remedy::commands(verdict, claims, credentials));
}

/// Compares with each credential.
pub(super) fn compare_all(
    claims: &TokenClaims,
    credentials: &[Credential],
) -> Vec<CredentialVerdict> {
    credentials.iter().map(|credential| compare(claims, credential)).collect()
}

fn compare(claims: &TokenClaims, credential: &Credential) -> CredentialVerdict {
    let mut warnings = Vec::new();
    let condition = match &credential.condition {
        Condition::Subject(subject) => {
            compare_text(Field::Subject, subject, claims.subject.as_deref())
        }
        Condition::Expression(expression) => {
            if let Ok(parsed) = &expression.parsed {
                warnings = flexible::wide_matches(&credential.issuer, parsed);
            }
            compare_expression(&credential.issuer, expression, claims)
        }
    };
    let fields = alloc::vec![
        compare_issuer(credential, claims),
        condition,
        compare_audience(&credential.audience, &claims.audience),
    ];
    CredentialVerdict {
        name: credential.name.clone(),
        accepted: fields.iter().all(|field| field.equal),
        fields,
        warnings,
    }
}

fn compare_text(field: Field, expected: &str, presented: Option<&str>) -> FieldVerdict {
    let text = presented.unwrap_or_default();
    FieldVerdict {
        field,
        expected: expected.to_string(),
        presented: presented.map(String::from),
        equal: presented == Some(expected),
        difference: match presented {
            Some(text) => difference::classify(field, expected, text),
            None => Some(Difference::Missing),
        },
        position: presented.and_then(|_| difference::position(expected, text)),
    }
}

/// A server of a customer's own can have any address, and is told by the subjects of its tokens.
fn compare_issuer(credential: &Credential, claims: &TokenClaims) -> FieldVerdict {
    let mut field = compare_text(Field::Issuer, &credential.issuer, claims.issuer.as_deref());
    if field.difference == Some(Difference::Different) {
        let platform =
            |issuer: Option<&str>| Platform::of_issuer(issuer?).map(Platform::of_subjects);
        let of_subject = |subject: Option<&str>| Some(Subject::parse(subject?)?.form.platform);
        let of_the_other =
            match (platform(Some(&credential.issuer)), platform(claims.issuer.as_deref())) {
                (Some(known), None) => of_subject(claims.subject.as_deref()) == Some(known),
                (None, Some(known)) => of_subject(credential.subject()) == Some(known),
                _ => false,
            };
        if of_the_other {
            field.difference = Some(Difference::IssuerOfSamePlatform);
        }
    }
    field
}

/// A token with several audiences is accepted for one of them. Of others the most similar is shown.
fn compare_audience(expected: &str, presented: &[String]) -> FieldVerdict {
    let common = |audience: &&String| {
        let class = difference::classify(Field::Audience, expected, audience);
        (cost(class), Reverse(difference::first_difference(expected, audience)))
    };
    let nearest = presented.iter().min_by_key(common);
    compare_text(Field::Audience, expected, nearest.map(String::as_str))
}

fn compare_expression(
    issuer: &str,
    expression: &MatchingExpression,
    claims: &TokenClaims,
) -> FieldVerdict {
    let mut field = FieldVerdict {
        field: Field::Expression,
        expected: expression.text.clone(),
        presented: None,
        equal: false,
        difference: None,
        position: None,
    };
    let parsed = match &expression.parsed {
        Ok(parsed) => parsed,
        Err(_) => {
            field.presented = claims.subject.clone();
            field.difference = Some(Difference::ExpressionInvalid);
            return field;
        }
    };
    let failing = parsed.failing(claims);
    // The claim that decides: that of the clause which fails, otherwise that of the first.
    let Some(clause) = failing.or(parsed.clauses().first()) else { return field };
    let text = claims.text(&clause.claim);
    field.presented = text.map(String::from);
    if !flexible::is_allowed(issuer, parsed) {
        field.difference = Some(Difference::ExpressionNotAllowed);
        return field;
    }
    field.equal = failing.is_none();
    if let Some(clause) = failing {
        field.difference = match text {
            Some(text) => clause.difference(text),
            None => Some(Difference::Missing),
        };
        field.position = text.map(|text| clause.mismatch(text));
    }
    field
}

/// The value of the nearest credential that the number is about, or the first that differs.
fn decisive(verdict: &Verdict) -> Option<&FieldVerdict> {
    let fields = &verdict.credentials.get(verdict.nearest?)?.fields;
    let mut differing = fields.iter().filter(|field| !field.equal);
    let named = differing.clone().find(|field| Some(field.field) == verdict.field);
    named.or_else(|| differing.next())
}

/// The index of the credential that needs the least change, among those that Entra compared in the value that differs.
fn nearest(credentials: &[CredentialVerdict], field: Option<Field>) -> Option<usize> {
    let is_compared = |credential: &CredentialVerdict| {
        let reaches = |compared: &FieldVerdict| Some(compared.field) == field;
        let earlier = credential.fields.iter().take_while(|compared| !reaches(compared));
        !credential.fields.iter().any(reaches) || earlier.clone().all(|compared| compared.equal)
    };
    let distance = |credential: &CredentialVerdict| {
        let cost: u32 = credential.fields.iter().map(|field| cost(field.difference)).sum();
        let common: usize = credential.fields.iter().filter_map(|field| field.position).sum();
        (!is_compared(credential), cost, Reverse(common))
    };
    let all = credentials.iter().enumerate();
    all.min_by_key(|(_, credential)| distance(credential)).map(|(index, _)| index)
}

/// How far a value is from the expected one.
fn cost(difference: Option<Difference>) -> u32 {
    match difference {
        None => 0,
        Some(
            Difference::CaseOnly
            | Difference::WhiteSpace
            | Difference::TrailingSlash
            | Difference::LookAlikeUnicode
            | Difference::PercentEncoding,
        ) => 1,
        Some(Difference::Different | Difference::Missing | Difference::ExpressionInvalid) => 4,
        Some(_) => 2,
    }
}
