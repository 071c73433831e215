//! The tenant in a path.

use super::error::{Aadsts, EntraError};
use crate::identifiers::is_uuid;
use crate::settings::Settings;

/// Checks that a path names the emulator's tenant, by id or domain name.
pub(super) fn check(settings: &Settings, tenant: &str) -> Result<(), EntraError> {
    if tenant.eq_ignore_ascii_case(&settings.tenant_id)
        || tenant.eq_ignore_ascii_case(&settings.tenant_domain)
    {
        return Ok(());
    }
    let error = match tenant {
        "common" | "consumers" => EntraError::new(
            Aadsts::TenantShared,
            "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.",
        ),
        "organizations" => EntraError::new(
            Aadsts::TenantUnnamed,
            "No tenant-identifying information found in either the request or implied by any provided credentials.",
        ),
        _ if is_uuid(tenant) || is_domain(tenant) => EntraError::new(
            Aadsts::TenantNotFound,
            format!(
                "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."
            ),
        ),
        _ => EntraError::new(
            Aadsts::TenantMalformed,
            format!(
                "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain."
            ),
        ),
    };
    Err(error)
}

fn is_domain(text: &str) -> bool {
    text.contains('.')
        && text.split('.').all(|label| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}
