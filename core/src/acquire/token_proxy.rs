//! The certificate authorities of a token proxy. Their file is read before each token request: the cluster replaces it while
//! the process runs.

use super::{Acquisition, Context, Resume, unexpected};
use crate::effect::{Effect, Failure, Outcome};
use crate::oauth::token_proxy::{self, Roots, TokenProxy};
use crate::source::REREAD_MS;
use crate::{Code, Error};
use alloc::string::String;
use alloc::sync::Arc;

/// Attempts to read a file that is being replaced, when no earlier content is known.
const REREADS: u32 = 3;

impl Acquisition {
    /// The path of the file that has to be read before the token request.
    pub(super) fn awaited_roots<'a>(&self, cx: &Context<'a>) -> Option<&'a str> {
        match &cx.config.token_proxy {
            Some(TokenProxy { roots: Roots::File(path), .. }) if self.roots.is_none() => Some(path),
            _ => None,
        }
    }

    pub(super) fn read_roots(path: &str) -> Effect {
        Effect::ReadFile { path: path.into(), max_bytes: token_proxy::MAX_CA_FILE }
    }

    pub(super) fn roots_read(&mut self, path: &str, outcome: &Outcome, cx: &mut Context<'_>) {
        let why = match outcome {
            Outcome::File(content) => {
                if let Some(pem) = token_proxy::certificates(content.expose()) {
                    let roots: Arc<str> = pem.into();
                    cx.caches.keep_roots(path, &roots);
                    self.roots = Some(roots);
                    return;
                }
                "holds no certificate in PEM"
            }
            Outcome::Failed { failure: Failure::Cancelled, .. } => {
                let cancelled = Error::new(Code::Cancelled, "the caller gave up");
                return self.finish(Err(cancelled));
            }
            Outcome::Failed { failure: Failure::Unsupported, .. } => {
                return self.finish(Err(Error::new(
                    Code::SourceUnsupported,
                    "this runtime has no file system for AZURE_KUBERNETES_CA_FILE; set AZURE_KUBERNETES_CA_DATA",
                )));
            }
            Outcome::Failed { failure: Failure::NotFound, .. } => "does not exist",
            Outcome::Failed { failure: Failure::Denied, .. } => "may not be read by this user",
            Outcome::Failed { .. } => "could not be read",
            _ => return self.finish(Err(unexpected())),
        };
        // While the file is replaced, the earlier authorities are the best knowledge.
        match cx.caches.roots(path) {
            Some(roots) => self.roots = Some(roots),
            None => {
                let until = cx.now.plus_millis(REREAD_MS);
                let error = token_proxy::no_certificates(path, why);
                self.retry_at(error, Resume::Exchange, until, REREADS, cx);
            }
        }
    }

    /// Where the token request goes, and how.
    pub(super) fn token_address(&self, cx: &Context<'_>) -> (String, crate::http::Connection) {
        match &cx.config.token_proxy {
            Some(proxy) => {
                (proxy.address_of(&self.endpoint), proxy.connection(self.roots.as_deref()))
            }
            None => (self.endpoint.clone(), crate::http::Connection::default()),
        }
    }
}
