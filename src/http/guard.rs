//! Which requests are for us at all: the Host header, no proxy in front of the one local account, nobody who passes
//! themself off as the sign-on (contract §2), and no change that the page of another site asks for.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, Method, Uri, header};

use crate::config::ProxySignIn;

use super::problem::Problem;

/// The authorities under which the gateway answers.
#[derive(Debug, Clone)]
pub struct Guard {
    hosts: Vec<String>,
    /// Sign-in `local`: whoever reaches the listener is the one account, so nothing may stand in between.
    refuse_forwarded: bool,
    /// Whose header only they may send.
    proxy: Option<ProxySignIn>,
}

impl Guard {
    /// `listener` is the real address of the socket, `public` the authority of `GATEWAY_PUBLIC_URL`.
    pub fn new(listener: SocketAddr, public: &str, refuse_forwarded: bool, proxy: Option<ProxySignIn>) -> Self {
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
        Self { hosts, refuse_forwarded, proxy }
    }

    /// What every request must pass. `peer` is the other end of the socket.
    pub fn admit(&self, peer: IpAddr, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
        self.check(uri, headers)?;
        self.check_proxy(peer, headers)?;
        self.check_sender(method, headers)
    }

    /// Who somebody is, only the sign-on itself may say; whatever else the request knows does not make up for it.
    fn check_proxy(&self, peer: IpAddr, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(proxy) = &self.proxy else { return Ok(()) };
        let foreign = headers.contains_key(&proxy.header) && !proxy.trusts(peer);
        if foreign { Err(Problem::not_the_sign_on()) } else { Ok(()) }
    }

    /// A browser says whose page sends a request. A change that another site's page asks for is refused, whatever else
    /// it may know; a bearer token no page can make a browser send, so programs are left alone.
    fn check_sender(&self, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
        if method.is_safe() || headers.contains_key(header::AUTHORIZATION) {
            return Ok(());
        }
        let text = |name| headers.get(name).map(|it: &axum::http::HeaderValue| it.to_str().unwrap_or("?"));
        let elsewhere = text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
        // "null" is what browsers say of our own forms, too, because of our referrer policy (Fetch, "append a request
        // `Origin` header"); such a form still has to know the CSRF value.
        let foreign = text("origin").is_some_and(|origin| origin != "null" && !self.is_ours(origin));
        if elsewhere || foreign { Err(Problem::from_elsewhere()) } else { Ok(()) }
    }

    fn is_ours(&self, origin: &str) -> bool {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        host.is_some_and(|host| self.hosts.iter().any(|ours| ours.eq_ignore_ascii_case(host)))
    }

    fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
        // HTTP/2 carries the host in the URI, HTTP/1.1 may do so; where both say it, both must be right.
        let in_uri = uri.authority().map(axum::http::uri::Authority::as_str);
        let in_headers = headers.get_all(header::HOST).iter().map(|it| it.to_str().unwrap_or_default());
        let mut said = in_uri.into_iter().chain(in_headers).peekable();
        let is_said = said.peek().is_some();
        let ours = is_said && said.all(|host| self.hosts.iter().any(|ours| ours.eq_ignore_ascii_case(host)));
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
        let guard = Guard::new("127.0.0.1:8080".parse().unwrap(), "gateway.example.com", true, None);
        for host in ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080", "gateway.example.com"] {
            assert_eq!(check(&guard, &[("host", host)]), None, "{host}");
        }
        for host in ["evil.example", "127.0.0.1", "127.0.0.1:8081", "localhost.evil.example:8080", ""] {
            assert_eq!(check(&guard, &[("host", host)]), Some(421), "{host}");
        }
        assert_eq!(check(&guard, &[]), Some(421));
        assert_eq!(check(&guard, &[("host", "localhost:8080"), ("host", "evil.example")]), Some(421));
        let absolute = |uri: &'static str, host: &str| {
            let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            guard.check(&Uri::from_static(uri), &headers).err().map(|problem| problem.status.as_u16())
        };
        assert_eq!(absolute("http://localhost:8080/", "localhost:8080"), None);
        assert_eq!(absolute("http://localhost:8080/", "evil.example"), Some(421));
        assert_eq!(absolute("http://evil.example/", "localhost:8080"), Some(421));
        assert_eq!(absolute("http://x@localhost:8080/", "localhost:8080"), Some(421));
        for name in ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-anything"] {
            assert_eq!(check(&guard, &[("host", "localhost:8080"), (name, "x")]), Some(400), "{name}");
        }
        let open = Guard::new("10.0.0.5:80".parse().unwrap(), "gateway.example.com", false, None);
        assert_eq!(check(&open, &[("host", "10.0.0.5"), ("via", "1.1 proxy")]), None);
    }

    #[test]
    fn only_the_sign_on_says_who_somebody_is() {
        let proxy = |trusted: &str| ProxySignIn {
            header: "x-forwarded-user".to_owned(),
            trusted: vec![trusted.parse().unwrap()],
        };
        let listener = "0.0.0.0:8080".parse().unwrap();
        let table = [
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "127.0.0.1", false),
            ("10.0.0.0/8", "::1", false),
            ("2001:db8::/32", "2001:db8::7", true),
            ("2001:db8::/32", "2001:db9::7", false),
        ];
        for (trusted, peer, admitted) in table {
            let guard = Guard::new(listener, "gateway.example.com", false, Some(proxy(trusted)));
            let peer: IpAddr = peer.parse().unwrap();
            let sent = |name: &'static str, value: &'static str| {
                let mut map = HeaderMap::from_iter([(header::HOST, "gateway.example.com".parse().unwrap())]);
                map.insert(name, value.parse().unwrap());
                guard.admit(peer, &Method::GET, &Uri::from_static("/"), &map).map_err(|problem| problem.status.as_u16())
            };
            let expected = if admitted { Ok(()) } else { Err(400) };
            assert_eq!(sent("x-forwarded-user", "ana"), expected, "{trusted} {peer:?}");
            assert_eq!(sent("x-forwarded-user", ""), expected, "also without a name: {trusted} {peer:?}");
            assert_eq!(sent("x-user", "ana"), Ok(()), "{trusted} {peer:?}");
        }
    }

    #[test]
    fn a_page_of_another_site_changes_nothing() {
        let guard = Guard::new("127.0.0.1:8080".parse().unwrap(), "gateway.example.com", false, None);
        let sent = |method: Method, headers: &[(&'static str, &str)]| {
            let mut map = HeaderMap::from_iter([(header::HOST, "localhost:8080".parse().unwrap())]);
            map.extend(headers.iter().map(|(name, value)| {
                (axum::http::HeaderName::from_static(name), axum::http::HeaderValue::from_str(value).unwrap())
            }));
            guard.admit(IpAddr::from([127, 0, 0, 1]), &method, &Uri::from_static("/"), &map).is_ok()
        };
        let good: [&[(&str, &str)]; 6] = [
            &[],
            &[("origin", "http://localhost:8080")],
            &[("origin", "https://gateway.example.com"), ("sec-fetch-site", "same-origin")],
            &[("origin", "null"), ("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
            &[("authorization", "Bearer x"), ("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
        ];
        for headers in good {
            assert!(sent(Method::POST, headers), "{headers:?}");
        }
        let bad: [&[(&str, &str)]; 9] = [
            &[("origin", "https://evil.example")],
            &[("origin", "https://gateway.example.com.evil.example")],
            &[("origin", "https://gateway.example.com:444")],
            &[("origin", "gateway.example.com")],
            &[("origin", "")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "null"), ("sec-fetch-site", "cross-site")],
            &[("origin", "https://gateway.example.com"), ("sec-fetch-site", "same-site")],
        ];
        for headers in bad {
            assert!(!sent(Method::POST, headers) && !sent(Method::DELETE, headers), "{headers:?}");
            assert!(sent(Method::GET, headers), "{headers:?}");
        }
    }
}
