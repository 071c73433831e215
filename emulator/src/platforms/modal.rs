//! Modal: the identity token of a container, whose subject names the container.

use super::{Platform, PlatformSetup, Reach, no_endpoint};
use serde_json::json;
use workload_identity_core::trust::Credential;

const NAME: &str = "modal";
/// The platform fixes it.
const AUDIENCE: &str = "oidc.modal.com";
const SUBJECT: &str = "modal:workspace_id:ac-4Xn2:environment_name:main:app_name:train:function_name:fit:container_id:ta-01JZ";
const LIFE_SECONDS: i64 = 172800;

pub(super) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &[],
    about: "Modal: a container's identity token in a variable",
    paths: &[],
    reach: Reach::Token,
    credential: |workbench| Credential::exact(&workbench.issuer(NAME), SUBJECT, AUDIENCE),
    setup: |workbench, _folder| {
        let claims = json!({
            "sub": SUBJECT,
            "aud": AUDIENCE,
            "workspace_id": "ac-4Xn2",
            "app_name": "train",
            "function_name": "fit",
            "container_id": "ta-01JZ",
        });
        let token = workbench.token(NAME, claims, LIFE_SECONDS)?;
        Ok(PlatformSetup {
            variables: vec![("MODAL_IDENTITY_TOKEN", token)],
            ..PlatformSetup::default()
        })
    },
    answer: no_endpoint,
};
