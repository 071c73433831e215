//! Who may use the control paths and the page: programs on this machine, and the emulator's own page.
//!
//! A page of another site can send requests to loopback, and a name of its own can lead there (DNS rebinding). Its browser
//! tells by `Host`, `Origin` and `Sec-Fetch-Site` (Fetch Metadata Request Headers) where a request comes from. Programs send
//! no `Origin`.

use http::Request;

/// The names of loopback, as URLs have them.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Refuses a request for another host, or one that the page of another origin sends.
pub(crate) fn check<B>(request: &Request<B>, base_url: &str) -> Result<(), &'static str> {
    // A header that is there twice has two meanings, and each of them counts.
    let texts = |name: &str| -> Result<Vec<&str>, &'static str> {
        let values = request.headers().get_all(name).iter();
        values.map(|value| value.to_str().map_err(|_| "a header is no text")).collect()
    };
    let (scheme, own) = base_url.split_once("://").unwrap_or(("http", base_url));
    let port = own.rsplit_once(':').map(|(_, port)| port).filter(|port| is_port(port));
    let is_own = |authority: &str| {
        authority.eq_ignore_ascii_case(own)
            || NAMES.iter().any(|name| match port {
                Some(port) => authority.eq_ignore_ascii_case(&format!("{name}:{port}")),
                None => authority.eq_ignore_ascii_case(name),
            })
    };
    let named = request.uri().authority().map(|authority| authority.as_str());
    let hosts: Vec<&str> = texts("host")?.into_iter().chain(named).collect();
    if !hosts.iter().all(|host| is_own(host)) {
        return Err("the request is for another host; use the address that the emulator printed");
    }
    // Another program can listen on the same port of another name of loopback, so the names must be the same, too.
    let is_same = |origin: &str| {
        origin.split_once("://").is_some_and(|(own, rest)| {
            let is_host = |host: &&str| host.eq_ignore_ascii_case(rest);
            own.eq_ignore_ascii_case(scheme) && is_own(rest) && hosts.iter().all(is_host)
        })
    };
    let is_near = |site: &str| matches!(site, "none" | "same-origin");
    let (origins, sites) = (texts("origin")?, texts("sec-fetch-site")?);
    if !origins.into_iter().all(is_same) || !sites.into_iter().all(is_near) {
        return Err("the request is from another page; only the emulator's own may send it");
    }
    Ok(())
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().uri("/emulator/faults");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(()).expect("a request"), "http://127.0.0.1:8080").is_ok()
    }

    #[test]
    fn own_page_and_programs_are_allowed() {
        for headers in [
            &[][..],
            &[("host", "127.0.0.1:8080")],
            &[("host", "localhost:8080"), ("origin", "http://localhost:8080")],
            &[("host", "[::1]:8080"), ("sec-fetch-site", "same-origin")],
            &[("host", "LOCALHOST:8080"), ("origin", "HTTP://LocalHost:8080")],
            &[("host", "127.0.0.1:8080"), ("sec-fetch-site", "none")],
        ] {
            assert!(allowed(headers), "{headers:?}");
        }
    }

    #[test]
    fn others_are_refused() {
        for headers in [
            &[("host", "evil.example:8080")][..],
            &[("host", "127.0.0.1:8080"), ("host", "evil.example:8080")],
            &[("origin", "http://127.0.0.1:8080"), ("origin", "http://evil.example")],
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
            &[("host", "127.0.0.1")],
            &[("host", "127.0.0.1:8080"), ("origin", "http://localhost:8080")],
            &[("host", "127.0.0.1:8080"), ("origin", "http://[::1]:8080")],
            &[("host", "localhost.:8080")],
            &[("host", "0.0.0.0:8080")],
            &[("host", "127.0.0.2:8080")],
            &[("host", "[::ffff:127.0.0.1]:8080")],
            &[("host", "localhost:08080")],
            &[("host", "a@localhost:8080")],
            &[("host", "")],
            &[("host", "127.0.0.1:80")],
            &[("host", "127.0.0.1:8080.evil.example")],
            &[("host", "localhost.evil.example:8080")],
            &[("host", "127.0.0.1:8080"), ("origin", "http://evil.example")],
            &[("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:9090")],
            &[("host", "127.0.0.1:8080"), ("origin", "https://127.0.0.1:8080")],
            &[("host", "127.0.0.1:8080"), ("origin", "null")],
            &[("host", "127.0.0.1:8080"), ("origin", "")],
            &[("host", "127.0.0.1:8080"), ("sec-fetch-site", "cross-site")],
            &[("host", "127.0.0.1:8080"), ("sec-fetch-site", "same-site")],
        ] {
            assert!(!allowed(headers), "{headers:?}");
        }
    }

    #[test]
    fn a_port_of_the_scheme_is_not_written() {
        let check = |host: &str| {
            let request = Request::get("/").header("host", host).body(()).expect("a request");
            check(&request, "https://login.emulator.test").is_ok()
        };
        assert!(check("login.emulator.test") && check("localhost") && !check("localhost:8080"));
    }
}
