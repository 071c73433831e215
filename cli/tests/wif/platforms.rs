//! Each platform of the emulator: with nothing but its variables, `wif sources` chooses its source and `wif token` gets a token.

use crate::process::{Emulator, Run, SCOPE, parsed, run, text, wif};
use serde_json::Value;
use std::process::Command;
use std::thread;
use workload_identity_core::jose::UnverifiedClaims;
use workload_identity_emulator::PLATFORMS;

/// What a platform gives on the machine on which the test runs.
enum Outcome {
    /// `wif token` prints an access token.
    Token,
    /// `wif token` ends with this code. The text says why the platform cannot give more here.
    Refused { code: &'static str, why: &'static str },
}

use Outcome::{Refused, Token};

struct Expected {
    platform: &'static str,
    source: &'static str,
    /// Further options of `wif emulator`.
    options: &'static [&'static str],
    outcome: Outcome,
}

const TLS: &[&str] = &["--tls"];

const fn row(platform: &'static str, source: &'static str, outcome: Outcome) -> Expected {
    Expected { platform, source, options: &[], outcome }
}

const EXPECTED: &[Expected] = &[
    row("github", "github", Token),
    row("forgejo", "github", Token),
    row("gitlab", "gitlab", Token),
    row("circleci", "circleci", Token),
    row("bitbucket", "bitbucket", Token),
    row("terraform", "terraform", Token),
    row("buildkite", "buildkite", Token),
    row("spacelift", "spacelift", Token),
    row("vercel", "vercel", Token),
    row("fly", "fly", Token),
    row("modal", "modal", Token),
    row("kubernetes", "file", Token),
    row("gcp", "google_metadata", Token),
    row("aws", "aws", Token),
    row("spiffe", "file", Token),
    row("app-service", "managed_identity", Token),
    row("imds", "managed_identity", Token),
    row("azure-ml", "managed_identity", Token),
    row(
        "cloud-shell",
        "managed_identity",
        Refused { code: "trust_mismatch", why: "its token is the user's, which Entra refuses" },
    ),
    row(
        "arc",
        "managed_identity",
        Refused {
            code: "token_file_missing",
            why: "the key file is read only in the agent's directory, which a test does not write",
        },
    ),
    Expected { options: TLS, ..row("service-fabric", "managed_identity", Token) },
    row("azure-pipelines", "azure_pipelines", Token),
    Expected { options: TLS, ..row("aks-identity-binding", "file", Token) },
];

#[test]
fn every_platform_gives_a_token_to_a_workload_with_its_variables_only() {
    let names: Vec<_> = EXPECTED.iter().map(|expected| expected.platform).collect();
    let known: Vec<_> = PLATFORMS.iter().map(|platform| platform.name).collect();
    assert_eq!(names, known, "each platform has a row");
    thread::scope(|scope| {
        for chunk in EXPECTED.chunks(EXPECTED.len().div_ceil(4)) {
            scope.spawn(move || chunk.iter().for_each(check));
        }
    });
}

fn check(expected: &Expected) {
    let platform = expected.platform;
    let mut arguments = vec!["--platform", platform];
    arguments.extend(expected.options);
    let emulator = Emulator::start(&arguments);
    let sources = parsed(&on_platform(&emulator, &["sources", "--json"]).out);
    let chosen = sources.as_array().into_iter().flatten().find(|source| source["chosen"] == true);
    let chosen = chosen.map(|source| text(source, "name"));
    assert_eq!(chosen.as_deref(), Some(expected.source), "{platform}");
    let token = on_platform(&emulator, &["token", "--scope", SCOPE, "--json"]);
    match &expected.outcome {
        Token => {
            assert_eq!((token.status, token.err.as_str()), (Some(0), ""), "{platform}");
            let token = text(&parsed(&token.out), "token");
            let issuer = UnverifiedClaims::peek(&token).expect("a JWT").issuer;
            let own = format!("{}/v2.0", emulator.text("authority"));
            assert_eq!(issuer, Some(own), "{platform}");
        }
        Refused { code, why } => {
            assert_eq!(token.status, Some(1), "{platform}: {why}");
            assert_eq!(text(&parsed(&token.err), "code"), *code, "{platform}: {why}");
        }
    }
}

/// `wif` with the variables that the emulator says to export.
fn on_platform(emulator: &Emulator, arguments: &[&str]) -> Run {
    let mut command: Command = wif(arguments);
    let variables = emulator.startup_info.get("environment").and_then(Value::as_object);
    for (name, value) in variables.expect("variables") {
        command.env(name, value.as_str().expect("text"));
    }
    run(&mut command)
}
