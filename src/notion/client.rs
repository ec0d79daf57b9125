//! Calls with a token of Notion.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::oauth::{OwnerJson, below, fits, short};
use super::unfurl::{Operation, Unfurled};
use super::{Error, answer};
use crate::outbound::{Call, HeaderValue, Http, Method, Url, header};

/// The one version that the Link Preview API documents (notion-link-preview §4H).
const LINK_PREVIEW_VERSION: HeaderValue = HeaderValue::from_static("2021-08-16");
pub(super) const VERSION: HeaderValue = HeaderValue::from_static("2026-03-11");

/// Notion's API.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) http: Http,
    /// Below which the API lies.
    pub(super) base: Url,
    objects_url: Url,
    me_url: Url,
    /// Counts the calls of a rehearsal.
    rehearsal: Option<Arc<AtomicU64>>,
}

/// Whose token it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// Notion's name for whoever uses the token.
    pub id: String,
    /// May be empty.
    pub workspace_id: String,
    /// May be empty.
    pub workspace_name: String,
    /// Whose token it is; none where it belongs to the workspace.
    pub user_id: Option<String>,
    /// May be empty.
    pub user_name: String,
    /// Bytes of the largest file that the workspace takes.
    pub largest_file: Option<u64>,
}

#[derive(Deserialize)]
struct MeJson {
    id: String,
    #[serde(default)]
    bot: BotJson,
}

#[derive(Default, Deserialize)]
struct BotJson {
    #[serde(default)]
    workspace_id: Option<String>,
    #[serde(default)]
    workspace_name: Option<String>,
    #[serde(default)]
    owner: Option<OwnerJson>,
    #[serde(default)]
    workspace_limits: LimitsJson,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LimitsJson {
    max_file_upload_size_in_bytes: Option<u64>,
}

impl Client {
    /// `base` is `GATEWAY_NOTION_API_URL`; `None` if nothing can lie below it.
    pub fn new(http: Http, base: &Url) -> Option<Self> {
        let (objects_url, me_url) = (below(base, "v1/external/object")?, below(base, "v1/users/me")?);
        Some(Self { http, base: base.clone(), objects_url, me_url, rehearsal: None })
    }

    /// The same for whoever only wants to know what would be called. What reads is sent; what would change something is
    /// not, and is answered as if it were done. `calls` counts both.
    pub fn rehearsing(&self, calls: Arc<AtomicU64>) -> Self {
        Self { rehearsal: Some(calls), ..self.clone() }
    }

    /// Counts a call, if this is a rehearsal. `true`: it is not to be sent.
    pub(super) fn is_held_back(&self, call: &Call) -> bool {
        let Some(calls) = &self.rehearsal else { return false };
        calls.fetch_add(1, Ordering::Relaxed);
        call.method != Method::GET && !call.url.path().ends_with("/query")
    }

    /// Tells Notion what a link shows now (§4H): every attribute, changed or not. `uri` as Notion first wrote it.
    pub async fn push(&self, token: &SecretString, uri: &str, operations: &[Operation]) -> Result<(), Error> {
        let mut call = Call::get(self.objects_url.clone());
        call.method = Method::PATCH;
        call.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        call.headers.insert("notion-version", LINK_PREVIEW_VERSION);
        call.headers.insert(header::AUTHORIZATION, bearer(token)?);
        call.body = Some(serde_json::to_vec(&Unfurled { uri, operations }).map_err(|_| Error::Malformed)?);
        answer::accept(&self.http.send(call).await?)
    }

    /// Whose token this is.
    pub async fn me(&self, token: &SecretString) -> Result<Me, Error> {
        let mut call = Call::get(self.me_url.clone());
        call.headers.insert("notion-version", VERSION);
        call.headers.insert(header::AUTHORIZATION, bearer(token)?);
        let MeJson { id, bot } = answer::read(&self.http.send(call).await?)?;
        let workspace_id = bot.workspace_id.unwrap_or_default();
        if !fits(&id) || !(workspace_id.is_empty() || fits(&workspace_id)) {
            return Err(Error::Malformed);
        }
        let (user_id, user_name) = bot.owner.map(OwnerJson::person).unwrap_or_default();
        let (workspace_name, largest_file) =
            (short(bot.workspace_name), bot.workspace_limits.max_file_upload_size_in_bytes);
        Ok(Me { id, workspace_id, workspace_name, user_id, user_name, largest_file })
    }
}

pub(super) fn bearer(token: &SecretString) -> Result<HeaderValue, Error> {
    let mut value =
        HeaderValue::try_from(format!("Bearer {}", token.expose_secret())).map_err(|_| Error::Unauthorized)?;
    value.set_sensitive(true);
    Ok(value)
}
