//! A kept password becomes a personal access token (Data Center and Server from 8.14; jira-auth-and-rest §4.2).
//!
//! A token can be revoked alone, ends by itself and locks nobody out. Until a new one has proven itself as the same
//! person's and is kept, the password stays; if anything fails before that, the token is deleted again.

use std::sync::Arc;

use secrecy::zeroize::Zeroizing;

use super::access::Access;
use super::error::ConnectError;
use super::{Connect, health, limits};
use crate::jira::Error;
use crate::jira::access_tokens::NewAccessToken;
use crate::jira::auth::{Auth, Credential, Method};
use crate::jira::classify::Plane;
use crate::jira::client::Client;
use crate::jira::discover;
use crate::jira::key::Deployment;
use crate::outbound::Failure;
use crate::secret::new_id;
use crate::store::{self, AccountId, Connection, ConnectionId};

/// Days that are asked for, one after the other while Jira finds them too many: a year is the most that it allows unless an
/// administrator says otherwise. Never one without an end, which nobody would look after.
const LIVES: [u16; 3] = [365, 90, 30];

/// Why a password is still what a connection signs in with.
#[derive(Debug, thiserror::Error)]
pub enum NotReplaced {
    #[error("this account has no such connection with a password that works")]
    NoPassword,
    #[error("this Jira is older than 8.14")]
    TooOld,
    /// Jira refuses every life that we ask for: there are too many tokens already, or a rule of its administrator.
    #[error("Jira makes no such token")]
    Refused,
    /// What Jira says of the password or of itself.
    #[error(transparent)]
    Jira(Error),
    #[error("the new token was not accepted")]
    NotProven,
    #[error("the new token is another person's")]
    OtherPerson,
    /// The person has removed the connection or connected again meanwhile.
    #[error("the connection was changed meanwhile")]
    Changed,
    #[error(transparent)]
    Uncounted(#[from] ConnectError),
}

/// A password that was not replaced.
#[derive(Debug)]
pub struct Kept {
    pub why: NotReplaced,
    /// The name of a token that may be left in Jira, for its person to delete.
    pub left: Option<String>,
}

impl<E: Into<NotReplaced>> From<E> for Kept {
    fn from(why: E) -> Self {
        Self { why: why.into(), left: None }
    }
}

impl From<store::Error> for NotReplaced {
    fn from(error: store::Error) -> Self {
        Self::Uncounted(error.into())
    }
}

/// Whether there may be a token whose secret never came: Jira's answer was lost, or was none.
fn may_have_made(error: &Error) -> bool {
    match error {
        Error::Outbound(failure) => matches!(failure, Failure::Unreachable | Failure::Timeout | Failure::TooLarge),
        error => matches!(error, Error::Upstream(_) | Error::Malformed | Error::SignInPage),
    }
}

/// Whether a personal access token may take the place of what a connection signs in with.
pub fn can_be_replaced(connection: &Connection) -> bool {
    connection.method == Method::Password.as_str()
        && connection.deployment != Deployment::Cloud
        && discover::has_access_tokens(connection.version.as_deref())
        && health::may_be_used(connection.health)
}

impl Connect {
    /// Asks Jira, by the kept password, for a personal access token, and keeps that instead. It counts as an attempt
    /// (contract §4). The connection keeps its id.
    pub async fn replace_password(
        self: &Arc<Self>,
        account: &AccountId,
        id: &ConnectionId,
    ) -> Result<Connection, Kept> {
        let held = self.held(account).await?;
        let Some(connection) = held.find(id).filter(|it| can_be_replaced(it)).cloned() else {
            return Err(NotReplaced::NoPassword.into());
        };
        let _counted = self.claim(&[limits::account(account)]).await?;
        // In a task of its own: a reader who hangs up must not leave a token behind that nobody knows.
        let (connect, busy) = (self.clone(), self.busy.clone().read_owned().await);
        let task = tokio::spawn(async move {
            let replaced = connect.make_and_keep(&connection).await;
            drop(busy);
            replaced
        });
        task.await.unwrap_or(Err(NotReplaced::Jira(Error::Upstream(503)).into()))
    }

