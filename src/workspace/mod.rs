//! Into Notion in a person's name: their connections, for signing in and for synced databases (notion-rest-api §2).
//!
//! ```text
//! consent  a person goes to Notion, allows it, and comes back
//! lease    a token that is valid now
//! ```
//!
//! A connection is one account of ours in one workspace, by consent or by a token that was typed.

mod consent;
mod error;
mod lease;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::notion::client::Client;
use crate::notion::oauth::{Application, Tokens};
use crate::secret::Sealer;
use crate::store::{self, AccountId, Attempt, AttemptLimit, NewNotionConnection, NotionConnection, NotionConnectionId};
use crate::store::{NotionKind, Store};

use self::lease::Turns;

pub use self::consent::{Begin, CALLBACK, Completed, Incomplete, Return};
pub use self::error::{TokenError, WorkspaceError};
pub use self::lease::Token;

/// Longest token that is tried.
const LONGEST_TOKEN: usize = 4 * 1024;
const TEN_MINUTES: i64 = 10 * 60 * 1000;
/// So often somebody may connect from one address: each time leaves a row or asks Notion.
const ATTEMPTS: u32 = 30;

/// The connections of all accounts to Notion, and the only room that opens their tokens.
#[derive(Debug)]
pub struct Workspaces {
    store: Store,
    sealer: Sealer,
    clock: Clock,
    metrics: Arc<Metrics>,
    client: Client,
    /// None where the operator has no client at Notion: then there are typed tokens only.
    application: Option<Application>,
    /// Registered at Notion, and sent exactly so.
    redirect_uri: String,
    /// Whether connecting signs in (`GATEWAY_SIGN_IN`).
    signs_in: bool,
    turns: Mutex<HashMap<NotionConnectionId, Turns>>,
    /// Held while tokens are renewed: a stop waits for it.
    busy: Arc<tokio::sync::RwLock<()>>,
}

/// What is set for connections to Notion.
#[derive(Debug)]
pub struct Setup {
    pub client: Client,
    pub application: Option<Application>,
    /// The origin under which browsers reach the gateway.
    pub public_url: String,
    pub signs_in: bool,
}

/// What is sealed. It may outlive this version of the gateway.
#[derive(Serialize, Deserialize)]
struct SecretJson {
    access: String,
    refresh: Option<String>,
}

impl Workspaces {
    pub fn new(setup: Setup, store: Store, sealer: Sealer, clock: Clock, metrics: Arc<Metrics>) -> Self {
        let Setup { client, application, public_url, signs_in } = setup;
        let redirect_uri = format!("{public_url}{CALLBACK}");
        let (turns, busy) = (Mutex::default(), Arc::default());
        Self { store, sealer, clock, metrics, client, application, redirect_uri, signs_in, turns, busy }
    }

    /// Where Notion sends people back to who allow it; none where the operator has no client there to ask them.
    pub fn callback(&self) -> Option<&str> {
        self.application.as_ref().map(|_| self.redirect_uri.as_str())
    }

    /// Notion's API, for a call within [`Workspaces::ask`].
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// An account's connections, oldest first.
    pub async fn of(&self, account: &AccountId) -> Result<Vec<NotionConnection>, store::Error> {
        self.store.notion_connections(account).await
    }

    /// Keeps a token that was typed, once Notion has said whose it is. `true` when the connection is new.
    pub async fn add_token(
        &self,
        account: &AccountId,
        peer: IpAddr,
        token: &SecretString,
    ) -> Result<(NotionConnection, bool), WorkspaceError> {
        let token = SecretString::from(token.expose_secret().trim());
        match token.expose_secret().len() {
            0 => return Err(WorkspaceError::Invalid("token is missing")),
            length if length > LONGEST_TOKEN => return Err(WorkspaceError::Invalid("token is too long")),
            _ => {}
        }
        self.count(peer).await?;
        let me = self.client.me(&token).await.map_err(WorkspaceError::of_typed)?;
        let secret = sealable(&token, None);
        let new = NewNotionConnection {
            account,
            kind: NotionKind::Token,
            workspace_id: &me.workspace_id,
            workspace_name: &me.workspace_name,
            bot_id: &me.id,
            user_id: me.user_id.as_deref(),
            user_name: &me.user_name,
            secret: &secret,
        };
        let (connection, created) = self.store.save_notion_connection(&self.sealer, new).await?;
        tracing::info!(connection = %connection.id, created, "a person connected Notion with a token");
        Ok((connection, created))
    }

    /// Ends one of an account's connections: here first, then what a consent has given is given back to Notion. A typed
    /// token is its person's own, who may use it elsewhere. Whether there was such a connection.
    pub async fn remove(&self, account: &AccountId, id: &NotionConnectionId) -> Result<bool, store::Error> {
        if !self.of(account).await?.iter().any(|row| row.id == *id) {
            return Ok(false);
        }
        // Nobody renews meanwhile: a new pair would stay good at Notion.
        let turn = self.turn(id).lock_owned().await;
        let known = self.store.notion_connection(&self.sealer, id).await;
        if !self.store.remove_notion_connection(account, id).await? {
            return Ok(false);
        }
        drop(turn);
        self.turns().remove(id);
        if let (Ok(Some((row, secret))), Some(application)) = (known, &self.application)
            && row.kind == NotionKind::Oauth
            && let Some(pair) = opened(&secret)
        {
            // Whether the access token takes the refresh token along is not documented.
            for token in [Some(pair.access), pair.refresh].into_iter().flatten() {
                if let Err(error) = application.revoke(&SecretString::from(token)).await {
                    tracing::info!(fault = "notion", retry = false, %error, "a token was not given back to Notion");
                }
            }
        }
        Ok(true)
    }

    /// Waits until nothing is being renewed: what Notion has given must be kept before the process ends.
    pub async fn settle(&self) {
        drop(self.busy.write().await);
    }

    async fn count(&self, peer: IpAddr) -> Result<(), WorkspaceError> {
        let limit = AttemptLimit::of_address("notion", peer, ATTEMPTS, TEN_MINUTES);
        match self.store.claim_attempt(&[limit]).await? {
            Attempt::Allowed(_) => Ok(()),
            Attempt::Refused { retry_at, .. } => Err(WorkspaceError::TooManyAttempts {
                retry_at: Timestamp::from_millisecond(retry_at).unwrap_or(Timestamp::MAX),
            }),
        }
    }

    async fn keep(&self, account: &AccountId, tokens: &Tokens) -> Result<NotionConnection, store::Error> {
        let secret = sealable(&tokens.access, tokens.refresh.as_ref());
        let new = NewNotionConnection {
            account,
            kind: NotionKind::Oauth,
            workspace_id: &tokens.workspace_id,
            workspace_name: &tokens.workspace_name,
            bot_id: &tokens.bot_id,
            user_id: tokens.user_id.as_deref(),
            user_name: &tokens.user_name,
            secret: &secret,
        };
        let (connection, created) = self.store.save_notion_connection(&self.sealer, new).await?;
        tracing::info!(connection = %connection.id, created, "a person connected Notion by consent");
        Ok(connection)
    }
}

fn sealable(access: &SecretString, refresh: Option<&SecretString>) -> Zeroizing<Vec<u8>> {
    let text = |secret: &SecretString| secret.expose_secret().to_owned();
    let json = SecretJson { access: text(access), refresh: refresh.map(text) };
    // Texts and nothing else: they always become JSON.
    Zeroizing::new(serde_json::to_vec(&json).unwrap_or_default())
}

fn opened(secret: &SecretSlice<u8>) -> Option<SecretJson> {
    serde_json::from_slice(secret.expose_secret()).ok()
}
