//! The table of error codes: name, who is at fault, whether a retry can help, what it means.

/// Who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The calling program: a wrong configuration or request.
    Caller,
    /// The platform that should give the workload its token.
    Platform,
    /// The network between workload and service.
    Transport,
    /// The token service refused the request.
    Service,
    /// Untrusted input: a token or key set that must not be accepted.
    Input,
    /// A defect in this library or in its host.
    Internal,
}

impl Fault {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Fault::Caller => "caller",
            Fault::Platform => "platform",
            Fault::Transport => "transport",
            Fault::Service => "service",
            Fault::Input => "input",
            Fault::Internal => "internal",
        }
    }
}

macro_rules! codes {
    ($($variant:ident $name:literal $fault:ident $retryable:literal $meaning:literal,)*) => {
        /// A stable error code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The name in every language.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// Who has to act.
            #[must_use]
            pub const fn fault(self) -> Fault {
                match self { $(Code::$variant => Fault::$fault,)* }
            }

            /// Whether the same call can succeed later without a change by the caller.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self { $(Code::$variant => $retryable,)* }
            }

            /// One sentence for the documentation.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $meaning,)* }
            }
        }
    };
}

codes! {
    ConfigInvalid "config_invalid" Caller false "The configuration is not an object, misses a member or has one of the wrong type.",
    TenantInvalid "tenant_invalid" Caller false "The tenant is neither a GUID nor a domain name.",
    TenantReserved "tenant_reserved" Caller false "`common`, `organizations` and `consumers` cannot issue app tokens; name the tenant.",
    TenantNotConfigured "tenant_not_configured" Caller false "The request names a tenant that the configuration does not allow.",
    ClientIdInvalid "client_id_invalid" Caller false "The client id is not a GUID.",
    AuthorityInvalid "authority_invalid" Caller false "The authority is not an absolute https URL without user info, query or fragment.",
    AuthorityInsecure "authority_insecure" Caller false "The authority uses http and is not loopback.",
    RequestInvalid "request_invalid" Caller false "The request is not an object or has a member of the wrong type.",
    ScopeMissing "scope_missing" Caller false "The request names no scope.",
    ScopeInvalid "scope_invalid" Caller false "A scope is empty, too long or has characters that RFC 6749 does not allow.",
    ScopeMultipleResources "scope_multiple_resources" Caller false "An app token is for one resource; ask for each resource separately.",
    ScopeNotDefault "scope_not_default" Caller false "App tokens are requested with `<resource>/.default`.",
    ClaimsInvalid "claims_invalid" Caller false "The claims are not a JSON object.",
    Misuse "misuse" Caller false "A call that the protocol does not allow, such as an unknown ticket or no seed.",
    ModuleUnavailable "module_unavailable" Caller false "The bundle or the runtime does not have the compiled core in a form that it can load.",
    TooManyRequests "too_many_requests" Caller true "More requests are open at once than the engine keeps; end some first.",
    DeadlineExceeded "deadline_exceeded" Caller true "The caller's deadline passed before the work was done.",
    Cancelled "cancelled" Caller true "The caller gave up.",
    SourceNotFound "source_not_found" Platform false "The environment offers no known token source.",
    EnvironmentIncomplete "environment_incomplete" Platform false "The environment names a token source but misses a variable it needs.",
    GithubPermissionMissing "github_permission_missing" Platform false "GitHub Actions offers no token endpoint: the job lacks `permissions: id-token: write`.",
    TokenFileMissing "token_file_missing" Platform true "The token file does not exist.",
    TokenFileDenied "token_file_denied" Platform false "The token file may not be read.",
    TokenFileEmpty "token_file_empty" Platform true "The token file has no content.",
    TokenFileTooLarge "token_file_too_large" Platform false "The token file is larger than a token may be.",
    TokenFileUnreadable "token_file_unreadable" Platform true "Reading the token file failed.",
    SourceUnreachable "source_unreachable" Platform true "The token source did not answer.",
    SourceRejected "source_rejected" Platform false "The token source refused to give a token.",
    SourceUnavailable "source_unavailable" Platform true "The token source answered with a server error or asked to wait.",
    SourceResponseInvalid "source_response_invalid" Platform false "The token source's answer carries no token.",
    SourceAudienceMismatch "source_audience_mismatch" Platform false "The token source gave a token for another audience than it was asked for.",
    SourceUnsupported "source_unsupported" Platform false "This runtime cannot do what the token source needs, such as a Unix socket, a process or gRPC, or the package leaves the source out.",
    CaFileUnreadable "ca_file_unreadable" Platform true "The file of certificate authorities is missing, may not be read or holds no certificate.",
    CredentialsExpired "credentials_expired" Platform true "The credentials that the token source signs or authorizes its request with have expired.",
    CallbackFailed "callback_failed" Platform true "The application's callback, or the credential that it gave, failed.",
    SigningFailed "signing_failed" Platform true "The host could not sign the client assertion.",
    AssertionMalformed "assertion_malformed" Platform true "The workload token is not a JWT in compact form; a half-written file looks like that.",
    AssertionExpired "assertion_expired" Platform true "The workload token has expired and its source offers no newer one.",
    NetworkTimeout "network_timeout" Transport true "The token endpoint, the place of an issuer's keys, Microsoft Graph or ARM did not answer in time.",
    NetworkRefused "network_refused" Transport true "The connection to the token endpoint, Microsoft Graph or ARM was refused or cut.",
    NetworkDns "network_dns" Transport true "The name of the token endpoint, of Microsoft Graph or ARM could not be resolved.",
    NetworkTls "network_tls" Transport false "TLS to the token endpoint, Microsoft Graph or ARM failed; check certificates, proxy and clock.",
    ProxyAuthenticationRequired "proxy_authentication_required" Transport false "A proxy asks for credentials (status 407); its URL in HTTPS_PROXY lacks them or they are wrong.",
    NetworkFailed "network_failed" Transport true "The request to the token endpoint, Microsoft Graph or ARM failed.",
    ResponseNotJson "response_not_json" Service true "The token endpoint, the address of an issuer's document, Microsoft Graph or ARM answered with something that is not JSON, such as a proxy's HTML page.",
    ResponseEmpty "response_empty" Service true "The token endpoint, the address of an issuer's document, Microsoft Graph or ARM answered with an empty body.",
    ResponseTooLarge "response_too_large" Service false "The answer is larger than 1 MiB, or a discovery document larger than 256 KiB.",
    ResponseRedirect "response_redirect" Service false "The token endpoint, Microsoft Graph or ARM redirected, and credentials are never sent along; or a document of an issuer is behind a redirect.",
    RedirectLoop "redirect_loop" Service false "The address of an issuer's document redirects in a circle or more than five times.",
    ResponseDuplicateMember "response_duplicate_member" Service false "The answer names a JSON member twice.",
    ResponseInvalid "response_invalid" Service false "The answer is JSON but not what was asked for, or has a content coding that cannot be read.",
    TokenTypeUnsupported "token_type_unsupported" Service false "The issued token is not a Bearer token.",
    ExpiresInInvalid "expires_in_invalid" Service false "`expires_in` is missing, negative or not a number.",
    IssuerUnsuitable "issuer_unsuitable" Caller false "The issuer's address, or that of its keys, is one that a cloud service does not take: not public, not https, with a port or too long.",
    TooManyKeys "too_many_keys" Service false "The issuer publishes more keys than a cloud service reads.",
    DiscoveryInvalid "discovery_invalid" Service false "The discovery document is not usable or names another issuer.",
    TrustMismatch "trust_mismatch" Service false "No federated identity credential accepts this issuer, subject and audience.",
    AssertionRejected "assertion_rejected" Service true "The token service refused the assertion: outside its validity or bad signature.",
    ClaimsChallenge "claims_challenge" Service false "The token service demands more: pass the challenge's claims to the next request.",
    ConfigurationRejected "configuration_rejected" Service false "The token service does not know the tenant, the app or the resource, or policy forbids it.",
    ExchangeRejected "exchange_rejected" Service false "The token service refused the exchange.",
    Throttled "throttled" Service true "The token service, Microsoft Graph or ARM asked to wait.",
    ServiceUnavailable "service_unavailable" Service true "The token service, Microsoft Graph or ARM failed; retries did not help.",
    ManagementRefused "management_refused" Service false "Microsoft Graph or Azure Resource Manager refused the request, for example because a permission is missing (403).",
    ManagementUnsettled "management_unsettled" Service true "Changes were made and do not show yet, or another writer changes the same identity.",
    IdentityNotFound "identity_not_found" Caller false "The service does not know the application or managed identity, or the caller may not see it.",
    CredentialNotFound "credential_not_found" Caller false "The identity has no federated identity credential of this name.",
    CredentialConflict "credential_conflict" Caller false "Another federated identity credential has this name, or this issuer and subject.",
    CredentialLimit "credential_limit" Caller false "The identity would have more federated identity credentials than it can have.",
    Malformed "malformed" Input false "The token is not a JWS in compact form with valid JSON parts.",
    TooLarge "too_large" Input false "The token or key set is over the size limit.",
    EncryptedUnsupported "encrypted_unsupported" Input false "The token is encrypted (JWE).",
    AlgNotAllowed "alg_not_allowed" Input false "The token's algorithm is not one the policy allows.",
    AlgUnsupported "alg_unsupported" Input false "The provider cannot verify this algorithm.",
    CritUnsupported "crit_unsupported" Input false "The token has critical header extensions.",
    TypMismatch "typ_mismatch" Input false "The token is of another type (`typ`) than the profile takes, or its header has members the profile forbids.",
    UnknownIssuer "unknown_issuer" Input false "No configured issuer is the token's issuer.",
    IssuerMismatch "issuer_mismatch" Input false "The issuer is not the expected one.",
    AudienceMismatch "audience_mismatch" Input false "The audience is not the expected one.",
    Expired "expired" Input false "The token has expired.",
    NotYetValid "not_yet_valid" Input false "The token is not valid yet.",
    IssuedInFuture "issued_in_future" Input false "The token claims to have been issued in the future.",
    TooOld "too_old" Input false "The token was issued longer ago than the policy allows.",
    ClaimMissing "claim_missing" Input false "A required claim is missing.",
    ClaimType "claim_type" Input false "A claim has the wrong type.",
    ClaimMismatch "claim_mismatch" Input false "A claim does not have a value that the policy allows.",
    TenantNotAllowed "tenant_not_allowed" Input false "The token is from a tenant that the policy does not allow.",
    NotForUs "not_for_us" Input false "The token is meant for its resource alone (Microsoft Graph's have a `nonce` in the header) and cannot be verified by anybody else.",
    KidMissing "kid_missing" Input false "The token names no key and the set holds several.",
    NoMatchingKey "no_matching_key" Input false "The key set holds no key for this token.",
    AmbiguousKey "ambiguous_key" Input false "Several keys fit the token.",
    KeyRejected "key_rejected" Input false "The key is too weak, malformed or meant for something else.",
    KeyIssuerMismatch "key_issuer_mismatch" Input false "The key that signed the token belongs to another issuer or cloud.",
    SignatureInvalid "signature_invalid" Input false "The signature does not verify.",
    KeysUnavailable "keys_unavailable" Transport true "The issuer's keys could not be fetched and none are at hand.",
    KeysExpired "keys_expired" Transport true "The issuer's keys are too old to be trusted and could not be fetched again.",
    ProviderError "provider_error" Internal false "The host could not compute whether a signature verifies.",
    Internal "internal" Internal false "A defect in this library or its host; please report it.",
}