    async fn make_and_keep(&self, connection: &Connection) -> Result<Connection, Kept> {
        // Held to the end: what was begun is cleared away even if the connection is removed meanwhile.
        let access = self.access(connection).await.map_err(NotReplaced::Jira)?;
        let password = Password { connect: self, access: &access, connection };
        let claim = self.claim_use(connection).await?;
        // Unlike any other, so that it is found again if Jira's answer is lost.
        let name = format!("jira-notion-gateway {} {}", self.clock.now().strftime("%F"), new_id("t"));
        let made = password.make(&name).await;
        if let Err(error) = self.settle_use(claim, &made).await {
            // What Jira may have made comes first.
            tracing::error!(fault = "us", retry = false, %error, "an attempt goes on counting as a failure");
        }
        let made = match made {
            Ok(made) => made,
            Err(Error::NotFound) => return Err(NotReplaced::TooOld.into()),
            Err(Error::BadQuery | Error::Forbidden) => return Err(NotReplaced::Refused.into()),
            Err(error) => {
                let left = if may_have_made(&error) { password.sweep(&name).await } else { None };
                return Err(Kept { why: NotReplaced::Jira(error), left });
            }
        };
        match self.prove_and_keep(connection, &made).await {
            Ok(replaced) => Ok(replaced),
            Err(why) => {
                let gone = password.delete(&made.token.id).await;
                Err(Kept { why, left: gone.is_err().then_some(name) })
            }
        }
    }

    async fn prove_and_keep(&self, connection: &Connection, made: &NewAccessToken) -> Result<Connection, NotReplaced> {
        let auth = Auth::bearer(&made.secret).map_err(|_| NotReplaced::NotProven)?;
        let person = self.client(&connection.api, Plane::SelfManaged, auth).myself().await;
        if person.map_err(|_| NotReplaced::NotProven)?.id != connection.jira_user {
            return Err(NotReplaced::OtherPerson);
        }
        let credential = Credential::PersonalAccessToken { token: made.secret.clone() };
        let plain = Zeroizing::new(serde_json::to_vec(&credential).unwrap_or_default());
        let ends = made.token.expires_at.map(|at| at.as_millisecond());
        let method = credential.method().as_str();
        let changed = self.store.change_secret(&self.sealer, connection, method, &plain, ends).await?;
        let changed = changed.ok_or(NotReplaced::Changed)?;
        self.changed(&changed.account_id);
        self.close(&changed.id);
        tracing::info!(connection = %changed.id, "a password was replaced by a personal access token");
        Ok(health::seen(changed, self.clock.now()))
    }
}

/// What is done at Jira with the password, call after call through its one gate.
struct Password<'a> {
    connect: &'a Connect,
    access: &'a Access,
    connection: &'a Connection,
}

impl Password<'_> {
    async fn make(&self, name: &str) -> Result<NewAccessToken, Error> {
        for days in LIVES {
            let made = self.ask(|jira| async move { jira.create_access_token(name, days).await }).await;
            if !matches!(made, Err(Error::BadQuery)) {
                return made;
            }
        }
        Err(Error::BadQuery)
    }

    async fn delete(&self, id: &str) -> Result<(), Error> {
        self.ask(|jira| async move { jira.delete_access_token(id).await }).await
    }

    /// Deletes the token of this name. What may be left of it.
    async fn sweep(&self, name: &str) -> Option<String> {
        let swept = self.ask(|jira| async move {
            let tokens = jira.access_tokens().await?;
            for token in tokens.iter().filter(|token| token.name == name) {
                jira.delete_access_token(&token.id).await?;
            }
            Ok(())
        });
        swept.await.is_err().then(|| name.to_owned())
    }

    async fn ask<T, F>(&self, call: impl Fn(Client) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        self.connect.ask_by(self.access, self.connection, call).await
    }
}
