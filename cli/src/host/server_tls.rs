//! TLS to servers that have an authority, a name or a pinned certificate of their own.

use ::aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use std::fmt;
use std::io::{Read, Write};
use std::sync::Arc;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature,
    verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error as TlsError, RootCertStore,
    SignatureScheme, StreamOwned,
};
use ureq::Error;
use ureq::http::uri::Authority;
use ureq::tls::Certificate;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
    TransportAdapter,
};

/// Opens TLS to one server. Other connections, such as that to a proxy, are left to the next connector.
#[derive(Debug)]
pub(super) struct ServerTls {
    config: Arc<ClientConfig>,
    /// The name that is sent and that the certificate must have.
    name: ServerName<'static>,
    server: Authority,
}

impl ServerTls {
    /// Trusts these certificate authorities and no others.
    pub(super) fn trusting(
        authorities: &[Certificate<'static>],
        name: ServerName<'static>,
        server: Authority,
    ) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(authorities.iter().map(|authority| authority.der().into()));
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?;
        let config = builder.with_root_certificates(roots).with_no_client_auth();
        Ok(Self { config: Arc::new(config), name, server })
    }

    /// Trusts the certificate with this SHA-1 thumbprint (hex), without a check of chain and name.
    pub(super) fn pinning(
        thumbprint: &str,
        name: ServerName<'static>,
        server: Authority,
    ) -> Result<Self, TlsError> {
        let provider = provider();
        let pin = Arc::new(PinnedCertificate {
            thumbprint: thumbprint.to_ascii_lowercase(),
            algorithms: provider.signature_verification_algorithms,
        });
        let builder =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config =
            builder.dangerous().with_custom_certificate_verifier(pin).with_no_client_auth();
        Ok(Self { config: Arc::new(config), name, server })
    }
}

/// The SHA-1 thumbprint of a certificate, in lower-case hex.
pub(crate) fn thumbprint(certificate: &CertificateDer<'_>) -> String {
    let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate);
    sha1.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

impl<In: Transport> Connector<In> for ServerTls {
    type Out = Either<In, TlsTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        let Some(transport) = chained else { return Ok(None) };
        if !details.needs_tls() || details.uri.authority() != Some(&self.server) {
            return Ok(Some(Either::A(transport)));
        }
        let mut connection = ClientConnection::new(Arc::clone(&self.config), self.name.clone())?;
        let mut carrier = TransportAdapter::new(transport.boxed(), details.current_time.clone());
        carrier.set_timeout(details.timeout);
        connection.complete_io(&mut carrier)?;
        let (input, output) =
            (details.config.input_buffer_size(), details.config.output_buffer_size());
        let stream = StreamOwned::new(connection, carrier);
        Ok(Some(Either::B(TlsTransport { buffers: LazyBuffers::new(input, output), stream })))
    }
}

/// A connection over TLS.
pub(super) struct TlsTransport {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl fmt::Debug for TlsTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TlsTransport")
    }
}

impl Transport for TlsTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.get_mut().set_timeout(timeout);
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        Ok(self.stream.write_all(output)?)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.get_mut().set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        // No connection is used twice.
        false
    }

    fn is_tls(&self) -> bool {
        true
    }
}

/// Accepts one certificate. The server must still prove that it has the key.
#[derive(Debug)]
struct PinnedCertificate {
    thumbprint: String,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for PinnedCertificate {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let found = thumbprint(certificate);
        if found == self.thumbprint {
            return Ok(ServerCertVerified::assertion());
        }
        Err(TlsError::General(format!(
            "the server's certificate has the SHA-1 thumbprint {found}, which is not the expected one"
        )))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
