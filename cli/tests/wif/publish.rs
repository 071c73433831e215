//! `wif publish`: the folder, its rotation, and what is refused.

use crate::private_keys::{Files, PrivateKey, key_set};
use crate::process::{Run, parsed, run, text, wif};
use serde_json::{Value, json};

const ISSUER: &str = "https://issuer.example/a";

struct Site {
    files: Files,
    out: String,
}

impl Site {
    fn new() -> Self {
        let files = Files::new();
        let out = files.path("site");
        Self { files, out }
    }

    /// A file with a new public key, and its `kid`.
    fn key(&self, name: &str) -> (String, String) {
        let path = self.files.write(name, PrivateKey::p256().public_pem());
        let kid = text(&key_set("--public-key", &path)["keys"][0], "kid");
        (path, kid)
    }

    fn publish(&self, arguments: &[&str]) -> Run {
        let mut command = wif(&["publish", "--issuer", ISSUER, "--out", &self.out]);
        run(command.args(arguments))
    }

    fn good(&self, arguments: &[&str]) -> Run {
        let run = self.publish(arguments);
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{arguments:?}");
        run
    }

    fn refused(&self, arguments: &[&str], status: i32, words: &str) {
        let before = self.names();
        let run = self.publish(arguments);
        assert_eq!((run.status, run.out.as_str()), (Some(status), ""), "{arguments:?}");
        assert!(run.err.contains(words), "{words}: {}", run.err);
        assert_eq!(self.names(), before);
    }

    fn document(&self, path: &str) -> Value {
        parsed(&self.files.read(&format!("site/{path}")))
    }

    /// The `kid`s of the key set.
    fn names(&self) -> Vec<String> {
        if !std::path::Path::new(&self.files.path("site/openid/v1/jwks")).exists() {
            return Vec::new();
        }
        let set = self.document("openid/v1/jwks");
        set["keys"].as_array().expect("keys").iter().map(|key| text(key, "kid")).collect()
    }
}

#[test]
fn the_folder_has_both_documents() {
    let site = Site::new();
    let (path, kid) = site.key("a.pub");
    let run = site.good(&["--public-key", &path]);
    assert!(
        run.out.contains("https://issuer.example/a/openid/v1/jwks") && run.out.contains(&kid),
        "{}",
        run.out
    );
    let document = site.document(".well-known/openid-configuration");
    assert_eq!(text(&document, "issuer"), ISSUER);
    assert_eq!(text(&document, "jwks_uri"), "https://issuer.example/a/openid/v1/jwks");
    assert_eq!(document["id_token_signing_alg_values_supported"], json!(["ES256"]));
    assert_eq!(site.document("openid/v1/jwks"), key_set("--public-key", &path));
    let summary = parsed(&site.good(&["--public-key", &path, "--json"]).out);
    assert_eq!(summary["keys"], json!([kid]));
    assert_eq!(summary["files"].as_array().map(Vec::len), Some(2));
}

#[cfg(unix)]
#[test]
fn a_web_server_may_read_the_documents_and_no_other_file_is_left() {
    use std::os::unix::fs::PermissionsExt;
    let site = Site::new();
    let (path, _) = site.key("a.pub");
    for _ in 0..2 {
        site.good(&["--public-key", &path]);
    }
    for (folder, name) in [("site/openid/v1", "jwks"), ("site/.well-known", "openid-configuration")]
    {
        let entries: Vec<_> =
            std::fs::read_dir(site.files.path(folder)).expect("a folder").flatten().collect();
        let names: Vec<_> = entries.iter().map(|entry| entry.file_name()).collect();
        assert_eq!(names, [name]);
        assert_eq!(entries[0].metadata().expect("metadata").permissions().mode() & 0o444, 0o444);
    }
}

#[test]
fn keys_rotate_with_an_overlap() {
    let site = Site::new();
    let [(a, a_kid), (b, b_kid), (c, c_kid)] = ["a", "b", "c"].map(|name| site.key(name));
    site.good(&["--public-key", &a]);
    site.good(&["--public-key", &b]);
    assert_eq!(site.names(), [b_kid.as_str(), &a_kid]);
    site.good(&["--public-key", &b]);
    assert_eq!(site.names(), [b_kid.as_str(), &a_kid]);
    site.good(&["--public-key", &c, "--retire", &a_kid]);
    assert_eq!(site.names(), [c_kid.as_str(), &b_kid]);
    site.good(&["--retire", &b_kid]);
    assert_eq!(site.names(), [c_kid.as_str()]);
    site.refused(&["--retire", &c_kid], 1, "no key is left");
    site.refused(&["--retire", "nonsense"], 1, "no published key");
    site.refused(&["--public-key", &c, "--retire", &c_kid], 2, "also given");
    // A new folder continues from a copy of the key set.
    let copy = site.files.write("now.json", site.files.read("site/openid/v1/jwks"));
    std::fs::remove_dir_all(&site.out).expect("removed");
    site.good(&["--public-key", &a, "--keep", &copy]);
    assert_eq!(site.names(), [a_kid.as_str(), &c_kid]);
}

