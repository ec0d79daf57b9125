//! Where a request comes from, as limits count it.

use std::net::IpAddr;

use axum::http::HeaderMap;

use crate::config::ProxySignIn;
use crate::gateway::Gateway;

use super::server::Peer;

/// The address of the browser or program: the other end of the socket, unless that is the sign-on in front, which stands
/// for everybody.
pub fn of(gateway: &Gateway, peer: Peer, headers: &HeaderMap) -> IpAddr {
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|it| it.to_str().ok());
    let steps: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    behind(gateway.settings.proxy.as_ref(), peer.0.ip(), &steps)
}

/// Each proxy adds at the end who asked it, so one that is trusted is believed, and what stands before it is not.
fn behind(proxy: Option<&ProxySignIn>, peer: IpAddr, steps: &[&str]) -> IpAddr {
    let Some(proxy) = proxy else { return peer };
    let mut address = peer;
    for step in steps.iter().rev() {
        match step.parse() {
            Ok(before) if proxy.trusts(address) => address = before,
            _ => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trusted_proxy_is_believed_and_nobody_else() {
        let proxy = ProxySignIn { header: String::new(), trusted: vec!["10.0.0.0/8".parse().unwrap()] };
        let table: &[(&str, &[&str], &str)] = &[
            ("10.0.0.7", &["192.0.2.1"], "192.0.2.1"),
            ("::ffff:10.0.0.7", &["192.0.2.1"], "192.0.2.1"),
            ("10.0.0.7", &["203.0.113.9", "192.0.2.1"], "192.0.2.1"),
            ("10.0.0.7", &["203.0.113.9", "192.0.2.1", "10.0.0.8"], "192.0.2.1"),
            ("10.0.0.7", &["2001:db8::1"], "2001:db8::1"),
            ("10.0.0.7", &[], "10.0.0.7"),
            ("10.0.0.7", &["unknown"], "10.0.0.7"),
            ("10.0.0.7", &["192.0.2.1", "unknown", "10.0.0.8"], "10.0.0.8"),
            ("192.0.2.5", &["203.0.113.9"], "192.0.2.5"),
        ];
        for (peer, steps, expected) in table {
            let (peer, expected): (IpAddr, IpAddr) = (peer.parse().unwrap(), expected.parse().unwrap());
            assert_eq!(behind(Some(&proxy), peer, steps), expected, "{peer} {steps:?}");
            assert_eq!(behind(None, peer, steps), peer);
        }
    }
}
