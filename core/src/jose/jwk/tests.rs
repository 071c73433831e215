use super::*;
use crate::jose::Curve;
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

/// RFC 8037, appendix A.2.
const ED25519: &str =
    r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;

fn ml_dsa(algorithm: &str, length: usize) -> String {
    let public = base64url_encode(&alloc::vec![7; length]);
    format!(r#""kty":"AKP","alg":"{algorithm}","pub":"{public}""#)
}

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
    let uri =
        "urn:ietf:params:oauth:jwk-thumbprint:sha-256:NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    assert_eq!(key.thumbprint_uri(), uri);
    // RFC 8037, appendix A.3.
    let named = parse(ED25519, "").unwrap().named_by_thumbprint();
    assert_eq!(named.key_id(), Some("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
}

#[test]
fn what_is_written_reads_back() {
    let entra =
        r#","issuer":"https://a.example/{tenantid}/v2.0","cloud_instance_name":"a","x5t":"b""#;
    for (key, more) in [
        (RSA, r#","alg":"PS512","kid":"a\"b""#),
        (RSA, entra),
        (EC, ""),
        (EC, r#","kid":"","use":"jwt-svid""#),
        (EC, r#","use":"enc""#),
        (ED25519, r#","alg":"Ed25519","use":"sig""#),
        (&ml_dsa("ML-DSA-44", 1312), ""),
    ] {
        let key = parse(key, more).unwrap();
        assert_eq!(Jwk::parse(key.to_json().as_bytes()).unwrap().key(), key.key(), "{more}");
        assert_eq!(Jwk::parse(key.to_json().as_bytes()).unwrap(), key, "{more}");
        let made = Jwk::new(key.key(), key.key_id(), key.algorithm()).unwrap();
        assert_eq!(made.key_use(), KeyUse::Signature);
        assert_eq!(Jwk::parse(made.to_json().as_bytes()).unwrap(), made, "{more}");
        assert_eq!(made.thumbprint(), key.thumbprint());
    }
    let key = parse(RSA, entra).unwrap();
    assert_eq!(key.issuer(), Some("https://a.example/{tenantid}/v2.0"));
    assert_eq!((key.cloud_instance_name(), key.x5t()), (Some("a"), Some("b")));
}

#[test]
fn algorithms_fit_their_kind_of_key_only() {
    let kinds = [
        (RSA.to_string(), "RS256 RS384 RS512 PS256 PS384 PS512"),
        (EC.to_string(), "ES256"),
        (ED25519.to_string(), "EdDSA"),
        (ml_dsa("ML-DSA-44", 1312), "ML-DSA-44"),
        (ml_dsa("ML-DSA-65", 1952), "ML-DSA-65"),
        (ml_dsa("ML-DSA-87", 2592), "ML-DSA-87"),
    ];
    for (key, fitting) in kinds {
        let key = parse(&key, "").unwrap();
        for algorithm in Algorithm::ALL {
            let fits = fitting.split(' ').any(|name| name == algorithm.name());
            assert_eq!(key.fits(*algorithm), fits, "{fitting} {}", algorithm.name());
            assert_eq!(key.clone().with_algorithm(*algorithm).is_ok(), fits);
        }
        let only = Some(fitting).filter(|names| !names.contains(' '));
        assert_eq!(key.key().only_algorithm().map(Algorithm::name), only);
    }
    let bound = parse(RSA, r#","alg":"RS256""#).unwrap();
    for algorithm in Algorithm::ALL {
        assert_eq!(bound.fits(*algorithm), *algorithm == Algorithm::Rs256);
    }
    assert!(parse(ED25519, r#","alg":"EdDSA""#).unwrap().fits(Algorithm::Ed25519));
}

#[test]
fn short_rsa_keys_are_for_rs256_and_only_when_asked_for() {
    let mut modulus = alloc::vec![0xff; 128];
    modulus[127] = 0xfd;
    let key = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#, base64url_encode(&modulus));
    let Ok(Value::Object(members)) = strict::parse(key.as_bytes()) else { panic!("an object") };
    assert!(Jwk::read(&members, KeyRules::default()).is_err());
    let key = Jwk::read(&members, KeyRules { min_rsa_bits: 1024 }).unwrap();
    for algorithm in Algorithm::ALL {
        assert_eq!(key.fits(*algorithm), *algorithm == Algorithm::Rs256);
    }
}

#[test]
fn names_of_keys_are_bounded() {
    let named = |length: usize| format!(r#","kid":"{}""#, "k".repeat(length));
    assert!(parse(EC, &named(MAX_KEY_ID_BYTES)).is_ok());
    assert!(refused(EC, &named(MAX_KEY_ID_BYTES + 1)));
}

#[test]
fn purpose_is_respected() {
    for good in [
        r#","use":"sig""#,
        r#","use":"enc""#,
        r#","use":"SIG""#,
        r#","use":"jwt-svid","key_ops":["verify"]"#,
        r#","key_ops":["verify"]"#,
        r#","key_ops":["verify","encrypt"]"#,
        r#","key_ops":["sign","verify"],"use":"sig""#,
        r#","alg":"ES256","x5c":["ignored"],"ext":7,"x5u":"https://ignored.example""#,
    ] {
        assert!(parse(EC, good).is_ok(), "{good}");
    }
    for bad in [
        r#","use":1"#,
        r#","use":"enc","key_ops":["verify"]"#,
        r#","use":"wit-svid","key_ops":["verify","encrypt"]"#,
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
        r#","kid":7"#,
        r#","issuer":[]"#,
        r#","cloud_instance_name":1"#,
        r#","x5t":{}"#,
        r#","alg":"EdDSA""#,
    ] {
        assert!(refused(EC, bad), "{bad}");
    }
}

#[test]
fn private_and_secret_material_is_refused() {
    for name in PRIVATE_MEMBERS {
        assert!(refused(RSA, &format!(",\"{name}\":\"AQAB\"")), "{name}");
        assert!(refused(EC, &format!(",\"{name}\":0")), "{name}");
        assert!(refused(ED25519, &format!(",\"{name}\":\"AQAB\"")), "{name}");
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
    assert!(parse(&key("P-521", 66, 66), "").is_ok());
    for (curve, x, y) in [
        ("P-256", 31, 32),
        ("P-256", 32, 33),
        ("P-256", 48, 48),
        ("P-256", 0, 0),
        ("P-384", 32, 32),
        ("secp256k1", 32, 32),
        ("p-256", 32, 32),
        ("P-521", 65, 66),
    ] {
        assert!(refused(&key(curve, x, y), ""), "{curve} {x} {y}");
    }
    for curve in Curve::ALL {
        let prime = base64url_encode(curve.prime());
        let one = base64url_encode(&alloc::vec![1; curve.field_bytes()]);
        for (x, y) in [(&prime, &one), (&one, &prime)] {
            let key = format!(r#""kty":"EC","crv":"{}","x":"{x}","y":"{y}""#, curve.name());
            assert!(refused(&key, ""), "{key}");
        }
    }
}

#[test]
fn other_keys_and_broken_ones_are_refused() {
    for key in [
        "",
        r#""kty":"rsa""#,
        r#""kty":1"#,
        r#""kty":"OKP","crv":"Ed448","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#,
        r#""kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#,
        r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUQ""#,
        r#""kty":"OKP","crv":"Ed25519","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA""#,
        r#""kty":"OKP","crv":"Ed25519""#,
        r#""kty":"AKP","alg":"ML-DSA-44","pub":"AA""#,
        &ml_dsa("ML-DSA-44", 1952),
        &ml_dsa("ML-DSA-65", 1951),
        &ml_dsa("SLH-DSA-SHA2-128s", 32),
        &ml_dsa("ES256", 1312),
        &ml_dsa("ML-DSA-44", 1312).replace(r#""alg":"ML-DSA-44","#, ""),
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

#[test]
fn leading_zero_octets_do_not_change_an_integer() {
    let plain = parse(RSA, "").unwrap();
    let PublicKey::Rsa { modulus, .. } = plain.key() else { panic!("an RSA key") };
    for zeros in [1, 2, 64] {
        let padded = base64url_encode(&[alloc::vec![0; zeros], modulus.clone()].concat());
        let text = RSA.replace(&base64url_encode(modulus), &padded).replace("AQAB", "AAEAAQ");
        let key = parse(&text, "").unwrap();
        assert_eq!(key, plain);
        assert_eq!(key.to_json(), plain.to_json());
        assert!(refused(&text.replace(&padded, &format!("{padded}==")), ""));
    }
    assert!(refused(&RSA.replace("AQAB", "AAAA"), ""));
}

#[test]
fn null_members_are_absent() {
    let nulls = r#","alg":null,"use":null,"key_ops":null,"kid":null,"x5c":null,"x5t":null,"issuer":null,"d":null"#;
    assert_eq!(parse(RSA, nulls).unwrap(), parse(RSA, "").unwrap());
    for member in ["kty", "n", "e"] {
        let text = RSA
            .replace(&format!("\"{member}\":\""), &format!("\"{member}\":null,\"_{member}\":\""));
        assert!(refused(&text, ""), "{member}");
    }
}
