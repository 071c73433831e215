//! kubeconfig files (Kubernetes documentation, "Organizing Cluster Access Using kubeconfig Files"), in YAML or JSON.
//!
//! Tokens and token files are used. Client certificates, passwords and plugins are refused: a token of a service account, made
//! by `kubectl create token`, does the same work.

use super::access::{Access, Part};
use crate::http::AddressPolicy;
use crate::redact::redact;
use crate::source::SourceError;
use crate::source::text_file::TextFile;
use crate::{Code, Error, yaml};
use alloc::format;
use alloc::string::String;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};

pub(super) const VARIABLE: &str = "KUBECONFIG";

pub(super) const FILE: TextFile = TextFile {
    name: "the kubeconfig file",
    advice: "check `source.kubeconfig`, or KUBECONFIG",
    max_bytes: 1024 * 1024,
};

/// Longest name in a message, in characters.
const MAX_NAME: usize = 100;

/// Refuses a list of files: they would have to be merged.
pub(super) fn single(path: &str) -> Result<(), Error> {
    // The colon of a Windows drive is the second character.
    let is_list = path.char_indices().any(|(at, c)| c == ';' || (c == ':' && at != 1));
    if !is_list {
        return Ok(());
    }
    Err(Error::new(
        Code::ConfigInvalid,
        "KUBECONFIG names several files; name one of them in `source.kubeconfig`",
    ))
}

/// The access that a context describes: `context`, or the file's `current-context`. `path` is where the file is.
pub(super) fn read(text: &str, path: &str, context: Option<&str>) -> Result<Access, SourceError> {
    let document = yaml::parse(text).map_err(|error| {
        let yaml::Place { line, column } = error.place;
        invalid(format!("is not read: {} (line {line}, column {column})", error.fault))
    })?;
    let Value::Object(document) = Value::from(document) else {
        return Err(invalid("is not a YAML or JSON object".into()));
    };
    let chosen = context
        .or_else(|| member(&document, "current-context"))
        .ok_or_else(|| invalid("has no `current-context`; configure `source.context`".into()))?;
    let context = entry(&document, "contexts", "context", chosen)?;
    let cluster = name(context, chosen, "cluster")?;
    let user = name(context, chosen, "user")?;
    let cluster_members = entry(&document, "clusters", "cluster", cluster)?;
    let user_members = entry(&document, "users", "user", user)?;
    Ok(Access {
        server: server(cluster_members, cluster)?,
        server_name: member(cluster_members, "tls-server-name").map(String::from),
        direct: false,
        token: credential(user_members, user, path)?,
        ca: authority(cluster_members, cluster, path)?,
        namespace: member(context, "namespace")
            .map_or(Part::Absent, |text| Part::Text(text.into())),
        audience: String::new(),
        timeout_ms: 0,
    })
}

fn server(cluster: &Map<String, Value>, name: &str) -> Result<String, SourceError> {
    let refuse = |what: &str| invalid(format!("has a cluster `{}` {what}", redact(name, MAX_NAME)));
    for (option, advice) in [
        (
            "insecure-skip-tls-verify",
            "that turns the check of certificates off; give `certificate-authority` in place of `insecure-skip-tls-verify`",
        ),
        ("proxy-url", "with `proxy-url`, which is not used; set HTTPS_PROXY in its place"),
    ] {
        if member(cluster, option).is_some_and(|value| value != "false") {
            return Err(refuse(advice));
        }
    }
    let server = member(cluster, "server").ok_or_else(|| refuse("without `server`"))?;
    let url = AddressPolicy::AUTHORITY
        .parse(server)
        .map_err(|refusal| refuse(&format!("whose `server` {refusal}")))?;
    if url.as_str().contains('?') {
        return Err(refuse("whose `server` has a query"));
    }
    Ok(url.into_string())
}

fn credential(user: &Map<String, Value>, name: &str, path: &str) -> Result<Part, SourceError> {
    let refuse = |what: &str| {
        invalid(format!(
            "has a user `{}` {what}; put a token in `token` or `tokenFile`, for example one of `kubectl create token`",
            redact(name, MAX_NAME)
        ))
    };
    // As in client-go, the file wins over the token beside it.
    if let Some(file) = member(user, "tokenFile") {
        return Ok(Part::File(beside(path, file)));
    }
    if let Some(token) = member(user, "token") {
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refuse("whose `token` has characters that are not allowed in a header"));
        }
        return Ok(Part::Text(token.into()));
    }
    for (member, what) in [
        ("exec", "with a plugin (`exec`), which is not run"),
        ("auth-provider", "with an `auth-provider`, which is not run"),
        ("client-certificate", "with a client certificate, which is not used"),
        ("client-certificate-data", "with a client certificate, which is not used"),
        ("username", "with a password, which Kubernetes no longer accepts"),
    ] {
        if user.contains_key(member) {
            return Err(refuse(what));
        }
    }
    Err(refuse("without a credential"))
}

fn authority(cluster: &Map<String, Value>, name: &str, path: &str) -> Result<Part, SourceError> {
    // As in client-go, the data wins over the file.
    let Some(data) = member(cluster, "certificate-authority-data") else {
        let file = member(cluster, "certificate-authority");
        return Ok(file.map_or(Part::Absent, |file| Part::File(beside(path, file))));
    };
    let text = BASE64_STANDARD.decode(data).ok().and_then(|pem| String::from_utf8(pem).ok());
    text.map(Part::Text).ok_or_else(|| {
        invalid(format!(
            "has a cluster `{}` whose `certificate-authority-data` is not PEM in base64",
            redact(name, MAX_NAME)
        ))
    })
}

/// A path as it is written in the file at `kubeconfig`: relative paths begin at its folder.
fn beside(kubeconfig: &str, path: &str) -> String {
    let is_absolute = path.starts_with(['/', '\\']) || path.get(1..2) == Some(":");
    match kubeconfig.rfind(['/', '\\']).and_then(|end| kubeconfig.get(..=end)) {
        Some(folder) if !is_absolute => format!("{folder}{path}"),
        _ => path.into(),
    }
}

/// The members of a named entry of one of the file's lists.
fn entry<'a>(
    document: &'a Map<String, Value>,
    list: &str,
    kind: &str,
    name: &str,
) -> Result<&'a Map<String, Value>, SourceError> {
    let entries = document.get(list).and_then(Value::as_array).into_iter().flatten();
    entries
        .filter(|entry| entry.get("name").and_then(Value::as_str) == Some(name))
        .find_map(|entry| entry.get(kind)?.as_object())
        .ok_or_else(|| {
            let name = redact(name, MAX_NAME);
            invalid(format!("has no {kind} `{name}` in `{list}`"))
        })
}

fn name<'a>(
    context: &'a Map<String, Value>,
    chosen: &str,
    kind: &str,
) -> Result<&'a str, SourceError> {
    member(context, kind).ok_or_else(|| {
        invalid(format!("has a context `{}` without `{kind}`", redact(chosen, MAX_NAME)))
    })
}

/// A member that is a text with content.
fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name)?.as_str().map(str::trim_ascii).filter(|text| !text.is_empty())
}

fn invalid(what: String) -> SourceError {
    FILE.error(Code::ConfigInvalid, &what)
}
