//! `wif publish`: a folder with the documents of an issuer, ready for a static web server.

use super::input::{file, in_file};
use super::key_files::KeyFileArgs;
use crate::explain::escaped;
use crate::{explain, option_names, verbosity};
use clap::{ArgGroup, Args};
use serde_json::json;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tempfile::Builder;
use workload_identity_core::keys::DiscoveryDocument;
use workload_identity_core::publish::{IssuerUrl, JWKS_PATH, PublishedKeys, WELL_KNOWN_PATH};
use workload_identity_core::{Code, Error};

/// Entra reads the first keys of a set only.
const MOST_KEYS: usize = 100;

const ISSUER_HELP: &str =
    "The issuer, exactly as tokens name it in `iss`, e.g. https://issuer.example/cluster";
const EXAMPLES: &str = "\
Examples:
  # The documents of an issuer, to upload to https://issuer.example/
  wif publish --issuer https://issuer.example --out site --public-key key.pub

  # Rotation, first step: publish the next key beside the current one, then sign with it
  wif publish --issuer https://issuer.example --out site --public-key next.pub

  # Rotation, last step: when the last token of the old key has expired
  wif publish --issuer https://issuer.example --out site --retire OLD_KID

  # The folder is new each time: keep the keys that are published now
  curl -s https://issuer.example/openid/v1/jwks > now.json
  wif publish --issuer https://issuer.example --out site --public-key next.pub --keep now.json

The folder gets .well-known/openid-configuration and the key set: openid/v1/jwks, or the path of
--jwks-uri below the issuer. For an address elsewhere it is openid/v1/jwks, to be uploaded there.
Keys that the folder has stay behind the new ones, until --retire names them; tokens that they
signed stay valid. Each file is replaced as a whole, the key set first.

Services fetch both without sign-in and redirects; serve them as application/json. Then
`wif check-issuer` tells whether Entra, AWS and Google can use the issuer.

Exit status: 0 when the folder is written, 1 with an error on standard error, 2 for wrong usage.";

/// Options of `wif publish`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("keys").required(true).multiple(true)))]
pub(crate) struct PublishArgs {
    // Not a doc comment, where the URL would have to be a link.
    #[arg(long, value_name = "URL", help = ISSUER_HELP)]
    issuer: String,
    /// The folder to write; it is made if it does not exist
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    keys: KeyFileArgs,
    /// The address of the key set [default: openid/v1/jwks below the issuer]
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    /// A key set whose keys stay published too, such as a copy of the current one (may be repeated)
    #[arg(long, value_name = "FILE", group = "keys")]
    keep: Vec<PathBuf>,
    /// The `kid` of a key that is no longer published (may be repeated)
    #[arg(long, value_name = "KID", group = "keys")]
    retire: Vec<String>,
    /// Print what was written as JSON
    #[arg(long)]
    json: bool,
}

/// The documents and where they go.
struct Publication {
    jwks_uri: String,
    jwks_file: PathBuf,
    discovery_file: PathBuf,
    keys: PublishedKeys,
    discovery: String,
}

