//! Bitbucket Pipelines: the token of a step with `oidc: true` (Bitbucket documentation, "Integrate Pipelines with resource servers using
//! OIDC").

use super::SourceKind;
use super::variable::VariablePlatform;

pub(super) const KIND: SourceKind = SourceKind {
    name: "bitbucket",
    variables: &[VARIABLE, MARKER],
    paths: &[],
    detect: |environment| PLATFORM.detect_in_job(environment, MARKER),
    configure: |form, environment| PLATFORM.configure(form, environment),
};

const VARIABLE: &str = "BITBUCKET_STEP_OIDC_TOKEN";
/// Set in every step.
const MARKER: &str = "BITBUCKET_STEP_UUID";

static PLATFORM: VariablePlatform = VariablePlatform {
    title: "Bitbucket Pipelines",
    variables: &[VARIABLE],
    missing: "add `oidc: true` to the step in bitbucket-pipelines.yml",
};
