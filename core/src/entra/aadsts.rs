//! Entra's AADSTS error numbers that a token exchange can meet: their class and advice.
//!
//! Sources: "Microsoft Entra authentication and authorization error codes", "Workload identity federation
//! considerations" (Entra documentation). Texts change, numbers do not, so only numbers are matched.

/// The kind of an error, which decides what the client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// No federated identity credential fits: change the credential or the workload's token.
    Trust,
    /// The assertion itself is bad or too old: get a new one and try once more.
    Assertion,
    /// Tenant, app, resource or policy: the configuration in Entra must be changed.
    Configuration,
    /// Passing trouble on Entra's side or at the issuer's: try again later.
    Transient,
}

/// One row: number, class, advice.
#[derive(Debug)]
pub struct Entry {
    /// The digits after `AADSTS`.
    pub number: u32,
    /// What to do.
    pub class: Class,
    /// Advice for people.
    pub hint: &'static str,
}

const fn row(number: u32, class: Class, hint: &'static str) -> Entry {
    Entry { number, class, hint }
}

/// The table, by number.
pub const TABLE: &[Entry] = &[
    row(28002, Class::Configuration, "the scope is not valid for the resource"),
    row(
        50013,
        Class::Assertion,
        "the assertion is not valid; check that the source gives a fresh token for this authority",
    ),
    row(
        50027,
        Class::Assertion,
        "the assertion is not a well-formed JWT; check what the source returns",
    ),
    row(
        50166,
        Class::Transient,
        "Entra could not reach the issuer's OpenID configuration; check that it is public, then retry",
    ),
    row(
        50196,
        Class::Configuration,
        "Entra sees the client in a loop; keep one client and let it cache",
    ),
    row(
        51000,
        Class::Configuration,
        "the requested feature is not enabled for the tenant or resource",
    ),
    row(
        53003,
        Class::Configuration,
        "a Conditional Access policy for workload identities blocks this request",
    ),
    row(70011, Class::Configuration, "the scope must be `<resource>/.default`"),
    row(
        70021,
        Class::Trust,
        "no federated identity credential fits; compare issuer, subject and audience below with the app registration; a new credential needs some minutes to spread",
    ),
    row(
        70025,
        Class::Trust,
        "the app has no federated identity credential; add one for this issuer, subject and audience",
    ),
    row(
        70052,
        Class::Configuration,
        "a multi-tenant app cannot trust this issuer; use an app of the issuer's tenant",
    ),
    row(
        90002,
        Class::Configuration,
        "the tenant does not exist in this cloud; check tenant_id and authority_host",
    ),
    row(90006, Class::Transient, "passing trouble at Entra; retry"),
    row(90024, Class::Transient, "passing trouble at Entra; retry"),
    row(90033, Class::Transient, "passing trouble at Entra; retry"),
    row(90055, Class::Transient, "Entra is throttling this tenant; retry later"),
    row(
        90061,
        Class::Transient,
        "Entra could not fetch the issuer's discovery document or keys; check that they are public, then retry",
    ),
    row(
        500011,
        Class::Configuration,
        "the resource of the scope is not known in the tenant; check the scope's spelling and that the resource's app is installed there",
    ),
    row(
        500133,
        Class::Assertion,
        "the assertion is outside its validity; check the clock and the source",
    ),
    row(501661, Class::Transient, "Entra could not call the issuer's OpenID endpoint; retry"),
    row(530031, Class::Configuration, "a Conditional Access policy blocks this request"),
    row(
        700016,
        Class::Configuration,
        "the app is not known in the tenant; check client_id and tenant_id",
    ),
    row(
        700024,
        Class::Assertion,
        "the assertion is outside its validity; check the clock and that the source gives a fresh token",
    ),
    row(
        700025,
        Class::Configuration,
        "the app is registered as a public client; allow client credentials",
    ),
    row(
        700027,
        Class::Assertion,
        "the assertion's signature or key was not accepted; the issuer's keys may just have been rotated",
    ),
    row(
        700211,
        Class::Trust,
        "the issuer fits no federated identity credential; it must be equal to the letter, trailing slash included",
    ),
    row(
        700212,
        Class::Trust,
        "the audience fits no federated identity credential; ask the source for the audience that the credential names",
    ),
    row(
        700213,
        Class::Trust,
        "the subject fits no federated identity credential; it must be equal to the letter",
    ),
    row(
        700222,
        Class::Trust,
        "tokens that Entra issued cannot be used as assertions, except those of managed identities",
    ),
    row(
        700223,
        Class::Configuration,
        "workload identity federation is switched off by a policy of the tenant",
    ),
    row(700226, Class::Trust, "from Entra's own issuer only managed identity tokens are accepted"),
    row(700229, Class::Trust, "an Entra-issued assertion of another tenant is refused"),
    row(
        700233,
        Class::Trust,
        "the expression of a flexible credential cannot be read; check its grammar",
    ),
    row(
        700234,
        Class::Trust,
        "the expression of a flexible credential could not be evaluated; check the claims that it names",
    ),
    row(
        700235,
        Class::Trust,
        "this kind of object has no flexible credentials; write a credential with a subject",
    ),
    row(700236, Class::Trust, "an Entra-issued assertion of another tenant is refused"),
    row(
        700237,
        Class::Trust,
        "the expression names a claim or an operator that is not allowed for this issuer",
    ),
    row(
        700238,
        Class::Configuration,
        "a policy of the tenant restricts which issuers may be federated",
    ),
    row(900021, Class::Configuration, "tenant_id is not a valid tenant identifier"),
    row(900023, Class::Configuration, "tenant_id is not a valid tenant identifier"),
    row(900144, Class::Configuration, "the request misses a parameter that Entra needs"),
    row(900382, Class::Configuration, "the app belongs to another cloud; check authority_host"),
    row(900432, Class::Configuration, "the app belongs to another cloud; check authority_host"),
    row(
        900439,
        Class::Configuration,
        "the identity belongs to another cloud; check authority_host",
    ),
    row(1002012, Class::Configuration, "the scope must be `<resource>/.default`"),
    row(5002727, Class::Trust, "the assertion's header has a `typ` that Entra does not take"),
    row(5002738, Class::Trust, "Entra takes RS256 only; have the issuer sign with an RSA key"),
    row(7000112, Class::Configuration, "the app is disabled in the tenant"),
    row(
        7000215,
        Class::Configuration,
        "Entra read a client secret; the app seems to be configured for secrets in this program",
    ),
    row(
        7000216,
        Class::Configuration,
        "no assertion arrived at Entra; check proxies between here and there",
    ),
    row(
        7000226,
        Class::Trust,
        "the app has no federated identity credential for an assertion of this kind",
    ),
    row(
        7000272,
        Class::Assertion,
        "the assertion's key id is not in the issuer's key set; the issuer's keys may just have been rotated",
    ),
    row(7000274, Class::Assertion, "the assertion's signature is not valid"),
    row(
        7002131,
        Class::Trust,
        "no flexible federated identity credential's expression fits the subject",
    ),
    row(
        7002137,
        Class::Trust,
        "the subject has not the form that this issuer uses now; compare it with the credential",
    ),
    row(
        7002138,
        Class::Trust,
        "the credential differs from the token only in upper and lower case; Entra compares to the letter",
    ),
    row(
        7002241,
        Class::Trust,
        "Entra evaluates no expression for this issuer; write a credential with the subject",
    ),
    row(
        7002381,
        Class::Configuration,
        "a policy of the tenant demands a further claim in the assertion",
    ),
    row(9001023, Class::Configuration, "the tenant must be named, not `common`"),
];

/// The row of a number.
#[must_use]
pub fn find(number: u32) -> Option<&'static Entry> {
    TABLE
        .binary_search_by_key(&number, |entry| entry.number)
        .ok()
        .and_then(|index| TABLE.get(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_row_is_found() {
        assert!(TABLE.windows(2).all(|pair| pair[0].number < pair[1].number));
        assert!(TABLE.iter().all(|entry| find(entry.number).is_some()));
        assert!(find(1).is_none());
    }
}