/// One base64url thumbprint in 64 begins with `-`.
#[test]
fn a_key_whose_name_begins_with_a_hyphen_is_retired() {
    let site = Site::new();
    let (path, kid) = site.key("a.pub");
    let (other, _) = site.key("b.pub");
    let mut set = key_set("--public-key", &other);
    for name in ["-uI_1", "--out", "-v", "-"] {
        set["keys"][0]["kid"] = name.into();
        let kept = site.files.write("kept.json", set.to_string());
        site.good(&["--public-key", &path, "--keep", &kept]);
        assert_eq!(site.names(), [kid.as_str(), name]);
        // The names of options need the equals sign.
        let equals = format!("--retire={name}");
        match name {
            "-uI_1" | "-" => site.good(&["--retire", name]),
            _ => site.good(&[equals.as_str()]),
        };
        assert_eq!(site.names(), [kid.as_str()]);
    }
    site.refused(&["--retire", "-uI_1"], 1, "no published key has the `kid` `-uI_1`");
    for arguments in [&["--retire"] as &[&str], &["--retire", "--json"], &["--retire", "-q"]] {
        site.refused(arguments, 2, "a value is required for '--retire <KID>'");
    }
}

#[test]
fn the_address_of_the_key_set_names_its_file() {
    let site = Site::new();
    let (path, _) = site.key("a.pub");
    site.good(&["--public-key", &path, "--jwks-uri", "https://issuer.example/a/keys/jwks.json"]);
    assert_eq!(site.document("keys/jwks.json"), key_set("--public-key", &path));
    let other = Site::new();
    let run = other.good(&["--public-key", &path, "--jwks-uri", "https://keys.example/../jwks"]);
    assert!(run.out.contains("https://keys.example/../jwks"), "{}", run.out);
    assert_eq!(other.document("openid/v1/jwks"), key_set("--public-key", &path));
    let up =
        other.publish(&["--public-key", &path, "--jwks-uri", "https://issuer.example/a/../../x"]);
    assert_eq!(up.status, Some(0));
    assert!(!std::path::Path::new(&other.files.path("x")).exists());
}

#[test]
fn wrong_folders_and_documents_are_refused() {
    let site = Site::new();
    let (path, _) = site.key("a.pub");
    site.refused(&[], 2, "--public-key");
    site.refused(&["--public-key", &path, "--jwks-uri", "http://keys.example"], 2, "`--jwks-uri`");
    site.good(&["--public-key", &path]);
    let other = run(&mut wif(&[
        "publish",
        "--issuer",
        "https://issuer.example/b",
        "--out",
        &site.out,
        "--public-key",
        &path,
    ]));
    assert!(other.status == Some(1) && other.err.contains("issuer_mismatch"), "{}", other.err);
    for (content, words) in [
        ("", "now.json"),
        ("<html>", "now.json"),
        (r#"{"keys":[{"kty":"oct","k":"Y2FuYXJ5","kid":"s"}]}"#, "`s`"),
        (r#"{"keys":[{"kty":"EC","kid":"\u001b[31m","d":"Y2FuYXJ5"}]}"#, "key_rejected"),
    ] {
        let keep = site.files.write("now.json", content);
        let run = site.publish(&["--public-key", &path, "--keep", &keep]);
        assert!(run.status == Some(1) && run.err.contains(words), "{}", run.err);
        assert!(!run.err.contains("Y2FuYXJ5") && !run.err.contains('\u{1b}'), "{}", run.err);
    }
    let file = site.files.write("file", "x");
    let run =
        run(&mut wif(&["publish", "--issuer", ISSUER, "--out", &file, "--public-key", &path]));
    assert!(run.status == Some(1) && run.err.contains("cannot write"), "{}", run.err);
}

#[test]
fn more_keys_than_entra_reads_are_a_warning() {
    let site = Site::new();
    let keys: String = (0..101).map(|_| PrivateKey::p256().public_pem()).collect();
    let path = site.files.write("keys.pem", keys);
    let run = site.publish(&["--public-key", &path]);
    assert!(run.status == Some(0) && run.err.contains("warning: 101 keys"), "{}", run.err);
    let quiet = site.publish(&["--public-key", &path, "--quiet"]);
    assert_eq!((quiet.status, quiet.err.as_str()), (Some(0), ""));
}
