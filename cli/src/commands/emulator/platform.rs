//! `--platform`: what a workload finds there, in files that are kept fresh, sockets and environment variables.

use super::Service;
use crate::serve::Server;
use crate::{host, verbosity};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;
use tempfile::{NamedTempFile, TempDir};
use workload_identity_emulator::{PLATFORMS, Platform, PlatformSetup};

/// Tokens in files live for at least five minutes.
const REPLACE_AFTER: Duration = Duration::from_secs(150);

/// The platforms that a workload finds itself on.
pub(crate) struct Platforms {
    names: Vec<&'static str>,
    variables: BTreeMap<&'static str, String>,
    /// Removed with its files when the emulator ends.
    _folder: TempDir,
}

/// Reads the name of a platform.
pub(crate) fn parse(name: &str) -> Result<&'static Platform, String> {
    Platform::named(name).ok_or_else(|| {
        let names: Vec<_> = PLATFORMS.iter().map(|platform| platform.name).collect();
        format!("not one of {}", names.join(", "))
    })
}

impl Platforms {
    /// Writes the files of the platforms and keeps them fresh for as long as the service lives. The sockets listen when this
    /// returns.
    pub(crate) fn open(
        platforms: &[&'static Platform],
        service: &Arc<Service>,
        server: &Server,
    ) -> Result<Self, String> {
        let folder = tempfile::tempdir()
            .map_err(|error| format!("cannot create a folder for the platforms' files: {error}"))?;
        let mut variables = BTreeMap::new();
        for platform in platforms {
            let setup = write(platform, folder.path(), service).map_err(|error| {
                format!("cannot prepare the platform {}: {error}", platform.name)
            })?;
            for socket in &setup.sockets {
                let path = folder.path().join(socket);
                server.serve_unix(&path, Arc::clone(service)).map_err(|error| {
                    format!("cannot listen on the socket {}: {error}", path.display())
                })?;
            }
            variables.extend(setup.variables);
        }
        keep_fresh(platforms.to_vec(), folder.path(), service);
        let names = platforms.iter().map(|platform| platform.name).collect();
        Ok(Self { names, variables, _folder: folder })
    }

    pub(super) fn names(&self) -> &[&'static str] {
        &self.names
    }

    pub(crate) fn variables(&self) -> &BTreeMap<&'static str, String> {
        &self.variables
    }
}

fn keep_fresh(platforms: Vec<&'static Platform>, folder: &Path, service: &Arc<Service>) {
    let (folder, service) = (folder.to_owned(), Arc::downgrade(service));
    thread::spawn(move || {
        loop {
            thread::sleep(REPLACE_AFTER);
            let Some(service) = Weak::upgrade(&service) else { return };
            for platform in &platforms {
                if let Err(error) = write(platform, &folder, &service)
                    && !verbosity::quiet()
                {
                    eprintln!("warning: cannot replace the files of {}: {error}", platform.name);
                }
            }
        }
    });
}

/// Readers see an old file or a new one, never half of one. Only the owner may read it.
fn write(platform: &Platform, folder: &Path, service: &Service) -> io::Result<PlatformSetup> {
    let place = folder.to_str().ok_or_else(|| io::Error::other("the folder's name is not text"))?;
    let setup = service
        .emulator()
        .platform_setup(platform, place, host::now())
        .map_err(io::Error::other)?;
    for (path, content) in &setup.files {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent)?;
        let mut file = NamedTempFile::new_in(parent)?;
        file.write_all(content.as_bytes())?;
        file.persist(path)?;
    }
    Ok(setup)
}
