//! Consents under way: what has to be remembered while a person is at the provider (jira-auth-and-rest §2.2, §4.3, §4.4).

use super::db::{Db, write};
use super::{AccountId, Result, Store};
use crate::secret::{Context, Digest, Sealer, SecretSlice};

/// A consent that begins.
#[derive(Debug)]
pub struct NewConsent<'a> {
    /// The hash of `state`, by which it is found again.
    pub state: Digest,
    /// The hash of a cookie of the browser in which it began.
    pub browser: Digest,
    /// Who was signed in there; `None` when connecting is signing in.
    pub account: Option<&'a AccountId>,
    /// Which provider's callback may end it.
    pub provider: &'a str,
    /// The site that was asked for; empty where the person chooses it at the provider.
    pub site: &'a str,
    pub return_to: &'a str,
    /// PKCE verifier, or temporary credentials of OAuth 1.0a.
    pub secret: &'a [u8],
}

/// A consent that has come back. It is gone from the store.
#[derive(Debug)]
pub struct Consent {
    pub account: Option<AccountId>,
    pub site: String,
    pub return_to: String,
    pub secret: SecretSlice<u8>,
}

#[derive(sqlx::FromRow)]
struct Row {
    browser: Vec<u8>,
    account_id: Option<AccountId>,
    provider: String,
    site: String,
    return_to: String,
    sealed: Vec<u8>,
    created_at: i64,
}

/// What became of a state that came back.
#[derive(Debug)]
pub enum Returned {
    Consent(Box<Consent>),
    /// Never given, used before, or too old.
    Unknown,
    /// It began in another browser, or at another provider; it is used up all the same.
    Foreign,
}

impl Store {
    /// Remembers a consent until it comes back.
    pub async fn begin_consent(&self, sealer: &Sealer, new: NewConsent<'_>) -> Result<()> {
        let sealed = sealer.seal(context(&new.state.to_hex(), new.account, new.site, new.provider), new.secret);
        let query = "INSERT INTO oauth_attempts
            (state, browser, account_id, provider, site, return_to, sealed, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        write!(
            self,
            sqlx::query(query)
                .bind(new.state.as_bytes())
                .bind(new.browser.as_bytes())
                .bind(new.account)
                .bind(new.provider)
                .bind(new.site)
                .bind(new.return_to)
                .bind(&sealed.bytes)
                .bind(self.clock.now_ms())
        );
        Ok(())
    }

    /// Takes a consent out, whoever shows its state: it is good for one return. `since` is the oldest that counts.
    pub async fn take_consent(
        &self,
        sealer: &Sealer,
        state: Digest,
        browser: Option<Digest>,
        provider: &str,
        since: i64,
    ) -> Result<Returned> {
        let query = "DELETE FROM oauth_attempts WHERE state = $1
            RETURNING browser, account_id, provider, site, return_to, sealed, created_at";
        let row: Option<Row> = match &self.db {
            Db::Sqlite { write, .. } => sqlx::query_as(query).bind(state.as_bytes()).fetch_optional(write).await?,
            Db::Postgres(pool) => sqlx::query_as(query).bind(state.as_bytes()).fetch_optional(pool).await?,
        };
        let Some(row) = row.filter(|row| row.created_at >= since) else { return Ok(Returned::Unknown) };
        if row.provider != provider || browser.is_none_or(|browser| browser.as_bytes() != row.browser) {
            return Ok(Returned::Foreign);
        }
        let secret =
            sealer.open(context(&state.to_hex(), row.account_id.as_ref(), &row.site, &row.provider), &row.sealed)?;
        let Row { account_id, site, return_to, .. } = row;
        Ok(Returned::Consent(Box::new(Consent { account: account_id, site, return_to, secret })))
    }

    /// Forgets the consents that began before an instant, and says how many.
    pub async fn forget_consents(&self, before: i64) -> Result<u64> {
        Ok(write!(self, sqlx::query("DELETE FROM oauth_attempts WHERE created_at < $1").bind(before)))
    }
}

fn context<'a>(row: &'a str, account: Option<&'a AccountId>, site: &'a str, provider: &'a str) -> Context<'a> {
    let account = account.map_or("", AccountId::as_str);
    Context { table: "oauth_attempts", row, account, site, kind: provider }
}
