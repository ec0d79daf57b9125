//! A person's own Notion accounts: signing in with Notion (contract §6), and the list of them as page and JSON (§4).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::config::SignIn;
use crate::gateway::Gateway;
use crate::jira::text;
use crate::render::Html as _;
use crate::render::page::{self, NotionProblem, NotionRow};
use crate::store::{self, AccountId, GrantHealth, NotionConnection, NotionConnectionId, NotionKind};
use crate::workspace::{Begin, Completed, Incomplete, Return, WorkspaceError};

use super::api::{json_of, read};
use super::caller::Caller;
use super::opener::Opener;
use super::problem::Problem;
use super::sent::Sent;
use super::server::Peer;
use super::visit::{Form, Refused, own_path};
use super::{address, pages};

type Shared = State<Arc<Gateway>>;

/// `GET /notion/connect?return_to=PATH`: to Notion, which asks the person whether we may come in.
pub async fn begin(
    State(gateway): Shared,
    peer: axum::Extension<Peer>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refused> {
    if gateway.workspaces.callback().is_none() {
        return Ok(pages::not_found().await);
    }
    let opener = Opener::of(&gateway, &headers, &uri, SignIn::Notion).await?;
    let usual = if opener.account().is_some() { "/connections" } else { "/" };
    let query = Form::of_query(&uri);
    let return_to = own_path(query.get("return_to")).unwrap_or(usual);
    let begin = Begin {
        account: opener.account(),
        peer: address::of(&gateway, peer.0, &headers),
        browser: opener.browser(),
        return_to,
    };
    match gateway.workspaces.begin(begin).await {
        Ok(address) => Ok(opener.away(&gateway, address.as_str())),
        Err(error) => refused(&gateway, opener, error, return_to),
    }
}

/// `GET /notion/callback`: the person comes back.
pub async fn callback(State(gateway): Shared, headers: HeaderMap, uri: Uri) -> Result<Response, Refused> {
    if gateway.workspaces.callback().is_none() {
        return Ok(pages::not_found().await);
    }
    // Whoever has to sign in first begins anew: the code must not travel on in the address of another page.
    let opener = Opener::of(&gateway, &headers, &Uri::from_static("/notion/connect"), SignIn::Notion).await?;
    let query = Form::of_query(&uri);
    let back = Return {
        account: opener.account(),
        browser: opener.browser(),
        state: query.get("state"),
        code: query.get("code"),
        error: query.get("error"),
    };
    match gateway.workspaces.complete(back).await {
        Ok(Completed { account, connection, return_to }) => {
            // The list says what is new in it; other pages are as they were left.
            let home =
                if return_to == "/connections" { format!("{return_to}?notion={}", connection.id) } else { return_to };
            opener.home(&gateway, &headers, &uri, &account, &home).await
        }
        Err(Incomplete { error, return_to }) => {
            let return_to = own_path(&return_to).unwrap_or("/");
            refused(&gateway, opener, error, return_to)
        }
    }
}

fn refused(gateway: &Gateway, opener: Opener, error: WorkspaceError, return_to: &str) -> Result<Response, Refused> {
    let problem = match error {
        WorkspaceError::Store(error) => return Err(error.into()),
        WorkspaceError::TooManyAttempts { retry_at } => {
            return Err(Refused::new(page::Problem::too_many(opener.base(), retry_at, gateway.clock.now())));
        }
        WorkspaceError::SignedOut => return Err(Refused::new(page::Problem::sign_in_first(opener.base(), return_to))),
        WorkspaceError::Denied => NotionProblem::Denied,
        WorkspaceError::Expired | WorkspaceError::Invalid(_) => NotionProblem::Expired,
        WorkspaceError::OtherBrowser => NotionProblem::OtherBrowser,
        WorkspaceError::OtherAccount => NotionProblem::OtherAccount,
        WorkspaceError::Nobody => NotionProblem::Nobody,
        WorkspaceError::Unreachable => NotionProblem::Unreachable,
        WorkspaceError::Operator | WorkspaceError::WrongToken => NotionProblem::Operator,
    };
    let page = page::Problem::notion(opener.base(), problem, return_to);
    let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    Ok(opener.page(gateway, status, page.html()))
}

/// `POST /notion/connections`: a typed token, as the API takes it. No answer repeats it.
pub async fn type_token(
    State(gateway): Shared,
    peer: axum::Extension<Peer>,
    headers: HeaderMap,
    Sent { visit, form }: Sent,
) -> Result<Response, Refused> {
    let return_to = own_path(form.get("return_to")).unwrap_or("/connections");
    let token = SecretString::from(form.get("token"));
    let peer = address::of(&gateway, peer.0, &headers);
    match gateway.workspaces.add_token(&visit.session.account, peer, &token).await {
        Ok((connection, _)) if return_to == "/connections" => {
            Ok(visit.redirect(&format!("{return_to}?notion={}", connection.id)))
        }
        Ok(_) => Ok(visit.redirect(return_to)),
        Err(WorkspaceError::Store(error)) => Err(error.into()),
        Err(WorkspaceError::TooManyAttempts { retry_at }) => {
            Err(Refused::new(page::Problem::too_many(visit.base(), retry_at, gateway.clock.now())))
        }
        Err(error) => Err(Refused::new(page::Problem::notion_token(visit.base(), error.to_string(), return_to))),
    }
}

/// `POST /notion/connections/{id}/remove`
pub async fn remove(State(gateway): Shared, Path(id): Path<String>, sent: Sent) -> Result<Response, Refused> {
    let removed = match NotionConnectionId::parse(&id) {
        Some(id) => gateway.workspaces.remove(&sent.visit.session.account, &id).await?,
        None => false,
    };
    match removed {
        true => Ok(sent.visit.redirect("/connections?removed=notion-account")),
        false => Err(sent.visit.not_found()),
    }
}

/// Longest name that is shown.
const LONGEST_NAME: usize = 200;

/// A name of Notion's as one harmless line: whoever owns a workspace may call it anything.
pub fn shown(name: &str) -> String {
    text::clean_line(name, LONGEST_NAME)
}

/// What a person calls a connection: the workspace, by whatever Notion told of it.
pub fn name(connection: &NotionConnection) -> String {
    match (shown(&connection.workspace_name), shown(&connection.workspace_id)) {
        (name, _) if !name.is_empty() => name,
        (_, id) if !id.is_empty() => id,
        _ => "a workspace".to_owned(),
    }
}

/// Who an account's person is at Notion, as far as that is known.
pub async fn whose(gateway: &Gateway, account: &AccountId) -> Result<String, store::Error> {
    let names = gateway.workspaces.of(account).await?.into_iter().map(|it| shown(&it.user_name));
    Ok(names.into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| account.to_string()))
}

