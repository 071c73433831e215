//! `--token-file`: what kubelet does for a pod, a projected token that is replaced before it expires.

use super::Service;
use crate::{host, verbosity};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;
use tempfile::NamedTempFile;
use workload_identity_emulator::ServiceAccount;

const LIFE_SECONDS: i64 = 3600;
/// kubelet replaces a token when four fifths of its life are over.
const REPLACE_AFTER: Duration = Duration::from_secs(3600 / 5 * 4);

/// A token file, removed when dropped.
pub(super) struct TokenFile {
    path: PathBuf,
}

impl TokenFile {
    /// Writes the first token and keeps the file fresh for as long as the service lives.
    pub(super) fn keep(
        path: PathBuf,
        service: &Arc<Service>,
        audience: &str,
    ) -> Result<Self, String> {
        write(&path, service, audience)
            .map_err(|error| format!("cannot write the token file {}: {error}", path.display()))?;
        let (again, service) = (path.clone(), Arc::downgrade(service));
        let audience = audience.to_owned();
        thread::spawn(move || {
            loop {
                thread::sleep(REPLACE_AFTER);
                let Some(service) = Weak::upgrade(&service) else { return };
                if let Err(error) = write(&again, &service, &audience)
                    && !verbosity::quiet()
                {
                    eprintln!("warning: cannot replace the token file: {error}");
                }
            }
        });
        Ok(Self { path })
    }
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Readers see the old token or the new one, never half of one. Only the owner may read it.
fn write(path: &Path, service: &Service, audience: &str) -> io::Result<()> {
    let account = ServiceAccount::default();
    let token = service
        .emulator()
        .service_account_token(&account, &[audience], LIFE_SECONDS, host::now())
        .map_err(io::Error::other)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(token.as_bytes())?;
    file.persist(path)?;
    Ok(())
}
