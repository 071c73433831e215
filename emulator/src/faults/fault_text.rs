//! Faults as the text that parses to them.

use super::fault::{Fault, FaultKind, FaultTarget};
use serde_json::Value;
use std::fmt;

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
