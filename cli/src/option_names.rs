//! Messages of the core in the words of the command line: options instead of members of a configuration.

use workload_identity_core::{Code, Error};

/// A member of a configuration or request, and the option that sets it.
type Name = (&'static str, &'static str);

/// Options of `wif token`.
const TOKEN: &[Name] = &[
    ("tenant_id", "--tenant-id"),
    ("client_id", "--client-id"),
    ("authority_host", "--authority-host"),
    ("authority.issuer", "--issuer"),
    ("authority.token_endpoint", "--token-endpoint"),
    ("source", "--source"),
    ("source.kind", "--source"),
    ("source.path", "--token-file"),
    ("source.audience", "--audience"),
    ("scopes", "--scope"),
    ("claims", "--claims"),
    ("enable_cae", "--enable-cae"),
    ("fmi_path", "--fmi-path"),
    ("deadline", "--timeout"),
    ("timeout_ms", "--timeout"),
    ("private_addresses", "--private-addresses"),
    ("allowed_networks", "--allowed-network"),
];

/// Options of `wif verify`.
const VERIFY: &[Name] = &[
    ("issuers.profile", "--profile"),
    ("issuers.issuer", "--issuer"),
    ("issuers.audience", "--audience"),
    ("issuers.tenant_id", "--tenant-id"),
    ("issuers.tenants", "--tenants"),
    ("issuers.cloud", "--cloud"),
    ("issuers.authority_host", "--authority-host"),
    ("issuers.trust_domain", "--trust-domain"),
    ("issuers.signers", "--signer"),
    ("issuers.keys", "--jwks"),
    ("issuers.jwks_uri", "--jwks"),
    ("issuers.discovery", "--discovery"),
    ("issuers.algorithms", "--algorithms"),
    ("issuers.sole_audience", "--sole-audience"),
    ("issuers.max_age_seconds", "--max-age"),
    ("issuers.require", "--require"),
    ("issuers.claims", "--claim"),
    ("issuers.claims.claim", "--claim"),
    ("issuers.claims.equals", "--claim"),
    ("issuers.claims.glob", "--claim-like"),
    ("issuers.authorized_parties", "--authorized-party"),
    ("issuers.roles", "--role"),
    ("issuers.scopes", "--scope"),
    ("issuers.app_only", "--app-only"),
    ("leeway_seconds", "--leeway"),
    ("allow_loopback_http", "--allow-loopback-http"),
    ("private_addresses", "--private-addresses"),
    ("allowed_networks", "--allowed-network"),
    ("keys", "--jwks"),
    ("jwks_uri", "--jwks"),
    ("discovery", "--discovery"),
    ("tenant_id", "--tenant-id"),
];

/// Options of `wif discovery`, `wif publish`, `wif check-issuer` and `wif issue`.
const ISSUER: &[Name] = &[
    ("issuer", "--issuer"),
    ("jwks_uri", "--jwks-uri"),
    ("subject", "--subject"),
    ("audience", "--audience"),
    ("lifetime", "--lifetime"),
    ("private_addresses", "--private-addresses"),
    ("allowed_networks", "--allowed-network"),
];

/// Options of `wif fic`.
const FIC: &[Name] = &[
    ("identity.app_id", "--app-id"),
    ("identity.app_object_id", "--app-object-id"),
    ("identity.agent_blueprint", "--agent-blueprint"),
    ("identity.managed_identity", "--managed-identity"),
    ("credential.name", "--name"),
    ("credential.issuer", "--issuer"),
    ("credential.subject", "--subject"),
    ("credential.expression", "--expression"),
    ("credential.audience", "--audience"),
    ("credential.description", "--description"),
    ("name", "--name"),
    ("graph_url", "--graph-url"),
    ("arm_url", "--arm-url"),
    ("authority_host", "--authority-host"),
    ("scope", "--scope"),
    ("deadline", "--timeout"),
    ("private_addresses", "--private-addresses"),
    ("allowed_networks", "--allowed-network"),
];

/// Options that a message about the keys of an issuer can name, whatever its code.
const KEYS: &[Name] = &[
    ("allow_loopback_http", "--allow-loopback-http"),
    ("private_addresses", "--private-addresses"),
    ("allowed_networks", "--allowed-network"),
];

/// Options of `wif explain` that supply what a check lacks.
const CHECK: &[Name] = &[("discovery", "--discovery"), ("jwks", "--jwks"), ("now", "--now")];

/// Where `wif token` has the workload token from.
#[derive(Clone, Copy)]
pub(crate) enum WorkloadToken<'a> {
    /// The environment offers it.
    Found,
    /// `--source`
    Named,
    /// `--token-file`
    File,
    /// `--token-env`: the variable.
    Variable(&'a str),
}