/// Runs the command.
pub(crate) fn run(args: &PublishArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let publication = match Publication::new(args) {
        Ok(publication) => publication,
        Err(error) => return Ok(explain::failed("publish", &option_names::of_issuer(error))),
    };
    let Publication { jwks_file, discovery_file, keys, discovery, .. } = &publication;
    // The key set first, so that no discovery document leads to a missing one.
    for (file, text) in [(jwks_file, keys.to_json()), (discovery_file, discovery.clone())] {
        replace(file, &(text + "\n"))
            .map_err(|error| format!("cannot write {}: {error}", shown(file)))?;
    }
    let count = keys.keys().len();
    if count > MOST_KEYS && !verbosity::quiet() {
        eprintln!(
            "warning: {count} keys, and Entra reads the first {MOST_KEYS} of a set; retire old ones"
        );
    }
    let mut out = io::stdout().lock();
    write!(out, "{}", publication.summary(args))?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

impl Publication {
    fn new(args: &PublishArgs) -> Result<Self, Error> {
        let issuer = IssuerUrl::parse(&args.issuer)?;
        let jwks_uri = args.jwks_uri.clone().unwrap_or_else(|| issuer.jwks_uri());
        IssuerUrl::check_jwks_uri(&jwks_uri)?;
        let jwks_file = args.out.join(issuer.path_below(&jwks_uri).unwrap_or(JWKS_PATH));
        let discovery_file = args.out.join(WELL_KNOWN_PATH);
        check_owner(&discovery_file, &issuer)?;
        let mut keys = PublishedKeys::new(&args.keys.read()?)?;
        let mut retired = Vec::new();
        let published = jwks_file.exists().then_some(&jwks_file);
        for path in published.into_iter().chain(&args.keep) {
            let left_out = keys.keep(&file(path)?, &args.retire);
            retired.extend(left_out.map_err(|error| in_file(path, error))?);
        }
        if let Some(unknown) = args.retire.iter().find(|name| !retired.contains(name)) {
            return Err(Error::new(
                Code::NoMatchingKey,
                format!(
                    "no published key has the `kid` `{}`, which `--retire` names",
                    escaped(unknown)
                ),
            ));
        }
        let is_retired = |name: &&str| args.retire.iter().any(|retired| retired == name);
        if let Some(name) = keys.keys().iter().filter_map(|key| key.key_id()).find(is_retired) {
            let message = format!(
                "`--retire` names the key `{}`, which is also given to be published",
                escaped(name)
            );
            return Err(Error::new(Code::RequestInvalid, message));
        }
        if keys.keys().is_empty() {
            return Err(Error::new(
                Code::NoMatchingKey,
                "no key is left to publish; give a new one with `--public-key` in the same call",
            ));
        }
        let discovery = issuer.discovery_document(&jwks_uri, &keys.algorithms());
        Ok(Self { jwks_uri, jwks_file, discovery_file, keys, discovery })
    }

    fn summary(&self, args: &PublishArgs) -> String {
        let names: Vec<_> =
            self.keys.keys().iter().map(|key| key.key_id().unwrap_or_default()).collect();
        if args.json {
            let summary = json!({
                "issuer": args.issuer,
                "jwks_uri": self.jwks_uri,
                "files": [self.discovery_file, self.jwks_file],
                "keys": names,
                "retired": args.retire,
            });
            return format!("{summary}\n");
        }
        let discovery = format!("{}/{WELL_KNOWN_PATH}", args.issuer.trim_end_matches('/'));
        let mut text = format!("{}  for {discovery}\n", shown(&self.discovery_file));
        text += &format!("{}  for {}\n", shown(&self.jwks_file), self.jwks_uri);
        for name in names {
            text += &format!("  key {}\n", escaped(name));
        }
        text
    }
}

/// Refuses a folder of another issuer, whose tokens would no longer be accepted.
fn check_owner(discovery_file: &Path, issuer: &IssuerUrl) -> Result<(), Error> {
    if !discovery_file.exists() {
        return Ok(());
    }
    let published = DiscoveryDocument::parse(&file(discovery_file)?).map_err(|fault| {
        in_file(discovery_file, Error::new(Code::DiscoveryInvalid, fault.to_string()))
    })?;
    match published.issuer {
        Some(named) if named == issuer.as_str() => Ok(()),
        named => Err(in_file(
            discovery_file,
            Error::new(
                Code::IssuerMismatch,
                format!(
                    "the folder is published for the issuer `{}`; choose another folder with `--out`, or remove the file",
                    escaped(&named.unwrap_or_default())
                ),
            ),
        )),
    }
}

/// Replaces a file as a whole. Everybody may read it, as far as the umask allows.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o644));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn shown(path: &Path) -> String {
    escaped(&path.display().to_string())
}
