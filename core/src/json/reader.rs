//! The grammar of RFC 8259 as a tree of values, read strictly: no duplicate member, bounded depth.
//!
//! Written out here because it is a tenth of the size of a general reader, which matters to edge workers.

use super::JsonError;
use super::lexer::{Lexer, Number};
use super::read::{Json, MAX_DEPTH, Object};
use alloc::vec::Vec;

/// The one value of a document.
pub(super) fn document(text: &str) -> Result<Json, JsonError> {
    let mut lexer = Lexer::new(text);
    let value = value(&mut lexer, 0)?;
    lexer.end()?;
    Ok(value)
}

fn value(lexer: &mut Lexer<'_>, depth: usize) -> Result<Json, JsonError> {
    match lexer.next() {
        b'n' => lexer.word("null").map(|()| Json::Null),
        b't' => lexer.word("true").map(|()| Json::Bool(true)),
        b'f' => lexer.word("false").map(|()| Json::Bool(false)),
        b'"' => lexer.quoted().map(|text| Json::Text(text.into_owned())),
        b'[' | b'{' if depth >= MAX_DEPTH => Err(JsonError::TooDeep),
        b'[' => list(lexer, depth + 1),
        b'{' => object(lexer, depth + 1),
        _ => lexer.number().map(|number| match number {
            Number::Integer(value) => Json::Integer(value),
            Number::Real(value) => Json::Number(value),
        }),
    }
}

fn list(lexer: &mut Lexer<'_>, depth: usize) -> Result<Json, JsonError> {
    let mut items = Vec::new();
    lexer.expect(b'[')?;
    if !lexer.take(b']') {
        loop {
            items.push(value(lexer, depth)?);
            if !lexer.more(b']')? {
                break;
            }
        }
    }
    Ok(Json::List(items))
}

fn object(lexer: &mut Lexer<'_>, depth: usize) -> Result<Json, JsonError> {
    let mut members = Object::new();
    lexer.expect(b'{')?;
    if !lexer.take(b'}') {
        loop {
            lexer.next();
            let name = lexer.quoted()?.into_owned();
            lexer.expect(b':')?;
            let value = value(lexer, depth)?;
            if members.insert(name, value).is_some() {
                return Err(JsonError::Duplicate);
            }
            if !lexer.more(b'}')? {
                break;
            }
        }
    }
    Ok(Json::Object(members))
}

#[cfg(test)]
mod tests;
