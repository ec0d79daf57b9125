//! Which of Jira's calls a request is. One list, so that the log, the scopes and the answers agree.

use super::agile::AgileCall;
use super::exchange::{Asked, Door, segments};
use super::personality::{Deployment, Personality, Version};
use super::releases::Count;
use super::service_desk::DeskCall;
use super::webhooks::{self, HookCall};

/// What was called, with the ids from the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    TenantInfo,
    State,
    ServerInfo,
    Myself,
    Issue(String),
    /// Key of the issue, id.
    Comment(String, String),
    /// Key of the issue, id.
    Worklog(String, String),
    /// All comments of an issue, page by page.
    CommentsOf(String),
    WorklogsOf(String),
    /// Of many comments, by id.
    Comments,
    /// Of many work logs, by id.
    Worklogs,
    /// Of many people, by account id.
    Users,
    Attachment(String),
    BulkFetch,
    /// Cloud's search with tokens.
    SearchJql,
    ApproximateCount,
    /// The search of self-managed servers, removed from Cloud.
    Search,
    Project(String),
    StatusesOf(String),
    Projects,
    ProjectSearch,
    Fields,
    Priorities,
    /// A team of Advanced Roadmaps, by its number.
    Team(String),
    User,
    Version(String),
    VersionCount(String, Count),
    Component(String),
    ComponentCount(String),
    Filter(String),
    Dashboard(String),
    AccessTokens,
    /// One personal access token, by its id.
    AccessToken(String),
    Webhooks(HookCall),
    OAuth2(OAuth2Call),
    OAuth1(OAuth1Call),
    Agile(AgileCall),
    ServiceDesk(DeskCall),
    /// An icon or avatar.
    Picture,
    SignIn,
    /// A page that needs a browser session.
    Secure,
    /// Any other page of the web interface.
    Page,
    /// The API host, below another site than ours.
    UnknownSite,
    /// Right place, wrong method.
    WrongMethod,
    /// Nothing is here.
    Nothing,
}

/// The calls of the OAuth 2.0 provider (jira-auth-and-rest §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuth2Call {
    Authorize,
    Consent,
    Token,
}

/// The calls of the OAuth 1.0a provider (jira-auth-and-rest §4.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuth1Call {
    RequestToken,
    Authorize,
    AccessToken,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub call: Call,
    /// The path with `{…}` for ids: `/rest/api/3/issue/{key}`.
    pub pattern: String,
    /// 2 or 3; 0 outside the REST API.
    pub version: u8,
}

impl Route {
    pub fn of(asked: &Asked, personality: &Personality) -> Self {
        match (&personality.deployment, asked.door) {
            (_, Door::Site) => Self::below(&asked.method, &asked.path, asked.door, personality),
            (Deployment::Cloud { cloud_id }, Door::Api) => {
                match asked.path.strip_prefix("/ex/jira/").and_then(|path| path.strip_prefix(cloud_id.as_str())) {
                    Some(path) if path.starts_with('/') => {
                        let route = Self::below(&asked.method, path, asked.door, personality);
                        Self { pattern: format!("/ex/jira/{{cloudId}}{}", route.pattern), ..route }
                    }
                    _ => Self::plain(Call::UnknownSite, "(unknown site)"),
                }
            }
            (_, Door::Auth) | (Deployment::SelfManaged { .. }, Door::Api) => {
                Self::plain(Call::UnknownSite, "(unknown site)")
            }
        }
    }

