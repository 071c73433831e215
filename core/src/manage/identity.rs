//! The identity whose credentials are managed.

use super::trust_file::is_resource_id;
use crate::Error;
use crate::entra::is_guid;
use crate::http::percent_encode;
use crate::json::config::Document;
use alloc::format;
use alloc::string::{String, ToString};
use serde::Deserialize;

/// An application, an agent identity blueprint or a user-assigned managed identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The application of this application (client) id.
    AppId(String),
    /// The application of this object id.
    AppObjectId(String),
    /// The agent identity blueprint of this object id.
    AgentBlueprint(String),
    /// The user-assigned managed identity of this ARM resource id, in its canonical spelling.
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
    /// Checks the JSON form.
    pub(crate) fn of_form(document: Document, form: IdentityForm) -> Result<Self, Error> {
        let guid = |member: &str, value: String| {
            let value = value.trim_ascii().to_ascii_lowercase();
            if is_guid(&value) {
                return Ok(value);
            }
            Err(document.error(format!(
                "`identity.{member}` is not a GUID; copy it from the app registration in the Entra portal"
            )))
        };
        let IdentityForm { app_id, app_object_id, agent_blueprint, managed_identity } = form;
        match (app_id, app_object_id, agent_blueprint, managed_identity) {
            (Some(id), None, None, None) => guid("app_id", id).map(Self::AppId),
            (None, Some(id), None, None) => guid("app_object_id", id).map(Self::AppObjectId),
            (None, None, Some(id), None) => guid("agent_blueprint", id).map(Self::AgentBlueprint),
            (None, None, None, Some(id)) => {
                resource_id(&id).map(Self::ManagedIdentity).ok_or_else(|| {
                    document.error(
                        "`identity.managed_identity` is not the resource id of a user-assigned identity: /subscriptions/GUID/resourceGroups/NAME/providers/Microsoft.ManagedIdentity/userAssignedIdentities/NAME",
                    )
                })
            }
            _ => Err(document.error(
                "`identity` does not have exactly one of `app_id`, `app_object_id`, `agent_blueprint` and `managed_identity`",
            )),
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
            Self::ManagedIdentity(id) => id.to_string(),
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

/// Checks a resource id and writes it with ARM's own spelling of the words, which ARM compares without case.
fn resource_id(text: &str) -> Option<String> {
    let text = text.trim_ascii();
    if !is_resource_id(text) {
        return None;
    }
    let mut parts = text.split('/').skip(2).step_by(2);
    let (subscription, group) = (parts.next()?, parts.next()?);
    Some(format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{}",
        subscription.to_ascii_lowercase(),
        percent_encode(group),
        text.rsplit('/').next()?
    ))
}
