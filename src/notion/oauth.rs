//! Tokens of Notion (notion-link-preview §4B, notion-rest-api §2): how a code becomes one, how it is renewed and given back.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{Error, answer};
use crate::outbound::{Call, HeaderValue, Http, Method, Url, header};

/// The newest version that is documented; Link Previews have one of their own.
const VERSION: HeaderValue = HeaderValue::from_static("2026-03-11");
/// Longest text of Notion's that is kept for people.
const LONGEST_NAME: usize = 200;
/// Longest identifier or token that is kept.
const LONGEST_TOKEN: usize = 4 * 1024;

/// The operator's client at Notion.
#[derive(Clone)]
pub struct Application {
    http: Http,
    token_url: Url,
    revoke_url: Url,
    authorize_url: Url,
    id: String,
    basic: HeaderValue,
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a code was given for.
#[derive(Clone, Copy, Debug)]
pub enum Purpose<'a> {
    /// A Link Preview: Notion learns which account of ours its person has connected. No `redirect_uri` belongs to it (§4B).
    LinkPreview(ExternalAccount<'a>),
    /// The public API in a person's name.
    PublicApi { redirect_uri: &'a str },
}

/// An account of ours as Notion keeps it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ExternalAccount<'a> {
    /// Stays the same: Notion sees by it that an account is connected again.
    pub key: &'a str,
    /// Shown in *My connections*.
    pub name: &'a str,
}

/// What Notion gave for a code.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: SecretString,
    pub refresh: Option<SecretString>,
    /// The same for one person in one workspace, also when they connect again.
    pub bot_id: String,
    pub workspace_id: String,
    /// May be empty.
    pub workspace_name: String,
    /// The person; none where the token belongs to the workspace.
    pub user_id: Option<String>,
    /// May be empty: only some clients are told.
    pub user_name: String,
}

#[derive(Serialize)]
struct CodeJson<'a> {
    grant_type: &'static str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_account: Option<ExternalAccount<'a>>,
}

#[derive(Serialize)]
struct RefreshJson<'a> {
    grant_type: &'static str,
    refresh_token: &'a str,
}

#[derive(Serialize)]
struct RevokeJson<'a> {
    token: &'a str,
}

#[derive(Deserialize)]
struct TokensJson {
    access_token: SecretString,
    #[serde(default)]
    refresh_token: Option<SecretString>,
    bot_id: String,
    workspace_id: String,
    #[serde(default)]
    workspace_name: Option<String>,
    #[serde(default)]
    owner: Option<OwnerJson>,
}

#[derive(Deserialize)]
pub(super) struct OwnerJson {
    #[serde(default)]
    pub(super) user: Option<UserJson>,
}

impl OwnerJson {
    /// Id and name of the person; none where there is no person, the name empty where it is not told.
    pub(super) fn person(self) -> (Option<String>, String) {
        let Some(UserJson { id, name }) = self.user else { return (None, String::new()) };
        (id.filter(|id| fits(id)), short(name))
    }
}

#[derive(Deserialize)]
pub(super) struct UserJson {
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) name: Option<String>,
}

impl Application {
    /// `base` is `GATEWAY_NOTION_API_URL`; `None` if nothing can lie below it.
    pub fn new(http: Http, base: &Url, id: &str, secret: &SecretString) -> Option<Self> {
        let pair = format!("{id}:{}", secret.expose_secret());
        let mut basic = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).ok()?;
        basic.set_sensitive(true);
        let at = |path| below(base, path);
        Some(Self {
            http,
            token_url: at("v1/oauth/token")?,
            revoke_url: at("v1/oauth/revoke")?,
            authorize_url: at("v1/oauth/authorize")?,
            id: id.to_owned(),
            basic,
        })
    }

    /// Where a person allows the public API in their name. `state` comes back with them.
    pub fn authorize_url(&self, redirect_uri: &str, state: &str) -> Url {
        let mut url = self.authorize_url.clone();
        url.query_pairs_mut()
            .append_pair("client_id", &self.id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("owner", "user")
            .append_pair("state", state);
        url
    }

    /// Exchanges a code. Sent once: a code is good for one exchange.
    pub async fn exchange(&self, code: &str, purpose: Purpose<'_>) -> Result<Tokens, Error> {
        let (redirect_uri, external_account) = match purpose {
            Purpose::LinkPreview(account) => (None, Some(account)),
            Purpose::PublicApi { redirect_uri } => (Some(redirect_uri), None),
        };
        let body = CodeJson { grant_type: "authorization_code", code, redirect_uri, external_account };
        self.tokens(&body).await
    }

    /// Renews a token: both the old ones end.
    pub async fn renew(&self, refresh_token: &SecretString) -> Result<Tokens, Error> {
        let refresh_token = refresh_token.expose_secret();
        self.tokens(&RefreshJson { grant_type: "refresh_token", refresh_token }).await
    }

    /// Gives a token back. One that has ended already is no error.
    pub async fn revoke(&self, token: &SecretString) -> Result<(), Error> {
        let reply = self.http.send(self.call(&self.revoke_url, &RevokeJson { token: token.expose_secret() })).await?;
        match answer::accept(&reply) {
            Err(Error::Unauthorized | Error::InvalidGrant | Error::NotFound) => Ok(()),
            other => other,
        }
    }

    async fn tokens(&self, body: &impl Serialize) -> Result<Tokens, Error> {
        let reply = self.http.send(self.call(&self.token_url, body)).await?;
        let json: TokensJson = match answer::read(&reply) {
            // Here nothing but the client's own credentials can be refused so.
            Err(Error::Unauthorized) => return Err(Error::Operator("unauthorized")),
            other => other?,
        };
        let secrets = [Some(&json.access_token), json.refresh_token.as_ref()];
        let good = secrets.into_iter().flatten().all(|secret| fits(secret.expose_secret()));
        if !good || !fits(&json.bot_id) || !fits(&json.workspace_id) {
            return Err(Error::Malformed);
        }
        let (user_id, user_name) = json.owner.map(OwnerJson::person).unwrap_or_default();
        Ok(Tokens {
            access: json.access_token,
            refresh: json.refresh_token,
            bot_id: json.bot_id,
            workspace_id: json.workspace_id,
            workspace_name: short(json.workspace_name),
            user_id,
            user_name,
        })
    }

    fn call(&self, url: &Url, body: &impl Serialize) -> Call {
        let mut call = Call::get(url.clone());
        call.method = Method::POST;
        call.headers.insert(header::AUTHORIZATION, self.basic.clone());
        call.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        call.headers.insert("notion-version", VERSION);
        // Texts and nothing else: they always become JSON.
        call.body = Some(serde_json::to_vec(body).unwrap_or_default());
        call
    }
}

/// Whether a text may be kept as an identifier or a token.
pub(super) fn fits(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_TOKEN && !text.contains('\0')
}

/// A text for people, as far as it is kept.
pub(super) fn short(text: Option<String>) -> String {
    text.unwrap_or_default().chars().take(LONGEST_NAME).collect()
}

/// An address below a base that may have a path.
pub(super) fn below(base: &Url, path: &str) -> Option<Url> {
    Url::parse(&format!("{}/{path}", base.as_str().trim_end_matches('/'))).ok()
}