    fn below(method: &str, path: &str, door: Door, personality: &Personality) -> Self {
        let Some(rest) = below_context(path, &personality.context_path) else {
            return Self::plain(Call::Nothing, "(outside)");
        };
        let segments = segments(rest);
        let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["rest", "api", version, call @ ..] => rest_api(method, version, call, personality),
            ["rest", "agile", "1.0", call @ ..] => {
                let found = AgileCall::of(call).map(|(call, pattern)| (Call::Agile(call), pattern));
                Self::product(method, "/rest/agile/1.0", found)
            }
            ["rest", "teams-api", "1.0", call @ ..] if !personality.is_cloud() => {
                let found = match call {
                    ["team", id] => Some((Call::Team((*id).to_owned()), "team/{id}")),
                    _ => None,
                };
                Self::product(method, "/rest/teams-api/1.0", found)
            }
            ["rest", "servicedeskapi", call @ ..] => {
                let found = DeskCall::of(call).map(|(call, pattern)| (Call::ServiceDesk(call), pattern));
                Self::product(method, "/rest/servicedeskapi", found)
            }
            _ if door == Door::Api => Self::plain(Call::Nothing, rest),
            ["_edge", "tenant_info"] if personality.is_cloud() => Self::plain(Call::TenantInfo, rest),
            ["status"] if !personality.is_cloud() => Self::plain(Call::State, rest),
            ["rest", "pat", "latest" | "1.0", call @ ..] if !personality.is_cloud() => access_tokens(method, call),
            ["rest", "webhooks", "1.0", "webhook", call @ ..]
                if !personality.is_cloud() && !personality.since(webhooks::NEWER) =>
            {
                admin_webhooks(method, "/rest/webhooks/1.0/webhook", call)
            }
            ["rest", "jira-webhook", "1.0", "webhooks", call @ ..]
                if !personality.is_cloud() && personality.since(webhooks::NEWER) =>
            {
                admin_webhooks(method, "/rest/jira-webhook/1.0/webhooks", call)
            }
            ["rest", "oauth2", "latest" | "1.0", call] if personality.since(Version::OAUTH_2) => {
                match (method, *call) {
                    ("GET", "authorize") => Self::plain(Call::OAuth2(OAuth2Call::Authorize), rest),
                    ("POST", "token") => Self::plain(Call::OAuth2(OAuth2Call::Token), rest),
                    (_, "authorize" | "token") => Self::plain(Call::WrongMethod, rest),
                    _ => Self::plain(Call::Nothing, rest),
                }
            }
            ["plugins", "servlet", "oauth2", "consent"] if personality.since(Version::OAUTH_2) => {
                Self::plain(Call::OAuth2(OAuth2Call::Consent), rest)
            }
            ["plugins", "servlet", "oauth", call] if !personality.is_cloud() => match (method, *call) {
                ("POST", "request-token") => Self::plain(Call::OAuth1(OAuth1Call::RequestToken), rest),
                ("POST", "access-token") => Self::plain(Call::OAuth1(OAuth1Call::AccessToken), rest),
                (_, "authorize") => Self::plain(Call::OAuth1(OAuth1Call::Authorize), rest),
                (_, "request-token" | "access-token") => Self::plain(Call::WrongMethod, rest),
                _ => Self::plain(Call::Nothing, rest),
            },
            ["rest", ..] => Self::plain(Call::Nothing, rest),
            ["images", ..] | ["secure", "useravatar" | "projectavatar" | "viewavatar"] => {
                Self::plain(Call::Picture, "/images")
            }
            ["login.jsp"] if !personality.is_cloud() => Self::plain(Call::SignIn, rest),
            ["login"] if personality.is_cloud() => Self::plain(Call::SignIn, rest),
            ["secure", ..] => Self::plain(Call::Secure, "/secure"),
            [] | ["browse" | "projects" | "jira" | "issues" | "servicedesk", ..] => {
                Self::plain(Call::Page, &format!("/{}", parts.first().copied().unwrap_or_default()))
            }
            _ => Self::plain(Call::Nothing, "(nothing)"),
        }
    }

    fn plain(call: Call, pattern: &str) -> Self {
        Self { call, pattern: pattern.into(), version: 0 }
    }

    /// A call of Jira Software or Service Management: read only, and what it mentions has the shape of v2.
    fn product(method: &str, root: &str, found: Option<(Call, &str)>) -> Self {
        let Some((call, pattern)) = found else { return Self::plain(Call::Nothing, root) };
        let call = if method == "GET" { call } else { Call::WrongMethod };
        Self { call, pattern: format!("{root}/{pattern}"), version: 2 }
    }

    /// Whether Jira answers this call without a log-in, so that a bad credential may go unnoticed
    /// (jira-auth-and-rest §3, fact 4 of §0).
    pub fn anonymous_capable(&self) -> bool {
        match &self.call {
            Call::ServiceDesk(call) => *call == DeskCall::Info,
            Call::Myself | Call::User | Call::AccessTokens | Call::AccessToken(_) | Call::Agile(_) => false,
            _ => true,
        }
    }

    /// The scopes that Atlassian's API host wants, all of them (jira-auth-and-rest §2.5).
    pub fn scopes(&self) -> &'static [&'static str] {
        match &self.call {
            Call::ServerInfo | Call::Nothing | Call::WrongMethod => &[],
            Call::Myself | Call::User | Call::Users => &["read:jira-user"],
            Call::Agile(call) => call.scopes(),
            Call::ServiceDesk(call) => call.scopes(),
            Call::Webhooks(_) => &["read:jira-work", "manage:jira-webhook"],
            _ => &["read:jira-work"],
        }
    }
}

fn below_context<'p>(path: &'p str, context: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(context)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

fn access_tokens(method: &str, call: &[&str]) -> Route {
    match (method, call) {
        ("GET" | "POST", ["tokens"]) => Route::plain(Call::AccessTokens, "/rest/pat/latest/tokens"),
        ("DELETE", ["tokens", id]) => Route::plain(Call::AccessToken((*id).to_owned()), "/rest/pat/latest/tokens/{id}"),
        (_, ["tokens"] | ["tokens", _]) => Route::plain(Call::WrongMethod, "/rest/pat/latest/tokens"),
        _ => Route::plain(Call::Nothing, "/rest/pat/latest"),
    }
}

