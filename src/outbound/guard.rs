//! From names to judged addresses, to which alone a connection is made.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{Clearance, Failure, PrivateSites};

/// Who turns host names into addresses: the system, or an answer that is given by hand (tests, the demo).
#[derive(Clone, Default)]
pub struct Names(Option<Arc<Answer>>);

type Answer = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

impl Names {
    /// The system's own way: hosts file, then DNS.
    pub fn system() -> Self {
        Self(None)
    }

    /// Every look-up asks this function; no address means that the name does not exist.
    pub fn answered_by(answer: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(answer)))
    }

    async fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        match &self.0 {
            Some(answer) => Ok(answer(name)),
            None => Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect()),
        }
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Names(given)" } else { "Names(system)" })
    }
}

/// Asked by the HTTP client once for each new connection. What it answers is what is connected to, so a name that
/// answers differently a second time gains nothing.
pub(super) struct Guard {
    pub(super) names: Names,
    pub(super) sites: Arc<PrivateSites>,
    pub(super) clearance: Clearance,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, sites, clearance) = (self.names.clone(), Arc::clone(&self.sites), self.clearance);
        Box::pin(async move {
            let addresses = names.look_up(name.as_str()).await.map_err(|_| Failure::Unreachable)?;
            sites.judge(clearance, &addresses)?;
            // Port 0 stands for the URL's own.
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}
