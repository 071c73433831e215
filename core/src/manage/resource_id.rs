//! Resource ids of user-assigned managed identities in Azure Resource Manager.

use crate::entra::is_guid;
use alloc::format;
use alloc::string::String;

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

/// A resource id with ARM's own spelling of the words, which ARM compares without case; `None` if it is another text.
pub(super) fn canonical(text: &str) -> Option<String> {
    if !is_resource_id(text) {
        return None;
    }
    let mut names = text.split('/').skip(2).step_by(2);
    let (subscription, group) = (names.next()?, names.next()?);
    Some(format!(
        "/subscriptions/{}/resourceGroups/{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{}",
        subscription.to_ascii_lowercase(),
        text.rsplit('/').next()?
    ))
}

/// Azure compares the fixed segments without case.
fn is_resource_id(text: &str) -> bool {
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

    const GUID: &str = "11111111-2222-3333-4444-555555555555";

    #[test]
    fn resource_ids_are_those_of_managed_identities() {
        let id = format!(
            "/subscriptions/{GUID}/resourceGroups/g-1.(x)/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app_1"
        );
        assert_eq!(canonical(&id).as_deref(), Some(&*id));
        let other = id.replace("resourceGroups", "RESOURCEGROUPS").replace("Managed", "managed");
        assert_eq!(canonical(&other), Some(id.clone()));
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
            assert_eq!(canonical(wrong), None, "{wrong}");
        }
    }
}
