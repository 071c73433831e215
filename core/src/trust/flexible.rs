//! Which expressions Entra evaluates ("Flexible federated identity credentials", supported issuers and claims), and which
//! match more than was probably meant.

use super::pattern;
use super::platform::Platform;
use super::{Clause, Condition, Credential, Expression, Operator};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The claims that an expression may name, for each platform whose tokens are supported.
const CLAIMS: &[(Platform, &[&str])] = &[
    (Platform::Github, &["sub", "job_workflow_ref"]),
    (Platform::Gitlab, &["sub"]),
    (Platform::Terraform, &["sub"]),
];

/// The claims that an expression for an issuer may name; none if Entra evaluates no expression for it.
#[must_use]
pub fn supported_claims(issuer: &str) -> &'static [&'static str] {
    let platform = Platform::of_issuer(issuer);
    let found = CLAIMS.iter().find(|(known, _)| Some(*known) == platform);
    found.map_or(&[], |(_, claims)| claims)
}

/// Whether Entra evaluates an expression for an issuer.
pub(super) fn is_allowed(issuer: &str, expression: &Expression) -> bool {
    let supported = supported_claims(issuer);
    expression.clauses().iter().all(|clause| supported.contains(&clause.claim.as_str()))
}

/// The number for credentials of one issuer of which none accepts the subject, and some are flexible.
pub(super) fn refusal<'c>(credentials: impl Iterator<Item = &'c Credential>) -> u32 {
    let mut number = 0;
    for credential in credentials {
        number = number.max(match &credential.condition {
            Condition::Subject(_) => 0,
            Condition::Expression(expression) => match &expression.parsed {
                Err(_) => 700_233,
                Ok(expression) if is_allowed(&credential.issuer, expression) => 7_002_131,
                Ok(_) if supported_claims(&credential.issuer).is_empty() => 7_002_241,
                Ok(_) => 700_237,
            },
        });
    }
    number
}

/// Returns which tokens an expression for an issuer accepts that were probably not meant. Empty if it is narrow enough.
///
/// ```
/// use workload_identity_core::trust::{Expression, wide_matches};
/// let issuer = "https://token.actions.githubusercontent.com";
/// let expression = Expression::parse("claims['sub'] matches 'repo:octo/app:*'")?;
/// assert!(wide_matches(issuer, &expression)[0].contains("pull request"));
/// # Ok::<(), workload_identity_core::trust::ExpressionError>(())
/// ```
#[must_use]
pub fn wide_matches(issuer: &str, expression: &Expression) -> Vec<String> {
    let mut warnings = Vec::new();
    let clauses = expression.clauses();
    let platform = Platform::of_issuer(issuer);
    for clause in clauses.iter().filter(|clause| clause.operator == Operator::Matches) {
        match (platform, clause.claim.as_str()) {
            (Some(Platform::Github), "sub") => github_subject(&clause.value, &mut warnings),
            (Some(Platform::Github), "job_workflow_ref") => workflow(&clause.value, &mut warnings),
            (Some(Platform::Gitlab), "sub") => gitlab_subject(&clause.value, &mut warnings),
            (Some(Platform::Terraform), "sub") => terraform_subject(&clause.value, &mut warnings),
            _ => {}
        }
    }
    let names = |claim: &str| clauses.iter().any(|clause: &Clause| clause.claim == claim);
    if platform == Some(Platform::Github) && !names("sub") {
        warnings.push(
            "every repository that calls the workflow is accepted; add a clause about `sub`".into(),
        );
    }
    warnings
}

/// What a pattern begins with before its first wildcard.
fn fixed(value: &str) -> &str {
    value.split(['*', '?']).next().unwrap_or_default()
}

