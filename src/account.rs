//! Who is at the browser or behind an API token.

mod frame;
mod proxy;

use std::fmt;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};

use crate::clock::Clock;
use crate::config::SignIn;
use crate::recall::Recall;
use crate::secret::{self, Digest};
use crate::store::{self, AccountId, ApiToken, Identity, Store, TokenId};

pub use proxy::Named;

/// A browser session ends after this long without a visit …
const SESSION_IDLE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// … and after this long in any case (contract §3).
const SESSION_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How exactly the last visit is kept: a write per page would be a waste.
const TOUCH_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// Looked-up tokens and sessions stay in memory this long at most; a change drops them at once.
const REMEMBERED: Duration = Duration::from_secs(60);

/// The name of the one account of sign-in `local`.
pub const LOCAL: &str = "local";

/// A browser session, known by its cookie.
#[derive(Clone)]
pub struct Session {
    pub account: AccountId,
    /// The bare name of the account (contract §5), if it has one.
    pub name: Option<String>,
    /// How it was opened.
    pub signed_in_by: SignIn,
    /// What forms and scripts of our own pages send back.
    pub csrf: String,
    /// The hash of the cookie, by which the session is known.
    hash: Digest,
    /// Milliseconds since 1970.
    created_at: i64,
    seen_at: i64,
}

impl Session {
    /// What this browser is known by: a consent that begins in a session ends in the same one.
    pub fn browser(&self) -> Digest {
        self.hash
    }
}

impl fmt::Debug for Session {
    /// Without the CSRF value, which stands for the cookie.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("account", &self.account).finish_non_exhaustive()
    }
}

impl Session {
    /// Whether a session still proves who somebody is: only while the way in which it was opened is set, and never
    /// against what the sign-on in front of the gateway says of the same request.
    pub fn counts(&self, methods: &[SignIn], named: Named<'_>) -> bool {
        let agrees = match named {
            Named::Account(name) => self.name.as_deref() == Some(name),
            Named::Nobody => self.signed_in_by != SignIn::Proxy,
            Named::Unclear => false,
        };
        agrees && methods.contains(&self.signed_in_by)
    }
}

/// A session just made: the cookie's value is known only here.
#[derive(Debug)]
pub struct NewSession {
    pub cookie: SecretString,
    pub session: Session,
}

#[derive(Debug)]
pub struct Accounts {
    store: Store,
    clock: Clock,
    tokens: Recall<Digest, AccountId>,
    sessions: Recall<Digest, Session>,
    offers: frame::Offers,
}

/// Why a name cannot be an account's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("an account name needs 1 to 100 visible characters without spaces at its ends")]
    Form,
}

impl Accounts {
    pub fn new(store: Store, clock: Clock) -> Self {
        let (tokens, sessions) = (Recall::new(50_000, REMEMBERED), Recall::new(50_000, REMEMBERED));
        Self { store, clock, tokens, sessions, offers: frame::Offers::default() }
    }

    /// The account behind an API token if it is remembered; touches no database.
    pub fn of_token_now(&self, token: &str, now: Instant) -> Option<AccountId> {
        self.tokens.get_at(&Digest::of_token(token), now)
    }

    /// The account behind an API token.
    pub async fn of_token(&self, token: &str) -> Result<Option<AccountId>, store::Error> {
        let digest = Digest::of_token(token);
        if let Some(account) = self.tokens.get(&digest) {
            return Ok(Some(account));
        }
        let mark = self.tokens.mark();
        let account = self.store.account_by_token(digest).await?;
        if let Some(account) = &account {
            self.tokens.keep(mark, digest, account.clone());
        }
        Ok(account)
    }

    /// The session of a cookie, unless it has ended.
    pub async fn of_cookie(&self, cookie: &str) -> Result<Option<Session>, store::Error> {
        self.living(Digest::of_token(cookie), cookie).await
    }

    /// The session of a hash, unless it has ended. Those that have are deleted by [`Accounts::sweep`].
    async fn living(&self, hash: Digest, cookie: &str) -> Result<Option<Session>, store::Error> {
        let mark = self.sessions.mark();
        let remembered = self.sessions.get(&hash);
        let mut to_keep = remembered.is_none();
        let session = match remembered {
            Some(session) => session,
            None => {
                let Some(row) = self.store.session(hash).await? else { return Ok(None) };
                let Some(session) = session_of(row, hash, cookie) else { return Ok(None) };
                session
            }
        };
        let now = self.clock.now_ms();
        let older = |at: i64, than: SignedDuration| now - at > i64::try_from(than.as_millis()).unwrap_or(i64::MAX);
        if older(session.seen_at, SESSION_IDLE) || older(session.created_at, SESSION_MAX) {
            self.sessions.forget(&hash);
            return Ok(None);
        }
        let session = if older(session.seen_at, TOUCH_EVERY) {
            self.store.touch_session(hash).await?;
            to_keep = true;
            Session { seen_at: now, ..session }
        } else {
            session
        };
        // What comes from memory is not put back: it would never be looked up again while it is in use.
        if to_keep {
            self.sessions.keep(mark, hash, session.clone());
        }
        Ok(Some(session))
    }

    /// Signs an account in at a browser. The cookie is always a fresh one; end the session that the browser had.
    pub async fn start_session(&self, account: &AccountId, method: SignIn) -> Result<NewSession, store::Error> {
        let cookie = secret::new_token("jns");
        let hash = Digest::of_token(cookie.expose_secret());
        let row = self.store.create_session(account, hash, method.as_str()).await?;
        let session = session_of(row, hash, cookie.expose_secret()).ok_or(store::Error::Gone)?;
        Ok(NewSession { cookie, session })
    }

