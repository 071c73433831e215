//! The forms of subjects as data.
//!
//! Sources: each platform's documentation of its OpenID Connect tokens. A part of a template is `{name}` and a sign that tells
//! which characters it may have; [`PartKind`] has the signs.

use super::super::platform::Platform;
use crate::verify::{is_trust_domain, trust_domain};
use alloc::format;

/// A form of subject: the text around its parts.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubjectForm {
    /// Whose form it is.
    pub platform: Platform,
    /// Its name, such as `environment`; unique for platform and generation.
    pub name: &'static str,
    /// 1, or 2 for a platform's newer form of the same subjects.
    pub generation: u8,
    /// The text with its parts.
    pub template: &'static str,
    /// The parts that name the project.
    pub project: &'static [&'static str],
    /// The parts that are new for each run, for each commit or for each machine.
    pub per_run: &'static [&'static str],
}

/// Which characters a part may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PartKind {
    /// No sign: not `:`, `/` or `@`.
    Word,
    /// `~`: not `:`.
    Path,
    /// `^`: not `/`.
    Segment,
    /// `*`: any.
    Any,
    /// `#`: decimal digits.
    Digits,
    /// `!`: a UUID.
    Uuid,
    /// `=`: a UUID in braces.
    BracedUuid,
    /// `&`: hexadecimal digits, at least eight.
    Hex,
    /// `$`: a trust domain (SPIFFE-ID, section 2.1).
    TrustDomain,
    /// `%`: the path of a SPIFFE ID, without the first slash (SPIFFE-ID, section 2.2).
    SpiffePath,
}

const fn form(
    platform: Platform,
    name: &'static str,
    generation: u8,
    template: &'static str,
    project: &'static [&'static str],
) -> SubjectForm {
    SubjectForm { platform, name, generation, template, project, per_run: &[] }
}

const fn per_run(
    platform: Platform,
    name: &'static str,
    template: &'static str,
    per_run: &'static [&'static str],
) -> SubjectForm {
    SubjectForm { platform, name, generation: 1, template, project: &[], per_run }
}

const REPO: &[&str] = &["owner", "repo"];
const GITHUB_2: &[&str] = REPO;
use Platform::{
    Aws, AzureDevops, Bitbucket, Buildkite, Circleci, Entra, Fly, Github, Gitlab, Google,
    Kubernetes, Modal, Spacelift, Spiffe, Terraform, Vercel,
};

/// All forms. The first that fits a subject is its form.
pub const SUBJECT_FORMS: &[SubjectForm] = &[
    // Since 2026-07-15 for repositories that are created, renamed or transferred: with the ids of owner and repository.
    form(
        Github,
        "environment",
        2,
        "repo:{owner}@{owner_id#}/{repo}@{repo_id#}:environment:{environment~}",
        GITHUB_2,
    ),
    form(
        Github,
        "pull_request",
        2,
        "repo:{owner}@{owner_id#}/{repo}@{repo_id#}:pull_request",
        GITHUB_2,
    ),
    form(
        Github,
        "branch",
        2,
        "repo:{owner}@{owner_id#}/{repo}@{repo_id#}:ref:refs/heads/{branch~}",
        GITHUB_2,
    ),
    form(
        Github,
        "tag",
        2,
        "repo:{owner}@{owner_id#}/{repo}@{repo_id#}:ref:refs/tags/{tag~}",
        GITHUB_2,
    ),
    form(Github, "environment", 1, "repo:{owner}/{repo}:environment:{environment~}", REPO),
    form(Github, "pull_request", 1, "repo:{owner}/{repo}:pull_request", REPO),
    form(Github, "branch", 1, "repo:{owner}/{repo}:ref:refs/heads/{branch~}", REPO),
    form(Github, "tag", 1, "repo:{owner}/{repo}:ref:refs/tags/{tag~}", REPO),
    // The claim `job_workflow_ref`, which names the reusable workflow.
    form(Github, "reusable_workflow", 1, "{owner}/{repo}/.github/workflows/{file}@{ref~}", REPO),
    form(
        Gitlab,
        "ref",
        2,
        "project_id:{project_id#}:ref_type:{ref_type}:ref:{ref*}",
        &["project_id"],
    ),
    form(Gitlab, "ref", 1, "project_path:{project~}:ref_type:{ref_type}:ref:{ref*}", &["project"]),
    form(Gitlab, "project", 2, "project_id:{project_id#}", &["project_id"]),
    form(Gitlab, "project", 1, "project_path:{project~}", &["project"]),
    form(
        Kubernetes,
        "service_account",
        1,
        "system:serviceaccount:{namespace}:{name}",
        &["namespace", "name"],
    ),
    form(
        AzureDevops,
        "service_connection",
        2,
        "/eid1/c/{cloud}/t/{tenant}/a/{application}/sc/{organization_id}/{connection_id}",
        &["organization_id", "connection_id"],
    ),
    form(
        AzureDevops,
        "service_connection",
        1,
        "sc://{organization^}/{project^}/{connection^}",
        &["organization", "project", "connection"],
    ),
    form(
        Terraform,
        "workspace",
        1,
        "organization:{organization~}:project:{project~}:workspace:{workspace~}:run_phase:{run_phase}",
        &["organization", "project", "workspace"],
    ),
    form(
        Terraform,
        "module",
        1,
        "organization:{organization~}:module:{module~}:operation:{operation}",
        &["organization", "module"],
    ),
    form(Spiffe, "workload", 1, "spiffe://{trust_domain$}/{path%}", &["trust_domain", "path"]),
    form(Spiffe, "trust_domain", 1, "spiffe://{trust_domain$}", &["trust_domain"]),
    form(Aws, "role", 1, "arn:{partition}:iam::{account#}:role/{role~}", &["account", "role"]),
    per_run(
        Buildkite,
        "step",
        "organization:{organization}:pipeline:{pipeline}:ref:{ref*}:commit:{commit}:step:{step~}",
        &["commit", "step"],
    ),
    per_run(Bitbucket, "step", "{repository=}:{step=}", &["step"]),
    per_run(Bitbucket, "deployment_step", "{repository=}:{environment=}:{step=}", &["step"]),
    per_run(
        Modal,
        "container",
        "modal:workspace_id:{workspace_id}:environment_name:{environment_name}:app_name:{app_name~}:function_name:{function_name~}:container_id:{container_id}",
        &["container_id"],
    ),
    per_run(Fly, "machine", "{organization}:{app}:{machine&}", &["machine"]),
    form(
        Circleci,
        "user_and_ref",
        2,
        "org/{organization_id!}/project/{project_id!}/user/{user_id!}/vcs-origin/{origin*}/vcs-ref/{ref*}",
        &["organization_id", "project_id"],
    ),
    form(
        Circleci,
        "user",
        1,
        "org/{organization_id!}/project/{project_id!}/user/{user_id!}",
        &["organization_id", "project_id"],
    ),
    form(
        Vercel,
        "deployment",
        1,
        "owner:{owner}:project:{project}:environment:{environment~}",
        &["owner", "project"],
    ),
    form(
        Spacelift,
        "stack",
        1,
        "space:{space}:stack:{stack}:run_type:{run_type}:scope:{scope}",
        &["space", "stack"],
    ),
    form(
        Spacelift,
        "module",
        1,
        "space:{space}:module:{module}:run_type:{run_type}:scope:{scope}",
        &["space", "module"],
    ),
    // Buildkite with `--subject-claim pipeline_id`, if the issuer is known. Otherwise a UUID is a managed identity.
    form(Entra, "managed_identity", 1, "{object_id!}", &["object_id"]),
    form(Buildkite, "pipeline", 1, "{pipeline_id!}", &["pipeline_id"]),
    form(Google, "service_account", 1, "{unique_id#}", &["unique_id"]),
];

