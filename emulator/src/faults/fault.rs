//! Faults that tests inject, written as `[TARGET:]KIND[=ARG][*N]`.

use FaultTarget::{Api, Arm, Github, Graph, Platform, Token};
use serde_json::Value;

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

/// A row of the table of faults.
#[derive(Clone, Copy, Debug)]
pub struct FaultForm {
    /// The syntax of its kind.
    pub form: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// The endpoints that it has an effect on.
    pub targets: &'static [FaultTarget],
}

const fn row(form: &'static str, meaning: &'static str) -> FaultForm {
    FaultForm { form, meaning, targets: FaultTarget::ALL }
}

const fn only(
    targets: &'static [FaultTarget],
    form: &'static str,
    meaning: &'static str,
) -> FaultForm {
    FaultForm { form, meaning, targets }
}

/// Every fault, for `--help`.
pub const FAULT_TABLE: &[FaultForm] = &[
    row("latency=MS", "delay the response by MS milliseconds"),
    row("throttle[=SECONDS]", "429 with Retry-After (default 1); also written 429[=SECONDS]"),
    row(
        "status=CODE",
        "an error response with that status (400 to 599); also written 500, 503, ...",
    ),
    row("reset", "reset the connection instead of responding"),
    row("truncated", "cut the JSON in half"),
    row("duplicate", "repeat a member of the JSON object"),
    row("html", "a proxy's HTML page with status 200"),
    row("empty", "status 200 without a body"),
    row("huge[=BYTES]", "a body of that size (default 10485760)"),
    row("redirect", "redirect with 307"),
    row("content_type=TYPE", "send that Content-Type"),
    only(&[Token], "token_type[=TYPE]", "send that token_type (default pop)"),
    only(
        &[Token],
        "expires_in=VALUE",
        "a number, `missing`, or other text, which is sent as a string",
    ),
    only(
        &[Token, Github, Platform, Api, Graph, Arm],
        "skew=SECONDS",
        "set the endpoint's clock ahead (behind if negative)",
    ),
    row("forbidden", "403, as for a caller without the permission"),
    only(
        &[Graph, Arm],
        "delay=SECONDS",
        "reads and the exchange see a written credential that much later",
    ),
    only(&[Graph, Arm], "page=N", "at most N credentials on a page"),
];

impl FaultForm {
    /// Where it has an effect, for `--help`; `None` if everywhere.
    #[must_use]
    pub fn limited_to(&self) -> Option<String> {
        let names: Vec<&str> = self.targets.iter().map(|target| target.name()).collect();
        (names.len() < FaultTarget::ALL.len()).then(|| names.join(", "))
    }

    /// The word before its argument.
    pub(super) fn name(&self) -> &'static str {
        self.form.split(['=', '[']).next().unwrap_or_default()
    }
}

/// Syntax that limits a fault, for `--help`.
pub const FAULT_MODIFIERS: &[(&str, &str)] = &[
    (
        "KIND*N",
        "only for the next N requests; faults that replace the response apply one after the other",
    ),
    (
        "TARGET:KIND",
        "affect `github`, `platform`, `api`, `metadata`, `graph` or `arm`, not the `token` endpoint; a kind without effect there is refused",
    ),
];

impl FaultKind {
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
        Self { target: FaultTarget::Token, kind, remaining: None }
    }
}
