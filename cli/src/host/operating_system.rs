//! What the core gets from the operating system: the time, randomness and files.

use std::fs::File;
use std::io::{self, Read};
use std::time::{SystemTime, UNIX_EPOCH};
use workload_identity_core::{Code, Error, Failure, Outcome, Secret, Seed, Timestamp};

/// The current instant.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// 32 random bytes.
pub(crate) fn seed() -> Result<Seed, Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|_| Error::new(Code::Internal, "the operating system returned no random bytes"))?;
    Ok(seed)
}

/// Reads at most `max_bytes + 1` bytes of a file, so that the core detects a longer file.
pub(super) fn read_file(path: &str, max_bytes: u32) -> Outcome {
    let mut content = Vec::new();
    let outcome = File::open(path)
        .and_then(|file| file.take(u64::from(max_bytes) + 1).read_to_end(&mut content));
    match outcome {
        Ok(_) => Outcome::File(Secret::new(content)),
        Err(error) => {
            let (failure, detail) = failed(&error);
            Outcome::Failed { failure, detail }
        }
    }
}

/// The kind of an error of the operating system, and its description without a path.
pub(super) fn failed(error: &io::Error) -> (Failure, String) {
    let failure = match error.kind() {
        io::ErrorKind::NotFound => Failure::NotFound,
        io::ErrorKind::PermissionDenied => Failure::Denied,
        _ => Failure::Other,
    };
    (failure, error.kind().to_string())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    /// The length changes, so that a mixture of two tokens would have a wrong end.
    fn token(number: usize) -> String {
        format!("{number}.{}.{number:08}", "A".repeat(number % 97 * 4))
    }

    /// At least 10,000 swaps of the symbolic link, as kubelet does them, under a reading loop.
    #[test]
    fn a_projected_file_is_never_torn() {
        // In memory, as projected volumes are, where the system has such a folder.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let at = |name: &str| folder.path().join(name);
        let publish = |number: usize| {
            let name = format!("..{number}");
            fs::create_dir(at(&name)).unwrap();
            fs::write(at(&name).join("token"), token(number)).unwrap();
            symlink(&name, at("..data_tmp")).unwrap();
            fs::rename(at("..data_tmp"), at("..data")).unwrap();
        };
        publish(0);
        symlink("..data/token", at("token")).unwrap();
        let path = at("token").into_os_string().into_string().unwrap();
        let done = AtomicBool::new(false);
        let read = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // A busy machine may need more for some reads in between.
                let end = Instant::now() + Duration::from_secs(60);
                let few = || read.load(Ordering::Relaxed) <= 100 && Instant::now() < end;
                for number in (1..).take_while(|number| *number <= 10_000 || few()) {
                    publish(number);
                    fs::remove_dir_all(at(&format!("..{}", number - 1))).unwrap();
                }
                done.store(true, Ordering::Relaxed);
            });
            while !done.load(Ordering::Relaxed) {
                match read_file(&path, 65_536) {
                    Outcome::File(content) => {
                        let text = std::str::from_utf8(content.expose()).unwrap();
                        let (number, _) = text.split_once('.').unwrap();
                        assert_eq!(text, token(number.parse().unwrap()));
                        read.fetch_add(1, Ordering::Relaxed);
                    }
                    // Between the look-up of the link and that of the folder behind it.
                    Outcome::Failed { failure: Failure::NotFound, .. } => {}
                    other => panic!("{other:?}"),
                }
            }
        });
        let read = read.into_inner();
        assert!(read > 100, "{read}");
    }
}
