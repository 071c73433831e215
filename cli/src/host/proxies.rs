//! Which proxy a request uses: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
//! `tests/vectors/proxies.tsv` has cases for every language.

use super::no_proxy;
use ureq::http::Uri;
use ureq::{Proxy, ProxyProtocol};

/// The variables about proxies. The lower case of a name wins; an empty variable is absent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    https: Option<Setting>,
    http: Option<Setting>,
    no_proxy: String,
}

/// A variable and its value, which can contain a password.
#[derive(Clone)]
struct Setting {
    name: &'static str,
    value: String,
}

impl std::fmt::Debug for Setting {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

impl Proxies {
    /// The variables of this process.
    pub(crate) fn from_environment() -> Self {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    pub(super) fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: &[&'static str]| {
            names.iter().find_map(|&name| {
                let value = variable(name).map(|value| value.trim().to_owned())?;
                (!value.is_empty()).then_some(Setting { name, value })
            })
        };
        let all = || first(&["all_proxy", "ALL_PROXY"]);
        // CGI puts a request's header `Proxy` into HTTP_PROXY.
        let is_cgi = variable("REQUEST_METHOD").is_some();
        let http: &[_] = if is_cgi { &["http_proxy"] } else { &["http_proxy", "HTTP_PROXY"] };
        Self {
            https: first(&["https_proxy", "HTTPS_PROXY"]).or_else(all),
            http: first(http).or_else(all),
            no_proxy: first(&["no_proxy", "NO_PROXY"]).map_or(String::new(), |list| list.value),
        }
    }

    /// The proxy of a request, and the variable that names it.
    ///
    /// # Errors
    /// The variable is not the address of a proxy. The text names it and not its value.
    pub(crate) fn proxy_for(&self, url: &Uri) -> Result<Option<(Proxy, &'static str)>, String> {
        let (setting, default_port) = match url.scheme_str() {
            Some("http") => (&self.http, 80),
            _ => (&self.https, 443),
        };
        let host = url.host().unwrap_or_default();
        let port = url.port_u16().unwrap_or(default_port);
        let Some(Setting { name, value }) = setting else { return Ok(None) };
        if is_loopback(host) || no_proxy::matches(&self.no_proxy, host, port) {
            return Ok(None);
        }
        let proxy = Proxy::new(value).map_err(|_| {
            format!("{name} is not the address of a proxy, such as http://proxy.example:3128")
        })?;
        match proxy.protocol() {
            ProxyProtocol::Http | ProxyProtocol::Https => Ok(Some((proxy, name))),
            _ => {
                Err(format!("{name} names a SOCKS proxy; only http:// and https:// are supported"))
            }
        }
    }
}

/// Loopback of a proxy is another machine.
fn is_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// The rows of a table in `tests/vectors`, without comments.
    fn rows(name: &str) -> Vec<[String; 3]> {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors").join(name);
        let text = std::fs::read_to_string(path).expect("the table");
        let rows = text.lines().filter(|line| !line.starts_with('#'));
        rows.map(|line| {
            let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
            cells.try_into().unwrap_or_else(|_| panic!("three cells: {line:?}"))
        })
        .collect()
    }

    fn proxy(variables: &[(&str, &str)], url: &str) -> Result<Option<Proxy>, String> {
        let value = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let url: Uri = url.parse().expect("a URL");
        Ok(Proxies::from_variables(value).proxy_for(&url)?.map(|(proxy, _)| proxy))
    }

    #[test]
    fn no_proxy_matches_as_in_every_language() {
        let rows = rows("no_proxy.tsv");
        assert!(rows.len() > 70);
        for [no_proxy, host, direct] in rows {
            let variables =
                [("HTTPS_PROXY", "http://proxy.example:3128"), ("NO_PROXY", no_proxy.as_str())];
            let found = proxy(&variables, &format!("https://{host}/")).expect("a proxy or none");
            assert_eq!(found.is_none(), direct == "yes", "{no_proxy:?} {host}");
        }
    }

    #[test]
    fn variables_count_as_in_every_language() {
        let rows = rows("proxies.tsv");
        assert!(rows.len() > 25);
        for [variables, url, expected] in rows {
            let pairs: Vec<_> =
                variables.split(' ').filter_map(|pair| pair.split_once('=')).collect();
            let found = match proxy(&pairs, &url).expect("a proxy or none") {
                None => "direct".to_owned(),
                Some(proxy) => {
                    let scheme = match proxy.protocol() {
                        ProxyProtocol::Https => "https",
                        _ => "http",
                    };
                    format!("{scheme}://{}:{}", proxy.host(), proxy.port())
                }
            };
            assert_eq!(found, expected, "{variables} {url}");
        }
    }

    #[test]
    fn a_variable_that_is_no_address_is_named_without_its_value() {
        for value in ["http://", "socks5://canary:1080", "ftp://canary", "a b"] {
            let message =
                proxy(&[("ALL_PROXY", value)], "https://login.example/").expect_err(value);
            assert!(message.starts_with("ALL_PROXY ") && !message.contains("canary"), "{message}");
        }
    }
}
