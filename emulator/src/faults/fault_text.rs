//! The text of faults: `[TARGET:]KIND[=ARG][*N]`.

use super::fault::{FAULT_TABLE, Fault, FaultForm, FaultKind, FaultTarget};
use serde_json::Value;
use std::fmt;
use std::str::FromStr;

/// Longest text of a fault, in characters.
const MAX_TEXT: usize = 200;
/// Most characters of a text that a message repeats.
const MAX_SHOWN: usize = 80;
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

impl fmt::Display for Fault {
    /// The text that parses to the fault.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.target != FaultTarget::Token {
            write!(formatter, "{}:", self.target.name())?;
        }
        write!(formatter, "{}", self.kind)?;
        match self.remaining {
            Some(count) => write!(formatter, "*{count}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latency(milliseconds) => write!(formatter, "latency={milliseconds}"),
            Self::Throttle { retry_after } => write!(formatter, "throttle={retry_after}"),
            Self::Status(code) => write!(formatter, "status={code}"),
            Self::Reset => formatter.write_str("reset"),
            Self::Truncated => formatter.write_str("truncated"),
            Self::Duplicate => formatter.write_str("duplicate"),
            Self::Html => formatter.write_str("html"),
            Self::Empty => formatter.write_str("empty"),
            Self::Huge(bytes) => write!(formatter, "huge={bytes}"),
            Self::Redirect => formatter.write_str("redirect"),
            Self::ContentType(value) => write!(formatter, "content_type={value}"),
            Self::TokenType(value) => write!(formatter, "token_type={value}"),
            Self::ExpiresIn(None) => formatter.write_str("expires_in=missing"),
            Self::ExpiresIn(Some(Value::String(text))) => write!(formatter, "expires_in={text}"),
            Self::ExpiresIn(Some(value)) => write!(formatter, "expires_in={value}"),
            Self::Skew(seconds) => write!(formatter, "skew={seconds}"),
            Self::Delay(seconds) => write!(formatter, "delay={seconds}"),
            Self::Page(size) => write!(formatter, "page={size}"),
        }
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let shown = shown(text);
        if text.chars().count() > MAX_TEXT {
            return Err(FaultError(format!(
                "fault `{shown}`: a fault has at most {MAX_TEXT} characters"
            )));
        }
        let named = text.split_once(':').and_then(|(name, rest)| {
            Some((*FaultTarget::ALL.iter().find(|target| target.name() == name)?, rest))
        });
        let (target, rest) = named.unwrap_or((FaultTarget::Token, text));
        let (kind, remaining) = match rest.rsplit_once('*') {
            Some((kind, count)) => match count.parse::<u32>() {
                Ok(count) if count > 0 => (kind, Some(count)),
                _ => {
                    return Err(FaultError(format!(
                        "fault `{shown}`: `*N` takes a number above 0"
                    )));
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
                    format!("unknown fault `{shown}`; known: {}", forms(FAULT_TABLE.iter()))
                }
                Mistake::Argument(needs) => format!("fault `{shown}`: `{name}` {needs}"),
            })
        })?;
        check_effect(&kind, target)
            .map_err(|mistake| FaultError(format!("fault `{shown}`: {mistake}")))?;
        Ok(Self { target, kind, remaining })
    }
}

/// Refuses a kind that changes nothing at its endpoint.
fn check_effect(kind: &FaultKind, target: FaultTarget) -> Result<(), String> {
    let text = kind.to_string();
    let name = text.split('=').next().unwrap_or_default();
    let known = FAULT_TABLE.iter().find(|row| row.name() == name);
    let Some(row) = known.filter(|row| !row.targets.contains(&target)) else { return Ok(()) };
    let place = target.name();
    let working = FAULT_TABLE.iter().filter(|row| row.targets.contains(&target));
    Err(format!(
        "`{name}` has no effect on `{place}`, only on {}; faults of `{place}`: {}",
        row.limited_to().unwrap_or_default(),
        forms(working)
    ))
}

fn forms<'f>(rows: impl Iterator<Item = &'f FaultForm>) -> String {
    rows.map(|row| row.form).collect::<Vec<_>>().join(", ")
}

/// A text for a message: in ASCII, escaped, and cut to a length.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_SHOWN).flat_map(char::escape_default).collect();
    if text.chars().nth(MAX_SHOWN).is_some() {
        shown.push_str("...");
    }
    shown
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
        for row in FAULT_TABLE {
            let sample = row
                .form
                .replace("[=", "=")
                .replace(']', "")
                .replace("=MS", "=250")
                .replace("=SECONDS", "=7")
                .replace("=CODE", "=503")
                .replace("=BYTES", "=1000")
                .replace("=TYPE", "=text/plain")
                .replace("=VALUE", "=-1")
                .replace("=N", "=2");
            for target in FaultTarget::ALL {
                let text = format!("{}:{sample}*3", target.name());
                if row.targets.contains(target) {
                    let fault = text.parse::<Fault>().expect(&text);
                    assert_eq!(fault.to_string().parse(), Ok(fault), "{text}");
                    continue;
                }
                let error = text.parse::<Fault>().expect_err(&text).to_string();
                let place = format!("has no effect on `{}`, only on ", target.name());
                assert!(error.contains(&place) && error.contains("latency=MS"), "{error}");
                let listed = error.split("faults of").nth(1).expect("a list");
                assert!(!listed.contains(row.form), "{error}");
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
            "delay=1",
            "token:page=1",
            "github:expires_in=1",
            "metadata:skew=1",
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

    #[test]
    fn messages_repeat_little_of_a_text() {
        for text in ["x".repeat(1_000_000), format!("content_type={}", "x".repeat(200))] {
            let error = text.parse::<Fault>().expect_err("too long").to_string();
            assert!(error.contains("at most 200 characters") && error.len() < 200, "{error}");
        }
        let error = "\u{1b}[31mboom\u{202e}".parse::<Fault>().expect_err("unknown").to_string();
        assert!(error.contains(r"`\u{1b}[31mboom\u{202e}`"), "{error}");
    }
}
