// Package ejbca declares the names that SPIRE's authority plugin for EJBCA refers to, so that SPIRE's server compiles without
// the client library, which the module proxy does not have. No call succeeds.
package ejbca

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
)

var errAbsent = errors.New("the EJBCA client is not part of this build")

// Authenticator gives the HTTP client of a configuration.
type Authenticator interface {
	GetHTTPClient() (*http.Client, error)
}

// MTLSAuthenticatorBuilder never builds an Authenticator.
type MTLSAuthenticatorBuilder struct{}

// NewMTLSAuthenticatorBuilder returns an empty builder.
func NewMTLSAuthenticatorBuilder() *MTLSAuthenticatorBuilder { return nil }

// WithClientCertificate ignores the certificate.
func (builder *MTLSAuthenticatorBuilder) WithClientCertificate(*tls.Certificate) *MTLSAuthenticatorBuilder {
	return builder
}

// WithCaCertificates ignores the certificates.
func (builder *MTLSAuthenticatorBuilder) WithCaCertificates([]*x509.Certificate) *MTLSAuthenticatorBuilder {
	return builder
}

// Build fails.
func (*MTLSAuthenticatorBuilder) Build() (Authenticator, error) { return nil, errAbsent }

// Configuration names a host.
type Configuration struct{ Host string }

// NewConfiguration returns an empty configuration.
func NewConfiguration() *Configuration { return &Configuration{} }

// SetAuthenticator ignores the authenticator.
func (*Configuration) SetAuthenticator(Authenticator) {}

// APIClient has no working service.
type APIClient struct{ V1CertificateApi *V1CertificateApiService }

// NewAPIClient fails.
func NewAPIClient(*Configuration) (*APIClient, error) { return nil, errAbsent }

// V1CertificateApiService enrols nothing.
type V1CertificateApiService struct{}

// EnrollPkcs10Certificate returns a request that fails.
func (*V1CertificateApiService) EnrollPkcs10Certificate(context.Context) (request ApiEnrollPkcs10CertificateRequest) {
	return request
}

// ApiEnrollPkcs10CertificateRequest fails.
type ApiEnrollPkcs10CertificateRequest struct{}

// EnrollCertificateRestRequest ignores the parameters.
func (request ApiEnrollPkcs10CertificateRequest) EnrollCertificateRestRequest(EnrollCertificateRestRequest) ApiEnrollPkcs10CertificateRequest {
	return request
}

// Execute fails.
func (ApiEnrollPkcs10CertificateRequest) Execute() (*CertificateRestResponse, *http.Response, error) {
	return nil, nil, errAbsent
}

// EnrollCertificateRestRequest keeps no parameter.
type EnrollCertificateRestRequest struct{}

// NewEnrollCertificateRestRequest returns an empty request.
func NewEnrollCertificateRestRequest() *EnrollCertificateRestRequest { return &EnrollCertificateRestRequest{} }

// SetUsername keeps nothing.
func (*EnrollCertificateRestRequest) SetUsername(string) {}

// SetPassword keeps nothing.
func (*EnrollCertificateRestRequest) SetPassword(string) {}

// SetCertificateRequest keeps nothing.
func (*EnrollCertificateRestRequest) SetCertificateRequest(string) {}

// SetCertificateAuthorityName keeps nothing.
func (*EnrollCertificateRestRequest) SetCertificateAuthorityName(string) {}

// SetCertificateProfileName keeps nothing.
func (*EnrollCertificateRestRequest) SetCertificateProfileName(string) {}

// SetEndEntityProfileName keeps nothing.
func (*EnrollCertificateRestRequest) SetEndEntityProfileName(string) {}

// SetIncludeChain keeps nothing.
func (*EnrollCertificateRestRequest) SetIncludeChain(bool) {}

// SetAccountBindingId keeps nothing.
func (*EnrollCertificateRestRequest) SetAccountBindingId(string) {}

// CertificateRestResponse is never returned.
type CertificateRestResponse struct{ CertificateChain []string }

// GetResponseFormat returns nothing.
func (*CertificateRestResponse) GetResponseFormat() string { return "" }

// GetCertificate returns nothing.
func (*CertificateRestResponse) GetCertificate() string { return "" }

// GenericOpenAPIError is never returned.
type GenericOpenAPIError struct{}

func (*GenericOpenAPIError) Error() string { return errAbsent.Error() }

// Body returns nothing.
func (*GenericOpenAPIError) Body() []byte { return nil }
