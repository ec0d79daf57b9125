//! A token that is valid now: renewed once however many ask, and kept before it is used.
//!
//! Notion does not say when a token ends; it refuses it. It rotates: a renewal ends both tokens that were there before. So
//! one task renews at a time, in all processes together; what Notion answers is committed first; and whoever comes late
//! reads what the first one kept (notion-rest-api §2, "Refresh rule").

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::OwnedMutexGuard;

use super::{TokenError, Workspaces, opened, sealable};
use crate::metrics::Renewal;
use crate::notion;
use crate::notion::oauth::{Application, Tokens};
use crate::store::{GrantHealth, NotionConnection, NotionConnectionId, NotionKind};

/// How long other processes wait for one that renews. A call to Notion takes no longer.
const CLAIM_MS: i64 = 60_000;
/// How often to look whether another process has finished, and how often at most.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
const LOOKS: usize = 100;
/// How often to try whether the database is back, and how often at most.
const SAVE_AGAIN: Duration = Duration::from_millis(500);
const SAVE_TRIES: usize = 10;

/// The token for one call.
#[derive(Debug, Clone)]
pub struct Token {
    pub access: SecretString,
    pub connection: NotionConnectionId,
    version: i64,
}

/// Whose turn it is to renew. Inside lies a pair that Notion gave and the database did not take yet: it must not be used
/// before it is kept.
pub(super) type Turns = Arc<tokio::sync::Mutex<Option<Unsaved>>>;
type Turn = OwnedMutexGuard<Option<Unsaved>>;

#[derive(Debug)]
pub(super) struct Unsaved {
    read: NotionConnection,
    access: SecretString,
    refresh: Option<SecretString>,
}

impl Workspaces {
    /// Makes one call to Notion with a connection's token. A refused token is renewed, and the call made once more.
    pub async fn ask<T, F>(
        self: &Arc<Self>,
        id: &NotionConnectionId,
        call: impl Fn(SecretString) -> F,
    ) -> Result<T, TokenError>
    where
        F: Future<Output = Result<T, notion::Error>>,
    {
        let token = self.token(id).await?;
        let refused = match call(token.access.clone()).await {
            Err(notion::Error::Unauthorized) => token,
            answered => return Ok(answered?),
        };
        let renewed = self.after_refusal(&refused).await?;
        match call(renewed.access.clone()).await {
            // One that is refused when it is new will not be accepted later.
            Err(notion::Error::Unauthorized) => Err(self.ended(&renewed.connection, renewed.version).await),
            answered => Ok(answered?),
        }
    }

    /// The token that is kept. Whether it is good, only Notion knows: when it refuses it, go on with
    /// [`Workspaces::after_refusal`].
    pub async fn token(&self, id: &NotionConnectionId) -> Result<Token, TokenError> {
        self.read(id).await.map(|(_, token, _)| token)
    }

    /// The token to use after Notion has refused one with 401: renewed by now, or by somebody else before.
    /// [`TokenError::Reconnect`] when the person has to act.
    pub async fn after_refusal(self: &Arc<Self>, refused: &Token) -> Result<Token, TokenError> {
        let turn = self.turn(&refused.connection).lock_owned().await;
        // In a task of its own: a caller who goes away must not lose the pair between Notion and the database.
        let busy = self.busy.clone().read_owned().await;
        let (own, refused) = (self.clone(), refused.clone());
        let task = tokio::spawn(async move {
            let renewed = own.renew(&refused, turn).await;
            drop(busy);
            renewed
        });
        task.await.unwrap_or(Err(TokenError::Notion(notion::Error::Upstream(503))))
    }

