//! The REST APIs by which Jira is asked to tell of changes (jira-auth-and-rest §11): webhooks of an app at Cloud, which end
//! after 30 days, and those of an administrator of a server.

use jiff::Timestamp;
use serde_json::json;

use super::Error;
use super::answers::parse;
use super::auth::Secret;
use super::classify::{Asked, Verdict};
use super::client::{Client, with_json};
use super::loose::{Bounded, Flag, Integer, List, Object, Text};
use crate::outbound::{Call, Method, StatusCode};

/// What is wished to be told of: issues, and what is said on them.
pub const EVENTS: [&str; 6] = [
    "jira:issue_created",
    "jira:issue_updated",
    "jira:issue_deleted",
    "comment_created",
    "comment_updated",
    "comment_deleted",
];

/// A webhook that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub id: i64,
    /// Only at servers.
    pub name: Option<String>,
    /// Cloud does not always say it.
    pub url: Option<String>,
    /// Of which issues it tells, in JQL.
    pub filter: String,
    pub events: Vec<String>,
}

impl Webhook {
    /// Whether it tells of all [`EVENTS`].
    pub fn is_whole(&self) -> bool {
        EVENTS.iter().all(|event| self.events.iter().any(|it| it == event))
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct WebhookJson {
    id: Integer,
    /// Where older servers write the id.
    #[serde(rename = "self")]
    address: Text,
    name: Text,
    url: Text,
    #[serde(rename = "jqlFilter")]
    filter: Text,
    events: List<Text>,
}

impl WebhookJson {
    fn into_webhook(self) -> Option<Webhook> {
        let in_address = || self.address.as_str().rsplit('/').next().and_then(|id| id.parse().ok());
        Some(Webhook {
            id: self.id.0.or_else(in_address)?,
            name: self.name.filled(),
            url: self.url.filled(),
            filter: self.filter.0.unwrap_or_default(),
            events: self.events.0.into_iter().filter_map(Text::filled).collect(),
        })
    }
}

/// Far more than one app or one administrator has.
const MOST: usize = 1_000;

// Cloud: an app that a person let in with the scope `manage:jira-webhook`. Everybody else is refused.

#[derive(serde::Deserialize)]
struct PageJson {
    values: Bounded<Object<WebhookJson>, MOST>,
}

#[derive(serde::Deserialize)]
struct RegisteredJson {
    #[serde(rename = "webhookRegistrationResult")]
    results: Bounded<Object<ResultJson>, 1>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct ResultJson {
    #[serde(rename = "createdWebhookId")]
    id: Integer,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct RefreshedJson {
    #[serde(rename = "expirationDate")]
    expires: Text,
}

impl Client {
    /// The webhooks that the app has for this person.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, Error> {
        let page: PageJson = parse(&self.hook(self.get("webhook", "maxResults=100")?).await?)?;
        Ok(page.values.items.into_iter().filter_map(|json| json.0?.into_webhook()).collect())
    }

    /// Asks to be told at `url` of the issues that this JQL finds; gives the id. [`Error::BadQuery`]: Jira does not take the
    /// JQL, the address, or one more webhook. It says so within an answer of status 200.
    pub async fn register_webhook(&self, url: &str, jql: &str) -> Result<i64, Error> {
        let body = json!({ "url": url, "webhooks": [{ "events": EVENTS, "jqlFilter": jql }] });
        let answer: RegisteredJson = parse(&self.hook(with_json(self.get("webhook", "")?, &body)).await?)?;
        let result = answer.results.items.into_iter().next().and_then(|result| result.0).unwrap_or_default();
        result.id.0.ok_or(Error::BadQuery)
    }

    /// Lets a webhook live for another 30 days, and says when it ends; `None` where Jira does not.
    pub async fn refresh_webhook(&self, id: i64) -> Result<Option<Timestamp>, Error> {
        let mut call = with_json(self.get("webhook/refresh", "")?, &json!({ "webhookIds": [id] }));
        call.method = Method::PUT;
        let answer: RefreshedJson = parse(&self.hook(call).await?)?;
        let millis = answer.expires.as_str().parse().ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
        Ok(millis.or_else(|| answer.expires.timestamp()))
    }

    /// Ends webhooks. Those that are not there, or another app's, are left out by Jira.
    pub async fn delete_webhooks(&self, ids: &[i64]) -> Result<(), Error> {
        let mut call = with_json(self.get("webhook", "")?, &json!({ "webhookIds": ids }));
        call.method = Method::DELETE;
        self.hook(call).await.map(drop)
    }

    async fn hook(&self, call: Call) -> Result<Vec<u8>, Error> {
        let (reply, verdict) = self.exchange(Asked::Content, call).await?;
        match (reply.status, verdict) {
            (_, Verdict::Good { .. }) => Ok(reply.body),
            // Nothing is said, and nothing has to be.
            (
                StatusCode::ACCEPTED | StatusCode::NO_CONTENT | StatusCode::CREATED,
                Verdict::Refused(Error::Malformed),
            ) => Ok(reply.body),
            // Where Jira has nothing, its web pages answer.
            (StatusCode::NOT_FOUND, Verdict::Refused(Error::SignInPage)) => Err(Error::NotFound),
            (StatusCode::FORBIDDEN, Verdict::Refused(Error::SignInPage)) => Err(Error::Forbidden),
            (_, Verdict::Refused(error)) => Err(error),
            // Strangers may do none of this, so whoever was answered was known.
            (_, Verdict::Doubt(otherwise)) => otherwise.map(|()| reply.body),
        }
    }
}

// Data Center and Server: whoever administers it.

/// The same API under two names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminApi {
    /// Up to 9.
    Older,
    /// From 10 on. It can sign what it sends.
    Newer,
}

impl AdminApi {
    /// That of a version such as `9.12.4`.
    pub fn of(version: Option<&str>) -> Self {
        let major = version.and_then(|version| version.split('.').next()?.parse::<u32>().ok());
        if major.is_some_and(|major| major >= 10) { Self::Newer } else { Self::Older }
    }

    pub fn other(self) -> Self {
        match self {
            Self::Older => Self::Newer,
            Self::Newer => Self::Older,
        }
    }

    pub fn signs(self) -> bool {
        self == Self::Newer
    }

    fn path(self) -> &'static str {
        match self {
            Self::Older => "/rest/webhooks/1.0/webhook",
            Self::Newer => "/rest/jira-webhook/1.0/webhooks",
        }
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct PermissionsJson {
    permissions: Object<GlobalJson>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct GlobalJson {
    #[serde(rename = "ADMINISTER")]
    administer: Object<HeldJson>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct HeldJson {
    #[serde(rename = "havePermission")]
    held: Flag,
}

impl Client {
    /// Whether this person administers the Jira.
    pub async fn is_administrator(&self) -> Result<bool, Error> {
        let answer = self.request(self.get("mypermissions", "permissions=ADMINISTER")?).await?;
        let json: PermissionsJson = parse(&answer.body)?;
        let held = json.permissions.0.and_then(|it| it.administer.0).and_then(|it| it.held.0);
        Ok(held == Some(true))
    }

    /// The webhooks of this Jira. [`Error::NotFound`]: it has the API under the other name.
    pub async fn admin_webhooks(&self, api: AdminApi) -> Result<Vec<Webhook>, Error> {
        let list: Bounded<Object<WebhookJson>, MOST> = parse(&self.hook(self.at(api.path())?).await?)?;
        Ok(list.items.into_iter().filter_map(|json| json.0?.into_webhook()).collect())
    }

    /// Asks to be told at `url` of all issues; gives the id. With a secret what is sent will be signed.
    pub async fn register_admin_webhook(
        &self,
        api: AdminApi,
        name: &str,
        url: &str,
        secret: Option<&Secret>,
    ) -> Result<i64, Error> {
        let mut body = json!({ "name": name, "url": url, "events": EVENTS, "excludeBody": false, "filters": {} });
        if let Some(secret) = secret {
            body["configuration"] = json!({ "SECRET": secret.expose() });
            body["sslVerificationRequired"] = true.into();
        }
        let json: WebhookJson = parse(&self.hook(with_json(self.at(api.path())?, &body)).await?)?;
        json.into_webhook().map(|webhook| webhook.id).ok_or(Error::Malformed)
    }

    /// Ends a webhook; one that is not there has ended.
    pub async fn delete_admin_webhook(&self, api: AdminApi, id: i64) -> Result<(), Error> {
        let mut call = self.at(&format!("{}/{id}", api.path()))?;
        call.method = Method::DELETE;
        match self.hook(call).await {
            Ok(_) | Err(Error::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
