//! Steps in their wire form.

use crate::effect::{Effect, StoreOperation};
use crate::flight::Turn;
use crate::jose::base64url_encode;
use crate::json::{Members, object_of};
use crate::{EffectId, Error, Timestamp};
use alloc::string::String;

/// What a step with a token or an assertion in it takes, mostly.
const USUAL_BYTES: usize = 3072;

/// A step. `done` writes the members of one that is final and good.
pub(super) fn write(
    turn: &Turn,
    pending: Option<&(EffectId, Effect)>,
    refused: Option<&Error>,
    done: impl FnOnce(&mut Members<'_>),
) -> String {
    object_of(USUAL_BYTES, |o| {
        let name = match (turn, refused) {
            (Turn::Ready, None) => "done",
            (Turn::Ready, Some(_)) | (Turn::Fail(_), _) => "fail",
            (Turn::Perform(_), _) => "perform",
            (Turn::Wait(..), _) => "wait",
        };
        o.text("step", name);
        match turn {
            Turn::Ready => match refused {
                None => done(o),
                Some(error) => write_refusal(error, o),
            },
            Turn::Fail(error) => write_refusal(error, o),
            Turn::Perform(flight) => {
                o.integer("flight", integer(flight.0));
                if let Some((id, effect)) = pending {
                    o.object("effect", |o| write_effect(*id, effect, o));
                }
            }
            Turn::Wait(flight, until) => {
                o.integer("flight", integer(flight.0)).integer("until", until.millis());
            }
        }
    })
}

fn write_refusal(error: &Error, o: &mut Members<'_>) {
    o.raw("error", &error.to_json());
}

fn write_effect(id: EffectId, effect: &Effect, o: &mut Members<'_>) {
    o.integer("id", integer(id.0)).text("kind", effect.kind());
    match effect {
        Effect::Http(request) => {
            o.text("method", request.method.name())
                .text("url", &request.url)
                .object("headers", |o| {
                    for (name, value) in &request.headers {
                        o.text(name, value);
                    }
                })
                .text("body", &request.body)
                .integer("timeout_ms", i64::from(request.timeout_ms))
                .integer("max_bytes", i64::from(request.max_bytes));
        }
        Effect::ReadFile { path, max_bytes } => {
            o.text("path", path).integer("max_bytes", i64::from(*max_bytes));
        }
        Effect::Sign { key, algorithm, input } => {
            o.text("key", key).text("algorithm", algorithm).text("input", &base64url_encode(input));
        }
        Effect::Verify { key, algorithm, input, signature } => {
            o.raw("key", key)
                .text("algorithm", algorithm)
                .text("input", &base64url_encode(input))
                .text("signature", &base64url_encode(signature));
        }
        Effect::AskHost { name, payload, timeout_ms } => {
            o.text("name", name)
                .raw("payload", payload)
                .integer("timeout_ms", i64::from(*timeout_ms));
        }
        Effect::Store(StoreOperation::Load { key }) => {
            o.text("operation", "load").text("key", key);
        }
        Effect::Store(StoreOperation::Save { key, value, until }) => {
            o.text("operation", "save")
                .text("key", key)
                .text("value", value.expose())
                .integer("until", until.millis());
        }
        Effect::Sleep { until } => {
            o.integer("until", Timestamp::millis(*until));
        }
    }
}

pub(super) fn integer(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}
