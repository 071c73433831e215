//! A token in an environment variable of the caller's choice.

use super::variable::VariablePlatform;
use super::{Detection, SourceKind, members};
use crate::json::non_empty::NonBlank;
use alloc::sync::Arc;
use serde::Deserialize;

pub(super) const KIND: SourceKind = SourceKind {
    name: "environment",
    variables: &[],
    paths: &[],
    detect: Detection::only_configured,
    configure: |form, _| {
        let form: EnvironmentForm = members(form)?;
        Ok(Arc::new(PLATFORM.named(&form.variable.0)?))
    },
};

static PLATFORM: VariablePlatform = VariablePlatform {
    title: "the environment",
    variables: &[],
    missing: "set it to the workload token, or correct `source.variable`",
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvironmentForm {
    variable: NonBlank,
}
