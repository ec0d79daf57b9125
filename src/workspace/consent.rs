//! A person goes to Notion and comes back with a code (notion-rest-api §2, contract §6).
//!
//! As with Jira, a consent is bound to the browser in which it began and to who was signed in there, lives ten minutes
//! and is used up by its first return, whatever comes of it.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;

use super::{WorkspaceError, Workspaces};
use crate::notion::oauth::{Application, Purpose, Tokens};
use crate::outbound::Url;
use crate::secret::{Digest, new_token};
use crate::store::{AccountId, Consent, Identity, NewConsent, NotionConnection, Returned};

/// Where Notion sends people back to, below the public URL.
pub const CALLBACK: &str = "/notion/callback";
/// How long a person may take at Notion.
const CONSENT_LIVES: SignedDuration = SignedDuration::from_mins(10);
/// Longest code that is passed on; it is a UUID.
const LONGEST_CODE: usize = 1024;
/// Among the providers of consents, and of identities.
const PROVIDER: &str = "notion";

/// A wish to connect.
#[derive(Debug)]
pub struct Begin<'a> {
    /// Who is signed in; nobody where connecting is signing in.
    pub account: Option<&'a AccountId>,
    pub peer: IpAddr,
    /// The hash of a cookie of this browser.
    pub browser: Digest,
    /// A path of ours.
    pub return_to: &'a str,
}

/// What Notion sent back with the person.
#[derive(Debug)]
pub struct Return<'a> {
    pub account: Option<&'a AccountId>,
    pub browser: Digest,
    pub state: &'a str,
    pub code: &'a str,
    /// `error` of RFC 6749 §4.1.2.1; empty when there is none.
    pub error: &'a str,
}

/// What was connected, and for whom.
#[derive(Debug)]
pub struct Completed {
    pub account: AccountId,
    pub connection: NotionConnection,
    pub return_to: String,
}

/// Why nothing was connected, with where to begin again from; empty when that is not known.
#[derive(Debug)]
pub struct Incomplete {
    pub error: WorkspaceError,
    pub return_to: String,
}

impl From<WorkspaceError> for Incomplete {
    fn from(error: WorkspaceError) -> Self {
        Self { error, return_to: String::new() }
    }
}

impl Workspaces {
    /// The address at which the person consents.
    pub async fn begin(&self, begin: Begin<'_>) -> Result<Url, WorkspaceError> {
        let application = self.application.as_ref().ok_or(WorkspaceError::Operator)?;
        if begin.account.is_none() && !self.signs_in {
            return Err(WorkspaceError::SignedOut);
        }
        self.count(begin.peer).await?;
        let state = new_token("jno");
        let new = NewConsent {
            state: Digest::of_token(state.expose_secret()),
            browser: begin.browser,
            account: begin.account,
            provider: PROVIDER,
            site: "",
            return_to: begin.return_to,
            // Notion has no PKCE: nothing is to be kept but the state.
            secret: &[],
        };
        self.store.begin_consent(&self.sealer, new).await?;
        Ok(application.authorize_url(&self.redirect_uri, state.expose_secret()))
    }

    /// The person is back.
    pub async fn complete(&self, back: Return<'_>) -> Result<Completed, Incomplete> {
        let application = self.application.as_ref().ok_or(WorkspaceError::Operator)?;
        let since = self.clock.now().checked_sub(CONSENT_LIVES).map_or(0, Timestamp::as_millisecond);
        let state = Digest::of_token(back.state);
        let taken = self.store.take_consent(&self.sealer, state, Some(back.browser), PROVIDER, since).await;
        let consent = match taken.map_err(WorkspaceError::from)? {
            Returned::Consent(consent) => consent,
            Returned::Unknown => return Err(WorkspaceError::Expired.into()),
            Returned::Foreign => return Err(WorkspaceError::OtherBrowser.into()),
        };
        let return_to = consent.return_to.clone();
        match self.finish(application, &back, &consent).await {
            Ok((account, connection)) => Ok(Completed { account, connection, return_to }),
            Err(error) => Err(Incomplete { error, return_to }),
        }
    }

    async fn finish(
        &self,
        application: &Application,
        back: &Return<'_>,
        consent: &Consent,
    ) -> Result<(AccountId, NotionConnection), WorkspaceError> {
        // Whoever is signed in now must be who began: else one person's Notion would end up in another's account.
        if consent.account.as_ref() != back.account {
            return Err(WorkspaceError::OtherBrowser);
        }
        match back.error {
            "" => {}
            "access_denied" => return Err(WorkspaceError::Denied),
            "server_error" | "temporarily_unavailable" => return Err(WorkspaceError::Unreachable),
            _ => return Err(WorkspaceError::Operator),
        }
        if back.code.is_empty() || back.code.len() > LONGEST_CODE {
            return Err(WorkspaceError::Expired);
        }
        let purpose = Purpose::PublicApi { redirect_uri: &self.redirect_uri };
        let tokens = application.exchange(back.code, purpose).await.map_err(WorkspaceError::of_code)?;
        // Tokens that are not kept are not given back: another account may use the same bot, and what a revocation takes
        // along is not documented.
        let account = self.whose(back.account, &tokens).await?;
        let connection = self.keep(&account, &tokens).await?;
        Ok((account, connection))
    }

    /// The account for which a person connects, who is known by their Notion from now on (contract §5).
    async fn whose(&self, account: Option<&AccountId>, tokens: &Tokens) -> Result<AccountId, WorkspaceError> {
        match (&tokens.user_id, account) {
            (Some(user), account) => {
                let identity = Identity::new(PROVIDER, &format!("{} {user}", tokens.workspace_id));
                self.store.claim_identities(account, &[identity]).await?.ok_or(WorkspaceError::OtherAccount)
            }
            (None, Some(account)) => Ok(account.clone()),
            (None, None) => Err(WorkspaceError::Nobody),
        }
    }
}