    async fn renew(&self, refused: &Token, mut turn: Turn) -> Result<Token, TokenError> {
        if let Some(unsaved) = turn.take() {
            return self.save(unsaved, turn).await;
        }
        for _ in 0..LOOKS {
            let (row, token, refresh) = self.read(&refused.connection).await?;
            if token.version != refused.version {
                return Ok(token);
            }
            let refresh = match (row.kind, refresh) {
                (NotionKind::Oauth, Some(refresh)) => refresh,
                // What was typed cannot be renewed.
                _ => return Err(self.ended(&row.id, row.version).await),
            };
            let Some(application) = &self.application else {
                return Err(notion::Error::Operator("none is set").into());
            };
            if self.store.claim_notion_renewal(&row, CLAIM_MS).await? {
                return self.renew_now(application, row, refresh, turn).await;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Err(notion::Error::Upstream(503).into())
    }

    async fn renew_now(
        &self,
        application: &Application,
        read: NotionConnection,
        refresh: SecretString,
        turn: Turn,
    ) -> Result<Token, TokenError> {
        let answer = application.renew(&refresh).await;
        self.metrics.renewed(match &answer {
            Ok(_) => Renewal::Ok,
            Err(notion::Error::InvalidGrant) => Renewal::Ended,
            Err(notion::Error::Operator(_)) => Renewal::Operator,
            Err(_) => Renewal::Failed,
        });
        match answer {
            Ok(Tokens { access, refresh: next, .. }) => {
                self.save(Unsaved { read, access, refresh: next.or(Some(refresh)) }, turn).await
            }
            Err(notion::Error::InvalidGrant) => Err(self.ended(&read.id, read.version).await),
            Err(error) => {
                tracing::warn!(fault = "notion", retry = true, connection = %read.id, %error, "a token was not renewed");
                if let Err(error) = self.store.release_notion_renewal(&read).await {
                    tracing::warn!(fault = "us", retry = true, %error, "a renewal was not released; others wait for it");
                }
                Err(error.into())
            }
        }
    }

    /// Commits the pair, then gives it to be used.
    async fn save(&self, unsaved: Unsaved, mut turn: Turn) -> Result<Token, TokenError> {
        let Unsaved { read, access, refresh } = &unsaved;
        let secret = sealable(access, refresh.as_ref());
        for _ in 0..SAVE_TRIES {
            match self.store.renew_notion_connection(&self.sealer, read, &secret).await {
                Ok(true) => {
                    tracing::debug!(connection = %read.id, "renewed a token of Notion");
                    let version = read.version + 1;
                    return Ok(Token { access: unsaved.access, connection: unsaved.read.id, version });
                }
                // Connected anew meanwhile, or removed: what is kept counts.
                Ok(false) => return self.token(&read.id).await,
                Err(error) => {
                    tracing::error!(fault = "us", retry = true, connection = %read.id, %error, "a renewed token was not kept yet");
                    tokio::time::sleep(SAVE_AGAIN).await;
                }
            }
        }
        *turn = Some(unsaved);
        Err(notion::Error::Upstream(503).into())
    }

    /// These tokens are of no use any more, unless others have taken their place meanwhile.
    async fn ended(&self, id: &NotionConnectionId, version: i64) -> TokenError {
        match self.store.end_notion_connection(id, version).await {
            Ok(true) => {
                tracing::warn!(
                    fault = "user", retry = false, connection = %id,
                    "Notion does not accept a connection any more; it is not used again until its person reconnects"
                );
                TokenError::Reconnect
            }
            // The next try reads what is kept by now.
            Ok(false) => TokenError::Notion(notion::Error::Upstream(503)),
            Err(error) => error.into(),
        }
    }

    /// A connection with its token and, if it has one, its refresh token.
    async fn read(
        &self,
        id: &NotionConnectionId,
    ) -> Result<(NotionConnection, Token, Option<SecretString>), TokenError> {
        let found = self.store.notion_connection(&self.sealer, id).await?;
        let (row, secret) = found.ok_or(TokenError::Gone)?;
        if row.health == GrantHealth::Reconnect {
            return Err(TokenError::Reconnect);
        }
        let pair = opened(&secret).ok_or(TokenError::Reconnect)?;
        let token = Token { access: pair.access.into(), connection: row.id.clone(), version: row.version };
        Ok((row, token, pair.refresh.map(SecretString::from)))
    }

    pub(super) fn turn(&self, id: &NotionConnectionId) -> Turns {
        self.turns().entry(id.clone()).or_default().clone()
    }

    pub(super) fn turns(&self) -> MutexGuard<'_, std::collections::HashMap<NotionConnectionId, Turns>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
