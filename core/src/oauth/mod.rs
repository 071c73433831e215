//! OAuth 2.0 as a client: authorities and their metadata, scopes, token requests and responses (RFC 6749, 7523, 8414).

pub(crate) mod authority;
pub(crate) mod discovery;
pub(crate) mod scope;
pub(crate) mod token_proxy;
pub(crate) mod token_request;
pub(crate) mod token_response;
