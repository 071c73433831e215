//! `--app-id`, `--app-object-id`, `--managed-identity`: whose credentials are managed, and where.

use clap::{ArgGroup, Args};
use serde_json::{Value, json};
use workload_identity_core::manage::Identity;

const MANAGED_IDENTITY_HELP: &str = "A user-assigned managed identity by its resource id: /subscriptions/.../userAssignedIdentities/NAME";

/// The identity.
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("identity").multiple(false)))]
pub(super) struct IdentityArgs {
    /// An application by its application (client) id
    #[arg(long, value_name = "APP_ID", group = "identity")]
    app_id: Option<String>,
    /// An application by its object id
    #[arg(long, value_name = "OBJECT_ID", group = "identity")]
    app_object_id: Option<String>,
    /// An agent identity blueprint by its object id
    #[arg(long, value_name = "OBJECT_ID", group = "identity")]
    agent_blueprint: Option<String>,
    // Not a doc comment, where the address would have to be a link.
    #[arg(long, value_name = "RESOURCE_ID", group = "identity", help = MANAGED_IDENTITY_HELP)]
    managed_identity: Option<String>,
}

impl IdentityArgs {
    fn named(&self) -> Option<(&'static str, &str)> {
        let options = [
            ("app_id", &self.app_id),
            ("app_object_id", &self.app_object_id),
            ("agent_blueprint", &self.agent_blueprint),
            ("managed_identity", &self.managed_identity),
        ];
        options.into_iter().find_map(|(kind, value)| Some((kind, value.as_deref()?)))
    }

    /// The member `identity` of a configuration; `None` if no option names one.
    pub(super) fn identity(&self) -> Option<Value> {
        self.named().map(|(kind, value)| json!({ kind: value }))
    }

    /// The identity, without its service.
    ///
    /// # Errors
    /// The option that is wrong, and why.
    pub(super) fn checked(&self) -> Result<Option<Identity>, String> {
        let Some((kind, value)) = self.named() else { return Ok(None) };
        let option = kind.replace('_', "-");
        Identity::of_kind(kind, value)
            .map(Some)
            .map_err(|expected| format!("`--{option}` is not {expected}"))
    }
}