/// A connection as pages show it.
pub fn row(connection: &NotionConnection) -> NotionRow {
    NotionRow {
        id: connection.id.to_string(),
        workspace: name(connection),
        person: shown(&connection.user_name),
        by_consent: connection.kind == NotionKind::Oauth,
        is_ok: connection.health == GrantHealth::Ok,
        since: Timestamp::from_millisecond(connection.created_at).unwrap_or_default(),
    }
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    workspace: String,
    kind: &'static str,
    health: &'static str,
}

impl<'a> Row<'a> {
    fn of(it: &'a NotionConnection) -> Self {
        Self { id: it.id.as_str(), workspace: name(it), kind: it.kind.as_str(), health: it.health.as_str() }
    }
}

/// `GET /api/v1/notion-connections`
pub async fn list(State(gateway): Shared, headers: HeaderMap) -> Result<Response, Problem> {
    #[derive(Serialize)]
    struct Rows<'a> {
        notion_connections: Vec<Row<'a>>,
    }
    let caller = Caller::of(&gateway, &headers).await?;
    let rows = gateway.workspaces.of(caller.account()).await?;
    Ok(json_of(StatusCode::OK, &Rows { notion_connections: rows.iter().map(Row::of).collect() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewToken {
    token: SecretString,
}

/// `POST /api/v1/notion-connections`
pub async fn add(
    State(gateway): Shared,
    peer: axum::Extension<Peer>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    #[derive(Serialize)]
    struct Added<'a> {
        id: &'a str,
        workspace: String,
    }
    let caller = Caller::of_change(&gateway, &headers).await?;
    let NewToken { token } = read(&headers, body)?;
    let peer = address::of(&gateway, peer.0, &headers);
    let (connection, created) = gateway.workspaces.add_token(caller.account(), peer, &token).await?;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok(json_of(status, &Added { id: connection.id.as_str(), workspace: name(&connection) }))
}

/// `DELETE /api/v1/notion-connections/{id}`
pub async fn disconnect(
    State(gateway): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let nothing = || Problem::not_found("There is no such Notion connection in your account.");
    let caller = Caller::of_change(&gateway, &headers).await?;
    let id = NotionConnectionId::parse(&id).ok_or_else(nothing)?;
    match gateway.workspaces.remove(caller.account(), &id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(nothing()),
    }
}
