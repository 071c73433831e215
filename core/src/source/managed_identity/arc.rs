//! Azure Arc's challenge: proof that the caller may read a file of the agent (Azure documentation, "Managed identity
//! authentication on Arc-enabled servers").
//!
//! A header that names a file to read and send is a way to read any file, so only a key file in the agent's own directory is
//! read. Its directory belongs to the agent: nobody else can put a link into it.

use super::super::endpoint::Endpoint;
use super::super::{Retry, SourceError};
use crate::http::HttpResponse;
use crate::{Code, Error, Failure};
use alloc::string::String;

/// The agent's program on Linux and Windows, whose existence shows that it is installed.
pub(super) const AGENT_PATHS: [&str; 2] =
    ["/opt/azcmagent/bin/himds", r"C:\Program Files\AzureConnectedMachineAgent\himds.exe"];
/// The agent's endpoint where no variable names it.
pub(super) const ENDPOINT: &str = "http://localhost:40342/metadata/identity/oauth2/token";
/// Longest key file.
pub(super) const MAX_KEY: u32 = 4096;

const LINUX_DIRECTORY: &str = "/var/opt/azcmagent/tokens/";
/// Of any drive: `%ProgramData%` can be on another than `C:`.
const WINDOWS_DIRECTORY: &str = r":\ProgramData\AzureConnectedMachineAgent\Tokens\";
/// Pauses before the agent is asked for another key file.
const AGAIN: Retry = Retry::Pauses(&[1_000]);

/// The key file that a challenge names.
pub(super) fn key_file(
    endpoint: &Endpoint,
    response: &HttpResponse,
) -> Result<String, SourceError> {
    let challenge = response.headers.first("www-authenticate").unwrap_or_default().trim_ascii();
    let realm = challenge
        .get(..BASIC.len())
        .filter(|start| start.eq_ignore_ascii_case(BASIC))
        .and_then(|_| challenge.get(BASIC.len()..))
        .map(|value| value.trim_ascii().trim_matches('"'));
    match realm {
        Some(path) if is_key_file(path) => Ok(path.into()),
        Some(_) => Err(endpoint.invalid(
            "named a file that is not a `.key` file of the agent's tokens directory, so it was not read",
        )),
        None => Err(endpoint.invalid("answered 401 without a challenge `Basic realm=`")),
    }
}

const BASIC: &str = "Basic realm=";

/// Whether a path is a file directly in the agent's directory, with the agent's ending.
fn is_key_file(path: &str) -> bool {
    let name = path.strip_prefix(LINUX_DIRECTORY).or_else(|| {
        let (drive, rest) = path.split_at_checked(1)?;
        let (directory, name) = rest.split_at_checked(WINDOWS_DIRECTORY.len())?;
        (drive.bytes().all(|drive| drive.is_ascii_alphabetic())
            && directory.eq_ignore_ascii_case(WINDOWS_DIRECTORY))
        .then_some(name)
    });
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    name.and_then(|name| name.strip_suffix(".key"))
        .is_some_and(|stem| (1..=128).contains(&stem.len()) && stem.bytes().all(plain))
}

/// The key in a file.
pub(super) fn key(content: &[u8]) -> Result<&str, SourceError> {
    if content.len() > MAX_KEY as usize {
        return Err(Error::new(
            Code::TokenFileTooLarge,
            "the key file of Azure Arc's agent is larger than 4096 bytes, so it was not sent",
        )
        .into());
    }
    match core::str::from_utf8(content).map(str::trim_ascii) {
        Ok("") => Err(again(
            Code::TokenFileEmpty,
            "the key file of Azure Arc's agent is empty; restart the agent",
        )),
        Ok(key) if key.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(key),
        _ => Err(Error::new(
            Code::SourceResponseInvalid,
            "the key file of Azure Arc's agent holds characters that are not allowed in a header; restart the agent",
        )
        .into()),
    }
}

/// The error of a key file that the host could not read.
pub(super) fn key_failed(failure: Failure, detail: &str) -> SourceError {
    match failure {
        // The agent removes the file after a while.
        Failure::NotFound => again(
            Code::TokenFileMissing,
            "the key file of Azure Arc's agent does not exist; restart the agent",
        ),
        Failure::Denied => Error::new(
            Code::TokenFileDenied,
            "the key file of Azure Arc's agent may not be read by this user; add the user to the group `himds` (Linux) or `Hybrid agent extension applications` (Windows)",
        )
        .into(),
        Failure::Unsupported => Error::new(
            Code::SourceUnsupported,
            "this runtime has no file system, and Azure Arc's agent asks for the content of a file; give the token by a callback",
        )
        .into(),
        _ => SourceError::failed(
            Code::TokenFileUnreadable,
            "reading the key file of Azure Arc's agent failed",
            failure,
            detail,
            None,
        ),
    }
}

/// An error after which the agent is asked for another key file.
fn again(code: Code, message: &str) -> SourceError {
    SourceError { error: Error::new(code, message), retry: Some(AGAIN) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_key_files_of_the_agents_directory_are_read() {
        for good in [
            "/var/opt/azcmagent/tokens/9f3c0a1e-1111-2222-3333-444455556666.key",
            r"C:\ProgramData\AzureConnectedMachineAgent\Tokens\a_b.key",
            r"d:\programdata\azureconnectedmachineagent\tokens\1.key",
        ] {
            assert!(is_key_file(good), "{good}");
        }
        for bad in [
            "",
            "/etc/shadow",
            "/etc/shadow.key",
            "/var/opt/azcmagent/tokens/",
            "/var/opt/azcmagent/tokens/.key",
            "/var/opt/azcmagent/tokens/a.txt",
            "/var/opt/azcmagent/tokens/a.key.txt",
            "/var/opt/azcmagent/tokens/a.KEY",
            "/var/opt/azcmagent/tokens/../../../../etc/shadow.key",
            "/var/opt/azcmagent/tokens/..key",
            "/var/opt/azcmagent/tokens/a/b.key",
            "/var/opt/azcmagent/tokens//a.key",
            "/var/opt/azcmagent/tokens/a\0.key",
            "/var/opt/azcmagent/tokens/a b.key",
            "/var/opt/azcmagent/tokensx/a.key",
            "var/opt/azcmagent/tokens/a.key",
            "/VAR/opt/azcmagent/tokens/a.key",
            r"C:\ProgramData\AzureConnectedMachineAgent\Tokens\..\a.key",
            r"C:\ProgramData\AzureConnectedMachineAgent\Tokens\a\b.key",
            r"C:/ProgramData/AzureConnectedMachineAgent/Tokens/a.key",
            r"\\server\ProgramData\AzureConnectedMachineAgent\Tokens\a.key",
            r"C:\ProgramData\AzureConnectedMachineAgent\Tokens\a.key:stream",
            r"ä:\ProgramData\AzureConnectedMachineAgent\Tokens\a.key",
        ] {
            assert!(!is_key_file(bad), "{bad}");
        }
    }
}
