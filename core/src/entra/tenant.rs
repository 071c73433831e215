//! Tenants: a GUID or a domain name. The multi-tenant aliases cannot issue app tokens.

use crate::http::is_host_name;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;

/// A tenant that can issue app tokens, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tenant(String);

impl Tenant {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let tenant = text.trim_ascii().to_ascii_lowercase();
        if matches!(tenant.as_str(), "common" | "organizations" | "consumers") {
            return Err(Error::new(
                Code::TenantReserved,
                format!(
                    "tenant_id `{tenant}` cannot issue app tokens; name the tenant by GUID or domain"
                ),
            ));
        }
        if is_guid(&tenant) || is_domain(&tenant) {
            return Ok(Self(tenant));
        }
        Err(Error::new(
            Code::TenantInvalid,
            "tenant_id is neither a GUID nor a domain name; copy the Directory (tenant) ID from the Entra portal",
        ))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// 8-4-4-4-12 hexadecimal digits.
pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// At least two labels; an underscore is in host names, not in domains.
fn is_domain(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.len() >= 4 && bytes.contains(&b'.') && !bytes.contains(&b'_') && is_host_name(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guid_and_domain_are_accepted() {
        for good in
            ["72f988bf-86f1-41af-91ab-2d7cd011db47", "Contoso.onmicrosoft.com", " contoso.com "]
        {
            assert!(Tenant::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in [
            "",
            "contoso",
            "a/b.com",
            "72f988bf-86f1-41af-91ab-2d7cd011db4",
            "a..b",
            "ä.com",
            "a.b?x",
            "-a.com",
        ] {
            assert_eq!(Tenant::parse(bad).unwrap_err().code, Code::TenantInvalid, "{bad}");
        }
        for reserved in ["common", "Organizations", "consumers"] {
            assert_eq!(Tenant::parse(reserved).unwrap_err().code, Code::TenantReserved);
        }
    }
}
