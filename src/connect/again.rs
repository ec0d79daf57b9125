//! Trying a kept credential once more, when its person says that the trouble is over.

use super::error::ConnectError;
use super::{Connect, health, limits};
use crate::jira::Error;
use crate::jira::auth::Method;
use crate::store::{AccountId, ConnectionId, Health};

impl Connect {
    /// The person has solved the CAPTCHA: the same credential is tried once. Whether it works now; `None` if there is
    /// no such connection of this account. It counts as an attempt like any other (contract §4).
    pub async fn try_again(&self, account: &AccountId, id: &ConnectionId) -> Result<Option<bool>, ConnectError> {
        let held = self.held(account).await?;
        let Some(connection) = held.find(id).cloned() else { return Ok(None) };
        let _counted = self.claim(&[limits::account(account)]).await?;
        let claim = match Method::parse(&connection.method) {
            Some(Method::ApiToken | Method::Password) => {
                Some(self.claim(&[limits::failure(&connection.site, &connection.label)]).await?)
            }
            _ => None,
        };
        self.store.set_health(id, connection.generation, Health::Ok).await?;
        self.changed(account);
        self.close(id);
        let tried = self.ask(&connection, |jira| async move { jira.myself().await }).await;
        let refused = matches!(&tried, Err(Error::BadCredentials | Error::Captcha { .. }));
        if let (Some(claim), false) = (&claim, refused) {
            self.store.release_attempt(claim, limits::FAILURE).await?;
        }
        tracing::info!(connection = %id, ok = tried.is_ok(), "a person asked to try a connection again");
        let works = tried.as_ref().err().and_then(health::after).is_none();
        self.changed(account);
        Ok(Some(works))
    }
}
