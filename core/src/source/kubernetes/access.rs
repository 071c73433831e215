//! What a request to an API server needs: the address, and parts that are at hand or in files.

use crate::Code;
use crate::source::text_file::TextFile;
use crate::source::{MAX_ASSERTION, SourceError};
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// The files that kubelet projects into each pod (Kubernetes documentation, "Accessing the Kubernetes API from a Pod").
pub(super) const TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";
const AUTHORITY: &str = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";
const NAMESPACE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// Longest file of certificate authorities.
const MAX_AUTHORITIES: u32 = 256 * 1024;

/// What a request needs. Files that it names are read one after the other.
#[derive(Deserialize, Serialize)]
pub(super) struct Access {
    pub(super) server: String,
    pub(super) server_name: Option<String>,
    /// The API server is in the pod's own network.
    pub(super) direct: bool,
    pub(super) token: Part,
    pub(super) ca: Part,
    pub(super) namespace: Part,
    pub(super) audience: String,
    pub(super) timeout_ms: u32,
}

/// A part of the access.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part {
    Absent,
    Text(String),
    /// The path of a file that has it.
    File(String),
}

/// The files of an access.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum File {
    Token,
    Authority,
    Namespace,
}

impl Part {
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    fn path(&self) -> Option<&String> {
        if let Self::File(path) = self { Some(path) } else { None }
    }
}

impl File {
    /// The file as messages speak of it.
    pub(super) const fn text_file(self) -> TextFile {
        match self {
            File::Token => TextFile {
                name: "the token file of the cluster's credential",
                advice: "check `automountServiceAccountToken` of the pod, or `tokenFile` of the kubeconfig",
                max_bytes: MAX_ASSERTION,
            },
            File::Authority => TextFile {
                name: "the file of the cluster's certificate authority",
                advice: "check the pod's service account volume, or `certificate-authority` of the kubeconfig",
                max_bytes: MAX_AUTHORITIES,
            },
            File::Namespace => TextFile {
                name: "the file of the pod's namespace",
                advice: "check the pod's service account volume, or configure `namespace`",
                max_bytes: 1024,
            },
        }
    }
}

impl Access {
    pub(super) fn in_cluster(server: &str, audience: String, timeout_ms: u32) -> Self {
        Self {
            server: server.into(),
            server_name: None,
            direct: true,
            token: Part::File(TOKEN.into()),
            ca: Part::File(AUTHORITY.into()),
            namespace: Part::File(NAMESPACE.into()),
            audience,
            timeout_ms,
        }
    }

    /// The next file to read, and its path.
    pub(super) fn missing(&self, needs_namespace: bool) -> Option<(File, String)> {
        let namespace = if needs_namespace { &self.namespace } else { &Part::Absent };
        let parts =
            [(File::Token, &self.token), (File::Authority, &self.ca), (File::Namespace, namespace)];
        parts.into_iter().find_map(|(file, part)| Some((file, part.path()?.clone())))
    }

    /// Takes the content of a file.
    pub(super) fn take(&mut self, file: File, text: &str) -> Result<(), SourceError> {
        let part = match file {
            File::Token => {
                if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err(file.text_file().error(
                        Code::TokenFileUnreadable,
                        "has characters that are not allowed in a header",
                    ));
                }
                &mut self.token
            }
            File::Authority => &mut self.ca,
            File::Namespace => &mut self.namespace,
        };
        *part = Part::Text(text.into());
        Ok(())
    }
}
