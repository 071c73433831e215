//! URLs that credentials may be sent to, and the form that carries them.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use workload_identity_core::http::{Headers, Url, form_decode, form_encode, percent_encode};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    url: &'a str,
    query: (&'a str, &'a str),
    pairs: Vec<(&'a str, &'a str)>,
    body: &'a str,
}

fuzz_target!(|input: Input<'_>| {
    if let Ok(url) = Url::parse(input.url) {
        accepted(&url);
        let (name, value) = input.query;
        if let Ok(longer) = Url::parse(&url.with_query(name, value)) {
            accepted(&longer);
            assert_eq!(longer.origin(), url.origin(), "a query never changes where a request goes");
        }
    }
    let encoded = form_encode(input.pairs.iter().copied());
    assert!(encoded.is_ascii());
    let decoded = form_decode(&encoded).expect("what is encoded decodes");
    let pairs: Vec<_> = decoded.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let written: Vec<_> =
        input.pairs.iter().copied().filter(|(n, v)| !n.is_empty() || !v.is_empty()).collect();
    let read: Vec<_> =
        pairs.iter().copied().filter(|(n, v)| !n.is_empty() || !v.is_empty()).collect();
    assert_eq!(read, written);
    assert!(percent_encode(input.body).is_ascii());
    let _ = form_decode(input.body);
    let _ = Headers::from_lines(input.body).first("retry-after");
});

fn accepted(url: &Url) {
    let text = url.as_str();
    assert!(text.is_ascii() && !text.contains(['#', ' ', '\\', '\r', '\n']));
    assert!(!url.host().is_empty() && !url.origin().contains('@'));
    let lower = text.to_ascii_lowercase();
    assert!(lower.starts_with("https://") || lower.starts_with("http://"));
    if lower.starts_with("http://") {
        let host = url.host().trim_matches(['[', ']']);
        assert!(host == "localhost" || host.starts_with("127.") || host == "::1", "{host}");
    }
    let again = Url::parse(text).expect("an accepted URL is accepted again");
    assert_eq!(&again, url);
}
