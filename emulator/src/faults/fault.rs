//! Faults that tests inject, written as `[TARGET:]KIND[=ARG][*N]`.

use serde_json::Value;
use std::fmt;
use std::str::FromStr;

/// A fault. It is active until removed or for the next N requests.
///
/// ```
/// use workload_identity_emulator::{Fault, FaultKind};
/// let fault: Fault = "throttle=3*2".parse()?;
/// assert_eq!(fault.kind, FaultKind::Throttle { retry_after: 3 });
/// assert_eq!(fault.remaining, Some(2));
/// assert!("explode".parse::<Fault>().is_err());
/// # Ok::<(), workload_identity_emulator::FaultError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The affected endpoint.
    pub target: FaultTarget,
    /// What happens.
    pub kind: FaultKind,
    /// How many more requests it affects; `None` for all.
    pub remaining: Option<u32>,
}

/// The endpoint that a fault affects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultTarget {
    /// Entra's token endpoint; `token:` or nothing in text.
    Token,
    /// The GitHub-style token request endpoint; `github:` in text.
    Github,
    /// The endpoints of the platforms other than GitHub; `platform:` in text.
    Platform,
    /// The protected API; `api:` in text.
    Api,
    /// Discovery documents and key sets; `metadata:` in text.
    Metadata,
    /// Microsoft Graph; `graph:` in text.
    Graph,
    /// Azure Resource Manager; `arm:` in text.
    Arm,
}

impl FaultTarget {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Token,
        Self::Github,
        Self::Platform,
        Self::Api,
        Self::Metadata,
        Self::Graph,
        Self::Arm,
    ];

    /// Its name before the colon of a fault's text.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Github => "github",
            Self::Platform => "platform",
            Self::Api => "api",
            Self::Metadata => "metadata",
            Self::Graph => "graph",
            Self::Arm => "arm",
        }
    }
}

/// The effect of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Delays the response by milliseconds.
    Latency(u64),
    /// Responds 429 with `Retry-After` in seconds.
    Throttle {
        /// Seconds.
        retry_after: u32,
    },
    /// Responds with an error of this status.
    Status(u16),
    /// Resets the connection instead of responding.
    Reset,
    /// Cuts the JSON of the response in half.
    Truncated,
    /// Repeats a member of the response's JSON object.
    Duplicate,
    /// Responds with a proxy's HTML page and status 200.
    Html,
    /// Responds with status 200 and no body.
    Empty,
    /// Enlarges the response to this many bytes.
    Huge(usize),
    /// Redirects with 307.
    Redirect,
    /// Sets `Content-Type` of the response.
    ContentType(String),
    /// Sets `token_type` of the token response.
    TokenType(String),
    /// Sets `expires_in` of the token response; `None` removes it.
    ExpiresIn(Option<Value>),
    /// Moves the endpoint's clock by seconds.
    Skew(i64),
    /// Lets readers and the token endpoint see a write of a credential after seconds.
    Delay(u32),
    /// Puts at most this many credentials on a page of a list.
    Page(usize),
}

/// Syntax and meaning of every fault, for `--help`.
pub const FAULT_TABLE: &[(&str, &str)] = &[
    ("latency=MS", "delay the response by MS milliseconds"),
    ("throttle[=SECONDS]", "429 with Retry-After (default 1); also written 429[=SECONDS]"),
    ("status=CODE", "an error response with that status (400 to 599); also written 500, 503, ..."),
    ("reset", "reset the connection instead of responding"),
    ("truncated", "cut the JSON in half"),
    ("duplicate", "repeat a member of the JSON object"),
    ("html", "a proxy's HTML page with status 200"),
    ("empty", "status 200 without a body"),
    ("huge[=BYTES]", "a body of that size (default 10485760)"),
    ("redirect", "redirect with 307"),
    ("content_type=TYPE", "send that Content-Type"),
    ("token_type[=TYPE]", "send that token_type (default pop)"),
    ("expires_in=VALUE", "a number, `missing`, or other text, which is sent as a string"),
    ("skew=SECONDS", "set the endpoint's clock ahead (behind if negative)"),
    ("forbidden", "403, as for a caller without the permission"),
    (
        "delay=SECONDS",
        "reads and the exchange see a written credential that much later (graph, arm)",
    ),
    ("page=N", "at most N credentials on a page (graph, arm)"),
];

