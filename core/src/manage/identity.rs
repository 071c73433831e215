//! The identity whose credentials are managed.

use super::resource_id;
use crate::Error;
use crate::entra::is_guid;
use crate::http::percent_encode;
use crate::json::config::Document;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// An application, an agent identity blueprint or a user-assigned managed identity. Ids are in their canonical spelling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// The application of this application (client) id.
    AppId(String),
    /// The application of this object id.
    AppObjectId(String),
    /// The agent identity blueprint of this object id.
    AgentBlueprint(String),
    /// The user-assigned managed identity of this ARM resource id.
    ManagedIdentity(String),
}

/// The JSON form: exactly one member.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentityForm {
    app_id: Option<String>,
    app_object_id: Option<String>,
    agent_blueprint: Option<String>,
    managed_identity: Option<String>,
}

impl Identity {
    /// The names of the kinds in files and on the wire.
    pub const KINDS: [&'static str; 4] =
        ["app_id", "app_object_id", "agent_blueprint", "managed_identity"];

    /// An identity of a kind.
    ///
    /// # Errors
    /// What the value must be, as the end of a sentence.
    ///
    /// ```
    /// use workload_identity_core::manage::Identity;
    /// let identity = Identity::of_kind("app_id", "11111111-2222-3333-4444-AAAAAAAAAAAA");
    /// assert_eq!(identity, Ok(Identity::AppId("11111111-2222-3333-4444-aaaaaaaaaaaa".into())));
    /// ```
    pub fn of_kind(kind: &str, value: &str) -> Result<Self, &'static str> {
        let guid = |identity: fn(String) -> Self| match is_guid(value) {
            true => Ok(identity(value.to_ascii_lowercase())),
            false => Err("a GUID; copy it from the app registration in the Entra portal"),
        };
        match kind {
            "app_id" => guid(Self::AppId),
            "app_object_id" => guid(Self::AppObjectId),
            "agent_blueprint" => guid(Self::AgentBlueprint),
            "managed_identity" => resource_id::canonical(value).map(Self::ManagedIdentity).ok_or(
                "the resource id of a user-assigned identity: /subscriptions/GUID/resourceGroups/NAME/providers/Microsoft.ManagedIdentity/userAssignedIdentities/NAME",
            ),
            _ => Err("of a known kind: app_id, app_object_id, agent_blueprint or managed_identity"),
        }
    }

    /// Checks the JSON form.
    pub(crate) fn of_form(document: Document, form: IdentityForm) -> Result<Self, Error> {
        let IdentityForm { app_id, app_object_id, agent_blueprint, managed_identity } = form;
        let values = [app_id, app_object_id, agent_blueprint, managed_identity];
        let given: Vec<(&str, String)> = Self::KINDS
            .into_iter()
            .zip(values)
            .filter_map(|(kind, value)| Some((kind, value?)))
            .collect();
        let [(kind, value)] = given.as_slice() else {
            return Err(document.error(
                "`identity` does not have exactly one of `app_id`, `app_object_id`, `agent_blueprint` and `managed_identity`",
            ));
        };
        Self::of_kind(kind, value.trim_ascii())
            .map_err(|expected| document.error(format!("`identity.{kind}` is not {expected}")))
    }

    /// Whether both are the same identity by the same kind of id. ARM compares the names of resources without case.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::ManagedIdentity(one), Self::ManagedIdentity(other)) => {
                one.eq_ignore_ascii_case(other)
            }
            (one, other) => one == other,
        }
    }

    /// Whether the credentials are at ARM. Those of all others are at Microsoft Graph.
    #[must_use]
    pub fn is_managed(&self) -> bool {
        matches!(self, Self::ManagedIdentity(_))
    }

    /// The path of the identity's credentials, after the version of Microsoft Graph or the host of ARM.
    pub(super) fn path(&self) -> String {
        let owner = match self {
            Self::AppId(id) => format!("/applications(appId='{id}')"),
            Self::AppObjectId(id) => format!("/applications/{id}"),
            Self::AgentBlueprint(id) => {
                format!("/applications/{id}/microsoft.graph.agentIdentityBlueprint")
            }
            // A resource group can have letters beyond ASCII.
            Self::ManagedIdentity(id) => {
                let segments: Vec<String> = id.split('/').map(percent_encode).collect();
                segments.join("/")
            }
        };
        format!("{owner}/federatedIdentityCredentials")
    }

    /// The identity in messages.
    pub(super) fn label(&self) -> &str {
        match self {
            Self::AppId(id) | Self::AppObjectId(id) | Self::AgentBlueprint(id) => id,
            Self::ManagedIdentity(id) => id.rsplit('/').next().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "11111111-2222-3333-4444-aaaaaaaaaaaa";

    #[test]
    fn kinds_have_names_and_canonical_ids() {
        for kind in ["app_id", "app_object_id", "agent_blueprint"] {
            let identity = Identity::of_kind(kind, &GUID.to_ascii_uppercase()).unwrap();
            let json = serde_json::to_string(&identity).unwrap();
            assert_eq!(json, format!(r#"{{"{kind}":"{GUID}"}}"#));
            assert!(Identity::of_kind(kind, "x").unwrap_err().starts_with("a GUID"));
        }
        assert!(Identity::of_kind("managed_identity", GUID).unwrap_err().contains("resource id"));
        assert!(Identity::of_kind("app", GUID).is_err());
    }

    #[test]
    fn arm_compares_names_without_case() {
        let of = |group: &str| {
            let id = format!(
                "/subscriptions/{GUID}/resourcegroups/{group}/providers/microsoft.managedidentity/userassignedidentities/app"
            );
            Identity::of_kind("managed_identity", &id).unwrap()
        };
        assert!(of("Shop").is(&of("shop")));
        assert!(!of("shop").is(&of("shops")));
        assert!(
            of("größe")
                .path()
                .contains("/resourceGroups/gr%C3%B6%C3%9Fe/providers/Microsoft.ManagedIdentity/")
        );
        let (app, object) = (Identity::AppId(GUID.into()), Identity::AppObjectId(GUID.into()));
        assert!(!app.is(&object));
    }
}
