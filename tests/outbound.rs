//! Every outgoing connection, against real servers on loopback.

pub mod authority;
mod limits;
mod private;
mod proxy;
pub mod server;
mod spelling;
mod tls;

use jira_notion_gateway::outbound::{Call, Http, Names, Outbound, PrivateSites, Profile, Url};

/// A way out in which `*.test` lies on this machine and the listed places are open.
fn outbound(listed: &str) -> Outbound {
    let names = Names::answered_by(|name| match name.strip_suffix(".test") {
        Some(_) => vec!["127.0.0.1".parse().unwrap()],
        None => Vec::new(),
    });
    Outbound::with_names(PrivateSites::parse(listed).unwrap(), names).unwrap()
}

fn open() -> Http {
    outbound("*.test").http(&Profile::default()).unwrap()
}

fn get(url: impl AsRef<str>) -> Call {
    Call::get(Url::parse(url.as_ref()).unwrap())
}
