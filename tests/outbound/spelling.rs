//! No spelling of a refused address is ever connected to: typed, named by DNS, or sent as a redirect.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use jira_notion_gateway::outbound::{Failure, Names, Outbound, PrivateSites, Profile, StatusCode, Url};
use tokio::net::{TcpListener, TcpStream};

use super::server::Server;
use super::{get, open};

const REFUSED_V4: [[u8; 4]; 14] = [
    [127, 0, 0, 1],
    [127, 1, 2, 3],
    [10, 0, 0, 1],
    [10, 255, 255, 254],
    [172, 16, 0, 1],
    [172, 31, 9, 9],
    [192, 168, 0, 1],
    [169, 254, 169, 254],
    [100, 64, 0, 1],
    [100, 100, 100, 200],
    [198, 18, 0, 1],
    [224, 0, 0, 1],
    [255, 255, 255, 255],
    [0, 0, 0, 0],
];

const REFUSED_V6: &str = "::1 :: 0:0:0:0:0:0:0:1 0000::0001 fe80::1 febf::1 fec0::1 fc00::1 fd12:3456::1 ff02::1 fd00:ec2::254 \
    2001:db8::1 3fff::1 100::1 2001:2::1 2001:20::1 5f00::1 64:ff9b:1::a00:1 fd20:ce::254";

fn spellings() -> Vec<String> {
    let mut all: Vec<String> = REFUSED_V6.split_whitespace().map(|address| format!("[{address}]")).collect();
    for octets in REFUSED_V4 {
        let [a, b, c, d] = octets;
        let whole = u32::from(Ipv4Addr::from(octets));
        let dotted = format!("{a}.{b}.{c}.{d}");
        let (high, low) = (whole >> 16, whole & 0xffff);
        let with_digits = |zero: char| -> String {
            let digit = |c: char| c.to_digit(10).and_then(|n| char::from_u32(zero as u32 + n)).unwrap_or(c);
            dotted.chars().map(digit).collect()
        };
        all.extend([
            dotted.clone(),
            format!("{dotted}."),
            format!("{whole}"),
            format!("0x{whole:x}"),
            format!("0X{whole:08X}"),
            format!("0{whole:o}"),
            format!("0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}"),
            format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
            format!("0000{a:o}.0x00{b:x}.{c}.{d}"),
            format!("{a}.{}", whole & 0xff_ffff),
            format!("0x{a:x}.{b}.{low}"),
            with_digits('\u{ff10}'),
            with_digits('\u{1d7ce}'),
            dotted.replace('.', "\u{3002}"),
            dotted.replace('.', "\u{ff61}"),
            dotted.bytes().map(|byte| format!("%{byte:02x}")).collect(),
            format!("[::ffff:{dotted}]"),
            format!("[::ffff:{high:x}:{low:x}]"),
            format!("[0:0:0:0:0:FFFF:{high:X}:{low:X}]"),
            format!("[::{high:x}:{low:x}]"),
            format!("[::ffff:0:{dotted}]"),
            format!("[64:ff9b::{dotted}]"),
            format!("[64:ff9b:1::{dotted}]"),
            format!("[2002:{high:x}:{low:x}::1]"),
            format!("[2001:0:808:808:0:0:{:x}:{:x}]", high ^ 0xffff, low ^ 0xffff),
            format!("[2001:0:{high:x}:{low:x}::f7f7:f7f7]"),
        ]);
    }
    all
}

/// Listeners on the addresses of this machine that a mistake would reach.
struct Canary(Vec<TcpListener>);

impl Canary {
    async fn new() -> (Self, u16) {
        let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = first.local_addr().unwrap().port();
        let mut all = vec![first];
        for other in [format!("127.1.2.3:{port}"), format!("[::1]:{port}")] {
            all.extend(TcpListener::bind(other).await.ok());
        }
        (Self(all), port)
    }

    /// The first connection that a listener takes must be the one made here.
    async fn assert_untouched(self) {
        for listener in self.0 {
            let own = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let (_, peer) = listener.accept().await.unwrap();
            assert_eq!(peer, own.local_addr().unwrap(), "somebody connected to {:?}", listener.local_addr());
        }
    }
}

#[tokio::test]
async fn typed() {
    let (canary, port) = Canary::new().await;
    let outbound = Outbound::new(PrivateSites::default()).unwrap();
    let http = outbound.http(&Profile::default()).unwrap();
    let spellings = spellings();
    assert!(spellings.len() >= 250);
    for spelling in spellings {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{spelling}:{port}/browse/OPS-7");
            assert_eq!(http.send(get(&url)).await.unwrap_err(), Failure::BlockedAddress, "{url}");
        }
    }
    canary.assert_untouched().await;
}

#[tokio::test]
async fn named_by_dns() {
    let (canary, port) = Canary::new().await;
    let answer = Arc::new(Mutex::new(Vec::new()));
    let names = Names::answered_by({
        let answer = Arc::clone(&answer);
        move |_| answer.lock().unwrap().clone()
    });
    let outbound = Outbound::with_names(PrivateSites::default(), names).unwrap();
    let http = outbound.http(&Profile::default()).unwrap();
    for spelling in spellings() {
        let url = Url::parse(&format!("https://{spelling}")).unwrap();
        let address: IpAddr = url.host_str().unwrap().trim_matches(['[', ']']).parse().unwrap();
        // A public address beside it does not help.
        for together in [vec![address], vec!["192.0.9.1".parse().unwrap(), address]] {
            *answer.lock().unwrap() = together;
            let failure = http.send(get(format!("https://jira.example:{port}/"))).await.unwrap_err();
            assert_eq!(failure, Failure::BlockedAddress, "{address}");
        }
    }
    canary.assert_untouched().await;
}

#[tokio::test]
async fn sent_as_a_redirect() {
    let (canary, port) = Canary::new().await;
    let http = open();
    for spelling in ["169.254.169.254".to_owned()].into_iter().chain(spellings()) {
        let place: String = format!("http://{spelling}:{port}/latest/meta-data/")
            .bytes()
            .map(|byte| if byte.is_ascii() { char::from(byte).to_string() } else { format!("%{byte:02x}") })
            .collect();
        let answer = format!("HTTP/1.1 302 Found\r\nlocation: {place}\r\ncontent-length: 0\r\n\r\n");
        let server = Server::answering(answer).await;
        let reply = http.send(get(server.url("jira.test"))).await.unwrap();
        assert_eq!(reply.status, StatusCode::FOUND);
        assert_eq!(reply.headers["location"], place.as_str());
    }
    canary.assert_untouched().await;
}
