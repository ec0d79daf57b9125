//! What an IP address is, whatever spelling brought it here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// How far away an address is from what a stranger may name. Ordered: the worst is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// Lies on the public internet.
    Public,
    /// Only where the operator lists it: private, loopback, shared, reserved or documentation.
    Private,
    /// Not even when listed: link-local, cloud metadata, or not the address of one host.
    Never,
}

impl Reach {
    pub(super) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }

    /// Whether no address of this range may ever be reached.
    pub(super) fn is_never_in(range: IpNet) -> bool {
        match range {
            IpNet::V4(range) => NEVER_V4.iter().any(|net| net.contains(&range)),
            IpNet::V6(range) => NEVER_V6.iter().any(|net| net.contains(&range)),
        }
    }
}

const NEVER_V4: [Ipv4Net; 6] = [
    v4(0, 0, 0, 0, 8),          // "this network"; Linux takes 0.0.0.0 for loopback
    v4(100, 100, 100, 200, 32), // metadata (Alibaba)
    v4(168, 63, 129, 16, 32),   // platform channel (Azure), although in public space
    v4(169, 254, 0, 0, 16),     // link-local: metadata of most clouds
    v4(192, 0, 0, 192, 32),     // metadata (Oracle)
    v4(224, 0, 0, 0, 4),        // multicast
];

const PRIVATE_V4: [Ipv4Net; 12] = [
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10), // shared by carriers (CGNAT)
    v4(127, 0, 0, 0, 8),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),   // protocol assignments
    v4(192, 0, 2, 0, 24),   // documentation
    v4(192, 88, 99, 0, 24), // former 6to4 relays
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),   // benchmarks
    v4(198, 51, 100, 0, 24), // documentation
    v4(203, 0, 113, 0, 24),  // documentation
    v4(240, 0, 0, 0, 4),     // reserved
];

const NEVER_V6: [Ipv6Net; 6] = [
    v6([0, 0, 0, 0, 0, 0, 0, 0], 128),
    v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0], 32), // metadata, time and names (Amazon)
    v6([0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe], 128), // metadata (Oracle)
    v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128), // metadata (Google)
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10),     // link-local
    v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8),      // multicast
];

/// The only part of IPv6 that is in public use; unique local, site-local and unassigned space lie outside it.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

const PRIVATE_V6: [Ipv6Net; 3] = [
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), // protocol assignments: benchmarks, ORCHID, …
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), // documentation
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), // documentation
];

fn of_v4(address: Ipv4Addr) -> Reach {
    let lies_in = |nets: &[Ipv4Net]| nets.iter().any(|net| net.contains(&address));
    if lies_in(&NEVER_V4) || address.is_broadcast() {
        Reach::Never
    } else if lies_in(&PRIVATE_V4) {
        Reach::Private
    } else {
        Reach::Public
    }
}

fn of_v6(address: Ipv6Addr) -> Reach {
    if NEVER_V6.iter().any(|net| net.contains(&address)) {
        return Reach::Never;
    }
    if address.is_loopback() {
        return Reach::Private;
    }
    // Forms that carry an IPv4 address reach that address, by way of this machine or of a gateway.
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] => of_v4(join(high, low)), // mapped
        [0, 0, 0, 0, 0, 0, high, low]                                 // compatible
        | [0, 0, 0, 0, 0xffff, 0, high, low] => of_v4(join(high, low)).max(Reach::Private), // translated
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => of_v4(join(high, low)), // NAT64
        [0x64, 0xff9b, 1, ..] => local_nat64(address),
        [0x2001, 0, server_high, server_low, _, _, client_high, client_low] => {
            // Teredo writes the client's address inverted
            of_v4(join(server_high, server_low)).max(of_v4(join(!client_high, !client_low)))
        }
        [0x2002, high, low, ..] => of_v4(join(high, low)), // 6to4
        _ if !GLOBAL_V6.contains(&address) => Reach::Private,
        _ if PRIVATE_V6.iter().any(|net| net.contains(&address)) => Reach::Private,
        _ => Reach::Public,
    }
}

/// A network's own NAT64 may choose any of the prefix lengths of RFC 6052, so the IPv4 address may stand in four places.
fn local_nat64(address: Ipv6Addr) -> Reach {
    let o = address.octets();
    [[o[6], o[7], o[9], o[10]], [o[7], o[9], o[10], o[11]], [o[9], o[10], o[11], o[12]], [o[12], o[13], o[14], o[15]]]
        .into_iter()
        .filter(|&embedded| embedded[0] != 0) // the unused places hold zeros
        .map(|embedded| of_v4(embedded.into()))
        .fold(Reach::Private, Reach::max)
}

const fn join(high: u16, low: u16) -> Ipv4Addr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d)
}

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(segments: [u16; 8], length: u8) -> Ipv6Net {
    let [a, b, c, d, e, f, g, h] = segments;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_is_known() {
        let table = [
            (
                Reach::Public,
                "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0",
            ),
            (
                Reach::Public,
                "172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255",
            ),
            (
                Reach::Public,
                "2606:4700::1111 2001:4860:4860::8888 2a00::1 64:ff9b::8.8.8.8 ::ffff:8.8.8.8 2002:808:808::1",
            ),
            (Reach::Public, "2001:0:808:808::f7f7:f7f7"),
            (
                Reach::Private,
                "10.0.0.0 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 172.16.0.1 172.31.255.255",
            ),
            (
                Reach::Private,
                "192.0.0.1 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 240.0.0.1",
            ),
            (
                Reach::Private,
                "::1 fc00::1 fdff::1 fec0::1 2001:db8::1 3fff::1 2001:2::1 2001:10::1 100::1 5f00::1 4000::1 ::ffff:10.0.0.1",
            ),
            (
                Reach::Private,
                "64:ff9b::10.0.0.1 64:ff9b:1::8.8.8.8 2002:a00:1::1 2001:0:808:808::f5ff:fffe 2001:0:a00:1::f7f7:f7f7",
            ),
            (Reach::Private, "::127.0.0.1 ::8.8.8.8 ::ffff:0:10.0.0.1"),
            (Reach::Never, "0.0.0.0 0.1.2.3 169.254.0.1 169.254.169.254 100.100.100.200 168.63.129.16 192.0.0.192"),
            (Reach::Never, "224.0.0.1 239.255.255.255 255.255.255.255 :: fe80::1 febf::1 ff02::1 fd00:ec2::254"),
            (
                Reach::Never,
                "fd20:ce::254 fd00:c1::a9fe:a9fe ::ffff:169.254.169.254 ::169.254.169.254 ::ffff:0:169.254.169.254",
            ),
            (
                Reach::Never,
                "64:ff9b::169.254.169.254 64:ff9b:1::169.254.169.254 64:ff9b:1:a9fe:a9:fe00:: 2002:a9fe:a9fe::1",
            ),
            (Reach::Never, "2001:0:808:808::5601:5601 2001:0:a9fe:a9fe::f7f7:f7f7"),
        ];
        for (expected, addresses) in table {
            for address in addresses.split(' ') {
                assert_eq!(Reach::of(address.parse().unwrap()), expected, "{address}");
            }
        }
    }
}