/// The error of `wif token` in the words of its options.
pub(crate) fn of_token(error: Error, source: WorkloadToken<'_>) -> Error {
    let is_named = matches!(source, WorkloadToken::Named);
    let keeps = |(member, _): &&Name| {
        !is_named || *member == "source.kind" || !member.starts_with("source.")
    };
    let names: Vec<Name> = TOKEN.iter().filter(keeps).copied().collect();
    let mut error = in_options(error, &names);
    error.message = match source {
        WorkloadToken::Found | WorkloadToken::Named => {
            let message = error.message.replace("`source.", "`--source-option ");
            message.replace("configure `--", "pass `--")
        }
        WorkloadToken::File => {
            error.message.replace("AZURE_FEDERATED_TOKEN_FILE", "`--token-file`")
        }
        WorkloadToken::Variable(name) => {
            error.message.replace("the callback", &format!("the variable `{name}`"))
        }
    };
    error
}

/// The error of `wif verify` in the words of its options. Other messages quote members of tokens and documents.
pub(crate) fn of_verify(error: Error) -> Error {
    if error.code != Code::ConfigInvalid {
        return in_options(error, KEYS);
    }
    let mut error = in_options(error, VERIFY);
    error.message = error.message.replace("is not a member for", "is not an option for");
    error
}

/// The error of a command about an issuer of one's own in the words of its options.
pub(crate) fn of_issuer(error: Error) -> Error {
    in_options(error, ISSUER)
}

/// The error of `wif fic` in the words of its options.
pub(crate) fn of_fic(error: Error) -> Error {
    in_options(error, FIC)
}

/// What `wif check-issuer` has found, in the words of its options. Members of the issuer's documents keep their names.
pub(crate) fn of_finding(error: Error) -> Error {
    in_options(error, KEYS)
}

/// The message of a check of `wif explain` in the words of its options.
pub(crate) fn of_check(message: &str) -> String {
    replaced(message, CHECK)
}

fn in_options(mut error: Error, names: &[Name]) -> Error {
    error.message = replaced(&error.message, names);
    error.hint = error.hint.as_deref().map(|hint| replaced(hint, names));
    error
}

/// Replaces names in backticks, and those that are no words of a language because they have a dot or an underscore.
fn replaced(text: &str, names: &[Name]) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.find(|c| !is_part(c)).unwrap_or(rest.len()));
        let name = word.trim_end_matches('.');
        let quoted = shown.ends_with('`') && after.starts_with('`');
        let option = names
            .iter()
            .find(|(member, _)| *member == name && (quoted || name.contains(['_', '.'])));
        shown.push_str(option.map_or(name, |(_, option)| option));
        shown.push_str(&word[name.len()..]);
        let (between, next) = after.split_at(after.find(is_part).unwrap_or(after.len()));
        shown.push_str(between);
        rest = next;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_replaced() {
        for (text, expected) in [
            ("`issuers.profile` is not", "`--profile` is not"),
            ("give `issuers.keys`, or `jwks_uri`: no keys", "give `--jwks`, or `--jwks`: no keys"),
            ("see issuers.profile. `issuers.profiles` `", "see --profile. `issuers.profiles` `"),
            ("(jwks_uri)", "(--jwks)"),
            ("ünï jwks_uri", "ünï --jwks"),
            ("", ""),
        ] {
            assert_eq!(replaced(text, VERIFY), expected);
        }
    }

    #[test]
    fn options_of_a_source_keep_their_names() {
        let message = "`source.timeout_ms` is too small; `timeout_ms` and `source.client_id`, `source.path`, configure `source`";
        let named = of_token(Error::new(Code::ConfigInvalid, message), WorkloadToken::Named);
        assert_eq!(
            named.message,
            "`--source-option timeout_ms` is too small; `--timeout` and `--source-option client_id`, `--source-option path`, pass `--source`"
        );
        let kind = Error::new(Code::ConfigInvalid, "`source.kind` is not a kind of source");
        let kind = of_token(kind, WorkloadToken::Named);
        assert_eq!(kind.message, "`--source` is not a kind of source");
        let found = of_token(Error::new(Code::ConfigInvalid, message), WorkloadToken::Found);
        assert!(found.message.contains("`--source-option client_id`, `--token-file`"), "{found}");
    }

    #[test]
    fn members_of_tokens_and_documents_keep_their_names() {
        let message = "the discovery document has no `jwks_uri`; see allow_loopback_http";
        let error = of_verify(Error::new(Code::KeysUnavailable, message));
        assert_eq!(
            error.message,
            "the discovery document has no `jwks_uri`; see --allow-loopback-http"
        );
    }
}
