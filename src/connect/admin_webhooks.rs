//! The administrator of a server lets it tell of all changes (jira-auth-and-rest §11.2): only when they press the button.

use std::sync::Arc;

use secrecy::ExposeSecret;

use super::{Connect, health};
use crate::jira::Error;
use crate::jira::auth::{Method, Secret};
use crate::jira::client::Client;
use crate::jira::key::Deployment;
use crate::jira::webhooks::AdminApi;
use crate::secret::new_token;
use crate::store::{self, AccountId, Connection, ConnectionId};

/// Why Jira will not tell of changes.
#[derive(Debug)]
pub enum NotTold {
    /// There is no such connection of this account, or it is none to a server.
    NoServer,
    /// The gateway has no address that a Jira could reach safely.
    Unreachable,
    NotAdministrator,
    Jira(Error),
    Store(store::Error),
}

impl From<Error> for NotTold {
    fn from(error: Error) -> Self {
        Self::Jira(error)
    }
}

impl From<store::Error> for NotTold {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl Connect {
    /// Asks a server, as its administrator, to tell of all changes.
    pub async fn tell_of_changes(&self, account: &AccountId, id: &ConnectionId) -> Result<(), NotTold> {
        let connection = self.server_of(account, id).await?;
        if !self.webhooks.is_reachable_from(&connection.site) {
            return Err(NotTold::Unreachable);
        }
        if !self.ask(&connection, |jira| async move { jira.is_administrator().await }).await? {
            return Err(NotTold::NotAdministrator);
        }
        self.end_webhook(&connection).await?;
        let mut api = AdminApi::of(connection.version.as_deref());
        let name = &format!("jira-notion-gateway {}", connection.id);
        // What a crash or a lost answer has left; and the Jira may have been updated since it was connected.
        let left = |api| self.ask(&connection, move |jira: Client| async move { jira.admin_webhooks(api).await });
        let mut there = left(api).await;
        if there == Err(Error::NotFound) {
            api = api.other();
            there = left(api).await;
        }
        let secret = api.signs().then(|| Secret::from(new_token("whs").expose_secret()));
        let plain = secret.as_ref().map(Secret::bytes);
        let mut row = self.store.begin_webhook(&self.sealer, &connection, plain).await?;
        // It must be open before anything comes.
        self.load_doors().await?;
        let (url, secret) = (&self.webhooks.address(&row.id), secret.as_ref());
        let made = async {
            for old in there?.iter().filter(|it| it.name.as_deref() == Some(name)) {
                let id = old.id;
                self.ask(&connection, |jira| async move { jira.delete_admin_webhook(api, id).await }).await?;
            }
            let register = |jira: Client| async move { jira.register_admin_webhook(api, name, url, secret).await };
            self.ask(&connection, register).await
        };
        match made.await {
            Ok(id) => {
                row.remote_id = Some(id);
                self.store.set_webhook(&row).await?;
                tracing::info!(connection = %row.connection_id, "Jira tells of changes");
                Ok(())
            }
            Err(error) => {
                self.store.remove_webhook(&connection.id).await?;
                self.load_doors().await?;
                Err(error.into())
            }
        }
    }

    /// Asks a server to tell no more.
    pub async fn tell_no_more(&self, account: &AccountId, id: &ConnectionId) -> Result<(), NotTold> {
        let connection = self.server_of(account, id).await?;
        Ok(self.end_webhook(&connection).await?)
    }

    /// Whether the person of a connection may ask for that by themself: at a server that can reach us. A grant of OAuth 2.0
    /// is for reading only.
    pub fn can_be_told(&self, connection: &Connection) -> bool {
        connection.deployment != Deployment::Cloud
            && connection.method != Method::Oauth2.as_str()
            && health::may_be_used(connection.health)
            && self.webhooks.is_reachable_from(&connection.site)
    }

    async fn server_of(&self, account: &AccountId, id: &ConnectionId) -> Result<Arc<Connection>, NotTold> {
        let held = self.held(account).await?;
        let found = held.find(id).filter(|it| it.deployment != Deployment::Cloud);
        found.cloned().ok_or(NotTold::NoServer)
    }

    /// The connections of an account whose Jira tells of changes.
    pub async fn told(&self, account: &AccountId) -> Result<Vec<ConnectionId>, store::Error> {
        let now = self.clock.now_ms();
        let rows = self.store.webhooks().await?.into_iter();
        Ok(rows.filter(|row| row.account_id == *account && row.is_live(now)).map(|row| row.connection_id).collect())
    }
}
