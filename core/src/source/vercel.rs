//! Vercel: the token of a build, or of the request that a function answers (Vercel documentation, "OpenID Connect federation").
//!
//! In a function the token comes with the request, in the header `x-vercel-oidc-token`. The host answers with it, and otherwise with the
//! variable. It belongs to one request, so no assertion is kept.

use super::variable::VariablePlatform;
use super::{Detection, SourceKind};
use alloc::sync::Arc;

pub(super) const KIND: SourceKind = SourceKind {
    name: "vercel",
    variables: &[VARIABLE, MARKER],
    paths: &[],
    detect: |environment| match environment.first_set(&[VARIABLE, MARKER]) {
        Some(variable) => Detection::Found {
            source: Arc::new(PLATFORM.source(VARIABLE)),
            why: alloc::format!("Vercel: {variable} is set"),
        },
        None => Detection::not_set("VERCEL_OIDC_TOKEN, VERCEL"),
    },
    configure: |mut form, environment| {
        // Functions get the token with each request and not in the variable.
        form.entry("variable").or_insert_with(|| VARIABLE.into());
        PLATFORM.configure(form, environment)
    },
};

/// The header of a request's token has this meaning, too: `docs/protocol.md`, section 4.
const VARIABLE: &str = "VERCEL_OIDC_TOKEN";
/// Set in builds and in functions.
const MARKER: &str = "VERCEL";

static PLATFORM: VariablePlatform = VariablePlatform {
    title: "Vercel",
    variables: &[VARIABLE],
    missing: "turn on OIDC in the project's settings under Security; in a function call this while a request is answered; on a laptop run `vercel env pull`",
};
