//! Towards Notion: we are the authorization server (RFC 6749), Notion is the client (notion-link-preview §4).
//!
//! ```text
//! authorize  a person comes from Notion, allows it, and goes back with our code
//! token      our code becomes tokens, and tokens are renewed
//! proof      whose token it is, and who may end a grant
//! ```
//!
//! There is one client, and it is Notion. A grant is one account of ours for one of Notion's bots, that is for one person
//! in one workspace: connecting again changes the grant and does not double it.

mod authorize;
mod proof;
mod token;

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::clock::Clock;
use crate::config::OAuthClient;
use crate::notion::client::Client;
use crate::notion::oauth::Application;
use crate::notion::redirect::RedirectHosts;
use crate::recall::Recall;
use crate::secret::{Digest, Passes, Sealer};
use crate::store::{self, AccountId, Grant, GrantId, Store};

pub use self::authorize::{AuthorizeError, Back, Request, RequestError};
pub use self::proof::Named;
pub use self::token::{Issued, TokenError, TokenRequest};

/// Looked-up tokens stay in memory for so long at most; a change drops them at once.
const REMEMBERED: Duration = Duration::from_secs(60);
/// Codes and retired tokens are known for so long after they ended: shown again, they tell of a theft.
const KNOWN_FOR_MS: i64 = 30 * 24 * 3600 * 1000;

/// What Notion may do in whose name.
#[derive(Debug)]
pub struct Grants {
    store: Store,
    sealer: Sealer,
    clock: Clock,
    /// The pair by which Notion proves to be Notion.
    ours: OAuthClient,
    hosts: RedirectHosts,
    /// Our own client at Notion.
    application: Application,
    client: Client,
    passes: Passes,
    /// By the hash of an access token, with the end of that, in milliseconds since 1970.
    known: Recall<Digest, (Arc<Grant>, i64)>,
}

/// What is set for Link Previews.
#[derive(Debug)]
pub struct Setup {
    pub ours: OAuthClient,
    pub hosts: RedirectHosts,
    pub application: Application,
    pub client: Client,
}

impl Grants {
    /// `passes` are those for the consent page.
    pub fn new(setup: Setup, store: Store, sealer: Sealer, clock: Clock, passes: Passes) -> Self {
        let Setup { ours, hosts, application, client } = setup;
        let known = Recall::new(20_000, REMEMBERED);
        Self { store, sealer, clock, ours, hosts, application, client, passes, known }
    }

    /// Calls with a grant's token.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What an account lets Notion do, oldest first.
    pub async fn of(&self, account: &AccountId) -> Result<Vec<Grant>, store::Error> {
        self.store.grants(account).await
    }

    /// Notion's token for a grant, and when its person allowed it; `None` if the grant is gone.
    pub async fn notion_token(&self, id: &GrantId) -> Result<Option<(SecretString, i64)>, store::Error> {
        let token = self.store.notion_token(&self.sealer, id).await?;
        Ok(token.and_then(|(bytes, given_at)| {
            Some((SecretString::from(std::str::from_utf8(bytes.expose_secret()).ok()?), given_at))
        }))
    }

    /// Notion has refused the token that a grant had then: nothing is sent with it until its person allows it again,
    /// which they may have done since.
    pub async fn refused(&self, grant: &GrantId, given_at: i64) -> Result<(), store::Error> {
        if self.store.end_grant(grant, given_at).await? {
            tracing::warn!(fault = "user", retry = false, %grant, "Notion does not accept a grant's token any more");
            self.known.forget_all();
        }
        Ok(())
    }

    /// Ends one of an account's grants, here and at Notion. Whether there was one.
    pub async fn remove(&self, account: &AccountId, id: &GrantId) -> Result<bool, store::Error> {
        match self.store.grant(id).await?.filter(|grant| grant.account_id == *account) {
            Some(grant) => self.end(&grant).await,
            None => Ok(false),
        }
    }

    /// Ends a grant, here first: whatever Notion says, it sees nothing any more.
    async fn end(&self, grant: &Grant) -> Result<bool, store::Error> {
        let token = self.notion_token(&grant.id).await;
        let removed = self.store.remove_grant(&grant.id).await?;
        self.known.forget_all();
        if let Ok(Some((token, _))) = token
            && let Err(error) = self.application.revoke(&token).await
        {
            tracing::info!(fault = "notion", retry = false, %error, "a token was not given back to Notion");
        }
        Ok(removed)
    }

    /// Drops what is remembered, after a change by another process.
    pub fn forget_all(&self) {
        self.known.forget_all();
    }

    /// Deletes codes and tokens that ended long ago.
    pub async fn sweep(&self) -> Result<u64, store::Error> {
        self.store.sweep_tokens(self.clock.now_ms() - KNOWN_FOR_MS).await
    }
}
