//! Notion's own tokens: long-lived, opaque, rotated by a refresh (notion-link-preview §4B, notion-rest-api §2).

use std::collections::{BTreeMap, HashMap};

use super::super::oauth::mint;
use super::state::UserId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantId(usize);

/// What one authorization allowed.
#[derive(Clone, Debug)]
pub struct Grant {
    pub client_id: String,
    pub user: UserId,
    /// One per integration and user; a new authorization has the same.
    pub bot_id: String,
}

/// What the token endpoint gives.
pub struct Given {
    pub grant: GrantId,
    pub access: String,
    pub refresh: String,
}

#[derive(Default)]
pub struct Tokens {
    grants: Vec<Grant>,
    access: HashMap<String, GrantId>,
    refresh: HashMap<String, GrantId>,
    bots: BTreeMap<(String, UserId), String>,
}

impl Tokens {
    /// Fresh tokens; those of earlier authorizations stay good.
    pub fn start(&mut self, client_id: &str, user: UserId) -> Given {
        let bot_id = self.bots.entry((client_id.to_owned(), user)).or_insert_with(|| mint::uuid("bot")).clone();
        self.grants.push(Grant { client_id: client_id.to_owned(), user, bot_id });
        self.give(GrantId(self.grants.len() - 1))
    }

    fn give(&mut self, grant: GrantId) -> Given {
        let (access, refresh) = (format!("ntn_{}", mint::secret("ntn")), format!("nrt_{}", mint::secret("nrt")));
        self.access.insert(access.clone(), grant);
        self.refresh.insert(refresh.clone(), grant);
        Given { grant, access, refresh }
    }

    /// The next pair, once per refresh token; the old access token ends.
    pub fn rotate(&mut self, refresh: &str, client_id: &str) -> Option<Given> {
        let grant = *self.refresh.get(refresh).filter(|it| self.grants[it.0].client_id == client_id)?;
        self.end(grant);
        Some(self.give(grant))
    }

    /// Client, person and id of every bot.
    pub fn bots(&self) -> impl Iterator<Item = (&str, UserId, &str)> {
        self.bots.iter().map(|((client, user), id)| (client.as_str(), *user, id.as_str()))
    }

    pub fn is_bot(&self, bot_id: &str) -> bool {
        self.bots.values().any(|it| it == bot_id)
    }

    pub fn grant(&self, id: GrantId) -> &Grant {
        &self.grants[id.0]
    }

    /// What an access token may do now.
    pub fn bearer(&self, access: &str) -> Option<&Grant> {
        self.access.get(access).map(|id| self.grant(*id))
    }

    /// Of a token of either kind, for the client that it was given to.
    pub fn find(&self, token: &str, client_id: &str) -> Option<GrantId> {
        let id = *self.access.get(token).or_else(|| self.refresh.get(token))?;
        (self.grant(id).client_id == client_id).then_some(id)
    }

    /// The access token that is good now.
    pub fn access_of(&self, grant: GrantId) -> Option<String> {
        self.access.iter().find(|(_, it)| **it == grant).map(|(token, _)| token.clone())
    }

    /// What a person has allowed, ended or not.
    pub fn of(&self, user: UserId) -> impl Iterator<Item = GrantId> + use<> {
        let own = self.grants.iter().enumerate().filter(|(_, it)| it.user == user).map(|(at, _)| GrantId(at));
        own.collect::<Vec<_>>().into_iter()
    }

    /// How many tokens of a person are good.
    pub fn good(&self, user: UserId) -> usize {
        self.access.values().chain(self.refresh.values()).filter(|id| self.grant(**id).user == user).count()
    }

    /// Access tokens end, the refresh token stays good.
    pub fn expire(&mut self, grant: GrantId) {
        self.access.retain(|_, it| *it != grant);
    }

    /// All tokens of one authorization end.
    pub fn end(&mut self, grant: GrantId) {
        self.expire(grant);
        self.refresh.retain(|_, it| *it != grant);
    }
}
