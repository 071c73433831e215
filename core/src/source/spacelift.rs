//! Spacelift: the token of a run, in a variable and in a file (Spacelift documentation, "OpenID Connect (OIDC)").

use super::file::{FileOwner, TokenFile};
use super::variable::VariablePlatform;
use super::{Detection, SourceKind};
use alloc::sync::Arc;

pub(super) const KIND: SourceKind = SourceKind {
    name: "spacelift",
    variables: PLATFORM.variables,
    paths: &[PATH],
    detect: |environment| {
        if environment.first_set(PLATFORM.variables).is_none() && environment.has_path(PATH) {
            let source = Arc::new(TokenFile::of(&FILE, PATH));
            return Detection::Found { source, why: "Spacelift: its token file exists".into() };
        }
        PLATFORM.detect(environment)
    },
    configure: |form, environment| {
        let in_file = environment.first_set(PLATFORM.variables).is_none()
            && environment.has_path(PATH)
            && form.is_empty();
        if in_file {
            return Ok(Arc::new(TokenFile::of(&FILE, PATH)));
        }
        PLATFORM.configure(form, environment)
    },
};

/// In every run's container.
const PATH: &str = "/mnt/workspace/spacelift.oidc";

static PLATFORM: VariablePlatform = VariablePlatform {
    title: "Spacelift",
    variables: &["SPACELIFT_OIDC_TOKEN"],
    missing: "Spacelift sets it in runs, for accounts of a paid plan",
};

static FILE: FileOwner = FileOwner {
    platform: Some("Spacelift"),
    configured_by: PATH,
    missing: "Spacelift writes it in runs, for accounts of a paid plan",
};
