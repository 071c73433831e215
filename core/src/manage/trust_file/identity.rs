//! The identity that a trust file is about.

use crate::entra::is_guid;
use alloc::string::String;
use serde::Serialize;

/// Segments of a managed identity's resource id ("Managed Identities REST API", Azure Resource Manager). `None` is a name.
const SEGMENTS: [Option<&str>; 8] = [
    Some("subscriptions"),
    None,
    Some("resourceGroups"),
    None,
    Some("providers"),
    Some("Microsoft.ManagedIdentity"),
    Some("userAssignedIdentities"),
    None,
];

/// An application or a user-assigned managed identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FileIdentity {
    /// An application by its application (client) id.
    AppId(String),
    /// An application by its object id.
    AppObjectId(String),
    /// A user-assigned managed identity by its resource id in Azure Resource Manager.
    ManagedIdentity(String),
}

impl FileIdentity {
    /// The names of the kinds in files and on the wire.
    pub const KINDS: [&'static str; 3] = ["app_id", "app_object_id", "managed_identity"];

    /// An identity of a kind.
    ///
    /// # Errors
    /// What the value must be, as the end of a sentence.
    pub fn of_kind(kind: &str, value: &str) -> Result<Self, &'static str> {
        let guid = |identity: fn(String) -> Self| match is_guid(value) {
            true => Ok(identity(value.into())),
            false => Err("a GUID, such as 11111111-2222-3333-4444-555555555555"),
        };
        match kind {
            "app_id" => guid(Self::AppId),
            "app_object_id" => guid(Self::AppObjectId),
            "managed_identity" if is_resource_id(value) => Ok(Self::ManagedIdentity(value.into())),
            "managed_identity" => Err(
                "a resource id, such as /subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.ManagedIdentity/userAssignedIdentities/NAME",
            ),
            _ => Err("of a known kind: app_id, app_object_id or managed_identity"),
        }
    }
}

/// Whether a text is the resource id of a user-assigned managed identity. Azure compares the fixed segments without case.
pub(in crate::manage) fn is_resource_id(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('/') else { return false };
    let mut segments = rest.split('/');
    let fits = SEGMENTS.iter().enumerate().all(|(index, expected)| {
        let segment = segments.next().unwrap_or_default();
        match (expected, index) {
            (Some(expected), _) => segment.eq_ignore_ascii_case(expected),
            (None, 1) => is_guid(segment),
            (None, 3) => is_group(segment),
            (None, _) => is_name(segment),
        }
    });
    fits && segments.next().is_none()
}

/// A resource group ("Naming rules and restrictions for Azure resources"): 1 to 90 characters, no full stop at the end.
fn is_group(text: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || "-_.()".contains(c);
    !text.is_empty()
        && text.chars().count() <= 90
        && text.chars().all(allowed)
        && !text.ends_with('.')
}

/// An identity's name (the same document): 3 to 128 letters, digits, dashes and underscores; the first is no dash or underscore.
fn is_name(text: &str) -> bool {
    (3..=128).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    const GUID: &str = "11111111-2222-3333-4444-555555555555";

    #[test]
    fn resource_ids_are_those_of_managed_identities() {
        let id = format!(
            "/subscriptions/{GUID}/resourceGroups/g-1.(x)/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app_1"
        );
        assert!(is_resource_id(&id));
        assert!(is_resource_id(&id.replace("resourceGroups", "resourcegroups")));
        for wrong in [
            "",
            "/",
            &id[1..],
            &format!("{id}/"),
            &format!("{id}/x"),
            &format!("{id}?x"),
            &id.replace(GUID, "x"),
            &id.replace("app_1", ".."),
            &id.replace("app_1", "a"),
            &id.replace("g-1.(x)", ".."),
            &id.replace("userAssignedIdentities", "systemAssignedIdentities"),
        ] {
            assert!(!is_resource_id(wrong), "{wrong}");
        }
    }

    #[test]
    fn kinds_have_names() {
        assert_eq!(FileIdentity::of_kind("app_id", GUID), Ok(FileIdentity::AppId(GUID.into())));
        assert!(FileIdentity::of_kind("app_object_id", "x").unwrap_err().starts_with("a GUID"));
        assert!(
            FileIdentity::of_kind("managed_identity", GUID).unwrap_err().contains("resource id")
        );
        assert!(FileIdentity::of_kind("app", GUID).is_err());
        let json = serde_json::to_string(&FileIdentity::AppObjectId(GUID.into())).unwrap();
        assert_eq!(json, format!(r#"{{"app_object_id":"{GUID}"}}"#));
    }
}
