//! The pages of a list. A link to the next page is an address that a service's answer names, and the access token is sent
//! there.

use super::answer::Page;
use super::config::ManagerConfig;
use super::credential::FederatedCredential;
use crate::http::Url;
use crate::{Code, Error};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Most pages of one list. One page is usual, since an identity has at most 20 credentials; pages can be empty.
const MAX_PAGES: usize = 40;
/// Most credentials of one list.
const MAX_LISTED: usize = 200;

/// The pages that have been read.
#[derive(Debug, Default)]
pub(super) struct Pages {
    credentials: Vec<FederatedCredential>,
    links: Vec<String>,
}

impl Pages {
    /// The address of the page that comes next; `None` for the first.
    pub(super) fn next(&self) -> Option<&str> {
        self.links.last().map(String::as_str)
    }

    /// Takes a page along. Returns whether there is another one.
    pub(super) fn add(&mut self, page: Page, config: &ManagerConfig) -> Result<bool, Error> {
        self.credentials.extend(page.credentials);
        if self.credentials.len() > MAX_LISTED {
            let what = format!(
                "lists more than {MAX_LISTED} federated identity credentials of one identity"
            );
            return Err(invalid(config, &what));
        }
        let Some(link) = page.next.filter(|link| !link.is_empty()) else { return Ok(false) };
        let url = config.addresses.parse(&link).ok();
        let origin = Url::parse(&config.service_url).ok();
        let (Some(url), Some(origin)) = (url, origin) else {
            return Err(invalid(config, "names a next page whose address cannot be used"));
        };
        if url.origin() != origin.origin() {
            return Err(invalid(
                config,
                "names a next page at another host, and the access token is not sent there",
            ));
        }
        let link = url.as_str().to_string();
        if self.links.contains(&link) {
            return Err(invalid(config, "names a page as its next one that was read before"));
        }
        if self.links.len() + 1 >= MAX_PAGES {
            return Err(invalid(config, &format!("has more than {MAX_PAGES} pages")));
        }
        self.links.push(link);
        Ok(true)
    }

    /// All credentials.
    pub(super) fn into_credentials(self) -> Vec<FederatedCredential> {
        self.credentials
    }
}

fn invalid(config: &ManagerConfig, what: &str) -> Error {
    let message = format!(
        "the answer of {} {what}; check `{}` and any proxy",
        config.service(),
        config.url_member()
    );
    Error::new(Code::ResponseInvalid, message)
}
