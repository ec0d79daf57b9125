//! Which requests are for us at all: the Host header, and no proxy in front of the one local account (contract §2).

use axum::http::{HeaderMap, Uri, header};

use super::problem::Problem;

/// The authorities under which the gateway answers.
#[derive(Debug, Clone)]
pub struct Guard {
    hosts: Vec<String>,
    /// Sign-in `local`: whoever reaches the listener is the one account, so nothing may stand in between.
    refuse_forwarded: bool,
}

impl Guard {
    /// `listener` is the real address of the socket, `public` the authority of `GATEWAY_PUBLIC_URL`.
    pub fn new(listener: std::net::SocketAddr, public: &str, refuse_forwarded: bool) -> Self {
        let mut hosts = vec![listener.to_string(), public.to_ascii_lowercase()];
        let port = listener.port();
        if listener.ip().is_loopback() {
            hosts.extend([format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("[::1]:{port}")]);
        }
        // Browsers leave out the port that the scheme implies.
        let implied = |host: &String| host.strip_suffix(":80").or(host.strip_suffix(":443")).map(str::to_owned);
        let default_ports: Vec<String> = hosts.iter().filter_map(implied).collect();
        hosts.extend(default_ports);
        hosts.sort();
        hosts.dedup();
        Self { hosts, refuse_forwarded }
    }

    pub fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
        // HTTP/2 carries the host in the URI.
        let host = match uri.authority() {
            Some(authority) => Some(authority.as_str()),
            None => headers.get(header::HOST).and_then(|it| it.to_str().ok()),
        };
        let ours = host.is_some_and(|host| self.hosts.iter().any(|ours| ours.eq_ignore_ascii_case(host)));
        if !ours || headers.get_all(header::HOST).iter().count() > 1 {
            return Err(Problem::misdirected());
        }
        if self.refuse_forwarded && headers.keys().any(is_forwarding) {
            return Err(Problem::forwarded());
        }
        Ok(())
    }
}

/// Whether a header says that somebody passed the request on.
pub fn is_forwarding(name: &axum::http::HeaderName) -> bool {
    let name = name.as_str();
    name == "forwarded" || name == "via" || name.starts_with("x-forwarded-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(guard: &Guard, headers: &[(&str, &str)]) -> Option<u16> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(axum::http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        guard.check(&Uri::from_static("/"), &map).err().map(|problem| problem.status.as_u16())
    }

    #[test]
    fn only_our_own_hosts_and_nobody_in_between() {
        let guard = Guard::new("127.0.0.1:8080".parse().unwrap(), "gateway.example.com", true);
        for host in ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080", "gateway.example.com"] {
            assert_eq!(check(&guard, &[("host", host)]), None, "{host}");
        }
        for host in ["evil.example", "127.0.0.1", "127.0.0.1:8081", "localhost.evil.example:8080", ""] {
            assert_eq!(check(&guard, &[("host", host)]), Some(421), "{host}");
        }
        assert_eq!(check(&guard, &[]), Some(421));
        assert_eq!(check(&guard, &[("host", "localhost:8080"), ("host", "evil.example")]), Some(421));
        for name in ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-anything"] {
            assert_eq!(check(&guard, &[("host", "localhost:8080"), (name, "x")]), Some(400), "{name}");
        }
        let open = Guard::new("10.0.0.5:80".parse().unwrap(), "gateway.example.com", false);
        assert_eq!(check(&open, &[("host", "10.0.0.5"), ("via", "1.1 proxy")]), None);
    }
}
