//! The examples of RFC 7515, appendix A, through key import, parser and provider.

use super::{Provider, RustCrypto};
use crate::jose::{Algorithm, CompactJwt, Jwk};
use crate::{Code, Timestamp};
use alloc::string::String;

const PAYLOAD: &str = concat!(
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
);

struct Example {
    algorithm: Algorithm,
    key: &'static str,
    header: &'static str,
    signature: &'static str,
}

const EXAMPLES: [Example; 2] = [
    // Appendix A.2
    Example {
        algorithm: Algorithm::Rs256,
        key: concat!(
            r#"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0"#,
            "Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e",
            "-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj",
            r#"8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#
        ),
        header: "eyJhbGciOiJSUzI1NiJ9",
        signature: concat!(
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9",
            "CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOL",
            "n6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtV",
            "rBp0igcN_IoypGlUPQGe77Rw"
        ),
    },
    // Appendix A.3
    Example {
        algorithm: Algorithm::Es256,
        key: concat!(
            r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#,
            r#""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#
        ),
        header: "eyJhbGciOiJFUzI1NiJ9",
        signature: "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    },
];

impl Example {
    fn token(&self) -> String {
        [self.header, PAYLOAD, self.signature].join(".")
    }

    fn jwk(&self) -> Jwk {
        Jwk::parse(self.key.as_bytes()).unwrap()
    }
}

#[test]
fn the_examples_verify() {
    for example in EXAMPLES {
        let token = example.token();
        let jwt = CompactJwt::parse(&token).unwrap();
        let signature = jwt.signature().unwrap();
        assert_eq!(jwt.header().algorithm_name, example.algorithm.name());
        assert_eq!(
            jwt.registered_claims().unwrap().expires,
            Some(Timestamp::from_seconds(1_300_819_380))
        );
        let input = jwt.signing_input();
        let verdict = |signature: &[u8]| {
            RustCrypto.verify(example.algorithm, &example.jwk(), input, signature)
        };
        verdict(&signature).unwrap();
        for index in 0..signature.len() {
            let mut tampered = signature.to_vec();
            tampered[index] ^= 1;
            assert_eq!(verdict(&tampered).unwrap_err().code, Code::SignatureInvalid, "{index}");
        }
    }
}

#[test]
fn a_key_of_another_type_or_curve_is_never_tried() {
    let [rsa, ec] = &EXAMPLES;
    for (example, other) in [(rsa, ec), (ec, rsa)] {
        let token = example.token();
        let jwt = CompactJwt::parse(&token).unwrap();
        let signature = jwt.signature().unwrap();
        let error = RustCrypto
            .verify(example.algorithm, &other.jwk(), jwt.signing_input(), &signature)
            .unwrap_err();
        assert_eq!(error.code, Code::KeyRejected);
    }
}
