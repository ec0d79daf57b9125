//! Asking Jira to tell of changes, so that a preview is known to be old as soon as it is (jira-auth-and-rest §11).
//!
//! At Cloud a connection by the operator's app asks for the projects that were seen through it, unless another connection
//! of the site is told of them already: nobody learns of a project by what somebody else looked at. (Servers: see
//! `admin_webhooks.rs`.) What nobody is told of is read again when it is old, as everywhere.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;

use super::doors::Doors;
use super::{Connect, health};
use crate::config::{Settings, is_loopback_host};
use crate::jira::Error;
use crate::jira::auth::Method;
use crate::jira::client::Client;
use crate::jira::key::{Deployment, SiteUrl};
use crate::jira::webhooks::AdminApi;
use crate::store::{self, Connection, ConnectionId, ProjectKeys, Webhook, WebhookKind};

/// What an app must have been allowed (jira-auth-and-rest §2.5).
const SCOPE: &str = "manage:jira-webhook";
/// Jira's own bound for an app and a person at one site.
const MOST_AT_JIRA: usize = 5;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// As Jira has it; no longer life is believed.
const LIFE: i64 = 30 * DAY;
/// A webhook is renewed so long before it ends: Jira or we may be away for days.
const RENEWED_BEFORE: i64 = 10 * DAY;
/// Further projects are asked for together.
const COALESCED: i64 = MINUTE;
/// Whoever takes up a task is not disturbed for so long; it is also how soon one that failed is tried again.
const TRIED_AGAIN: i64 = 10 * MINUTE;
const REFUSED_AGAIN: i64 = HOUR;
/// What is done in one round.
const MOST_AT_ONCE: usize = 20;
/// Connections of which it is noted between two rounds what was seen through them.
const MOST_NOTED: usize = 1_000;
/// How long a person who removes a connection waits for Jira to forget us.
const FAREWELL: Duration = Duration::from_secs(3);

/// What is known of it in memory.
#[derive(Debug)]
pub struct Webhooks {
    public_url: SiteUrl,
    /// With what Jira signs; none where the operator has no app, or did not ask for the scope.
    app: Option<SecretString>,
    seen: Mutex<HashMap<ConnectionId, Seen>>,
    doors: RwLock<Doors>,
    /// One round at a time.
    tending: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Seen {
    connection: Arc<Connection>,
    projects: BTreeSet<Box<str>>,
}

impl Webhooks {
    pub fn new(settings: &Settings, public_url: &SiteUrl) -> Self {
        let asked = settings.jira_scopes.split(' ').any(|scope| scope == SCOPE);
        Self {
            public_url: public_url.clone(),
            app: settings.jira_app.as_ref().filter(|_| asked).map(|app| app.secret.clone()),
            seen: Mutex::default(),
            doors: RwLock::default(),
            tending: tokio::sync::Mutex::default(),
        }
    }

    pub fn app_secret(&self) -> Option<&SecretString> {
        self.app.as_ref()
    }

