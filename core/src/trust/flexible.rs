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
    let is_wide = |clause: &&Clause| {
        clause.operator == Operator::Matches && clause.value.contains(['*', '?'])
    };
    for clause in clauses.iter().filter(is_wide) {
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
    match fixed.strip_prefix("repo:").map(|rest| rest.split_once('/')) {
        // Another beginning is that of a customised subject.
        None if fixed.len() >= "repo:".len() => return,
        None => warnings
            .push("the pattern begins with a wildcard, so that every owner is accepted".into()),
        Some(None) => warnings.push(format!(
            "a wildcard stands in the owner: repositories of other owners whose names begin with `{}` are accepted",
            super::shown(fixed.trim_start_matches("repo:"))
        )),
        Some(Some((owner, repo))) if !repo.contains(':') => {
            let owner = super::shown(owner);
            warnings.push(match repo {
                "" => format!("all repositories of `{owner}` are accepted"),
                start => format!(
                    "all repositories of `{owner}` whose names begin with `{}` are accepted",
                    super::shown(start)
                ),
            });
        }
        Some(Some(_)) => {}
    }
    contexts(&github_project(value), value, &GITHUB_CONTEXTS, warnings);
    for (context, what) in [(":ref:refs/heads/", "branches"), (":environment:", "environments")] {
        let name = fixed.split_once(context).map(|(_, name)| name).unwrap_or_default();
        if name.ends_with(|last: char| last.is_ascii_alphanumeric()) {
            let name = super::shown(name);
            warnings.push(format!("all {what} whose names begin with `{name}` are accepted"));
        }
    }
}

/// The beginning of a subject that the pattern accepts: `repo:OWNER/REPO:`.
fn github_project(value: &str) -> String {
    let (start, rest) = match value.strip_prefix("repo:") {
        Some(rest) => ("repo:", rest),
        None => ("repo:x", value.trim_start_matches('*')),
    };
    let project = rest.split(':').next().unwrap_or_default().replace(['*', '?'], "x");
    let repo = if project.contains('/') { "" } else { "/x" };
    format!("{start}{project}{repo}:")
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
    let fixed = fixed(value);
    if !fixed.contains("/.github/workflows/") {
        warnings.push(
            "a wildcard stands in the workflow's repository: workflows of others are accepted"
                .into(),
        );
    } else if !fixed.contains('@') {
        warnings
            .push("every workflow file of the repository that fits the pattern is accepted".into());
    }
    let file = value.split('@').next().unwrap_or_default().replace(['*', '?'], "x");
    if pattern::matches(value, &format!("{file}@refs/heads/-any-")) {
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
        let sample = format!("{fixed}x:ref_type:");
        return contexts(&sample, value, &GITLAB_CONTEXTS, warnings);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The warnings about an expression, as one text.
    fn warnings(issuer: &str, expression: &str) -> String {
        wide_matches(issuer, &Expression::parse(expression).unwrap()).join("\n")
    }

    #[test]
    fn wide_expressions_are_warned_of() {
        const GITHUB: &str = "https://token.actions.githubusercontent.com";
        const GITLAB: &str = "https://gitlab.com";
        const TERRAFORM: &str = "https://app.terraform.io";
        for (issuer, pattern, words) in [
            (GITHUB, "*", &["every owner", "pull requests", "every branch"][..]),
            (GITHUB, "*:pull_request", &["every owner", "pull requests"]),
            (GITHUB, "*/app:pull_request", &["every owner", "pull requests"]),
            (GITHUB, "repo:*", &["in the owner", "pull requests"]),
            (GITHUB, "repo:octo*", &["begin with `octo`", "pull requests"]),
            (GITHUB, "repo:octo*/app:ref:refs/heads/main", &["begin with `octo`"]),
            (GITHUB, "repo:octo/*", &["all repositories of `octo`", "pull requests"]),
            (GITHUB, "repo:octo/*:pull_request", &["all repositories", "pull requests"]),
            (GITHUB, "repo:octo/*-api:pull_request", &["all repositories", "pull requests"]),
            (GITHUB, "repo:octo/app*:ref:refs/heads/main", &["begin with `app`"]),
            (GITHUB, "repo:octo/app:*", &["pull requests", "every environment", "every tag"]),
            (GITHUB, "repo:octo/app:p*", &["pull requests"]),
            (GITHUB, "repo:octo/app:ref:*", &["every branch", "every tag"]),
            (GITHUB, "repo:octo/app:ref:refs/heads/*", &["every branch"]),
            (
                GITHUB,
                "repo:octo/app:ref:refs/heads/main*",
                &["branches whose names begin with `main`"],
            ),
            (GITHUB, "repo:octo@1/app@2:*", &["pull requests"]),
            (GITLAB, "project_path:g/*", &["all projects", "every branch", "every tag"]),
            (GITLAB, "project_path:g*", &["groups and projects"]),
            (GITLAB, "project_path:g/p:ref_type:*", &["every branch", "every tag"]),
            (GITLAB, "*", &["every project"]),
            (TERRAFORM, "organization:o*", &["in the organization"]),
            (TERRAFORM, "organization:o:project:p:workspace:*", &["in the workspace"]),
            (TERRAFORM, "organization:o:project:p:workspace:w:run_phase:*", &["`plan`"]),
        ] {
            let found = warnings(issuer, &format!("claims['sub'] matches '{pattern}'"));
            for word in words {
                assert!(found.contains(word), "{pattern}: {found}");
            }
        }
        let workflow = "claims['job_workflow_ref'] matches 'o/r/.github/workflows/d.yml@refs/*'";
        let found = warnings(GITHUB, workflow);
        assert!(found.contains("unreviewed") && found.contains("every repository"), "{found}");
    }

    #[test]
    fn narrow_expressions_have_no_warning() {
        let issuer = "https://token.actions.githubusercontent.com";
        for expression in [
            "claims['sub'] eq 'repo:octo/app:*'",
            "claims['sub'] matches ''",
            "claims['sub'] matches 'repo'",
            "claims['sub'] matches 'repo:octo/app:pull_request'",
            "claims['sub'] matches 'repo:octo/app:ref:refs/heads/main'",
            "claims['sub'] matches 'repo:octo/app:ref:refs/heads/release/*'",
            "claims['sub'] matches 'repo:octo/app:ref:refs/tags/v*'",
        ] {
            assert_eq!(warnings(issuer, expression), "", "{expression}");
        }
    }
}
