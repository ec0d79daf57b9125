//! What kind of Jira lives at an address that a person typed (jira-auth-and-rest §1). Asked without credentials.

use serde::Deserialize;

use super::auth::Method;
use super::classify::{Answer, Plane};
use super::key::{Deployment, SiteUrl};
use super::model::ServerInfo;
use super::{Error, server, text};
use crate::outbound::{Call, Failure, HeaderValue, Http, Reply, StatusCode, Url, header};

/// A Jira that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it lives: the context path is right, and Cloud has none.
    pub site: SiteUrl,
    /// `None`: Data Center or Server, which hides its version until someone signs in. Ask the person.
    pub deployment: Option<Deployment>,
    pub version: Option<String>,
    pub title: Option<String>,
    /// What the site says of itself. It identifies nothing and widens no match (contract §5).
    pub base_url_claimed: Option<String>,
    pub cloud_id: Option<String>,
    /// What to offer for signing in, best first. A password may still work where it is not offered: Data Center 11
    /// switches it off until an administrator wants it back.
    pub methods: Vec<Method>,
}

impl Found {
    pub fn plane(&self) -> Plane {
        match self.deployment {
            Some(Deployment::Cloud) => Plane::CloudSite,
            _ => Plane::SelfManaged,
        }
    }

    /// Whether this can be an OAuth 2.0 provider of its own: that came with 8.22 (§4.3). Who hides the version may be one.
    pub fn may_have_oauth2(&self) -> bool {
        self.version.as_deref().and_then(version_number).is_none_or(|version| version >= (8, 22))
    }
}

/// Why no Jira was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscoverError {
    /// Something answers, but it is not a Jira.
    #[error("there is no Jira at this address")]
    NotJira,
    /// A sign-in page (of a single sign-on in front of Jira, usually) answers in Jira's place.
    #[error("a sign-in page answers in Jira's place")]
    SignInPage,
    /// It answers that it is busy or broken: nothing can be said about it now.
    #[error("the server answers with an error of its own")]
    Unavailable,
    #[error(transparent)]
    Outbound(#[from] Failure),
}

const MOST_CALLS: usize = 8;
const MOST_REDIRECTS: usize = 3;
const LIMIT: usize = 64 * 1024;
const SERVER_INFO: &str = "/rest/api/2/serverInfo";

/// Finds the Jira at `typed`: Cloud by its host or `/_edge/tenant_info`, else by `serverInfo`, walking the path up.
pub async fn discover(http: &Http, typed: &SiteUrl) -> Result<Found, DiscoverError> {
    let cloud_host = typed.is_cloud_host();
    let origin = if cloud_host { typed.root().to_https() } else { typed.root() };
    let cloud_id = match ask(http, &origin.join("/_edge/tenant_info")).await {
        Ok(reply) => cloud_id(&reply),
        Err(Failure::TooLarge) => None,
        Err(failure) => return Err(failure.into()),
    };
    let is_cloud = cloud_host || cloud_id.is_some();
    let candidates = if is_cloud { vec![origin.clone()] } else { candidates(typed) };
    match find_server_info(http, candidates, MOST_CALLS - 1).await {
        Ok((site, info)) if !is_cloud => Ok(found_by_server_info(site, info)),
        Ok((_, info)) => Ok(found_cloud(origin, cloud_id, info)),
        // The tenant's id is proof enough; what hides `serverInfo` is said when the person signs in.
        Err(_) if cloud_id.is_some() => Ok(found_cloud(origin, cloud_id, None)),
        Err(error) => Err(error),
    }
}

async fn ask(http: &Http, address: &str) -> Result<Reply, Failure> {
    let mut call = Call::get(Url::parse(address).map_err(|_| Failure::Unreachable)?);
    call.limit = LIMIT;
    call.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    call.headers.insert(header::USER_AGENT, HeaderValue::from_static("jira-notion-gateway"));
    http.send(call).await
}

