//! The server's certificate, read again when it is renewed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

/// The certificate that is shown to clients, and where it was read.
pub struct Tls {
    files: Files,
    acceptor: TlsAcceptor,
    /// What the files looked like when they were last read, for better or worse.
    read: Stamp,
    looked: Instant,
}

/// Why a certificate cannot be used. One line, naming the file.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{}: {}", .0.display(), .1)]
    Unreadable(PathBuf, io::Error),
    #[error("{}: no certificate in PEM form", .0.display())]
    NoCertificate(PathBuf),
    #[error("{}: no private key in PEM form", .0.display())]
    NoKey(PathBuf),
    #[error("{} and {} do not belong together", .0.display(), .1.display())]
    Mismatch(PathBuf, PathBuf),
}

#[derive(Clone)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// When each file was last changed, and its size.
type Stamp = [Option<(SystemTime, u64)>; 2];

impl Tls {
    /// Reads a chain of certificates and its key, both PEM (`GATEWAY_TLS_CERT`, `GATEWAY_TLS_KEY`).
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let files = Files { certificate: certificate.to_owned(), key: key.to_owned() };
        let read = files.stamp();
        Ok(Self { acceptor: files.load()?, files, read, looked: Instant::now() })
    }

    /// The certificate to use now. Looks at the files at most once in `every`; if new ones are bad the old one stays.
    pub(super) async fn acceptor(&mut self, every: Duration) -> TlsAcceptor {
        if self.looked.elapsed() >= every {
            self.looked = Instant::now();
            let (files, read) = (self.files.clone(), self.read);
            let renewed = tokio::task::spawn_blocking(move || {
                let stamp = files.stamp();
                (stamp != read).then(|| (stamp, files.load()))
            });
            if let Ok(Some((stamp, loaded))) = renewed.await {
                self.read = stamp;
                match loaded {
                    Ok(acceptor) => {
                        self.acceptor = acceptor;
                        tracing::info!("the renewed TLS certificate is in use");
                    }
                    Err(error) => {
                        tracing::error!(fault = "us", retry = true, %error, "the old TLS certificate stays in use");
                    }
                }
            }
        }
        self.acceptor.clone()
    }
}

impl Files {
    fn load(&self) -> Result<TlsAcceptor, TlsError> {
        let chain = CertificateDer::pem_slice_iter(&read(&self.certificate)?).collect::<Result<Vec<_>, _>>();
        let chain = chain.ok().filter(|chain| !chain.is_empty());
        let chain = chain.ok_or_else(|| TlsError::NoCertificate(self.certificate.clone()))?;
        let key = PrivateKeyDer::from_pem_slice(&read(&self.key)?);
        let key = key.map_err(|_| TlsError::NoKey(self.key.clone()))?;
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
        let mut config = config.map_err(|_| TlsError::Mismatch(self.certificate.clone(), self.key.clone()))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    fn stamp(&self) -> Stamp {
        [&self.certificate, &self.key].map(|path| {
            let metadata = fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        })
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("certificate", &self.files.certificate).finish_non_exhaustive()
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|error| TlsError::Unreadable(path.to_owned(), error))
}