/// Platforms whose every subject names the run or the machine: what any other subject of their issuers is. Fly.io's machines
/// have names, too.
pub(super) const FORMS_OF_ISSUERS: &[SubjectForm] = &[
    per_run(Fly, "named_machine", "{organization}:{app}:{machine~}", &["machine"]),
    per_run(Fly, "any", "{machine*}", &["machine"]),
    per_run(Bitbucket, "any", "{step*}", &["step"]),
    per_run(Modal, "any", "{container_id*}", &["container_id"]),
];

/// GitHub's subjects that an organization or repository has customised: `key:value` for each claim that it chose.
pub(super) const GITHUB_CUSTOMISED: SubjectForm = form(Github, "customised", 1, "", &["repo"]);
/// The same, with the ids of owner and repository in `repo`.
pub(super) const GITHUB_CUSTOMISED_2: SubjectForm = form(Github, "customised", 2, "", &["repo"]);

impl PartKind {
    /// The sign at the end of a part in a template.
    pub(super) fn of_sign(part: &str) -> (&str, Self) {
        const SIGNS: [(char, PartKind); 9] = [
            ('~', PartKind::Path),
            ('^', PartKind::Segment),
            ('*', PartKind::Any),
            ('#', PartKind::Digits),
            ('!', PartKind::Uuid),
            ('=', PartKind::BracedUuid),
            ('&', PartKind::Hex),
            ('$', PartKind::TrustDomain),
            ('%', PartKind::SpiffePath),
        ];
        let signed = SIGNS.iter().find_map(|(sign, kind)| Some((part.strip_suffix(*sign)?, *kind)));
        signed.unwrap_or((part, Self::Word))
    }

    /// Whether a value may stand in such a part.
    pub(super) fn admits(self, value: &str) -> bool {
        let without = |signs: &[char]| !value.contains(signs);
        !value.is_empty()
            && match self {
                Self::Word => without(&[':', '/', '@']),
                Self::Path => without(&[':']),
                Self::Segment => without(&['/']),
                Self::Any => true,
                Self::Digits => value.bytes().all(|byte| byte.is_ascii_digit()),
                Self::Uuid => crate::entra::is_guid(value),
                Self::BracedUuid => value
                    .strip_prefix('{')
                    .and_then(|value| value.strip_suffix('}'))
                    .is_some_and(crate::entra::is_guid),
                Self::Hex => value.len() >= 8 && value.bytes().all(|byte| byte.is_ascii_hexdigit()),
                Self::TrustDomain => is_trust_domain(value),
                Self::SpiffePath => trust_domain(&format!("spiffe://domain/{value}")).is_some(),
            }
    }

    /// What a value must be, as the end of a sentence.
    pub(super) const fn expectation(self) -> &'static str {
        match self {
            Self::Word => "a text without `:`, `/` and `@`",
            Self::Path => "a text without `:`",
            Self::Segment => "a text without `/`",
            Self::Any => "a text",
            Self::Digits => "a number in decimal digits",
            Self::Uuid => "a UUID",
            Self::BracedUuid => "a UUID in braces",
            Self::Hex => "at least eight hexadecimal digits",
            Self::TrustDomain => "a trust domain: lower-case letters, digits, `.`, `-` and `_`",
            Self::SpiffePath => "a path of segments with letters, digits, `.`, `-` and `_`",
        }
    }
}
