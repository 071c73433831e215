//! Steps in their wire form: `docs/protocol.md`, section 4. Members are written in the order of the fields.

use super::effect::WireEffect;
use crate::machine::Step;
use crate::{AccessToken, Error, Ticket, Timestamp, TokenResult};
use alloc::string::String;
use serde::Serialize;

/// A step. `V` is the wire form of a value.
#[derive(Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
enum WireStep<'a, V> {
    Done {
        value: V,
        #[serde(skip_serializing_if = "Option::is_none")]
        fresh_until: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        refresh: Option<u64>,
    },
    Fail {
        error: &'a Error,
    },
    Perform {
        flight: u64,
        effect: WireEffect<'a>,
    },
    Wait {
        flight: u64,
        until: i64,
    },
}

/// A token.
#[derive(Serialize)]
struct WireToken<'a> {
    token: &'a str,
    expires_on: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_on: Option<i64>,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<&'a str>,
    scopes: &'a [String],
    from: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<&'a str>,
}

impl<'a> From<&'a AccessToken> for WireToken<'a> {
    fn from(token: &'a AccessToken) -> Self {
        Self {
            token: token.secret(),
            expires_on: token.expires_on().seconds(),
            refresh_on: token.refresh_on().map(Timestamp::seconds),
            token_type: "Bearer",
            tenant_id: token.tenant(),
            scopes: token.scopes(),
            from: token.origin().name(),
            correlation_id: token.correlation_id(),
        }
    }
}

/// Writes a step of the engine.
pub(super) fn of_engine(step: &Step<TokenResult>) -> String {
    write(step, |result| (WireToken::from(&result.token), Some(result.fresh_until)))
}

/// Writes a step. `value` returns the wire form of a value, and until when hosts may keep it.
pub(super) fn write<'a, V, W: Serialize>(
    step: &'a Step<V>,
    value: impl FnOnce(&'a V) -> (W, Option<Timestamp>),
) -> String {
    let step = match step {
        Step::Done { value: done, refresh } => {
            let (value, fresh_until) = value(done);
            WireStep::Done {
                value,
                fresh_until: fresh_until.map(Timestamp::millis),
                refresh: refresh.map(|Ticket(id)| id),
            }
        }
        Step::Fail(error) => WireStep::Fail { error },
        Step::Perform { flight, effect_id, effect } => {
            WireStep::Perform { flight: flight.0, effect: WireEffect::new(*effect_id, effect) }
        }
        Step::Wait { flight, until } => WireStep::Wait { flight: flight.0, until: until.millis() },
    };
    serde_json::to_string(&step).unwrap_or_default()
}