/// Asks each candidate in turn. `None` as information: it is a Jira, and keeps its version to itself.
async fn find_server_info(
    http: &Http,
    candidates: Vec<SiteUrl>,
    mut calls_left: usize,
) -> Result<(SiteUrl, Option<ServerInfo>), DiscoverError> {
    let mut failure = DiscoverError::NotJira;
    for mut site in candidates {
        for _ in 0..=MOST_REDIRECTS {
            if calls_left == 0 {
                return Err(failure);
            }
            calls_left -= 1;
            let looked = match ask(http, &site.join(SERVER_INFO)).await {
                Ok(reply) => look(&site, &reply),
                Err(Failure::TooLarge) => Look::Other,
                Err(problem) => return Err(problem.into()),
            };
            match looked {
                Look::Jira(info) => return Ok((site, info)),
                Look::MovedTo(next) => {
                    site = next;
                    continue;
                }
                // A sign-in page tells a person more than "not Jira", whichever came first.
                Look::SignInPage => failure = DiscoverError::SignInPage,
                Look::Unavailable if failure == DiscoverError::NotJira => failure = DiscoverError::Unavailable,
                Look::Unavailable | Look::Other => {}
            }
            break;
        }
    }
    Err(failure)
}

/// What one answer to `serverInfo` says.
#[derive(Debug, PartialEq, Eq)]
enum Look {
    Jira(Option<ServerInfo>),
    /// The same question, answered elsewhere on the same host.
    MovedTo(SiteUrl),
    SignInPage,
    Unavailable,
    Other,
}

