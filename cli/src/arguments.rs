//! The command line: its commands and the text of `wif --help`.

use crate::commands::check_issuer::CheckIssuerArgs;
use crate::commands::completions::CompletionsArgs;
use crate::commands::demo::DemoArgs;
use crate::commands::discovery::DiscoveryArgs;
use crate::commands::emulator::EmulatorArgs;
use crate::commands::explain::ExplainArgs;
use crate::commands::fic::FicArgs;
use crate::commands::issue::IssueArgs;
use crate::commands::jwks::JwksArgs;
use crate::commands::man::ManArgs;
use crate::commands::preflight::PreflightArgs;
use crate::commands::publish::PublishArgs;
use crate::commands::sources::SourcesArgs;
use crate::commands::token::TokenArgs;
use crate::commands::verify::VerifyArgs;
use crate::verbosity::Verbosity;
use clap::{Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  # See the whole story on this machine: emulator, exchange, validation, cache, a refusal explained
  wif demo

  # A token for Azure Key Vault from the environment's token source
  wif token --scope https://vault.azure.net/.default

  # Why does no federated identity credential accept this token, and what repairs it?
  wif explain token.jwt --credentials credentials.json

  # Let a workload sign in, from the terminal or from a file
  wif fic add --app-id $APP_ID --github octo/app --environment production
  wif fic plan trust.yaml

  # Would a token be accepted, and if not, why?
  wif verify --jwks keys.json --issuer https://issuer.example --audience api://orders < token

  # Become an issuer: a key set and a discovery document to upload, and a token for a workload
  wif publish --issuer https://issuer.example --out site --public-key key.pub
  wif issue --key key.pem --issuer https://issuer.example --subject app --audience api://orders

  # An emulator to develop and test against, over TLS, that asks callers to slow down once
  wif emulator --tls --fault throttle

Every command has its own --help with more examples.";

/// Workload identity federation without secrets.
///
/// Exchanges the short-lived token that a platform gives its workloads (GitHub Actions,
/// Kubernetes, ...) for an access token of Microsoft Entra ID or another OAuth token endpoint.
#[derive(Parser, Debug)]
#[command(name = "wif", version, after_help = EXAMPLES, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) verbosity: Verbosity,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Show a complete exchange on loopback, step by step
    Demo(DemoArgs),
    /// Print an access token
    Token(TokenArgs),
    /// Show the token sources that this machine offers, and which is chosen
    Sources(SourcesArgs),
    /// Tell whether a platform's token can match a federated identity credential at all
    Preflight(PreflightArgs),
    /// Explain why federated identity credentials accept or refuse a token
    Explain(Box<ExplainArgs>),
    /// Set the trust up: federated identity credentials of applications and managed identities
    Fic(FicArgs),
    /// Verify a token, or a whole corpus, and say which check failed
    Verify(Box<VerifyArgs>),
    /// Serve a token endpoint, workload issuers and a protected API for tests
    Emulator(EmulatorArgs),
    /// Print the key set of public keys
    Jwks(JwksArgs),
    /// Print the discovery document of an issuer
    Discovery(DiscoveryArgs),
    /// Write a folder with the documents of an issuer, ready to upload
    Publish(PublishArgs),
    /// Tell whether Entra, AWS and Google can use an issuer
    CheckIssuer(CheckIssuerArgs),
    /// Sign a workload token with a key of your own
    Issue(IssueArgs),
    /// Print the completion script of a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write all of them to a folder
    #[command(hide = true)]
    Man(ManArgs),
}