fn github_subject(value: &str, warnings: &mut Vec<String>) {
    let fixed = fixed(value);
    let Some(rest) = fixed.strip_prefix("repo:") else {
        if fixed.len() < "repo:".len() {
            warnings
                .push("the pattern begins with a wildcard, so that every owner is accepted".into());
        }
        return;
    };
    let Some((owner, repo)) = rest.split_once('/') else {
        warnings.push(format!(
            "a wildcard stands in the owner: repositories of other owners whose names begin with `{}` are accepted",
            super::shown(rest)
        ));
        return;
    };
    let Some((repo, _)) = repo.split_once(':') else {
        let which = match repo {
            "" => "all repositories".to_string(),
            start => format!("all repositories whose names begin with `{}`", super::shown(start)),
        };
        warnings.push(format!("{which} of `{}` are accepted", super::shown(owner)));
        return contexts(&format!("repo:{owner}/{repo}x:"), value, &GITHUB_CONTEXTS, warnings);
    };
    contexts(&format!("repo:{owner}/{repo}:"), value, &GITHUB_CONTEXTS, warnings);
}

/// Ends of subjects that few credentials are meant for.
type Contexts = [(&'static str, &'static str)];

const GITHUB_CONTEXTS: [(&str, &str); 4] = [
    ("pull_request", "pull requests are accepted, also those that change the workflow"),
    ("environment:-any-", "every environment is accepted, also one that is not protected"),
    ("ref:refs/heads/-any-", "every branch is accepted"),
    ("ref:refs/tags/-any-", "every tag is accepted"),
];

/// Adds a warning for each context whose subject the pattern matches.
fn contexts(start: &str, value: &str, contexts: &Contexts, warnings: &mut Vec<String>) {
    for (end, warning) in contexts {
        if pattern::matches(value, &format!("{start}{end}")) {
            warnings.push((*warning).to_string());
        }
    }
}

fn workflow(value: &str, warnings: &mut Vec<String>) {
    if !fixed(value).contains("/.github/workflows/") {
        warnings.push(
            "a wildcard stands in the workflow's repository: workflows of others are accepted"
                .into(),
        );
    } else if !fixed(value).contains('@') {
        warnings
            .push("every workflow file of the repository that fits the pattern is accepted".into());
    } else if value.ends_with("@*") || value.ends_with("@refs/heads/*") {
        warnings.push(
            "the workflow is accepted at every ref that fits, also at unreviewed branches".into(),
        );
    }
}

fn gitlab_subject(value: &str, warnings: &mut Vec<String>) {
    let fixed = fixed(value);
    let project =
        ["project_path:", "project_id:"].iter().find_map(|start| fixed.strip_prefix(start));
    let Some(project) = project else {
        warnings
            .push("the pattern begins with a wildcard, so that every project is accepted".into());
        return;
    };
    let Some((project, _)) = project.split_once(':') else {
        let what = if project.contains('/') { "projects" } else { "groups and projects" };
        warnings.push(format!(
            "all {what} whose paths begin with `{}` are accepted",
            super::shown(project)
        ));
        return;
    };
    let start = fixed.split(':').next().unwrap_or_default();
    contexts(&format!("{start}:{project}:ref_type:"), value, &GITLAB_CONTEXTS, warnings);
}

const GITLAB_CONTEXTS: [(&str, &str); 2] = [
    ("branch:ref:-any-", "every branch is accepted, also those that are not protected"),
    ("tag:ref:-any-", "every tag is accepted"),
];

fn terraform_subject(value: &str, warnings: &mut Vec<String>) {
    let fixed = fixed(value);
    let names = ["organization", "project", "workspace"];
    let open = names.iter().zip([1, 3, 5]).find(|(_, at)| fixed.split(':').nth(at + 1).is_none());
    if let Some((name, _)) = open {
        warnings.push(format!("a wildcard stands in the {name}: others that fit are accepted"));
    } else if pattern::matches(value, &format!("{}plan", run_phase_start(fixed))) {
        warnings.push(
            "the phase `plan` is accepted, which runs before anybody approves the change".into(),
        );
    }
}

/// The subject up to the value of `run_phase`.
fn run_phase_start(fixed: &str) -> String {
    let start: Vec<&str> = fixed.split(':').take(6).collect();
    format!("{}:run_phase:", start.join(":"))
}
