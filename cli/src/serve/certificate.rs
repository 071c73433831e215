//! A temporary certificate authority and the server certificate that it signs.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// TLS for loopback. Dropping it removes the CA file.
pub(crate) struct Certificate {
    /// Makes TLS streams of accepted connections.
    pub(crate) acceptor: TlsAcceptor,
    /// The authority's certificate, PEM.
    pub(crate) authority: String,
    /// The server's own certificate.
    pub(crate) server: CertificateDer<'static>,
    folder: TempDir,
}

impl Certificate {
    /// Creates the authority, signs a certificate for 127.0.0.1, ::1 and localhost, and writes the authority's
    /// certificate to a file. The authority's key stays in memory and is dropped on return.
    pub(crate) fn create() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        let validity = |params: &mut CertificateParams| {
            params.not_before = epoch + now.saturating_sub(DAY);
            params.not_after = epoch + now + 7 * DAY;
        };

        let mut authority = CertificateParams::default();
        authority.distinguished_name.push(DnType::CommonName, "wif emulator, throw-away CA");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        validity(&mut authority);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;

        let names = ["localhost", "127.0.0.1", "::1"].map(String::from);
        let mut server = CertificateParams::new(names)?;
        server.distinguished_name.push(DnType::CommonName, "localhost");
        server.is_ca = IsCa::ExplicitNoCa;
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // Python 3.13 refuses chains without it.
        server.use_authority_key_identifier_extension = true;
        validity(&mut server);
        let key = KeyPair::generate()?;
        let server = server.signed_by(&key, &authority)?;

        let folder = tempfile::Builder::new().prefix("wif-emulator-").tempdir()?;
        let authority = authority.pem();
        fs::write(Self::path_in(folder.path()), &authority)?;

        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![server.der().clone()], key)?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self { acceptor, authority, server: server.der().clone(), folder })
    }

    /// The file with the authority's certificate, PEM.
    pub(crate) fn ca_file(&self) -> PathBuf {
        Self::path_in(self.folder.path())
    }

    fn path_in(folder: &Path) -> PathBuf {
        folder.join("ca.pem")
    }
}