/// Syntax that limits a fault, for `--help`.
pub const FAULT_MODIFIERS: &[(&str, &str)] = &[
    (
        "KIND*N",
        "only for the next N requests; faults that replace the response apply one after the other",
    ),
    (
        "TARGET:KIND",
        "affect `github`, `platform`, `api`, `metadata`, `graph` or `arm`, not the `token` endpoint",
    ),
];

const DEFAULT_HUGE: usize = 10 * 1024 * 1024;
const MAX_HUGE: usize = 64 * 1024 * 1024;

/// An error in the text of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError(String);

impl fmt::Display for FaultError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for FaultError {}

impl FaultKind {
    /// A fault of this kind on the token endpoint, until removed.
    #[must_use]
    pub fn always(self) -> Fault {
        Fault { target: FaultTarget::Token, kind: self, remaining: None }
    }

    /// A fault of this kind for the next `count` token requests.
    #[must_use]
    pub fn times(self, count: u32) -> Fault {
        Fault { target: FaultTarget::Token, kind: self, remaining: Some(count) }
    }

    /// Whether the fault replaces the response. Only one such fault applies to a request.
    pub(super) fn replaces_response(&self) -> bool {
        matches!(
            self,
            FaultKind::Throttle { .. }
                | FaultKind::Status(_)
                | FaultKind::Reset
                | FaultKind::Html
                | FaultKind::Empty
                | FaultKind::Redirect
        )
    }
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        kind.always()
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let named = text.split_once(':').and_then(|(name, rest)| {
            Some((*FaultTarget::ALL.iter().find(|target| target.name() == name)?, rest))
        });
        let (target, rest) = named.unwrap_or((FaultTarget::Token, text));
        let (kind, remaining) = match rest.rsplit_once('*') {
            Some((kind, count)) => match count.parse::<u32>() {
                Ok(count) if count > 0 => (kind, Some(count)),
                _ => {
                    return Err(FaultError(format!("fault `{text}`: `*N` takes a number above 0")));
                }
            },
            None => (rest, None),
        };
        let (name, argument) = match kind.split_once('=') {
            Some((name, argument)) => (name, Some(argument)),
            None => (kind, None),
        };
        let kind = parse_kind(name, argument).map_err(|mistake| {
            FaultError(match mistake {
                Mistake::Name => {
                    let names: Vec<&str> = FAULT_TABLE.iter().map(|(syntax, _)| *syntax).collect();
                    format!("unknown fault `{text}`; known: {}", names.join(", "))
                }
                Mistake::Argument(needs) => format!("fault `{text}`: `{name}` {needs}"),
            })
        })?;
        Ok(Self { target, kind, remaining })
    }
}

