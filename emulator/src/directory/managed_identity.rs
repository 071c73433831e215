//! The ids of the user-assigned managed identity.

/// What a token request names it by.
pub(crate) const CLIENT_ID: &str = "2d1f8b64-7a3c-4e59-8c10-9b5e6f7a8c3d";
/// The object id of its service principal: `oid` and `sub` of its tokens.
pub(crate) const PRINCIPAL_ID: &str = "c8d1f0a2-5b3e-4e76-9a80-1d2c3b4a5f60";
/// Its id in Azure Resource Manager.
pub(crate) const RESOURCE_ID: &str = "/subscriptions/5a3c7e91-0b2d-4f68-8a1c-6e7d9f0b2a43/resourceGroups/shop/providers/Microsoft.ManagedIdentity/userAssignedIdentities/orders";