    /// Ends a session with those that it opened inside frames.
    pub async fn end_session(&self, cookie: &str) -> Result<(), store::Error> {
        // What somebody has made up must not empty the memory of everybody else.
        if self.store.delete_session(Digest::of_token(cookie)).await? {
            self.sessions.forget_all();
        }
        Ok(())
    }

    /// Deletes the sessions that have ended.
    pub async fn sweep(&self) -> Result<u64, store::Error> {
        let now = self.clock.now();
        let since = |age: SignedDuration| now.checked_sub(age).map_or(0, |at| at.as_millisecond());
        self.store.delete_sessions(since(SESSION_IDLE), since(SESSION_MAX)).await
    }

    /// The account of a bare name, made if there is none yet (contract §5: command line and proxy share the names).
    pub async fn named(&self, name: &str) -> Result<AccountId, store::Error> {
        self.store.ensure_account(&identity(name)).await
    }

    /// The account of a bare name.
    pub async fn find(&self, name: &str) -> Result<Option<AccountId>, store::Error> {
        self.store.account_by_identity(&identity(name)).await
    }

    /// Makes an API token; its text is known only now.
    pub async fn create_token(&self, account: &AccountId, name: &str) -> Result<SecretString, store::Error> {
        let token = secret::new_token("jng");
        self.store.create_token(account, name, Digest::of_token(token.expose_secret())).await?;
        Ok(token)
    }

    pub async fn tokens(&self, account: &AccountId) -> Result<Vec<ApiToken>, store::Error> {
        self.store.tokens(account).await
    }

    /// Whether there was such a token of this account.
    pub async fn revoke_token(&self, account: &AccountId, id: &TokenId) -> Result<bool, store::Error> {
        let revoked = self.store.revoke_token(account, id).await?;
        self.forget_all();
        Ok(revoked)
    }

    /// Removes an account with everything that is its own. Whether there was such an account.
    pub async fn remove(&self, account: &AccountId) -> Result<bool, store::Error> {
        let removed = self.store.remove_account(account).await?;
        self.forget_all();
        Ok(removed)
    }

    /// Drops what is remembered, after a change by another process.
    pub fn forget_all(&self) {
        self.tokens.forget_all();
        self.sessions.forget_all();
    }
}

/// None where it was opened in a way that only another version knows.
fn session_of(row: store::Session, hash: Digest, cookie: &str) -> Option<Session> {
    let signed_in_by = SignIn::parse(&row.signed_in_by)?;
    let csrf = secret::derive("csrf", cookie);
    let (created_at, seen_at) = (row.created_at, row.seen_at);
    Some(Session { account: row.account_id, name: row.name, signed_in_by, csrf, hash, created_at, seen_at })
}

/// Checks a name that an administrator or a proxy gives.
pub fn check_name(name: &str) -> Result<&str, NameError> {
    let fits = !name.is_empty() && name.chars().count() <= 100 && name.trim() == name;
    (fits && !name.chars().any(char::is_control)).then_some(name).ok_or(NameError::Form)
}

fn identity(name: &str) -> Identity {
    let provider = if name == LOCAL { "local" } else { "name" };
    Identity { provider: provider.to_owned(), subject: name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_counts_while_its_way_is_set_and_nothing_contradicts_it() {
        use Named::{Account, Nobody, Unclear};
        use SignIn::{Jira, Local, Proxy};
        let session = |signed_in_by, name: Option<&str>| Session {
            account: AccountId::parse("acc_00000000000000000000").unwrap(),
            name: name.map(str::to_owned),
            signed_in_by,
            csrf: String::new(),
            hash: Digest::of_token(""),
            created_at: 0,
            seen_at: 0,
        };
        let both = [Proxy, Jira];
        type Row<'r> = (SignIn, Option<&'r str>, &'r [SignIn], Named<'r>, bool);
        let table: [Row<'_>; 18] = [
            (Local, Some("local"), &[Local], Nobody, true),
            (Local, Some("local"), &both, Nobody, false),
            (Local, Some("local"), &both, Account("local"), false),
            (Proxy, Some("ana"), &[Proxy], Account("ana"), true),
            (Proxy, Some("ana"), &[Proxy], Account("Ana"), false),
            (Proxy, Some("ana"), &[Proxy], Account("ben"), false),
            (Proxy, Some("ana"), &[Proxy], Nobody, false),
            (Proxy, Some("ana"), &[Proxy], Unclear, false),
            (Proxy, Some("ana"), &[Jira], Nobody, false),
            (Proxy, None, &[Proxy], Account("ana"), false),
            (Jira, None, &[Jira], Nobody, true),
            (Jira, None, &[Proxy], Nobody, false),
            (Jira, None, &both, Nobody, true),
            (Jira, None, &both, Account("ana"), false),
            (Jira, None, &both, Unclear, false),
            // Ana has connected her Jira while the sign-on named her, and now comes by that Jira.
            (Jira, Some("ana"), &both, Nobody, true),
            (Jira, Some("ana"), &both, Account("ana"), true),
            (Jira, Some("ana"), &both, Account("ben"), false),
        ];
        for (by, name, methods, named, counts) in table {
            assert_eq!(session(by, name).counts(methods, named), counts, "{by:?} {name:?} {methods:?} {named:?}");
        }
    }
}
