module slow-peers.invalid/spire-server

go 1.26.6

require github.com/spiffe/spire v1.15.3

// The module proxy does not have this module. SPIRE's server uses it only in an upstream authority that the tests do not configure.
replace github.com/Keyfactor/ejbca-go-client-sdk => ../ejbca_stub
