//! Trying a kept credential once more, when its person says that the trouble is over.

use super::error::ConnectError;
use super::{Connect, health, limits};
use crate::jira::Error;
use crate::jira::auth::Method;
use crate::store::{AccountId, Claim, Connection, ConnectionId, Health};

impl Connect {
    /// The person has solved the CAPTCHA: the same credential is tried once. Whether it works now; `None` if there is
    /// no such connection of this account. It counts as an attempt like any other (contract §4).
    pub async fn try_again(&self, account: &AccountId, id: &ConnectionId) -> Result<Option<bool>, ConnectError> {
        let held = self.held(account).await?;
        let Some(connection) = held.find(id).cloned() else { return Ok(None) };
        let _counted = self.claim(&[limits::account(account)]).await?;
        let claim = self.claim_use(&connection).await?;
        self.store.set_health(id, connection.generation, Health::Ok).await?;
        self.changed(account);
        self.close(id);
        let connection = Connection { health: Health::Ok, ..connection.as_ref().clone() };
        let tried = self.ask(&connection, |jira| async move { jira.myself().await }).await;
        self.settle_use(claim, &tried).await?;
        tracing::info!(connection = %id, ok = tried.is_ok(), "a person asked to try a connection again");
        let works = tried.as_ref().err().and_then(health::after).is_none();
        self.changed(account);
        Ok(Some(works))
    }

    /// Counts the use of a kept secret for which a person asks as a refused sign-in, until [`Connect::settle_use`] knows better.
    pub(super) async fn claim_use(&self, connection: &Connection) -> Result<Option<Claim>, ConnectError> {
        match Method::parse(&connection.method) {
            Some(Method::ApiToken | Method::Password) => {
                self.claim(&[limits::failure(&connection.site, &connection.label)]).await.map(Some)
            }
            // A wrong bearer token locks nobody's account.
            _ => Ok(None),
        }
    }

    pub(super) async fn settle_use<T>(
        &self,
        claim: Option<Claim>,
        tried: &Result<T, Error>,
    ) -> Result<(), ConnectError> {
        let refused = matches!(tried, Err(Error::BadCredentials | Error::Captcha { .. }));
        if let (Some(claim), false) = (&claim, refused) {
            self.store.release_attempt(claim, limits::FAILURE).await?;
        }
        Ok(())
    }
}
