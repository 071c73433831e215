//! Microsoft Entra ID: authorities, token requests and answers, error numbers.

mod aadsts;
pub(crate) mod authority;
pub(crate) mod claims;
pub(crate) mod discovery;
pub(crate) mod scope;
pub(crate) mod tenant;
pub(crate) mod token_request;
pub(crate) mod token_response;

pub use aadsts::{
    Class as AadstsClass, Entry as AadstsEntry, TABLE as AADSTS, find as find_aadsts,
};
pub(crate) use tenant::is_guid;

pub use authority::{CLOUDS, Cloud};
