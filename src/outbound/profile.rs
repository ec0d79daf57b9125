//! What one site needs of a connection, and the TLS settings that follow from it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock};

use reqwest::Url;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme, client::verify_server_name,
};
use secrecy::{ExposeSecret, SecretString};

use super::failure::is_authority_used_as_server;

/// A site's own certificate authority, client certificate and proxy (`[[site]]`, contract §2). Plain values, already read.
#[derive(Default, Clone)]
pub struct Profile {
    /// One or more certificates that are trusted besides the system's.
    pub ca_pem: Option<Vec<u8>>,
    /// The gateway's own certificate and what leads up to its issuer.
    pub client_cert_pem: Option<Vec<u8>>,
    pub client_key_pem: Option<SecretString>,
    /// `http://` or `https://`; may carry a user name and a password.
    pub proxy: Option<Url>,
}

/// What is wrong with a profile: which of the operator's files or settings has to be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    #[error("the CA file holds no usable certificate in PEM form")]
    Ca,
    #[error("the client certificate file holds no usable certificate in PEM form")]
    ClientCertificate,
    #[error("the client key file holds no usable private key in PEM form")]
    ClientKey,
    #[error("a client certificate and its key must be given together")]
    ClientPair,
    #[error("the client certificate does not belong to the client key")]
    ClientMismatch,
    #[error("the proxy must be an http:// or https:// URL")]
    Proxy,
    #[error("the secure connection could not be set up")]
    Setup,
}

/// The system's store, read once. It may be empty in a container: then only a site's own authorities are trusted.
/// `SSL_CERT_FILE` and `SSL_CERT_DIR` name another one.
static SYSTEM_ROOTS: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Arc::new(roots)
});

impl Profile {
    pub(super) fn tls(&self) -> Result<ClientConfig, ProfileError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|_| ProfileError::Setup)?;
        let builder = match &self.ca_pem {
            None => builder.with_root_certificates(Arc::clone(&SYSTEM_ROOTS)),
            Some(pem) => builder.dangerous().with_custom_certificate_verifier(Arc::new(SiteTrust::of(pem, provider)?)),
        };
        let mut config = match self.client_pair()? {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => {
                builder.with_client_auth_cert(chain, key).map_err(|_| ProfileError::ClientMismatch)?
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    fn client_pair(&self) -> Result<Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>, ProfileError> {
        match (&self.client_cert_pem, &self.client_key_pem) {
            (None, None) => Ok(None),
            (Some(chain), Some(key)) => {
                let chain = certificates(chain).ok_or(ProfileError::ClientCertificate)?;
                let key = PrivateKeyDer::from_pem_slice(key.expose_secret().as_bytes());
                Ok(Some((chain, key.map_err(|_| ProfileError::ClientKey)?)))
            }
            _ => Err(ProfileError::ClientPair),
        }
    }

    pub(super) fn proxy(&self) -> Result<Option<reqwest::Proxy>, ProfileError> {
        match &self.proxy {
            None => Ok(None),
            Some(url) if !matches!(url.scheme(), "http" | "https") => Err(ProfileError::Proxy),
            Some(url) => reqwest::Proxy::all(url.clone()).map(Some).map_err(|_| ProfileError::Proxy),
        }
    }

    /// Equal profiles share connections.
    fn parts(&self) -> impl Hash + PartialEq + '_ {
        let key = self.client_key_pem.as_ref().map(SecretString::expose_secret);
        (&self.ca_pem, &self.client_cert_pem, key, &self.proxy)
    }
}

impl PartialEq for Profile {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Profile {}

impl Hash for Profile {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl fmt::Debug for Profile {
    /// Says what is set, not what it is: the proxy's URL may carry a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("ca", &self.ca_pem.is_some())
            .field("client_certificate", &self.client_cert_pem.is_some())
            .field("proxy", &self.proxy.is_some())
            .finish_non_exhaustive()
    }
}

fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let all: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
    (!all.is_empty()).then_some(all)
}

/// The system's authorities and the site's own. A self-signed certificate in the site's file is trusted as it stands,
/// also when it calls itself an authority, which is how common tools make it.
#[derive(Debug)]
struct SiteTrust {
    authorities: Arc<WebPkiServerVerifier>,
    own: Vec<CertificateDer<'static>>,
}

impl SiteTrust {
    fn of(pem: &[u8], provider: Arc<CryptoProvider>) -> Result<Self, ProfileError> {
        let own = certificates(pem).ok_or(ProfileError::Ca)?;
        let mut roots = RootCertStore::clone(&SYSTEM_ROOTS);
        for certificate in &own {
            roots.add(certificate.clone()).map_err(|_| ProfileError::Ca)?;
        }
        let authorities = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        Ok(Self { authorities: authorities.map_err(|_| ProfileError::Ca)?, own })
    }
}

impl ServerCertVerifier for SiteTrust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match self.authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // Its dates are checked before its role, so only the name is left.
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(other)))
                if is_authority_used_as_server(&other) && self.own.iter().any(|own| own == end_entity) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.authorities.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.authorities.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.authorities.supported_verify_schemes()
    }
}
