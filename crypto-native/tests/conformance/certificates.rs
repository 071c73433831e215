//! Client assertions with the certificate of the key that signs.

use workload_identity_core::crypto::Signer;
use workload_identity_core::jose::{Certificate, ClientAssertion, Curve, Jwk, base64url_decode};
use workload_identity_core::{Code, Timestamp};
use workload_identity_crypto_native::AwsLcSigner;

/// A certificate of the key. Its signature is empty, because it is never verified.
fn certificate(signer: &dyn Signer) -> Certificate {
    let jwk = Jwk::parse(signer.public_jwk().as_bytes()).expect("a key");
    let spki = jwk.key().to_spki_der().expect("a key in DER");
    let algorithm = der(0x30, &[6, 3, 0x2b, 0x65, 0x70]);
    let name = der(0x30, &[]);
    let time = der(0x17, b"261129000000Z");
    let validity = der(0x30, &[&time[..], &time].concat());
    let fields = [&der(2, &[1])[..], &algorithm, &name, &validity, &name, &spki].concat();
    let signed = der(0x30, &fields);
    let signature = der(3, &[0]);
    Certificate::from_der(&der(0x30, &[&signed[..], &algorithm, &signature].concat()))
        .expect("a certificate")
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).expect("a short certificate");
    let head = if length < 128 { vec![tag, length] } else { vec![tag, 0x81, length] };
    [&head[..], content].concat()
}

fn assertion<'a>(
    algorithm_name: &'a str,
    thumbprint: Option<&'a str>,
    chain: &'a [String],
) -> ClientAssertion<'a> {
    ClientAssertion {
        client_id: "client",
        audience: "https://as.example/token",
        id: "unique",
        issued_at: Timestamp::from_seconds(1_700_000_000),
        lifetime_seconds: 3600,
        algorithm_name,
        typ: "JWT",
        key_id: None,
        certificate_thumbprint: thumbprint,
        certificate_chain: chain,
    }
}

#[test]
fn an_assertion_carries_the_certificate_of_its_key() {
    let ec = AwsLcSigner::generate_ec(Curve::P256).expect("a key");
    let okp = AwsLcSigner::generate_ed25519().expect("a key");
    let signers: [(&dyn Signer, &str); 3] = [(&ec, "ES256"), (&okp, "EdDSA"), (&okp, "Ed25519")];
    for (signer, name) in signers {
        let certificate = certificate(signer);
        let (thumbprint, chain) = (certificate.x5t_s256(), [certificate.x5c()]);
        let assertion = assertion(name, Some(&thumbprint), &chain);
        let token = assertion.sign(signer).expect("an assertion");
        let header = token.split('.').next().and_then(base64url_decode).expect("a header");
        let header: serde_json::Value = serde_json::from_slice(&header).expect("JSON");
        assert_eq!(header["alg"], name);
        assert_eq!(header["x5t#S256"], thumbprint);
        assert_eq!(header["x5c"], serde_json::json!(chain));
    }
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let own = AwsLcSigner::generate_ec(Curve::P256).expect("a key");
    let other = AwsLcSigner::generate_ec(Curve::P256).expect("a key");
    let rsa = AwsLcSigner::generate_rsa(2048).expect("a key");
    let (right, wrong) = (certificate(&own), certificate(&other));
    let thumbprint = wrong.x5t_s256();
    let code = |name, thumbprint, chain: &[String], signer: &dyn Signer| {
        assertion(name, thumbprint, chain).sign(signer).map(|_| ()).map_err(|error| error.code)
    };
    assert_eq!(code("ES256", None, &[right.x5c(), wrong.x5c()], &own), Ok(()));
    assert_eq!(code("ES256", None, &[wrong.x5c()], &own), Err(Code::ConfigInvalid));
    let mixed = code("ES256", Some(&thumbprint), &[right.x5c()], &own);
    assert_eq!(mixed, Err(Code::ConfigInvalid));
    assert_eq!(code("RS256", None, &[], &own), Err(Code::ConfigInvalid));
    assert_eq!(code("PS256", None, &[], &rsa), Err(Code::ConfigInvalid));
    assert_eq!(code("RS256", None, &["MIIB".into()], &rsa), Err(Code::ConfigInvalid));
    assert_eq!(code("RS256", None, &[], &rsa), Ok(()));
}
