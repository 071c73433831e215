use super::*;
use crate::jose::Jwk;
use alloc::format;

// Self-signed for these tests; the private keys are lost.
/// For ES256.
const EC_P256: &str = concat!(
    "MIIBdzCCAR2gAwIBAgIUQ5GPAL0XcoDOE7IVNrl7zpBbDOswCgYIKoZIzj0EAwIwETEPMA0GA1UEAwwGY2xpZW50MB4XDTI2MTEy",
    "MjE3MDA0OFoXDTM2MTExOTE3MDA0OFowETEPMA0GA1UEAwwGY2xpZW50MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/gcfDRit",
    "JEtGhtu8Telk02y32eXcyJiCWzaQ3NFvy/uhjYk7jHdBpSxOas7oGPgZ5a5Ntw+1hbIpN4KNPnZW7aNTMFEwHQYDVR0OBBYEFBsf",
    "d2GLvQcyOGQEg6XCsNi2mRCMMB8GA1UdIwQYMBaAFBsfd2GLvQcyOGQEg6XCsNi2mRCMMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZI",
    "zj0EAwIDSAAwRQIhAOKGlz2RfbCBsH0sTAcmIHU9FM0zvB2BY83hNtmBJO+OAiBQy6ymeUakXI3W78xb4O0vUQgh0sG+D0WTt4FS",
    "9R0XEw=="
);
/// For Ed25519.
const OKP: &str = concat!(
    "MIIBNjCB6aADAgECAhQ7wFMVuPy8KFQud1XLYU1quUPEvDAFBgMrZXAwETEPMA0GA1UEAwwGY2xpZW50MB4XDTI2MTEyMjE3MDA0",
    "OFoXDTM2MTExOTE3MDA0OFowETEPMA0GA1UEAwwGY2xpZW50MCowBQYDK2VwAyEATDjg/1Q6E+ikPjNMByTaUUOdT4qK8ZV0UkAJ",
    "30sh0xmjUzBRMB0GA1UdDgQWBBRw3bvYWrpSCDPPvpJFPmULFur2sTAfBgNVHSMEGDAWgBRw3bvYWrpSCDPPvpJFPmULFur2sTAP",
    "BgNVHRMBAf8EBTADAQH/MAUGAytlcANBAAINuFVscI9u2t45i971dn+soXVsFyHJQtsQLC68uf0CJE91IeY1QWbDexteM5jeKUwC",
    "LNOboAXefqah314kWQk="
);
/// On a curve that is not offered.
const SECP256K1: &str = concat!(
    "MIIBczCCARqgAwIBAgIUDcNIg+3HPfIHM2HDzpvbKMVRG3QwCgYIKoZIzj0EAwIwETEPMA0GA1UEAwwGY2xpZW50MB4XDTI2MTEy",
    "MjE3MDA0OFoXDTM2MTExOTE3MDA0OFowETEPMA0GA1UEAwwGY2xpZW50MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEmzWWIgMHM0AJ",
    "qXhIlJq1R1vC9gCUczlVP1ZUr3RMYgBlb3qQjk9DieJVt5VDiHKHAeUsSv2QOfuNSlejeKfyIKNTMFEwHQYDVR0OBBYEFDWsV8/v",
    "lquovYCnK+/NcMKg7+ZdMB8GA1UdIwQYMBaAFDWsV8/vlquovYCnK+/NcMKg7+ZdMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0E",
    "AwIDRwAwRAIgFhLel2Tuahi59VQY9XKg3bzauLA3gGcEUsnYCi3x7OwCIDrgh6tcC/IidRNdUdj0nFi+xas0gvrwltmxk4shIcae"
);
/// For RS256 and PS256.
const RSA_2048: &str = concat!(
    "MIIDAzCCAeugAwIBAgIUNHBSjqOfu99aTV8Bfl7XYfi5GKgwDQYJKoZIhvcNAQELBQAwETEPMA0GA1UEAwwGY2xpZW50MB4XDTI2",
    "MTEyMjE3MDA0OFoXDTM2MTExOTE3MDA0OFowETEPMA0GA1UEAwwGY2xpZW50MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKC",
    "AQEAyomaIf+XCpUJcwEbnaGUn51zR5rcm84PKY7wC7ppuW94kY6uRNpKXtwkCn565GTDvBRCCRcy+3syUqPQSqas+rnBT3bq6XJF",
    "Bh+PrYiJafLgrSKYsKkwPg6Y9u1EPBgiWo14a9q4NpAlGdMroISnQ5q+cYdaPNTV1QpY6Zj00WMWNt865cM3oel4ldcR3VovgESI",
    "CELbfuPbjE6QuxQDs6j39Bp0aOl0+xrYMycFnQXob9HZZd//7zVgNbrojjCpW3R3y+d4h7xK1Q7BIDXGz9QzC4SWZLDzpFtXubMF",
    "Vf+rnCUIQAAnmy1KegUuy95mfvgHbBjI5dpLZ/rEZ1aX/wIDAQABo1MwUTAdBgNVHQ4EFgQUQhtCeuiKxXrS+oytEFgob5OxnVww",
    "HwYDVR0jBBgwFoAUQhtCeuiKxXrS+oytEFgob5OxnVwwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAAon0gVm/",
    "Id8FdzqPKeg5Rr48ul4k8a9fXF2jF6JmMZUQKEi1T1DzhrFADgSh8SIibckYvV0J6BudDljV4eQ/qQUQG8RQVm7eVRu72LuWrlxM",
    "IA0dn0F62HUcXbvSIW3oJ4VbbwgKIbbifGirhbxWQ52VQuDHMy4YHWy78iM03mD+ip0hcFNjrc8Udy6ODSgW5v1AHLjKopQozZYd",
    "AZjD/w1cKLO0kZ+8p73GnwesS/08Bb5enUiZftyFv8weyVMQ4PK2bxO7SjsBItjTC/CXBopbhQdqUehsZh/qQIhU3cIXsIG6Q3ic",
    "ZhIOANHnXTwnb590LAwds63j2FFy5k49ug=="
);

