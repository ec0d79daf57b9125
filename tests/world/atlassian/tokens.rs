//! Atlassian's tokens: they rotate at every refresh, with a leeway for what was lost on the way (jira-auth-and-rest
//! §2.3).

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::super::oauth::mint;

/// Seconds, as the token endpoint says it.
pub const ACCESS_SECONDS: i64 = 3600;
const IDLE: SignedDuration = SignedDuration::from_hours(90 * 24);
const IN_ALL: SignedDuration = SignedDuration::from_hours(365 * 24);
const LEEWAY: SignedDuration = SignedDuration::from_secs(600);

/// What a person has allowed an app.
#[derive(Clone, Debug)]
pub struct Grant {
    pub client_id: String,
    pub email: String,
    /// As it was then: a new one ends the grant.
    pub password: String,
    pub scopes: Vec<String>,
    /// Cloud ids; `None`: all sites of the account.
    pub sites: Option<Vec<String>>,
}

impl Grant {
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|it| it == scope)
    }

    pub fn reaches(&self, cloud_id: &str) -> bool {
        self.sites.as_ref().is_none_or(|sites| sites.iter().any(|it| it == cloud_id))
    }
}

/// What the token endpoint gives.
pub struct Given {
    pub access: String,
    /// Only with `offline_access`.
    pub refresh: Option<String>,
    pub scopes: Vec<String>,
}

/// All tokens that came from one consent.
struct Family {
    grant: Grant,
    started: Timestamp,
    dead: bool,
    newest: u32,
}

struct Access {
    family: usize,
    until: Timestamp,
}

#[derive(Clone, Copy)]
struct Refresh {
    family: usize,
    generation: u32,
    issued: Timestamp,
    /// When it was first used.
    rotated: Option<Timestamp>,
}

#[derive(Default)]
pub struct Tokens {
    families: Vec<Family>,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
}

impl Tokens {
    /// The tokens of a new consent.
    pub fn start(&mut self, grant: Grant, now: Timestamp) -> Given {
        self.families.push(Family { grant, started: now, dead: false, newest: 0 });
        self.give(self.families.len() - 1, 0, now)
    }

    fn give(&mut self, family: usize, generation: u32, now: Timestamp) -> Given {
        let grant = &self.families[family].grant;
        let scopes = grant.scopes.clone();
        let access = mint::long_token("access");
        let refresh = grant.has_scope("offline_access").then(|| mint::long_token("refresh"));
        self.access.insert(access.clone(), Access { family, until: now + SignedDuration::from_secs(ACCESS_SECONDS) });
        if let Some(token) = &refresh {
            self.refresh.insert(token.clone(), Refresh { family, generation, issued: now, rotated: None });
        }
        Given { access, refresh, scopes }
    }

    /// The next pair. Whoever shows a token that was rotated too long ago, or twice, ends its whole family: one of
    /// the two who hold it has stolen it.
    pub fn refresh(
        &mut self,
        token: &str,
        client_id: &str,
        stands: impl Fn(&Grant) -> bool,
        now: Timestamp,
    ) -> Option<Given> {
        let held = *self.refresh.get(token)?;
        let family = &mut self.families[held.family];
        if family.dead || family.grant.client_id != client_id || !stands(&family.grant) {
            return None;
        }
        if now.duration_since(held.issued) > IDLE || now.duration_since(family.started) > IN_ALL {
            return None;
        }
        if let Some(rotated) = held.rotated {
            let the_previous_one = held.generation + 1 == family.newest;
            if !the_previous_one || now.duration_since(rotated) > LEEWAY {
                family.dead = true;
                return None;
            }
        }
        family.newest = family.newest.max(held.generation + 1);
        self.refresh.get_mut(token)?.rotated.get_or_insert(now);
        Some(self.give(held.family, held.generation + 1, now))
    }

    /// What this access token may do now.
    pub fn grant_of(&self, access: &str, now: Timestamp) -> Option<&Grant> {
        let access = self.access.get(access).filter(|it| now < it.until)?;
        let family = &self.families[access.family];
        (!family.dead).then_some(&family.grant)
    }

    /// The person removes all apps.
    pub fn revoke(&mut self, email: &str) {
        let theirs = self.families.iter_mut().filter(|it| it.grant.email.eq_ignore_ascii_case(email));
        theirs.for_each(|family| family.dead = true);
    }
}
