//! GitHub's customised subjects, and the escape of `:` ("OpenID Connect reference", GitHub documentation).

pub(super) use super::forms::GITHUB_CUSTOMISED as FORM;
use super::forms::{GITHUB_CUSTOMISED_2, PartKind};
use super::{Subject, SubjectForm, invalid};
use crate::Error;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

static CUSTOMISED: SubjectForm = FORM;
static CUSTOMISED_2: SubjectForm = GITHUB_CUSTOMISED_2;

/// Claims that `include_claim_keys` may name. `context` becomes one of the last four.
const KEYS: &[&str] = &[
    "repo",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "repository_visibility",
    "job_workflow_ref",
    "job_workflow_sha",
    "workflow",
    "workflow_ref",
    "workflow_sha",
    "actor",
    "actor_id",
    "event_name",
    "head_ref",
    "base_ref",
    "ref_type",
    "ref_protected",
    "sha",
    "run_id",
    "run_number",
    "run_attempt",
    "runner_environment",
    "enterprise",
    "enterprise_id",
    "environment_node_id",
    "environment",
    "ref",
    "pull_request",
];

/// A key without a value.
const PULL_REQUEST: &str = "pull_request";

fn is_key(text: &str) -> bool {
    KEYS.contains(&text) || text.starts_with("repo_property_")
}

/// Reads `key:value:key:value`.
pub(super) fn parse(subject: &str) -> Option<Subject> {
    let mut parts = Vec::new();
    let mut pieces = subject.split(':');
    while let Some(key) = pieces.next() {
        if !is_key(key) {
            return None;
        }
        let value = if key == PULL_REQUEST { "" } else { pieces.next()? };
        let sound = match key {
            PULL_REQUEST => true,
            "repo" => value
                .split_once('/')
                .is_some_and(|(owner, repo)| !owner.is_empty() && PartKind::Segment.admits(repo)),
            _ => !value.is_empty(),
        };
        if !sound {
            return None;
        }
        parts.push((key.to_string(), unescape(value)));
    }
    let has_ids = |(key, value): &(String, String)| key == "repo" && without_ids(value).is_some();
    let form = if parts.iter().any(has_ids) { &CUSTOMISED_2 } else { &CUSTOMISED };
    Some(Subject { form, parts })
}

/// `OWNER/REPO` of `OWNER@ID/REPO@ID`.
pub(super) fn without_ids(repo: &str) -> Option<String> {
    let name = |text: &'_ str| {
        let (name, id) = text.rsplit_once('@')?;
        PartKind::Digits.admits(id).then(|| String::from(name))
    };
    let (owner, repo) = repo.split_once('/')?;
    Some(format!("{}/{}", name(owner)?, name(repo)?))
}

pub(super) fn build(parts: &[(&str, &str)]) -> Result<String, Error> {
    let mut pieces = Vec::new();
    for (key, value) in parts {
        if !is_key(key) {
            return Err(invalid(format!(
                "`{}` is no claim of a subject",
                crate::trust::shown(key)
            )));
        }
        pieces.push((*key).to_string());
        match (*key, value.is_empty()) {
            (PULL_REQUEST, true) => {}
            (PULL_REQUEST, false) => {
                return Err(invalid("the part `pull_request` has no value".to_string()));
            }
            (_, true) => return Err(invalid(format!("the part `{key}` is empty"))),
            (_, false) => pieces.push(escape(value)),
        }
    }
    if pieces.is_empty() {
        return Err(invalid("the subject has no parts".to_string()));
    }
    Ok(pieces.join(":"))
}

/// A `:` inside of a value is written `%3A`.
pub(super) fn escape(value: &str) -> String {
    value.replace(':', "%3A")
}

pub(super) fn unescape(value: &str) -> String {
    value.replace("%3A", ":").replace("%3a", ":")
}
