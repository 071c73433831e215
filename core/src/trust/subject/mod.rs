//! Subjects: reading the parts of `sub`, and building it from parts.

mod forms;
mod github;

pub use forms::{SUBJECT_FORMS, SubjectForm};

use super::pattern;
use super::platform::Platform;
use crate::{Code, Error};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use forms::{FORMS_OF_ISSUERS, PartKind};

/// A subject taken apart.
///
/// ```
/// use workload_identity_core::trust::{Platform, Subject};
/// let subject = Subject::parse("repo:octo@1/app@2:environment:a%3Ab").unwrap();
/// assert_eq!((subject.form.name, subject.form.generation), ("environment", 2));
/// assert_eq!(subject.part("environment"), Some("a:b"));
/// let parts = [("namespace", "default"), ("name", "app")];
/// let built = Subject::build(Platform::Kubernetes, "service_account", 1, &parts)?;
/// assert_eq!(built, "system:serviceaccount:default:app");
/// # Ok::<(), workload_identity_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subject {
    /// Its form.
    pub form: &'static SubjectForm,
    /// The parts in their order, names and values.
    pub parts: Vec<(String, String)>,
}

impl Subject {
    /// Takes a subject of unknown origin apart.
    #[must_use]
    pub fn parse(subject: &str) -> Option<Self> {
        SUBJECT_FORMS.iter().find_map(|form| form.parse(subject)).or_else(|| github::parse(subject))
    }

    /// Takes a subject of an issuer's token apart. Forms of the issuer's platform come first.
    #[must_use]
    pub fn parse_of(subject: &str, issuer: &str) -> Option<Self> {
        let platform = Platform::of_issuer(issuer)?.of_subjects();
        let forms = SUBJECT_FORMS.iter().chain(FORMS_OF_ISSUERS);
        let own = forms.filter(|form| form.platform == platform);
        own.into_iter().find_map(|form| form.parse(subject)).or_else(|| Self::parse(subject))
    }

    /// Builds a subject.
    ///
    /// # Errors
    /// `request_invalid` names the part that is missing, unknown or has a value that it may not have.
    pub fn build(
        platform: Platform,
        name: &str,
        generation: u8,
        parts: &[(&str, &str)],
    ) -> Result<String, Error> {
        if platform.of_subjects() == Platform::Github && name == github::FORM.name {
            return github::build(parts);
        }
        let found = SUBJECT_FORMS.iter().find(|form| {
            form.platform == platform.of_subjects()
                && form.name == name
                && form.generation == generation
        });
        found
            .ok_or_else(|| {
                invalid(format!("there is no such form of subject: {}", known(platform)))
            })?
            .build(parts)
    }

    /// A part by its name.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&str> {
        self.parts.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The parts that name the project, as one text.
    fn project(&self) -> String {
        let parts: Vec<&str> =
            self.form.project.iter().filter_map(|name| self.part(name)).collect();
        let project = parts.join("/");
        let customised = self.form.name == github::FORM.name;
        let without_ids = customised.then(|| github::without_ids(&project)).flatten();
        without_ids.unwrap_or(project).to_ascii_lowercase()
    }

    /// Whether another subject of the same generation is for this one's project, which may have wildcards.
    pub(super) fn is_same_project(&self, other: &Self) -> bool {
        !self.form.project.is_empty() && pattern::matches(&self.project(), &other.project())
    }

    /// Whether a subject of another generation may be for the same project. Ids and names cannot be compared.
    pub(super) fn may_be_same(&self, other: &Self) -> bool {
        self.form.project != other.form.project || self.is_same_project(other)
    }

    /// What the subject says beside its project: the form and the other parts.
    pub(super) fn context(&self) -> (&'static str, Vec<&(String, String)>) {
        let is_context = |(name, _): &&(String, String)| {
            !self.form.project.contains(&name.as_str()) && !name.ends_with("_id")
        };
        (self.form.name, self.parts.iter().filter(is_context).collect())
    }
}

impl SubjectForm {
    /// The names of its parts that are new for each run.
    pub fn per_run(&self) -> impl Iterator<Item = &'static str> {
        self.per_run.iter().copied()
    }

    /// The names of its parts.
    pub fn parts(&self) -> impl Iterator<Item = &'static str> {
        self.pieces().filter_map(|(_, part)| Some(part?.0))
    }

    /// The template as pairs of a literal and the part behind it.
    fn pieces(&self) -> impl Iterator<Item = (&'static str, Option<(&'static str, PartKind)>)> {
        let pieces = self.template.split('}').map(|piece| match piece.split_once('{') {
            Some((literal, part)) => (literal, Some(PartKind::of_sign(part))),
            None => (piece, None),
        });
        pieces.filter(|(literal, part)| !literal.is_empty() || part.is_some())
    }

    fn escapes_colons(&self) -> bool {
        self.platform == Platform::Github
    }

    fn parse(&'static self, subject: &str) -> Option<Subject> {
        let pieces: Vec<_> = self.pieces().collect();
        let mut rest = subject;
        let mut parts = Vec::new();
        for (index, (literal, part)) in pieces.iter().enumerate() {
            rest = rest.strip_prefix(literal)?;
            let Some((name, kind)) = part else { continue };
            let next = pieces.get(index + 1).map_or("", |(literal, _)| *literal);
            let end = if next.is_empty() { rest.len() } else { rest.find(next)? };
            let (value, after) = rest.split_at_checked(end)?;
            if !kind.admits(value) {
                return None;
            }
            let value = if self.escapes_colons() { github::unescape(value) } else { value.into() };
            parts.push((name.to_string(), value));
            rest = after;
        }
        rest.is_empty().then_some(Subject { form: self, parts })
    }

    fn build(&self, parts: &[(&str, &str)]) -> Result<String, Error> {
        if let Some((name, _)) =
            parts.iter().find(|(name, _)| !self.parts().any(|known| known == *name))
        {
            let known: Vec<&str> = self.parts().collect();
            return Err(invalid(format!(
                "`{}` is no part of this subject; its parts are {}",
                super::shown(name),
                known.join(", ")
            )));
        }
        let mut subject = String::new();
        for (literal, part) in self.pieces() {
            subject.push_str(literal);
            let Some((name, kind)) = part else { continue };
            let (_, value) = parts
                .iter()
                .find(|(known, _)| *known == name)
                .ok_or_else(|| invalid(format!("the part `{name}` is missing")))?;
            let value =
                if self.escapes_colons() { github::escape(value) } else { (*value).to_string() };
            if !kind.admits(&value) {
                return Err(invalid(format!("the part `{name}` is not {}", kind.expectation())));
            }
            subject.push_str(&value);
        }
        Ok(subject)
    }
}

fn known(platform: Platform) -> String {
    let own = SUBJECT_FORMS.iter().filter(|form| form.platform == platform.of_subjects());
    let names: Vec<String> =
        own.map(|form| format!("`{}` of generation {}", form.name, form.generation)).collect();
    format!("this platform has {}", names.join(", "))
}

fn invalid(message: String) -> Error {
    Error::new(Code::RequestInvalid, message)
}

#[cfg(test)]
mod tests;