/// What is wrong with a fault's text.
enum Mistake {
    Name,
    Argument(&'static str),
}

fn parse_kind(name: &str, argument: Option<&str>) -> Result<FaultKind, Mistake> {
    let without = |kind: FaultKind| match argument {
        None => Ok(kind),
        Some(_) => Err(Mistake::Argument("takes no argument")),
    };
    match name {
        "latency" => number(argument, None).map(FaultKind::Latency),
        "throttle" | "429" => {
            number(argument, Some(1)).map(|retry_after| FaultKind::Throttle { retry_after })
        }
        "status" => status(argument),
        "reset" => without(FaultKind::Reset),
        "truncated" => without(FaultKind::Truncated),
        "duplicate" => without(FaultKind::Duplicate),
        "html" => without(FaultKind::Html),
        "empty" => without(FaultKind::Empty),
        "huge" => match number(argument, Some(DEFAULT_HUGE))? {
            bytes if bytes <= MAX_HUGE => Ok(FaultKind::Huge(bytes)),
            _ => Err(Mistake::Argument("takes at most 67108864 bytes")),
        },
        "redirect" => without(FaultKind::Redirect),
        "content_type" => match argument {
            Some(value) if !value.is_empty() && value.bytes().all(|b| b.is_ascii_graphic()) => {
                Ok(FaultKind::ContentType(value.to_owned()))
            }
            _ => Err(Mistake::Argument("takes a media type")),
        },
        "token_type" => Ok(FaultKind::TokenType(argument.unwrap_or("pop").to_owned())),
        "expires_in" => match argument {
            None => Err(Mistake::Argument("takes a number, `missing` or a text")),
            Some("missing") => Ok(FaultKind::ExpiresIn(None)),
            Some(value) => Ok(FaultKind::ExpiresIn(Some(match value.parse::<i64>() {
                Ok(value) => Value::from(value),
                Err(_) => Value::from(value),
            }))),
        },
        "skew" => number(argument, None).map(FaultKind::Skew),
        "forbidden" => without(FaultKind::Status(403)),
        "delay" => number(argument, None).map(FaultKind::Delay),
        "page" => match number(argument, None)? {
            0 => Err(Mistake::Argument("takes a number above 0")),
            size => Ok(FaultKind::Page(size)),
        },
        code if argument.is_none() && code.len() == 3 => {
            status(Some(code)).map_err(|_| Mistake::Name)
        }
        _ => Err(Mistake::Name),
    }
}

fn status(argument: Option<&str>) -> Result<FaultKind, Mistake> {
    match number(argument, None)? {
        code @ 400..=599 => Ok(FaultKind::Status(code)),
        _ => Err(Mistake::Argument("takes a status from 400 to 599")),
    }
}

fn number<N: FromStr>(argument: Option<&str>, default: Option<N>) -> Result<N, Mistake> {
    match (argument, default) {
        (None, Some(default)) => Ok(default),
        (Some(text), _) => text.parse().map_err(|_| Mistake::Argument("takes a number")),
        (None, None) => Err(Mistake::Argument("takes a number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> FaultKind {
        text.parse::<Fault>().unwrap_or_else(|error| panic!("{error}")).kind
    }

    #[test]
    fn every_fault_of_the_table_parses() {
        for (syntax, _) in FAULT_TABLE {
            let sample = syntax
                .replace("[=", "=")
                .replace(']', "")
                .replace("=MS", "=250")
                .replace("=SECONDS", "=7")
                .replace("=CODE", "=503")
                .replace("=BYTES", "=1000")
                .replace("=TYPE", "=text/plain")
                .replace("=VALUE", "=-1")
                .replace("=N", "=2");
            for text in [format!("metadata:{sample}*3"), sample] {
                let fault = text.parse::<Fault>().expect(&text);
                assert_eq!(fault.to_string().parse(), Ok(fault), "{text}");
            }
        }
    }

    #[test]
    fn arguments_and_defaults() {
        assert_eq!(kind("429"), FaultKind::Throttle { retry_after: 1 });
        assert_eq!(kind("429=9"), FaultKind::Throttle { retry_after: 9 });
        assert_eq!(kind("503"), FaultKind::Status(503));
        assert_eq!(kind("huge"), FaultKind::Huge(DEFAULT_HUGE));
        assert_eq!(kind("expires_in=missing"), FaultKind::ExpiresIn(None));
        assert_eq!(kind("expires_in=-5"), FaultKind::ExpiresIn(Some(Value::from(-5))));
        assert_eq!(kind("expires_in=soon"), FaultKind::ExpiresIn(Some(Value::from("soon"))));
        assert_eq!(kind("skew=-600"), FaultKind::Skew(-600));
        assert_eq!(kind("token_type"), FaultKind::TokenType("pop".to_owned()));
    }

    #[test]
    fn counts_and_targets() {
        let fault: Fault = "github:status=502*3".parse().expect("parses");
        assert_eq!(
            fault,
            Fault { target: FaultTarget::Github, kind: FaultKind::Status(502), remaining: Some(3) }
        );
    }

    #[test]
    fn other_texts_are_refused_with_advice() {
        for text in [
            "",
            "boom",
            "latency",
            "latency=x",
            "latency=-1",
            "status=200",
            "status=99999",
            "200",
            "reset=1",
            "html*0",
            "html*",
            "html*-1",
            "moon:html",
            "forbidden=1",
            "graph:delay=-1",
            "arm:page=0",
            "content_type=",
            "expires_in",
            "huge=99999999999",
            "skew=1.5",
            "=5",
        ] {
            let error = text.parse::<Fault>().expect_err(text);
            assert!(error.to_string().contains("fault"), "{error}");
        }
    }
}
