//! Kinds of sources that a build leaves out: they are named, where otherwise nothing would be found.

use crate::environment::Environment;
use crate::{Code, Error};
use alloc::format;

/// The refusal of a source that a variable or a path shows.
pub(super) fn shown(
    name: &str,
    variables: &'static [&'static str],
    paths: &[&str],
    environment: &Environment,
) -> Option<Error> {
    let variable = environment.first_set(variables).map(|variable| format!("{variable} is set"));
    let path = || paths.iter().find(|path| environment.has_path(path));
    let sign = variable.or_else(|| path().map(|path| format!("{path} exists")))?;
    Some(unsupported(&format!("{sign}, but "), name))
}

/// The refusal of a source that the configuration names.
pub(super) fn configured(name: &str) -> Error {
    unsupported("", name)
}

fn unsupported(why: &str, name: &str) -> Error {
    let message = format!(
        "{why}the source `{name}` is left out of this build; configure `source` with a callback that returns the token"
    );
    let mut error = Error::new(Code::SourceUnsupported, message);
    error.hint = Some(
        "the edge package leaves out what needs files, Unix sockets, programs or metadata services; on Node.js, Deno and Bun it has all sources".into(),
    );
    error
}
