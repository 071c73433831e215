//! The issuer's URL under the rules of each service.

use super::super::IssuerUrl;
use super::{IssuerCheck, IssuerCheckStep, Service};
use crate::Code;
use crate::entra::{CLOUDS, Cloud};
use alloc::format;

/// Checks the issuer's URL against the rules of each service.
pub(super) fn check_address(check: &mut IssuerCheck, issuer: &IssuerUrl) {
    let mut complain = |services: &[Service], message: &str| {
        check.find(IssuerCheckStep::Address, Code::IssuerUnsuitable, services, message);
    };
    let url = issuer.url();
    if !url.is_https() {
        complain(
            Service::ALL,
            "the issuer uses http; serve its documents over https, and issue tokens with that issuer",
        );
    }
    let length = issuer.as_str().chars().count();
    for service in Service::ALL {
        let rules = service.rules();
        let title = rules.title;
        if let Some(most) = rules.max_issuer.filter(|most| length > *most) {
            complain(
                &[*service],
                &format!(
                    "the issuer has {length} characters, and {title} takes at most {most}; choose a shorter one"
                ),
            );
        }
        if !rules.takes_port && url.origin().len() > "https://".len() + url.host().len() {
            complain(
                &[*service],
                &format!(
                    "the issuer has a port, which {title} does not take; serve it on port 443 and leave it out"
                ),
            );
        }
    }
    if Cloud::of_host(url.host()).is_some() || is_v1_issuer(url.host()) {
        complain(
            &[Service::Entra],
            "the issuer is Microsoft Entra ID itself, whose tokens it refuses as assertions (AADSTS700222) except those \
             of managed identities",
        );
    }
}

fn is_v1_issuer(host: &str) -> bool {
    CLOUDS.iter().any(|cloud| cloud.v1_issuer_host == host)
}
