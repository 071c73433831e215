use super::*;
use alloc::format;
use alloc::string::ToString;

/// RFC 7638, section 3.1.
const RSA: &str = concat!(
    r#""kty":"RSA","e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"#,
    "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAta",
    "Sqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBn",
    r#"iIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw""#
);
/// RFC 7517, appendix A.1.
const EC: &str = concat!(
    r#""kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","#,
    r#""y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM""#
);

fn parse(key: &str, more: &str) -> Result<Jwk, Error> {
    Jwk::parse(format!("{{{key}{more}}}").as_bytes())
}

fn refused(key: &str, more: &str) -> bool {
    match parse(key, more) {
        Ok(_) => false,
        Err(error) => {
            assert_eq!(error.code, Code::KeyRejected, "{error}");
            true
        }
    }
}

#[test]
fn thumbprint_is_that_of_the_rfc() {
    let key = parse(RSA, r#","alg":"RS256","kid":"2011-04-29""#).unwrap();
    let named = key.clone().named_by_thumbprint();
    assert_eq!(named.key_id(), Some("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"));
    assert_eq!(key.key_id(), Some("2011-04-29"));
    assert_ne!(parse(EC, "").unwrap().thumbprint(), key.thumbprint());
}

#[test]
fn what_is_written_reads_back() {
    for key in
        [parse(RSA, r#","alg":"PS512","kid":"a\"b""#), parse(EC, ""), parse(EC, r#","kid":"""#)]
    {
        let key = key.unwrap();
        assert_eq!(Jwk::parse(key.to_json().as_bytes()).unwrap(), key);
        assert_eq!(Jwk::new(key.key(), key.key_id(), key.algorithm()).unwrap(), key);
    }
}

#[test]
fn algorithms_fit_their_kind_of_key_and_curve_only() {
    let rsa = parse(RSA, "").unwrap();
    let ec = parse(EC, "").unwrap();
    let bound = parse(RSA, r#","alg":"RS256""#).unwrap();
    for algorithm in Algorithm::ALL {
        let is_rsa = matches!(algorithm.family(), Family::RsaPkcs1 | Family::RsaPss);
        assert_eq!(rsa.fits(*algorithm), is_rsa);
        assert_eq!(ec.fits(*algorithm), *algorithm == Algorithm::Es256);
        assert_eq!(bound.fits(*algorithm), *algorithm == Algorithm::Rs256);
        assert_eq!(ec.clone().with_algorithm(*algorithm).is_ok(), ec.fits(*algorithm));
    }
}

#[test]
fn purpose_is_respected() {
    for good in [
        r#","use":"sig""#,
        r#","key_ops":["verify"]"#,
        r#","key_ops":["sign","verify"],"use":"sig""#,
        r#","alg":"ES256","x5c":["ignored"],"ext":true,"issuer":"kept by nobody""#,
    ] {
        assert!(parse(EC, good).is_ok(), "{good}");
    }
    for bad in [
        r#","use":"enc""#,
        r#","use":"SIG""#,
        r#","use":1"#,
        r#","key_ops":["sign"]"#,
        r#","key_ops":[]"#,
        r#","key_ops":"verify""#,
        r#","key_ops":["verify",1]"#,
        r#","key_ops":["verify","verify"]"#,
        r#","key_ops":["verify","encrypt"],"use":"sig""#,
        r#","alg":"RS256""#,
        r#","alg":"ES384""#,
        r#","alg":"ES256K""#,
        r#","alg":"none""#,
        r#","alg":null"#,
        r#","kid":7"#,
    ] {
        assert!(refused(EC, bad), "{bad}");
    }
}

#[test]
fn private_and_secret_material_is_refused() {
    for name in PRIVATE_MEMBERS {
        assert!(refused(RSA, &format!(",\"{name}\":\"AQAB\"")), "{name}");
        assert!(refused(EC, &format!(",\"{name}\":null")), "{name}");
    }
    assert!(refused(r#""kty":"oct","k":"c2VjcmV0""#, ""));
    assert!(refused(r#""kty":"oct""#, ""));
    let error = parse(EC, r#","d":"c2VjcmV0LXNjYWxhcg""#).unwrap_err();
    assert!(!error.to_string().contains("c2VjcmV0"));
}

#[test]
fn coordinates_have_exactly_the_length_of_the_field() {
    let key = |curve: &str, x: usize, y: usize| {
        let number = |length| base64url_encode(&alloc::vec![1_u8; length]);
        let (x, y) = (number(x), number(y));
        format!(r#""kty":"EC","crv":"{curve}","x":"{x}","y":"{y}""#)
    };
    assert!(parse(&key("P-256", 32, 32), "").is_ok());
    assert!(parse(&key("P-384", 48, 48), "").is_ok());
    for (curve, x, y) in [
        ("P-256", 31, 32),
        ("P-256", 32, 33),
        ("P-256", 48, 48),
        ("P-256", 0, 0),
        ("P-384", 32, 32),
        ("secp256k1", 32, 32),
        ("p-256", 32, 32),
        ("P-521", 66, 66),
    ] {
        assert!(refused(&key(curve, x, y), ""), "{curve} {x} {y}");
    }
}

#[test]
fn other_keys_and_broken_ones_are_refused() {
    for key in [
        "",
        r#""kty":"rsa""#,
        r#""kty":1"#,
        r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#,
        r#""kty":"AKP","alg":"ML-DSA-44","pub":"AA""#,
        r#""kty":"RSA""#,
        r#""kty":"RSA","n":"AQAB""#,
        r#""kty":"RSA","n":1,"e":"AQAB""#,
        r#""kty":"RSA","n":"AQAB","e":"AQAB""#,
        r#""kty":"EC","crv":"P-256","x":"AA""#,
    ] {
        assert!(refused(key, ""), "{key}");
    }
    for text in ["", "[]", "{", r#"{"kty":"EC","kty":"RSA"}"#] {
        assert_eq!(Jwk::parse(text.as_bytes()).unwrap_err().code, Code::Malformed, "{text}");
    }
}
