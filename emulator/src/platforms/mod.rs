//! The platforms that the emulator can be: where a workload gets its token there. One file and one row per platform.

mod aws;
mod azure;
mod bitbucket;
mod buildkite;
mod circleci;
mod fly;
mod forgejo;
mod gcp;
mod github;
mod gitlab;
mod kubernetes;
mod modal;
mod spacelift;
mod spiffe;
mod terraform;
mod vercel;
mod workbench;

use crate::reply::{Response, not_found};
use crate::request::Request;
use std::fmt;
use workload_identity_core::trust::Credential;
use workload_identity_core::{Code, Error};

pub(crate) use workbench::Workbench;

/// All platforms, in the order of `--help`.
pub const PLATFORMS: &[Platform] = &[
    github::PLATFORM,
    forgejo::PLATFORM,
    gitlab::PLATFORM,
    circleci::PLATFORM,
    bitbucket::PLATFORM,
    terraform::PLATFORM,
    buildkite::PLATFORM,
    spacelift::PLATFORM,
    vercel::PLATFORM,
    fly::PLATFORM,
    modal::PLATFORM,
    kubernetes::PLATFORM,
    gcp::PLATFORM,
    aws::PLATFORM,
    spiffe::PLATFORM,
    azure::APP_SERVICE,
    azure::IMDS,
    azure::MACHINE_LEARNING,
    azure::CLOUD_SHELL,
    azure::ARC,
    azure::SERVICE_FABRIC,
    azure::PIPELINES,
    azure::AKS_IDENTITY_BINDING,
];

/// A platform.
#[derive(Debug)]
pub struct Platform {
    /// Its name in `--platform`.
    pub name: &'static str,
    /// Other names that are accepted.
    pub aliases: &'static [&'static str],
    /// One line for `--help`.
    pub about: &'static str,
    /// How far its workload gets.
    pub reach: Reach,
    /// The beginnings of its paths beside `/platforms/NAME/`, as its official clients have them fixed.
    pub(crate) paths: &'static [&'static str],
    /// The credential by which the application trusts its workload.
    pub(crate) credential: fn(&Workbench<'_>) -> Credential,
    /// What the workload finds in its environment.
    pub(crate) setup: fn(&mut Workbench<'_>, folder: &str) -> Result<PlatformSetup, Error>,
    /// Answers a request. The path is whole.
    pub(crate) answer: fn(&mut Workbench<'_>, &Request) -> Response,
}

/// How far the workload of a platform gets on a machine with nothing but the emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To an access token.
    Token,
    /// To an access token, if the emulator is reached over https.
    TokenOverTls,
    /// To an error of this code.
    Refused(Code),
}

/// What a workload finds on a platform. The host creates files and sockets.
#[derive(Default)]
pub struct PlatformSetup {
    /// Environment variables.
    pub variables: Vec<(&'static str, String)>,
    /// Files: paths relative to the folder, and contents. They change, so a host writes them again once in a while.
    pub files: Vec<(String, String)>,
    /// Unix sockets on which the emulator answers HTTP: paths relative to the folder.
    pub sockets: Vec<String>,
}

impl fmt::Debug for PlatformSetup {
    /// Values can be tokens, so only names are shown.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |(name, _): &(&'static str, String)| *name;
        formatter
            .debug_struct("PlatformSetup")
            .field("variables", &self.variables.iter().map(names).collect::<Vec<_>>())
            .field("sockets", &self.sockets)
            .finish_non_exhaustive()
    }
}

impl Platform {
    /// The platform of a name or an alias.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PLATFORMS.iter().find(|platform| platform.name == name || platform.aliases.contains(&name))
    }

    /// The platform that answers a path without a leading slash, other than the documents of its issuer.
    pub(crate) fn of_path(path: &str) -> Option<&'static Self> {
        let own = |platform: &&Self| {
            let rest =
                path.strip_prefix("platforms/").and_then(|rest| rest.strip_prefix(platform.name));
            rest.is_some_and(|rest| rest.starts_with('/'))
                || platform.paths.iter().any(|known| path.starts_with(known))
        };
        PLATFORMS.iter().find(own)
    }
}

/// For platforms whose workloads get their token in a variable or a file only.
fn no_endpoint(_workbench: &mut Workbench<'_>, _request: &Request) -> Response {
    not_found()
}
