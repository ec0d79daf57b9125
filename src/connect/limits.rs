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

/// 10 in 10 minutes per address.
pub fn address(peer: IpAddr) -> AttemptLimit {
    AttemptLimit::of_address("address", peer, 10, TEN_MINUTES)
}

/// 3 refusals an hour per site and user name, whoever tries: a Jira locks an account after about as many.
///
/// One path can be spelled in many ways that lead to the same Jira (`/jira`, `/%6aira`, `/jira;x`), and directories find
/// the same person by names that differ in signs which they skip; neither may open a new account of tries.
pub fn failure(site: &SiteUrl, username: &str) -> AttemptLimit {
    let plain: String =
        username.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let subject = Digest::of(&["failure", site.authority(), &plain]);
    AttemptLimit { kind: FAILURE, subject, most: 3, within_ms: HOUR }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_spellings_are_no_new_tries() {
        let subject = |site: &str, name: &str| failure(&SiteUrl::parse(site).unwrap(), name).subject;
        let first = subject("https://jira.example.com/jira", "ana");
        for (site, name) in [
            ("https://jira.example.com/%6aira", "ana"),
            ("https://jira.example.com/jira;x=1", "ana"),
            ("https://jira.example.com./jira/", "ANA"),
            ("https://JIRA.example.com:443", "a\u{ad}na"),
            ("https://jira.example.com/jira", "an\u{200b}a "),
        ] {
            assert_eq!(subject(site, name), first, "{site} {name:?}");
        }
        for (site, name) in [
            ("https://jira.example.com/jira", "anna"),
            ("https://jira.example.com:8443/jira", "ana"),
            ("https://other.example.com/jira", "ana"),
        ] {
            assert_ne!(subject(site, name), first, "{site} {name}");
        }
    }
}
