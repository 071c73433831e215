//! Microsoft Entra ID: clouds, tenants, error responses and claims challenges.

mod aadsts;
pub(crate) mod claims_challenge;
mod cloud;
pub(crate) mod service_error;
pub(crate) mod tenant;
mod token_issuers;

pub use aadsts::{
    Class as AadstsClass, Entry as AadstsEntry, TABLE as AADSTS, find as find_aadsts,
};
pub(crate) use tenant::is_guid;

pub use cloud::{CLOUDS, Cloud};
pub use token_issuers::TokenIssuers;
