//! The people of a fake Jira and what they prove themselves with.

use jiff::Timestamp;

/// One user. In the fake people are named by their user name, on Cloud too (where it is never shown).
#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    /// `JIRAUSER10100`; given by the fake when empty.
    pub key: String,
    /// Cloud; given by the fake when empty.
    pub account_id: String,
    pub display_name: String,
    pub email: String,
    pub password: String,
    pub api_tokens: Vec<ApiToken>,
    pub access_tokens: Vec<AccessToken>,
    pub groups: Vec<String>,
    pub active: bool,
    /// Knows portals only: no licence for Jira itself.
    pub customer: bool,
    /// Has a licence for Jira Software, that is for boards and sprints.
    pub software: bool,
    /// May look other people up.
    pub browses_users: bool,
    /// Keys of the issues that they looked at, for `issueHistory()`.
    pub history: Vec<String>,
    /// Whether others may see the e-mail address.
    pub email_shown: bool,
    pub locale: String,
    /// JQL dates are read in it.
    pub time_zone: String,
}

/// An Atlassian API token: classic without scopes, or scoped (jira-auth-and-rest §3).
#[derive(Clone, Debug)]
pub struct ApiToken {
    pub secret: String,
    pub scopes: Option<Vec<String>>,
    pub expires: Option<Timestamp>,
}

/// A personal access token of Data Center (jira-auth-and-rest §4.2).
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// Given by the fake when 0.
    pub id: u64,
    pub name: String,
    pub secret: String,
    pub created: Timestamp,
    pub expires: Option<Timestamp>,
}

impl Person {
    /// `Person::new("ana", "Ana Costa")`: e-mail `ana@acme.example`, password `ana's password`, no tokens.
    pub fn new(name: &str, display_name: &str) -> Self {
        Self {
            name: name.into(),
            key: String::new(),
            account_id: String::new(),
            display_name: display_name.into(),
            email: format!("{name}@acme.example"),
            password: format!("{name}'s password"),
            api_tokens: Vec::new(),
            access_tokens: Vec::new(),
            groups: Vec::new(),
            active: true,
            customer: false,
            software: true,
            browses_users: true,
            history: Vec::new(),
            email_shown: false,
            locale: "en_US".into(),
            time_zone: "Australia/Sydney".into(),
        }
    }

    pub fn email(mut self, email: &str) -> Self {
        self.email = email.into();
        self
    }

    pub fn password(mut self, password: &str) -> Self {
        self.password = password.into();
        self
    }

    /// A classic API token.
    pub fn api_token(mut self, secret: &str) -> Self {
        self.api_tokens.push(ApiToken { secret: secret.into(), scopes: None, expires: None });
        self
    }

    /// A scoped API token: good on Atlassian's API host only.
    pub fn scoped_token(mut self, secret: &str, scopes: &[&str]) -> Self {
        let scopes = Some(scopes.iter().map(|scope| (*scope).to_owned()).collect());
        self.api_tokens.push(ApiToken { secret: secret.into(), scopes, expires: None });
        self
    }

    /// A personal access token without an end.
    pub fn access_token(self, secret: &str) -> Self {
        self.access_token_until(secret, None)
    }

    pub fn access_token_until(mut self, secret: &str, expires: Option<Timestamp>) -> Self {
        let name = format!("token {}", self.access_tokens.len() + 1);
        let created = "2026-09-04T22:35:14Z".parse().expect("an instant");
        self.access_tokens.push(AccessToken { id: 0, name, secret: secret.into(), created, expires });
        self
    }

    pub fn groups(mut self, groups: &[&str]) -> Self {
        self.groups = groups.iter().map(|group| (*group).to_owned()).collect();
        self
    }

    pub fn inactive(mut self) -> Self {
        self.active = false;
        self
    }

    /// A customer of a service desk, without a licence for Jira.
    pub fn customer(mut self) -> Self {
        (self.customer, self.software, self.browses_users) = (true, false, false);
        self
    }

    pub fn without_software(mut self) -> Self {
        self.software = false;
        self
    }

    /// Without the permission "Browse users and groups".
    pub fn without_browsing_users(mut self) -> Self {
        self.browses_users = false;
        self
    }

    /// Issues that they looked at.
    pub fn visited(mut self, keys: &[&str]) -> Self {
        self.history = keys.iter().map(|key| (*key).to_owned()).collect();
        self
    }

    /// `de_DE`
    pub fn locale(mut self, locale: &str) -> Self {
        self.locale = locale.into();
        self
    }

    pub fn key(mut self, key: &str) -> Self {
        self.key = key.into();
        self
    }

    /// The profile's zone: `Europe/Lisbon`.
    pub fn time_zone(mut self, name: &str) -> Self {
        self.time_zone = name.into();
        self
    }
}