    pub fn doors(&self) -> Doors {
        self.doors.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set_doors(&self, doors: Doors) {
        *self.doors.write().unwrap_or_else(PoisonError::into_inner) = doors;
    }

    /// The address of a door.
    pub fn address(&self, name: &str) -> String {
        self.public_url.join(&format!("/jira/webhook/{name}"))
    }

    /// Whether that Jira can send to us, and over https. A Jira of this very machine may use whatever there is.
    pub fn is_reachable_from(&self, site: &SiteUrl) -> bool {
        can_reach(site, &self.public_url)
    }

    /// Whether the app may ask through this connection. API tokens are refused by Jira.
    fn is_for(&self, connection: &Connection) -> bool {
        self.app.is_some()
            && connection.deployment == Deployment::Cloud
            && connection.method == Method::Oauth.as_str()
            && self.is_reachable_from(&connection.site)
    }

    fn take_seen(&self) -> HashMap<ConnectionId, Seen> {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn can_reach(site: &SiteUrl, public_url: &SiteUrl) -> bool {
    is_loopback_host(site) || (public_url.is_https() && !is_loopback_host(public_url))
}

/// Nothing else is taken by every Jira; the keys have no quotation marks in them.
fn jql(projects: &ProjectKeys) -> String {
    let quoted: Vec<String> = projects.iter().map(|key| format!("\"{key}\"")).collect();
    format!("project in ({})", quoted.join(", "))
}

impl Connect {
    /// Notes that an issue of this project was seen through a connection. Costs little; the rest is done by
    /// [`Connect::tend_webhooks`].
    pub fn saw_project(&self, connection: &Arc<Connection>, project: &str) {
        if !self.webhooks.is_for(connection) {
            return;
        }
        let mut seen = self.webhooks.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST_NOTED && !seen.contains_key(&connection.id) {
            return;
        }
        let note = || Seen { connection: connection.clone(), projects: BTreeSet::new() };
        let projects = &mut seen.entry(connection.id.clone()).or_insert_with(note).projects;
        if projects.len() < ProjectKeys::MOST && !projects.contains(project) {
            projects.insert(project.into());
        }
    }

    /// Asks for what was seen since the last round, and renews what would end. Whatever fails is tried again later.
    pub async fn tend_webhooks(&self) -> Result<(), store::Error> {
        let _alone = self.webhooks.tending.lock().await;
        let seen = self.webhooks.take_seen();
        let now = self.clock.now_ms();
        let mut rows = self.store.webhooks().await?;
        for Seen { connection, projects } in seen.into_values() {
            if let Some(wanted) = wanted(&rows, &connection, &projects, now)
                && self.still_holds(&connection).await
            {
                let known = rows.iter().any(|row| row.connection_id == connection.id);
                let due = if known { now + COALESCED } else { now };
                self.store.want_webhook(&connection, &wanted, due).await?;
                rows = self.store.webhooks().await?;
            }
        }
        let due = rows.into_iter().filter(|row| row.due_at.is_some_and(|at| at <= now)).take(MOST_AT_ONCE);
        for row in due {
            if self.store.claim_webhook(&row, now + TRIED_AGAIN).await? {
                self.settle_webhook(row).await?;
            }
        }
        Ok(())
    }

    async fn settle_webhook(&self, mut row: Webhook) -> Result<(), store::Error> {
        let now = self.clock.now_ms();
        let connection = self.store.connection(&row.account_id, &row.connection_id).await?;
        let Some(connection) = connection.filter(|it| self.webhooks.is_for(it) && !row.projects.is_empty()) else {
            self.store.remove_webhook(&row.connection_id).await?;
            return self.load_doors().await;
        };
        if !health::may_be_used(connection.health) {
            return Ok(());
        }
        // It must be open before anything comes.
        if self.door(&row.id).is_none() {
            self.load_doors().await?;
        }
        match self.register(&connection, &row).await {
            Ok((id, expires)) => {
                let expires = expires.map_or(now + LIFE, Timestamp::as_millisecond).clamp(now + HOUR, now + LIFE);
                row.remote_id = Some(id);
                row.registered = row.projects.clone();
                row.expires_at = Some(expires);
                row.due_at = Some((expires - RENEWED_BEFORE).max(now + HOUR));
                self.store.set_webhook(&row).await?;
                tracing::info!(connection = %row.connection_id, projects = row.registered.len(), "Jira tells of changes");
            }
            Err(
                error @ (Error::BadQuery
                | Error::MissingScope
                | Error::Forbidden
                | Error::NotFound
                | Error::ApiRemoved
                | Error::BadCredentials),
            ) => {
                tracing::info!(connection = %row.connection_id, %error, "Jira refused to tell of changes");
                self.store.clear_webhook(&row, now + REFUSED_AGAIN).await?;
            }
            Err(error) => {
                tracing::info!(connection = %row.connection_id, %error, "Jira was not asked to tell of changes");
            }
        }
        Ok(())
    }

    /// Sees to it that Jira has this one webhook of ours and no other, whatever was cut off before. Its id, and when it
    /// ends.
    async fn register(&self, connection: &Connection, row: &Webhook) -> Result<(i64, Option<Timestamp>), Error> {
        let (url, jql) = (&self.webhooks.address(&row.id), &jql(&row.projects));
        let there = self.ask(connection, |jira| async move { jira.webhooks().await }).await?;
        let is_ours = |id: i64, at: Option<&str>| at.map_or(row.remote_id == Some(id), |at| at == url);
        let ours: Vec<_> = there.iter().filter(|it| is_ours(it.id, it.url.as_deref())).collect();
        let same = ours.iter().find(|it| it.filter == *jql && it.is_whole()).map(|it| it.id);
        let others: &[i64] = &ours.iter().map(|it| it.id).filter(|id| Some(*id) != same).collect::<Vec<_>>();
        let delete = || self.ask(connection, |jira| async move { jira.delete_webhooks(others).await });
        let full = there.len() >= MOST_AT_JIRA;
        if !others.is_empty() && full {
            delete().await?;
        }
        let id = match same {
            Some(id) => id,
            None => self.ask(connection, |jira| async move { jira.register_webhook(url, jql).await }).await?,
        };
        if !others.is_empty() && !full {
            // Two that tell the same do no harm; the older one is found again.
            let _ = delete().await;
        }
        let expires = self.ask(connection, |jira| async move { jira.refresh_webhook(id).await }).await?;
        Ok((id, expires))
    }

    /// Forgets what was asked for through a connection, and asks Jira to do the same, if it answers soon.
    pub(super) async fn end_webhook(&self, connection: &Connection) -> Result<(), store::Error> {
        let Some(row) = self.store.webhook(&connection.id).await? else { return Ok(()) };
        self.store.remove_webhook(&connection.id).await?;
        self.load_doors().await?;
        let Some(id) = row.remote_id.filter(|_| health::may_be_used(connection.health)) else { return Ok(()) };
        let api = if row.has_secret() { AdminApi::Newer } else { AdminApi::Older };
        let delete = |jira: Client| async move {
            match row.kind {
                WebhookKind::App => jira.delete_webhooks(&[id]).await,
                WebhookKind::Administrator => jira.delete_admin_webhook(api, id).await,
            }
        };
        if !matches!(tokio::time::timeout(FAREWELL, self.ask(connection, delete)).await, Ok(Ok(()))) {
            tracing::info!(connection = %connection.id, "a webhook may be left in Jira; what it sends is not taken");
        }
        Ok(())
    }
}

/// What a connection shall be told of from now on; `None` where nothing is new.
fn wanted(rows: &[Webhook], connection: &Connection, seen: &BTreeSet<Box<str>>, now: i64) -> Option<ProjectKeys> {
    let own = rows.iter().find(|row| row.connection_id == connection.id);
    let told = |key: &str| {
        rows.iter().filter(|row| row.site == connection.site && row.is_live(now)).any(|row| match row.kind {
            WebhookKind::App => row.registered.iter().any(|it| it == key),
            WebhookKind::Administrator => true,
        })
    };
    let asked: &[String] = own.map_or(&[], |row| &row.projects);
    let new = seen.iter().map(AsRef::as_ref).filter(|key| !told(key) && !asked.iter().any(|it| it == key));
    let wanted = ProjectKeys::new(asked.iter().map(String::as_str).chain(new));
    (wanted.len() > asked.len()).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_jira_that_can_reach_us_is_asked() {
        let table = [
            ("https://acme.atlassian.net", "https://gateway.example.com", true),
            ("https://jira.intern.example", "https://gateway.example.com", true),
            ("https://acme.atlassian.net", "http://gateway.example.com", false),
            ("https://acme.atlassian.net", "https://localhost:8080", false),
            ("https://acme.atlassian.net", "http://127.0.0.1:8080", false),
            ("http://127.0.0.1:2990/jira", "http://127.0.0.1:8080", true),
        ];
        for (site, public, expected) in table {
            let url = |text| SiteUrl::parse(text).unwrap();
            assert_eq!(can_reach(&url(site), &url(public)), expected, "{site} {public}");
        }
    }

    #[test]
    fn only_keys_stand_in_the_query() {
        let keys = ProjectKeys::new(["OPS", "X\") OR (a", "HR", "OPS", "", "é", "ops"]);
        assert_eq!(jql(&keys), r#"project in ("OPS", "HR")"#);
        let many: Vec<String> = (0..99).map(|number| format!("P{number}")).collect();
        assert_eq!(ProjectKeys::new(many.iter().map(String::as_str)).len(), ProjectKeys::MOST);
    }
}
