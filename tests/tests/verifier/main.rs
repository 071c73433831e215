//! The verifier machine on a virtual clock: flights, cached results, refreshes, floods, several issuers, addresses.

mod addresses;
mod flights;
mod floods;
mod issuers;
mod refreshes;
mod verified_cache;
mod world;
