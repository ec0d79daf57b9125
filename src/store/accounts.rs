//! Accounts and the identities that prove them (contract §5).

use super::db::{BUMP, Db, read, tx};
use super::error::exact;
use super::{AccountId, Result, Store};

/// Who somebody is, according to a provider: unique over all accounts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    pub provider: String,
    pub subject: String,
}

/// A person here, as the list of accounts shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub created_at: i64,
    pub identities: Vec<Identity>,
    pub connections: i64,
    pub tokens: i64,
}

/// What became of a wish to add an identity to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddedIdentity {
    Added,
    AlreadyThere,
    /// It is another account's, and accounts are never merged: answer 409.
    Taken,
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    id: AccountId,
    created_at: i64,
    connections: i64,
    tokens: i64,
    provider: Option<String>,
    subject: Option<String>,
}

impl Identity {
    pub fn new(provider: &str, subject: &str) -> Self {
        Self { provider: provider.to_owned(), subject: subject.to_owned() }
    }
}

impl Store {
    /// Whose identity this is.
    pub async fn account_by_identity(&self, identity: &Identity) -> Result<Option<AccountId>> {
        let query = "SELECT account_id FROM identities WHERE provider = $1 AND subject = $2";
        let (provider, subject) = (exact(&identity.provider)?, exact(&identity.subject)?);
        Ok(read!(self, |db| sqlx::query_scalar(query).bind(provider).bind(subject).fetch_optional(db).await)?)
    }

    /// The account of an identity, made now if there is none. However many ask at once, there is one account.
    pub async fn ensure_account(&self, identity: &Identity) -> Result<AccountId> {
        let now = self.clock.now_ms();
        loop {
            if let Some(account) = self.account_by_identity(identity).await? {
                return Ok(account);
            }
            let account = AccountId::new();
            tx!(self, |tx| {
                sqlx::query("INSERT INTO accounts (id, created_at) VALUES ($1, $2)")
                    .bind(&account)
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
                let inserted = sqlx::query(INSERT_IDENTITY)
                    .bind(&identity.provider)
                    .bind(&identity.subject)
                    .bind(&account)
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
                if inserted.rows_affected() == 0 {
                    continue; // Somebody was quicker: roll back and look again.
                }
                sqlx::query(BUMP).execute(&mut *tx).await?;
            });
            return Ok(account);
        }
    }

    /// Lets an account be proven by one more identity.
    pub async fn add_identity(&self, account: &AccountId, identity: &Identity) -> Result<AddedIdentity> {
        let (provider, subject) = (exact(&identity.provider)?, exact(&identity.subject)?);
        let now = self.clock.now_ms();
        tx!(self, |tx| {
            let inserted = sqlx::query(INSERT_IDENTITY)
                .bind(provider)
                .bind(subject)
                .bind(account)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            if inserted.rows_affected() == 0 {
                let query = "SELECT account_id FROM identities WHERE provider = $1 AND subject = $2";
                let owner: Option<AccountId> =
                    sqlx::query_scalar(query).bind(provider).bind(subject).fetch_optional(&mut *tx).await?;
                let own = owner.as_ref() == Some(account);
                return Ok(if own { AddedIdentity::AlreadyThere } else { AddedIdentity::Taken });
            }
            sqlx::query(BUMP).execute(&mut *tx).await?;
        });
        Ok(AddedIdentity::Added)
    }

    /// The account that all of these identities prove, which are one person's: `account` if it is given, else the one that
    /// any of them belongs to, else a new one. `None` when one of them is another account's: accounts are never merged.
    pub async fn claim_identities(
        &self,
        account: Option<&AccountId>,
        identities: &[Identity],
    ) -> Result<Option<AccountId>> {
        let mut owner = account.cloned();
        let mut unclaimed = Vec::new();
        for identity in identities {
            match (self.account_by_identity(identity).await?, &owner) {
                (Some(other), Some(owner)) if other != *owner => return Ok(None),
                (Some(other), _) => owner = Some(other),
                (None, _) => unclaimed.push(identity),
            }
        }
        let mut rest = unclaimed.into_iter();
        let owner = match (owner, rest.next()) {
            (Some(owner), None) => return Ok(Some(owner)),
            (Some(owner), Some(first)) => match self.add_identity(&owner, first).await? {
                AddedIdentity::Taken => return Ok(None),
                AddedIdentity::Added | AddedIdentity::AlreadyThere => owner,
            },
            (None, Some(first)) => self.ensure_account(first).await?,
            (None, None) => return Ok(None),
        };
        for identity in rest {
            if self.add_identity(&owner, identity).await? == AddedIdentity::Taken {
                return Ok(None);
            }
        }
        Ok(Some(owner))
    }

    /// All accounts, oldest first.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        let query = "SELECT a.id, a.created_at, i.provider, i.subject,
            (SELECT COUNT(*) FROM connections c WHERE c.account_id = a.id) AS connections,
            (SELECT COUNT(*) FROM api_tokens t WHERE t.account_id = a.id) AS tokens
            FROM accounts a LEFT JOIN identities i ON i.account_id = a.id
            ORDER BY a.created_at, a.id, i.created_at, i.provider, i.subject";
        let rows: Vec<AccountRow> = read!(self, |db| sqlx::query_as(query).fetch_all(db).await)?;
        Ok(rows.into_iter().fold(Vec::new(), |mut accounts: Vec<Account>, row| {
            let identity = row.provider.zip(row.subject).map(|(provider, subject)| Identity { provider, subject });
            match accounts.last_mut() {
                Some(last) if last.id == row.id => last.identities.extend(identity),
                _ => accounts.push(Account {
                    id: row.id,
                    created_at: row.created_at,
                    identities: identity.into_iter().collect(),
                    connections: row.connections,
                    tokens: row.tokens,
                }),
            }
            accounts
        }))
    }

    /// Removes an account with everything that it has: identities, tokens, sessions, connections and their secrets.
    pub async fn remove_account(&self, account: &AccountId) -> Result<bool> {
        tx!(self, |tx| {
            let removed = sqlx::query("DELETE FROM accounts WHERE id = $1").bind(account).execute(&mut *tx).await?;
            if removed.rows_affected() == 0 {
                return Ok(false);
            }
            sqlx::query(BUMP).execute(&mut *tx).await?;
        });
        Ok(true)
    }
}

const INSERT_IDENTITY: &str = "INSERT INTO identities (provider, subject, account_id, created_at)
    VALUES ($1, $2, $3, $4) ON CONFLICT (provider, subject) DO NOTHING";
