//! Outcomes from their wire form.

use crate::Secret;
use crate::effect::{Failure, Outcome};
use crate::http::{Headers, HttpResponse};
use alloc::string::{String, ToString};

/// Reads an outcome: `docs/protocol.md`, section 5.
pub(super) fn read(kind: &str, status: u32, head: &[u8], body: &[u8]) -> Outcome {
    // Hosts pass text as UTF-8, so other bytes hold nothing useful.
    let text = |bytes: &[u8]| String::from(core::str::from_utf8(bytes).unwrap_or_default());
    match kind {
        "http" => Outcome::Http(HttpResponse {
            status: u16::try_from(status).unwrap_or(u16::MAX),
            headers: Headers::from_lines(&text(head)),
            body: body.to_vec(),
        }),
        "file" => Outcome::File(Secret::new(body.to_vec())),
        "answer" => Outcome::Answer(Secret::new(body.to_vec())),
        "signed" => Outcome::Signed(body.to_vec()),
        "verified" => Outcome::Verified(status == 1),
        "stored" => Outcome::Stored((status == 1).then(|| Secret::new(body.to_vec()))),
        "elapsed" => Outcome::Elapsed,
        "failed" => {
            Outcome::Failed { failure: Failure::from_name(&text(head)), detail: text(body) }
        }
        _ => Outcome::Failed {
            failure: Failure::Other,
            detail: "the host answered with an unknown kind of outcome".to_string(),
        },
    }
}
