//! Modal: the identity token of a function's container (Modal documentation, "OIDC integration").

use super::SourceKind;
use super::variable::VariablePlatform;

pub(super) const KIND: SourceKind = SourceKind {
    name: "modal",
    variables: PLATFORM.variables,
    paths: &[],
    detect: |environment| PLATFORM.detect(environment),
    configure: |form, environment| PLATFORM.configure(form, environment),
};

static PLATFORM: VariablePlatform = VariablePlatform {
    title: "Modal",
    variables: &["MODAL_IDENTITY_TOKEN"],
    missing: "Modal sets it in the containers of its functions",
};
