//! The examples of the RFCs through importer, key set and every provider.

use crate::providers::Key;
use aws_lc_rs::signature::{KeyPair as _, ML_DSA_44_SIGNING, PqdsaKeyPair};
use workload_identity_core::Code;
use workload_identity_core::crypto::Signer as _;
use workload_identity_core::jose::{
    Algorithm, CompactJwt, Jwk, Jwks, KeyUse, base64url_decode, base64url_encode, signing_input,
};
use workload_identity_crypto_native::AwsLcSigner;

struct Example {
    name: &'static str,
    algorithm: Algorithm,
    key: &'static str,
    header: &'static str,
    payload: &'static str,
    signature: &'static str,
}

const RFC_7515_PAYLOAD: &str = concat!(
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0",
    "cnVlfQ"
);
const RFC_7520_PAYLOAD: &str = concat!(
    "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAg",
    "b250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dp",
    "bmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4"
);
const RFC_7520_RSA: &str = concat!(
    r#"{"kty":"RSA","n":"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJW"#,
    r#"TDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBo"#,
    r#"rdaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQ"#,
    r#"bS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5g"#,
    r#"HdrNP5zw","e":"AQAB","kid":"bilbo.baggins@hobbiton.example","use":"sig"}"#
);

const EXAMPLES: [Example; 7] = [
    Example {
        name: "RFC 7515, appendix A.2",
        algorithm: Algorithm::Rs256,
        key: concat!(
            r#"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4"#,
            r#"qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OM"#,
            r#"g0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3"#,
            r#"qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4F"#,
            r#"RWyuXpoQ","e":"AQAB"}"#
        ),
        header: "eyJhbGciOiJSUzI1NiJ9",
        payload: RFC_7515_PAYLOAD,
        signature: concat!(
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W",
            "2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkS",
            "jtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnv",
            "Wh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
        ),
    },
    Example {
        name: "RFC 7515, appendix A.3",
        algorithm: Algorithm::Es256,
        key: concat!(
            r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu"#,
            r#"9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#
        ),
        header: "eyJhbGciOiJFUzI1NiJ9",
        payload: RFC_7515_PAYLOAD,
        signature: "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    },
    Example {
        name: "RFC 7515, appendix A.4",
        algorithm: Algorithm::Es512,
        key: concat!(
            r#"{"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_N"#,
            r#"jFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1"#,
            r#"WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}"#
        ),
        header: "eyJhbGciOiJFUzUxMiJ9",
        payload: "UGF5bG9hZA",
        signature: concat!(
            "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7Xdt",
            "AG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"
        ),
    },
    Example {
        name: "RFC 7520, section 4.1",
        algorithm: Algorithm::Rs256,
        key: RFC_7520_RSA,
        header: "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
        payload: RFC_7520_PAYLOAD,
        signature: concat!(
            "MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83",
            "xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJ",
            "Dt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12",
            "podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg"
        ),
    },
    Example {
        name: "RFC 7520, section 4.2",
        algorithm: Algorithm::Ps384,
        key: RFC_7520_RSA,
        header: "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
        payload: RFC_7520_PAYLOAD,
        signature: concat!(
            "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6",
            "O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqi",
            "VJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_",
            "jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw"
        ),
    },
    Example {
        name: "RFC 7520, section 4.3",
        algorithm: Algorithm::Es512,
        key: concat!(
            r#"{"kty":"EC","crv":"P-521","x":"AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5R"#,
            r#"kTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt","y":"AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHi"#,
            r#"raVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1","kid":"bilbo.baggins@hobbiton.example","use":"si"#,
            r#"g"}"#
        ),
        header: "eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
        payload: RFC_7520_PAYLOAD,
        signature: concat!(
            "AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJ",
            "AQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2"
        ),
    },
    Example {
        name: "RFC 8037, appendix A.4",
        algorithm: Algorithm::Ed25519,
        key: r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        header: "eyJhbGciOiJFZERTQSJ9",
        payload: "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
        signature: "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    },
];

#[test]
fn the_examples_verify() {
    for example in EXAMPLES {
        let name = example.name;
        let header = base64url_decode(example.header).expect("base64url");
        let header: serde_json::Value = serde_json::from_slice(&header).expect("JSON");
        let algorithm = header["alg"].as_str().and_then(Algorithm::from_name);
        assert_eq!(algorithm, Some(example.algorithm), "{name}");
        let key = Key::import(example.key);
        let input = [example.header, example.payload].join(".");
        let mut signature = base64url_decode(example.signature).expect("base64url");
        assert_eq!(key.verify(example.algorithm, input.as_bytes(), &signature), Ok(()), "{name}");
        for index in (0..signature.len()).step_by(7) {
            signature[index] ^= 1;
            let result = key.verify(example.algorithm, input.as_bytes(), &signature);
            assert_eq!(result, Err(Code::SignatureInvalid), "{name} {index}");
            signature[index] ^= 1;
        }
    }
}

/// RFC 8037, appendices A.1 and A.4: the signature is the same for the same key and message.
#[test]
fn the_example_of_ed25519_is_signed_alike() {
    let seed = base64url_decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").expect("a seed");
    let pkcs8 =
        [&[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20][..], &seed];
    let signer = AwsLcSigner::ed25519_from_pkcs8_der(&pkcs8.concat()).expect("a key");
    // RFC 8037, appendix A.3.
    assert_eq!(signer.key_id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let input = signing_input(r#"{"alg":"EdDSA"}"#, "Example of Ed25519 signing");
    let example = EXAMPLES.iter().find(|example| example.algorithm == Algorithm::Ed25519);
    let expected = example.and_then(|example| base64url_decode(example.signature));
    assert_eq!(signer.sign(input.as_bytes()).ok(), expected);
}

/// RFC 9964, section 3: the key of the seed of zeros, named by its thumbprint.
#[test]
fn the_example_of_ml_dsa_has_its_name() {
    let pair = PqdsaKeyPair::from_seed(&ML_DSA_44_SIGNING, &[0; 32]).expect("a key");
    let public = base64url_encode(pair.public_key().as_ref());
    assert!(public.starts_with("unH59k4Ru") && public.ends_with("DZgbTP07e7gEWzw4MFRrndjbDQ"));
    let jwk = format!(r#"{{"kty":"AKP","alg":"ML-DSA-44","pub":"{public}"}}"#);
    let jwk = Jwk::parse(jwk.as_bytes()).expect("a key").named_by_thumbprint();
    assert_eq!(jwk.key_id(), Some("T4xl70S7MT6Zeq6r9V9fPJGVn76wfnXJ21-gyo0Gu6o"));
}

/// RFC 7517, appendix A: of the first set one key is for encryption; of the second both are private and of the third
/// both symmetric.
#[test]
fn the_key_sets_of_the_rfc() {
    const PUBLIC: &str = concat!(
        r#"{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","#,
        r#""y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"},"#,
        r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhD"#,
        "R1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_F",
        "DW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu",
        r#"0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","#,
        r#""alg":"RS256","kid":"2011-04-29"}]}"#
    );
    let set = Jwks::parse(PUBLIC.as_bytes()).expect("a key set");
    let select = |algorithm, kid| set.find(algorithm, Some(kid), KeyUse::ORDINARY);
    assert_eq!(select(Algorithm::Rs256, "2011-04-29").ok(), Some(1));
    assert_eq!(select(Algorithm::Rs512, "2011-04-29").map_err(|e| e.code), Err(Code::KeyRejected));
    assert_eq!(select(Algorithm::Es256, "1").map_err(|e| e.code), Err(Code::KeyRejected));
    let private = PUBLIC.replace(r#""kid""#, r#""d":"AQAB","kid""#);
    let symmetric = r#"{"keys":[{"kty":"oct","alg":"A128KW","k":"GawgguFyGrWKav7AX4VKUg"}]}"#;
    for text in [&private, symmetric] {
        let set = Jwks::parse(text.as_bytes()).expect("a key set");
        assert!(set.keys().is_empty());
    }
}

/// RFC 7797, section 4.2: an unencoded payload is an extension that nobody here understands.
#[test]
fn the_example_of_unencoded_payloads_is_refused() {
    let header = "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19";
    for payload in ["", "$.02", "e30"] {
        let token = [header, payload, "A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY"].join(".");
        let error = CompactJwt::parse(&token).expect_err("an extension");
        assert!(matches!(error.code, Code::CritUnsupported | Code::Malformed), "{error}");
    }
}
