//! How often somebody may try to connect (contract §4). What is counted is kept as a hash.

use std::net::IpAddr;

use crate::jira::key::SiteUrl;
use crate::secret::Digest;
use crate::store::{AccountId, AttemptLimit};

const TEN_MINUTES: i64 = 10 * 60 * 1000;
const HOUR: i64 = 60 * 60 * 1000;

/// The kind under which refused sign-ins are counted.
pub const FAILURE: &str = "failure";

/// 5 in 10 minutes per account.
pub fn account(account: &AccountId) -> AttemptLimit {
    let subject = Digest::of(&["account", account.as_str()]);
    AttemptLimit { kind: "account", subject, most: 5, within_ms: TEN_MINUTES }
}

/// 10 in 10 minutes per address; an IPv6 network of one customer counts as one.
pub fn address(peer: IpAddr) -> AttemptLimit {
    let place = match peer.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{:x?}", &address.segments()[..4]),
    };
    AttemptLimit { kind: "address", subject: Digest::of(&["address", &place]), most: 10, within_ms: TEN_MINUTES }
}

/// 3 refusals an hour per site and user name, whoever tries: a Jira locks an account after about as many.
pub fn failure(site: &SiteUrl, username: &str) -> AttemptLimit {
    let subject = Digest::of(&["failure", site.as_str(), &username.to_lowercase()]);
    AttemptLimit { kind: FAILURE, subject, most: 3, within_ms: HOUR }
}
