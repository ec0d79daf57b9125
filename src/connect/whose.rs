//! Whose account a proven Jira belongs to (contract §5).

use super::error::ConnectError;
use super::{Connect, ConnectError as Error};
use crate::jira::key::SiteUrl;
use crate::store::{AccountId, Identity};

/// A person of a Cloud site, as Atlassian itself named both.
pub(super) fn of_cloud(cloud_id: &str, account_id: &str) -> Identity {
    Identity::new("jira_cloud", &format!("{cloud_id} {account_id}"))
}

/// A person of the Jira that answered `/myself` at this address. Without verified TLS anybody could have answered.
pub(super) fn of_site(site: &SiteUrl, user: &str) -> Option<Identity> {
    site.is_https().then(|| Identity::new("jira", &format!("{site} {user}")))
}

impl Connect {
    /// The account that a proven Jira is connected for. Where connecting is signing in, the person is known by it from now
    /// on; `account` is who is signed in already.
    pub(super) async fn whose(
        &self,
        account: Option<&AccountId>,
        identities: &[Identity],
    ) -> Result<AccountId, ConnectError> {
        match (account, self.signs_in) {
            (Some(account), false) => Ok(account.clone()),
            (None, false) => Err(Error::SignedOut),
            (None, true) if identities.is_empty() => Err(Error::Unidentified),
            (account, true) => self.store.claim_identities(account, identities).await?.ok_or(Error::OtherAccount),
        }
    }
}
