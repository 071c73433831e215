//! What a service answered to a call.

use super::arm::ArmItem;
use super::call::{Call, MAX_BYTES};
use super::config::ManagerConfig;
use super::credential::FederatedCredential;
use super::graph::GraphItem;
use super::refusal;
use crate::Error;
use crate::http::HttpResponse;
use crate::json::{JsonError, strict, without_byte_order_mark};
use alloc::string::String;
use alloc::vec::Vec;
use serde::Deserialize;

/// The answer to a whole call.
#[derive(Debug)]
pub(super) enum Answer {
    /// The credentials of all pages.
    Credentials(Vec<FederatedCredential>),
    /// The credential that was asked for.
    Credential(FederatedCredential),
    /// A write has been made; with the credential as the service stores it, if it says so.
    Written(Option<FederatedCredential>),
    /// A credential has been removed; `false` if there was none.
    Deleted(bool),
}

/// Why a call has not succeeded.
#[derive(Debug)]
pub(super) enum CallError {
    /// It will not.
    Refused(Error),
    /// What it is about is not there.
    Missing(Error),
    /// Something else was changed, or is being changed.
    Conflict(Error),
    /// The values of a write are refused. What is there may tell why.
    Rejected(Error),
    /// It was sent, and may have been carried out.
    InDoubt(Error),
}

impl CallError {
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Refused(error)
            | Self::Missing(error)
            | Self::Conflict(error)
            | Self::Rejected(error)
            | Self::InDoubt(error) => error,
        }
    }
}

/// One page of a list.
pub(super) struct Page {
    pub(super) credentials: Vec<FederatedCredential>,
    pub(super) next: Option<String>,
}

#[derive(Deserialize)]
struct PageForm<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.nextLink", alias = "nextLink")]
    next: Option<String>,
}

/// Reads a page.
pub(super) fn page(
    response: &HttpResponse,
    config: &ManagerConfig,
    correlation_id: &str,
) -> Result<Page, Error> {
    let body = body(response, config)?;
    let page = if config.identity.is_managed() {
        strict::read::<PageForm<ArmItem>>(body).map(|page| Page {
            credentials: page.value.into_iter().map(ArmItem::credential).collect(),
            next: page.next,
        })
    } else {
        strict::read::<PageForm<GraphItem>>(body).map(|page| Page {
            credentials: page.value.into_iter().map(GraphItem::credential).collect(),
            next: page.next,
        })
    };
    page.map_err(|fault| refusal::unreadable(response, fault, config, correlation_id))
}

/// Reads the answer to a call other than a list.
pub(super) fn item(
    call: &Call,
    response: &HttpResponse,
    config: &ManagerConfig,
    correlation_id: &str,
) -> Result<Answer, Error> {
    if let Call::Delete { .. } = call {
        // The page of a gateway does not tell that the request was passed on.
        let body = body(response, config)?;
        if !body.iter().all(u8::is_ascii_whitespace) {
            strict::parse(body)
                .map_err(|fault| refusal::unreadable(response, fault, config, correlation_id))?;
        }
        // ARM answers 204 where there was nothing to remove.
        return Ok(Answer::Deleted(!config.identity.is_managed() || response.status != 204));
    }
    let body = body(response, config)?;
    if call.writes() && body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Answer::Written(None));
    }
    let credential = credential(body, config)
        .map_err(|fault| refusal::unreadable(response, fault, config, correlation_id))?;
    if !call.name().is_some_and(|name| credential.name.eq_ignore_ascii_case(name)) {
        let what = "is about another credential";
        return Err(refusal::invalid(response, what, config, correlation_id));
    }
    Ok(if call.writes() {
        Answer::Written(Some(credential))
    } else {
        Answer::Credential(credential)
    })
}

fn credential(body: &[u8], config: &ManagerConfig) -> Result<FederatedCredential, JsonError> {
    if config.identity.is_managed() {
        strict::read::<ArmItem>(body).map(ArmItem::credential)
    } else {
        strict::read::<GraphItem>(body).map(GraphItem::credential)
    }
}

fn body<'r>(response: &'r HttpResponse, config: &ManagerConfig) -> Result<&'r [u8], Error> {
    if response.body.len() > MAX_BYTES as usize {
        return Err(refusal::too_large(config));
    }
    Ok(without_byte_order_mark(&response.body))
}
