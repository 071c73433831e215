//! Content codings of responses (RFC 9110, section 8.4.1): gzip and deflate.
//!
//! Requests ask for none (`Accept-Encoding: identity`), but some gateways compress all the same.

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::io::{self, ErrorKind, Read};
use workload_identity_core::Failure;

/// Most characters of a server's text in a detail.
const SHOWN: usize = 40;

/// Returns a body without its codings, at most one byte longer than `max_bytes`.
///
/// # Errors
/// The coding is unknown, or the body does not follow it. A body over the limit is incomplete and returned unchanged.
pub(super) fn decoded(
    codings: &str,
    mut body: Vec<u8>,
    max_bytes: u32,
) -> Result<Vec<u8>, (Failure, String)> {
    let limit = u64::from(max_bytes) + 1;
    for coding in codings.rsplit(',').map(|name| name.trim().to_ascii_lowercase()) {
        if matches!(coding.as_str(), "" | "identity")
            || body.is_empty()
            || body.len() as u64 >= limit
        {
            continue;
        }
        let inflated = match coding.as_str() {
            "gzip" | "x-gzip" => inflate(MultiGzDecoder::new(&body[..]), limit),
            "deflate" if is_zlib(&body) => inflate(ZlibDecoder::new(&body[..]), limit),
            "deflate" => inflate(DeflateDecoder::new(&body[..]), limit),
            other => {
                let shown: String =
                    other.chars().filter(char::is_ascii_graphic).take(SHOWN).collect();
                let detail = format!(
                    "the answer has the content coding `{shown}`, which cannot be read; gzip, deflate and identity can"
                );
                return Err((Failure::Unreadable, detail));
            }
        };
        body = inflated.map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => {
                (Failure::Refused, format!("the answer's {coding} body ended early"))
            }
            _ => (Failure::Unreadable, format!("the answer's body is not {coding}")),
        })?;
    }
    Ok(body)
}

fn inflate(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    reader.take(limit).read_to_end(&mut content)?;
    Ok(content)
}

/// Senders disagree on the frame of deflate. The header of the zlib format is a multiple of 31 (RFC 1950, section 2.2).
fn is_zlib(body: &[u8]) -> bool {
    match body {
        [method, flags, ..] => {
            method & 15 == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};

    const TEXT: &[u8] = br#"{"access_token":"t","expires_in":3600}"#;

    fn all(mut reader: impl Read) -> Vec<u8> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).expect("compressed");
        bytes
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        all(GzEncoder::new(bytes, Compression::default()))
    }

    #[test]
    fn known_codings_are_read() {
        let level = Compression::default();
        for (codings, body) in [
            ("", TEXT.to_vec()),
            ("identity", TEXT.to_vec()),
            ("gzip", gzip(TEXT)),
            ("X-GZIP", gzip(TEXT)),
            ("gzip", [gzip(&TEXT[..5]), gzip(&TEXT[5..])].concat()),
            ("deflate", all(ZlibEncoder::new(TEXT, level))),
            ("deflate", all(DeflateEncoder::new(TEXT, level))),
            ("gzip, identity, gzip", gzip(&gzip(TEXT))),
        ] {
            assert_eq!(decoded(codings, body, 1000), Ok(TEXT.to_vec()), "{codings}");
        }
        assert_eq!(decoded("gzip", Vec::new(), 1000), Ok(Vec::new()));
    }

    #[test]
    fn a_bomb_is_cut_one_byte_after_the_limit() {
        let bomb = gzip(&vec![b'x'; 1 << 20]);
        assert_eq!(decoded("gzip", bomb, 2000).expect("cut").len(), 2001);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let mut cut = gzip(TEXT);
        cut.truncate(20);
        for (codings, body, failure, named) in [
            ("br", TEXT.to_vec(), Failure::Unreadable, "`br`"),
            ("gzip, zstd", TEXT.to_vec(), Failure::Unreadable, "`zstd`"),
            ("gzip", TEXT.to_vec(), Failure::Unreadable, "not gzip"),
            ("gzip", cut, Failure::Refused, "ended early"),
        ] {
            let (found, detail) = decoded(codings, body, 1000).expect_err(named);
            assert_eq!(found, failure, "{detail}");
            assert!(detail.contains(named), "{detail}");
        }
    }
}
