//! What the emulator reads from a request: headers, query parameters, form fields.

use http::header;
use percent_encoding::percent_decode;

/// A request as the host received it, with its whole body.
pub type Request = http::Request<Vec<u8>>;

/// Names and values in the order of the request.
pub(crate) type Fields = Vec<(String, String)>;

/// The first value of a header, if it is UTF-8.
pub(crate) fn header<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    std::str::from_utf8(request.headers().get(name)?.as_bytes()).ok()
}

/// The token of an `Authorization: Bearer` header (RFC 6750, section 2.1).
pub(crate) fn bearer_token(request: &Request) -> Option<&str> {
    let (scheme, token) = header(request, header::AUTHORIZATION.as_str())?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The first query parameter of that name.
pub(crate) fn query(request: &Request, name: &str) -> Option<String> {
    let fields = decode(request.uri().query()?.as_bytes())?;
    fields.into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// The parameters of the query. Empty when it is malformed.
pub(crate) fn query_fields(request: &Request) -> Fields {
    let query = request.uri().query().unwrap_or_default();
    decode(query.as_bytes()).unwrap_or_default()
}

/// The query with another value of one parameter.
pub(crate) fn query_with(request: &Request, name: &str, value: &str) -> String {
    let mut fields = query_fields(request);
    fields.retain(|(known, _)| known != name);
    fields.push((name.to_owned(), value.to_owned()));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The fields of a form body. Empty when the body is something else.
pub(crate) fn form_fields(request: &Request) -> Fields {
    form_body(request).and_then(decode).unwrap_or_default()
}

/// The body, if it is a form.
pub(crate) fn form_body(request: &http::Request<impl AsRef<[u8]>>) -> Option<&[u8]> {
    let content_type = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let is_form = media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded");
    is_form.then(|| request.body().as_ref())
}

/// Decodes `application/x-www-form-urlencoded`. `None` when an escape is broken or the result is not UTF-8, which
/// `form_urlencoded` accepts.
pub(crate) fn decode(text: &[u8]) -> Option<Fields> {
    let mut rest = text.split(|byte| *byte == b'%').skip(1);
    let complete =
        rest.all(|part| part.iter().take(2).filter(|b| b.is_ascii_hexdigit()).count() == 2);
    if !complete || percent_decode(text).decode_utf8().is_err() {
        return None;
    }
    Some(form_urlencoded::parse(text).into_owned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn forms_are_decoded_in_order() {
        let fields = decode(b"scope=a+b&x=%C3%BC&&y&x=1%2B").expect("decoded");
        assert_eq!(fields, [pair("scope", "a b"), pair("x", "ü"), pair("y", ""), pair("x", "1+")]);
    }

    #[test]
    fn broken_escapes_are_refused() {
        for text in ["a=%", "a=%4", "a=%4&b=1", "a=%zz", "%g0=1", "a=%ff", "a=%C3&b=%BC"] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
        assert_eq!(decode(b"a=\xff"), None);
    }

    #[test]
    fn bearer_tokens_are_read() {
        for (value, expected) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Basic abc", None),
            ("Bearer", None),
        ] {
            let request = http::Request::get("/").header("Authorization", value);
            let request = request.body(Vec::new()).expect("a request");
            assert_eq!(bearer_token(&request), expected, "{value}");
        }
    }
}