fn key(members: &str) -> PublicKey {
    Jwk::parse(format!("{{{members}}}").as_bytes()).unwrap().key().clone()
}

#[test]
fn names_and_keys_are_those_that_openssl_prints() {
    let ec = Certificate::from_x5c(EC_P256).unwrap();
    assert_eq!(ec.x5t_s256(), "qzlftWGgxMdHkpYjfAfzaFA8NE6vYegXkJOZHbZNcSI");
    let own = key(concat!(
        r#""kty":"EC","crv":"P-256","x":"_gcfDRitJEtGhtu8Telk02y32eXcyJiCWzaQ3NFvy_s","#,
        r#""y":"oY2JO4x3QaUsTmrO6Bj4GeWuTbcPtYWyKTeCjT52Vu0""#
    ));
    assert_eq!(ec.public_key(), &own);
    assert_eq!(ec.check_key(&own), Ok(()));
    let okp = Certificate::from_x5c(OKP).unwrap();
    assert_eq!(okp.x5t_s256(), "av7y26VvC9eN_YsyxcMjEg0PFUJJHv0P0nC8s2iTG7o");
    let point = r#""kty":"OKP","crv":"Ed25519","x":"TDjg_1Q6E-ikPjNMByTaUUOdT4qK8ZV0UkAJ30sh0xk""#;
    assert_eq!(okp.public_key(), &key(point));
    let error = okp.check_key(ec.public_key()).unwrap_err();
    assert_eq!(error.code, Code::ConfigInvalid);
    let rsa = Certificate::from_x5c(RSA_2048).unwrap();
    assert_eq!(rsa.x5t_s256(), "SJdDW_s7SkIJO4_OEzzTI11QLj1Gsiew1yJ9AVzlI6Y");
    let PublicKey::Rsa { modulus, exponent } = rsa.public_key() else { panic!("another key") };
    assert_eq!((modulus.len(), &exponent[..]), (256, &[1, 0, 1][..]));
    assert_eq!(&base64url_encode(modulus)[..22], "yomaIf-XCpUJcwEbnaGUn5");
    assert!(Jwk::new(rsa.public_key(), None, None).is_ok());
}

#[test]
fn what_is_written_reads_back() {
    for text in [EC_P256, OKP, RSA_2048] {
        let certificate = Certificate::from_x5c(text).unwrap();
        assert_eq!(certificate.x5c(), text);
        assert_eq!(Certificate::from_der(&certificate.der).unwrap(), certificate);
    }
}

#[test]
fn what_is_no_certificate_is_refused() {
    let url_alphabet = EC_P256.replace('+', "-").replace('/', "_");
    let unpadded = EC_P256.trim_end_matches('=');
    for text in ["", "MIIB", "====", "dGh1bWI=", SECP256K1, unpadded, &url_alphabet] {
        assert_eq!(Certificate::from_x5c(text).unwrap_err().code, Code::ConfigInvalid, "{text}");
    }
}

#[test]
fn cut_and_changed_certificates_are_no_panic() {
    for text in [EC_P256, OKP, RSA_2048] {
        let der = Certificate::from_x5c(text).unwrap().der;
        for length in 0..der.len() {
            assert!(Certificate::from_der(&der[..length]).is_err());
        }
        assert!(Certificate::from_der(&[&der[..], &[0]].concat()).is_err());
        for index in 0..der.len() {
            for byte in [0, 1, 0x7f, 0x80, 0x84, 0xff] {
                let mut changed = der.clone();
                changed[index] = byte;
                let _ = Certificate::from_der(&changed);
            }
        }
    }
}

#[test]
fn a_key_is_written_as_its_certificate_holds_it() {
    for text in [EC_P256, OKP, RSA_2048] {
        let certificate = Certificate::from_x5c(text).unwrap();
        let spki = certificate.public_key().to_spki_der().unwrap();
        assert!(certificate.der.windows(spki.len()).any(|part| part == spki), "{text}");
    }
}