fn admin_webhooks(method: &str, root: &str, call: &[&str]) -> Route {
    match (method, call) {
        ("GET" | "POST", []) => Route::plain(Call::Webhooks(HookCall::AdminHooks), root),
        ("DELETE", [id]) => {
            Route::plain(Call::Webhooks(HookCall::AdminHook((*id).to_owned())), &format!("{root}/{{id}}"))
        }
        (_, [] | [_]) => Route::plain(Call::WrongMethod, root),
        _ => Route::plain(Call::Nothing, root),
    }
}

fn rest_api(method: &str, version: &str, call: &[&str], personality: &Personality) -> Route {
    let number = match (version, personality.is_cloud()) {
        ("2", _) | ("latest", false) => 2,
        ("3", true) => 3,
        _ => return Route::plain(Call::Nothing, "(no such API version)"),
    };
    let id = |text: &str| text.to_owned();
    let cloud = personality.is_cloud();
    let (methods, call, pattern): (&[&str], Call, &str) = match call {
        ["serverInfo"] => (&["GET"], Call::ServerInfo, "serverInfo"),
        ["myself"] => (&["GET"], Call::Myself, "myself"),
        ["issue", "bulkfetch"] if cloud => (&["POST"], Call::BulkFetch, "issue/bulkfetch"),
        ["issue", key] => (&["GET"], Call::Issue(id(key)), "issue/{key}"),
        ["comment", "list"] if cloud => (&["POST"], Call::Comments, "comment/list"),
        ["worklog", "list"] => (&["POST"], Call::Worklogs, "worklog/list"),
        ["user", "bulk"] if cloud => (&["GET"], Call::Users, "user/bulk"),
        ["issue", key, "comment"] => (&["GET"], Call::CommentsOf(id(key)), "issue/{key}/comment"),
        ["issue", key, "worklog"] => (&["GET"], Call::WorklogsOf(id(key)), "issue/{key}/worklog"),
        ["issue", key, "comment", number] => (&["GET"], Call::Comment(id(key), id(number)), "issue/{key}/comment/{id}"),
        ["issue", key, "worklog", number] => (&["GET"], Call::Worklog(id(key), id(number)), "issue/{key}/worklog/{id}"),
        ["attachment", number] => (&["GET"], Call::Attachment(id(number)), "attachment/{id}"),
        ["search", "jql"] if cloud => (&["GET", "POST"], Call::SearchJql, "search/jql"),
        ["search", "approximate-count"] if cloud => (&["POST"], Call::ApproximateCount, "search/approximate-count"),
        ["search"] => (&["GET", "POST"], Call::Search, "search"),
        ["project", "search"] if cloud => (&["GET"], Call::ProjectSearch, "project/search"),
        ["project"] => (&["GET"], Call::Projects, "project"),
        ["project", key] => (&["GET"], Call::Project(id(key)), "project/{key}"),
        ["project", key, "statuses"] => (&["GET"], Call::StatusesOf(id(key)), "project/{key}/statuses"),
        ["field"] => (&["GET"], Call::Fields, "field"),
        ["priority"] => (&["GET"], Call::Priorities, "priority"),
        ["user"] => (&["GET"], Call::User, "user"),
        ["version", number] => (&["GET"], Call::Version(id(number)), "version/{id}"),
        ["version", number, "unresolvedIssueCount"] => {
            (&["GET"], Call::VersionCount(id(number), Count::Unresolved), "version/{id}/unresolvedIssueCount")
        }
        ["version", number, "relatedIssueCounts"] => {
            (&["GET"], Call::VersionCount(id(number), Count::Related), "version/{id}/relatedIssueCounts")
        }
        ["component", number, "relatedIssueCounts"] => {
            (&["GET"], Call::ComponentCount(id(number)), "component/{id}/relatedIssueCounts")
        }
        ["component", number] => (&["GET"], Call::Component(id(number)), "component/{id}"),
        ["filter", number] => (&["GET"], Call::Filter(id(number)), "filter/{id}"),
        ["mypermissions"] => (&["GET"], Call::Webhooks(HookCall::Permissions), "mypermissions"),
        ["webhook"] if cloud => (&["GET", "POST", "DELETE"], Call::Webhooks(HookCall::Hooks), "webhook"),
        ["webhook", "refresh"] if cloud => (&["PUT"], Call::Webhooks(HookCall::Refresh), "webhook/refresh"),
        ["dashboard", number] => (&["GET"], Call::Dashboard(id(number)), "dashboard/{id}"),
        ["universal_avatar", ..] => (&["GET"], Call::Picture, "universal_avatar"),
        _ => (&["GET", "POST"], Call::Nothing, "(nothing)"),
    };
    let call = if methods.contains(&method) { call } else { Call::WrongMethod };
    Route { call, pattern: format!("/rest/api/{number}/{pattern}"), version: number }
}
