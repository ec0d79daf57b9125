//! Calls to Notion that a person waits for: at once, and counted with those of runs (S28).

use jiff::SignedDuration;
use secrecy::SecretString;

use super::pace::Caller;
use super::{CreateError, Syncs};
use crate::notion::Error;
use crate::notion::client::Client;
use crate::store::{Database, NotionConnection};
use crate::workspace::TokenError;

impl Syncs {
    /// Makes one call. While Notion has asked to wait none is made, and the error says how long.
    pub(super) async fn ask_notion<T, F>(
        &self,
        connection: &NotionConnection,
        call: impl Fn(Client, SecretString) -> F,
    ) -> Result<T, TokenError>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let (caller, clock) = (Caller::of(connection), &self.means.clock);
        let now = clock.now();
        if let Err((until, limit)) = self.pace().go_first(&caller, now) {
            let retry_after = SignedDuration::unsigned_abs(until.duration_since(now));
            return Err(Error::RateLimited { retry_after: Some(retry_after), limit }.into());
        }
        let workspaces = &self.means.workspaces;
        let asked = workspaces.ask(&connection.id, |token| call(workspaces.client().clone(), token)).await;
        if let Err(TokenError::Notion(Error::RateLimited { retry_after, limit })) = &asked {
            self.pace().refused(&caller, *limit, *retry_after, clock.now());
        }
        asked
    }

    /// The connection that writes a database.
    pub(super) async fn notion_of(&self, database: &Database) -> Result<NotionConnection, CreateError> {
        let id = database.notion_connection_id.as_ref().ok_or(CreateError::UnknownNotionConnection)?;
        let all = self.means.workspaces.of(&database.account_id).await?;
        all.into_iter().find(|it| it.id == *id).ok_or(CreateError::UnknownNotionConnection)
    }
}

impl CreateError {
    /// Why there is no answer of Notion's, where that has no meaning of its own.
    pub(super) fn of_notion(error: TokenError) -> Self {
        match error {
            TokenError::Store(error) => error.into(),
            TokenError::Gone => Self::UnknownNotionConnection,
            TokenError::Reconnect => {
                Self::Notion("Notion does not accept the connection any more. Connect Notion again.".to_owned())
            }
            TokenError::Notion(Error::RateLimited { retry_after: Some(wait), .. }) => {
                Self::Notion(format!("Notion asks to wait. Try again in {} s.", wait.as_secs().max(1)))
            }
            TokenError::Notion(error) => {
                Self::Notion(format!("Notion cannot be asked now: {error}. Try again in a moment."))
            }
        }
    }
}
