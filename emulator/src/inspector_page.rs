//! The files of the inspector, and the headers that keep other pages away from it.

use crate::reply::{Response, response, with_header};
use http::{HeaderName, header};

/// Scripts and styles are files of the emulator; the page connects to nothing else, and nothing can frame it.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                                       base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

macro_rules! files {
    ($($name:literal $content_type:literal,)*) => {
        /// Name, content type and content.
        const FILES: &[(&str, &str, &str)] =
            &[$(($name, $content_type, include_str!(concat!("../inspector/", $name))),)*];
    };
}

files! {
    "index.html" "text/html; charset=utf-8",
    "style.css" "text/css; charset=utf-8",
    "inspector.js" "text/javascript; charset=utf-8",
    "dom.js" "text/javascript; charset=utf-8",
    "text_diff.js" "text/javascript; charset=utf-8",
    "emulator_api.js" "text/javascript; charset=utf-8",
    "event_stream.js" "text/javascript; charset=utf-8",
    "activity.js" "text/javascript; charset=utf-8",
    "identities.js" "text/javascript; charset=utf-8",
    "token_view.js" "text/javascript; charset=utf-8",
    "exchange_view.js" "text/javascript; charset=utf-8",
    "credentials_view.js" "text/javascript; charset=utf-8",
    "faults_view.js" "text/javascript; charset=utf-8",
    "mint_view.js" "text/javascript; charset=utf-8",
}

/// A file by its name; the page itself has an empty one.
pub(crate) fn file(name: &str) -> Option<Response> {
    let name = if name.is_empty() { "index.html" } else { name };
    let (_, content_type, content) = FILES.iter().find(|(known, _, _)| *known == name)?;
    Some(response(200, content_type, *content))
}

/// Adds the headers of the page and of the control paths.
pub(crate) fn protected(response: Response) -> Response {
    [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ]
    .into_iter()
    .fold(response, |response, (name, value)| with_header(response, name, value))
}

/// Whether a response has those headers, so that no other origin may read it.
pub(crate) fn is_protected(response: &Response) -> bool {
    response.headers().contains_key(header::CONTENT_SECURITY_POLICY)
}