fn look(site: &SiteUrl, reply: &Reply) -> Look {
    let answer = Answer::new(Plane::SelfManaged, reply);
    if matches!(answer.credential_problem(site), Some(Error::Captcha { .. })) {
        // Locked out by failures from this address; even `serverInfo` is refused then (recorded on Data Center 8.20).
        return Look::Jira(None);
    }
    match reply.status {
        status if status.is_redirection() => redirected(site, answer.header("location")),
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => Look::Unavailable,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if answer.is_html() && !answer.is_page_of_jira() => {
            Look::SignInPage
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if answer.is_html() || answer.is_json() => Look::Jira(None),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Look::SignInPage,
        StatusCode::OK if answer.is_html() && is_sign_in_page(&answer) => Look::SignInPage,
        StatusCode::OK if answer.is_json() => match server::server_info(&reply.body) {
            Ok(info) => Look::Jira(Some(info)),
            Err(_) => Look::Other,
        },
        _ => Look::Other,
    }
}

/// By what a sign-in page needs to work, not by its words: those are in any language.
fn is_sign_in_page(answer: &Answer<'_>) -> bool {
    const MARKS: [&str; 6] =
        ["type=\"password\"", "type='password'", "type=password", "samlrequest", "/oauth2/", "openid-connect"];
    answer.is_page_of_jira() || MARKS.iter().any(|mark| answer.says(mark))
}

/// Follows a redirect only to the same question on the same host, never from https back to http.
fn redirected(site: &SiteUrl, location: &str) -> Look {
    const SIGN_IN_PATHS: [&str; 7] = ["login", "signin", "sign-in", "sso", "saml", "oauth", "auth"];
    let target = Url::parse(&site.join(SERVER_INFO)).ok().and_then(|asked| asked.join(location).ok());
    let Some(target) = target else { return Look::Other };
    let context = target.path().strip_suffix(SERVER_INFO);
    let moved = context.and_then(|context| SiteUrl::with_path(&target, context).ok());
    match moved {
        Some(moved) if moved == *site => Look::Other,
        Some(moved) if moved.host() == site.host() && may_follow(site, &moved) => Look::MovedTo(moved),
        Some(_) => Look::Other,
        None if target.host_str() != Some(site.host()) => Look::SignInPage,
        None if SIGN_IN_PATHS.iter().any(|part| target.path().to_ascii_lowercase().contains(part)) => Look::SignInPage,
        None => Look::Other,
    }
}

fn may_follow(from: &SiteUrl, to: &SiteUrl) -> bool {
    to.origin() == from.origin() || (to.is_https() && !from.is_https())
}

/// The addresses under which Jira may live, most likely first: the typed path without what is plainly a page of Jira's,
/// walked up to the root; and `/jira` where there was no path at all.
fn candidates(typed: &SiteUrl) -> Vec<SiteUrl> {
    const PAGES: [&str; 10] = [
        "browse",
        "secure",
        "projects",
        "issues",
        "plugins",
        "servicedesk",
        "rest",
        "login.jsp",
        "default.jsp",
        "dashboards",
    ];
    const DEEPEST: usize = 3;
    let path = typed.context_path();
    let context: Vec<&str> = path.split('/').skip(1).take_while(|part| !PAGES.contains(part)).take(DEEPEST).collect();
    let mut site = typed.clone();
    for _ in context.len()..path.split('/').skip(1).count() {
        site = site.parent().unwrap_or(site);
    }
    let mut candidates = vec![site.clone()];
    while let Some(parent) = site.parent() {
        site = parent;
        candidates.push(site.clone());
    }
    if path.is_empty() {
        candidates.extend(SiteUrl::parse(&typed.join("/jira")));
    }
    candidates
}

/// `{"cloudId": "…"}`, taken only in the shape of an id: it becomes part of an address.
fn cloud_id(reply: &Reply) -> Option<String> {
    #[derive(Deserialize)]
    struct Tenant {
        #[serde(rename = "cloudId")]
        cloud_id: String,
    }
    let tenant: Tenant =
        (reply.status == StatusCode::OK).then(|| serde_json::from_slice(&reply.body).ok()).flatten()?;
    let is_id =
        |id: &str| (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_id(&tenant.cloud_id).then_some(tenant.cloud_id)
}

fn found_cloud(site: SiteUrl, cloud_id: Option<String>, info: Option<ServerInfo>) -> Found {
    found(site, Some(Deployment::Cloud), cloud_id, info)
}

fn found_by_server_info(site: SiteUrl, info: Option<ServerInfo>) -> Found {
    match deployment(info.as_ref()) {
        Some(Deployment::Cloud) => found_cloud(site.root(), None, info),
        deployment => found(site, deployment, None, info),
    }
}

fn found(site: SiteUrl, deployment: Option<Deployment>, cloud_id: Option<String>, info: Option<ServerInfo>) -> Found {
    let version = info.as_ref().map(|info| text::clean_line(&info.version, 40));
    let (title, base_url_claimed) = info.map(|info| (info.title, info.base_url)).unwrap_or_default();
    Found {
        methods: methods(deployment, version.as_deref()),
        site,
        deployment,
        version,
        title: title.map(|title| text::clean_line(&title, 100)).filter(|title| !title.is_empty()),
        base_url_claimed,
        cloud_id,
    }
}

/// `deploymentType` says `Server` for Data Center too; the last version of Server is 9.12.
fn deployment(info: Option<&ServerInfo>) -> Option<Deployment> {
    let info = info?;
    if info.deployment_type.as_deref() == Some("Cloud") {
        return Some(Deployment::Cloud);
    }
    Some(if version_number(&info.version)? >= (9, 13) { Deployment::DataCenter } else { Deployment::Server })
}

/// Major and minor of `9.12.5` or `4.2-SNAPSHOT`.
fn version_number(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(|letter: char| !letter.is_ascii_digit()).map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

/// Whether a self-managed Jira has personal access tokens, which came with 8.14. One that hides its version may.
pub fn has_access_tokens(version: Option<&str>) -> bool {
    version.and_then(version_number).is_none_or(|version| version >= (8, 14))
}

/// Data Center 11 switches passwords off by default (§4.1).
fn methods(deployment: Option<Deployment>, version: Option<&str>) -> Vec<Method> {
    if deployment == Some(Deployment::Cloud) {
        return vec![Method::ApiToken];
    }
    match version.and_then(version_number) {
        _ if !has_access_tokens(version) => vec![Method::Password],
        Some(version) if version >= (11, 0) => vec![Method::PersonalAccessToken],
        _ => vec![Method::PersonalAccessToken, Method::Password],
    }
}
