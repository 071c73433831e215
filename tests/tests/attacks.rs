//! Replays the attack corpus with every provider, and checks that nothing the specification demands is left out.

use conformance::attacks::{self, Case, Corpus, Crypto};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use workload_identity_core::crypto::{KeySet, Provider, RustCrypto};
use workload_identity_core::jose::Jwks;
use workload_identity_core::verify::{Policy, Profile, verify};
use workload_identity_core::{Code, Fault, Timestamp};
use workload_identity_crypto_native::AwsLc;

/// Requirements of the specification.
const REQUIREMENTS: usize = 36;

fn corpus() -> Corpus {
    let text = std::fs::read_to_string(attacks::path()).expect("attacks.json is committed");
    serde_json::from_str(&text).expect("attacks.json has the documented form")
}

fn replay(crypto: &Crypto) {
    let corpus = corpus();
    let wrong: Vec<String> =
        corpus.cases.iter().filter_map(|case| mismatch(&corpus, case, crypto)).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), corpus.cases.len(), wrong.join("\n"));
}

/// What is wrong with a case's outcome.
fn mismatch(corpus: &Corpus, case: &Case, crypto: &Crypto) -> Option<String> {
    let replayed = corpus.replay(case, crypto);
    let name = &case.name;
    let by_host = case.by_host.as_ref().filter(|_| matches!(crypto, Crypto::Host));
    let expected = match crypto {
        Crypto::Here(provider) => with_features(corpus, case, &**provider),
        Crypto::Host => by_host.unwrap_or(&case.expected),
    };
    if replayed.result != expected {
        return Some(format!("{name}: {}, expected {expected}", replayed.result));
    }
    let earlier: Vec<&String> = case.earlier.iter().map(|earlier| &earlier.expected).collect();
    if replayed.earlier.iter().ne(earlier) {
        return Some(format!("{name}: before it {:?}", replayed.earlier));
    }
    let none = Vec::new();
    let wanted = if case.fetch.is_empty() { Some(&none) } else { case.fetched.as_ref() };
    if wanted.is_some_and(|fetched| *fetched != replayed.fetched) {
        return Some(format!("{name}: requested {:?}", replayed.fetched));
    }
    replayed.refusals.iter().find_map(|(shown, token)| {
        let leaked = token.split(['.', ' ']).any(|part| part.len() > 8 && shown.contains(part));
        (leaked || shown.len() > 512)
            .then(|| format!("{name}: an error of {} bytes: {shown}", shown.len()))
    })
}

/// The expected result. Cargo builds all packages with the features that one of them asks for: beside the tests of crypto-native
/// the providers can compute ML-DSA, and see that the signature is none.
fn with_features<'c>(corpus: &Corpus, case: &'c Case, provider: &dyn Provider) -> &'c str {
    let known = || {
        let set = corpus.key_set(case.keys.as_deref().unwrap_or("good"));
        let set = Jwks::parse(set.as_bytes()).expect("a key set");
        KeySet::import(set, provider).jwks().unusable().is_empty()
    };
    if case.expected == "alg_unsupported" && known() { "signature_invalid" } else { &case.expected }
}

#[test]
fn rustcrypto_gives_every_expected_result() {
    replay(&Crypto::Here(Arc::new(RustCrypto)));
}

#[test]
fn aws_lc_gives_every_expected_result() {
    replay(&Crypto::Here(Arc::new(AwsLc)));
}

#[test]
fn host_crypto_gives_every_expected_result() {
    replay(&Crypto::Host);
}

/// Callers who hold the keys themselves get the same results.
#[test]
fn the_plain_function_agrees() {
    let corpus = corpus();
    let policy = Policy::new("https://issuer.example", "api://service");
    let policy = policy.with_algorithms(Profile::GENERIC.algorithms);
    let alone = |case: &&Case| {
        let changed = case.issuer.is_some() || case.options.is_some() || !case.earlier.is_empty();
        case.policy == "oidc" && !changed
    };
    let mut compared = 0;
    for case in corpus.cases.iter().filter(alone) {
        let set = corpus.key_set(case.keys.as_deref().unwrap_or("good"));
        let (Some(token), Ok(set)) = (&case.token, Jwks::parse(set.as_bytes())) else { continue };
        let keys = std::sync::Arc::new(KeySet::import(set, &AwsLc));
        let now = Timestamp::from_millis(case.now.unwrap_or(corpus.now));
        let result = verify(&token.expand(), &keys, &policy, now)
            .map_or_else(|error| error.code.name(), |_| "accepted");
        // With one policy there is no issuer to look for.
        let expected = match with_features(&corpus, case, &AwsLc) {
            "unknown_issuer" => "issuer_mismatch",
            expected => expected,
        };
        assert_eq!(result, expected, "{}", case.name);
        compared += 1;
    }
    assert!(compared > 500, "{compared} cases are for the plain function");
}

#[test]
fn every_requirement_and_every_code_is_covered() {
    let corpus = corpus();
    let mut covered: BTreeMap<&str, usize> = BTreeMap::new();
    for requirement in corpus.cases.iter().flat_map(|case| &case.covers) {
        *covered.entry(requirement).or_default() += 1;
    }
    for number in 1..=REQUIREMENTS {
        let name = format!("S{number}");
        println!("{name}: {}", covered.get(name.as_str()).copied().unwrap_or_default());
        assert!(covered.contains_key(name.as_str()), "{name} is covered");
    }
    assert_eq!(covered.len(), REQUIREMENTS, "{covered:?}");
    let reached: BTreeSet<&str> = corpus.cases.iter().map(|case| case.expected.as_str()).collect();
    let input = Code::ALL.iter().filter(|code| code.fault() == Fault::Input);
    let others =
        [Code::KeysUnavailable, Code::KeysExpired, Code::ProviderError, Code::ConfigInvalid];
    for code in input.chain(&others) {
        assert!(reached.contains(code.name()), "{} is reached", code.name());
    }
}

#[test]
fn the_file_is_what_the_generator_writes() {
    let committed = std::fs::read_to_string(attacks::path()).expect("attacks.json is committed");
    assert!(
        attacks::corpus().to_text() == committed,
        "run `cargo run -p conformance --bin attacks`"
    );
}

#[test]
fn results_are_the_same_every_time() {
    let corpus = corpus();
    let crypto = Crypto::Here(Arc::new(AwsLc));
    for case in corpus.cases.iter().step_by(17) {
        let first = corpus.replay(case, &crypto);
        let second = corpus.replay(case, &crypto);
        assert_eq!((first.result, first.fetched), (second.result, second.fetched), "{}", case.name);
    }
}
