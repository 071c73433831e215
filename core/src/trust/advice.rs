//! What to do about a refusal, as sentences.

use super::{Credential, Platform, Subject, TokenClaims, flexible, shown};
use crate::entra::find_aadsts;
use crate::verdict::{Difference, Field, FieldVerdict, Verdict};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// One sentence for each value of the nearest credential that differs, or one about the number.
pub(super) fn sentences(
    verdict: &Verdict,
    claims: &TokenClaims,
    credentials: &[Credential],
) -> Vec<String> {
    let mut sentences = Vec::new();
    let hint = || verdict.aadsts.and_then(find_aadsts).map(|entry| entry.hint.to_string());
    if verdict.field.is_none() {
        sentences.extend(hint());
    }
    let nearest = verdict
        .nearest
        .and_then(|index| Some((index, verdict.credentials.get(index)?, credentials.get(index)?)));
    if let Some((index, compared, credential)) = nearest {
        let differing = compared.fields.iter().filter(|field| !field.equal);
        sentences.extend(differing.map(|field| {
            let advice = advice(field, credential, claims);
            format!("credential {}, {}: {advice}", credential.label(index), field.field.name())
        }));
    }
    if sentences.is_empty() {
        sentences.extend(hint());
    }
    sentences
}

fn advice(field: &FieldVerdict, credential: &Credential, claims: &TokenClaims) -> String {
    let expected = shown(&field.expected);
    let presented = shown(field.presented.as_deref().unwrap_or_default());
    let at = field.position.map(|at| format!(" at character {at}")).unwrap_or_default();
    let Some(difference) = field.difference else { return String::new() };
    match difference {
        Difference::Missing => match field.field {
            Field::Audience => "the token has no audience; request one for this audience".into(),
            _ => "the token has no such claim; use a token of another source".into(),
        },
        Difference::CaseOnly => format!(
            "only upper and lower case differ{at}; Entra compares exactly, so write `{presented}`"
        ),
        Difference::WhiteSpace => format!("white space differs{at}; write `{presented}`"),
        Difference::TrailingSlash => {
            format!("a slash at the end differs, which counts; write `{presented}`")
        }
        Difference::LookAlikeUnicode => format!(
            "the values look alike but differ{at}: {}; write the characters of the token",
            characters(field)
        ),
        Difference::PercentEncoding => {
            format!("the token writes `:` inside of a value as `%3A`; write `{presented}`")
        }
        Difference::AudienceOfAnotherCloud => format!(
            "`{presented}` is the exchange audience of another cloud; request the token for `{expected}`, or use that cloud's authority"
        ),
        Difference::IssuerOfSamePlatform => format!(
            "the token is from another issuer of the same platform; write `{presented}`, or run the workload where `{expected}` issues its token"
        ),
        Difference::GithubImmutableSubject => format!(
            "GitHub writes the ids of owner and repository into the subjects of repositories created, renamed or transferred since 2026-07-15; write `{presented}`"
        ),
        Difference::GitlabProjectIdSubject => format!(
            "the project's setting `ci_id_token_sub_claim_components` decides between `project_path` and `project_id`; write `{presented}`"
        ),
        Difference::AzureDevopsSubject => format!(
            "Azure DevOps issues subjects with ids under Entra's issuer now; write issuer and subject that the service connection shows: `{presented}`"
        ),
        Difference::JobContext => {
            format!(
                "the job ran for {}; the credential is for {}; add a credential for it, or run the job there",
                context(&presented),
                context(&expected)
            )
        }
        Difference::PerRunSubject => per_run(claims),
        Difference::ExpressionInvalid => match &credential.condition {
            super::Condition::Expression(expression) => match &expression.parsed {
                Err(error) => format!("the expression cannot be read: {error}"),
                Ok(_) => String::new(),
            },
            super::Condition::Subject(_) => String::new(),
        },
        Difference::ExpressionNotAllowed => {
            let claims = flexible::supported_claims(&credential.issuer);
            if claims.is_empty() {
                "Entra evaluates expressions for GitHub, GitLab and HCP Terraform only; write the subject".into()
            } else {
                format!("for this issuer an expression may name {} only", claims.join(" and "))
            }
        }
        Difference::Different => different(field, &expected, &presented, &at),
    }
}

fn different(field: &FieldVerdict, expected: &str, presented: &str, at: &str) -> String {
    match field.field {
        Field::Issuer => {
            format!("the token is from `{presented}`; add a credential for this issuer")
        }
        Field::Audience => format!(
            "the token is for `{presented}`; request it for `{expected}`, or change the credential"
        ),
        Field::Expression => format!("`{presented}` stops to match{at}"),
        Field::Subject if expected.contains('*') => format!(
            "a subject has no wildcards, so `*` is compared as it is; write `{presented}`, or an expression"
        ),
        Field::Subject => format!("the values differ{at}; write `{presented}`"),
    }
}

/// The first characters that differ, by their numbers.
fn characters(field: &FieldVerdict) -> String {
    let name = |text: &str| match text.chars().nth(field.position.unwrap_or_default()) {
        Some(character) => format!("U+{:04X}", u32::from(character)),
        None => "nothing".into(),
    };
    format!(
        "{} is expected, {} presented",
        name(&field.expected),
        name(field.presented.as_deref().unwrap_or_default())
    )
}

/// What a subject says beside its project.
fn context(subject: &str) -> String {
    let Some(subject) = Subject::parse(subject) else { return "another context".into() };
    let (form, parts) = subject.context();
    let values: Vec<&str> = parts.iter().map(|(_, value)| value.as_str()).collect();
    let form = form.replace('_', " ");
    if values.is_empty() { form } else { format!("{form} `{}`", values.join(" ")) }
}

/// What can be done about a subject that is new for each run.
pub(super) fn per_run(claims: &TokenClaims) -> String {
    let subject = claims.subject.as_deref().unwrap_or_default();
    let issuer = claims.issuer.as_deref().unwrap_or_default();
    let parsed = Subject::parse_of(subject, issuer).or_else(|| Subject::parse(subject));
    let parts: Vec<&str> = parsed.iter().flat_map(|subject| subject.form.per_run()).collect();
    let remedy = match parsed.map(|subject| subject.form.platform) {
        Some(Platform::Buildkite) => {
            "request the token with `buildkite-agent oidc request-token --audience api://AzureADTokenExchange --subject-claim pipeline_id`"
        }
        _ => "exchange it at a service that compares other claims, or use another token source",
    };
    format!(
        "the subject has a part that changes ({}), so no credential matches the next token; {remedy}",
        parts.join(", ")
    )
}
