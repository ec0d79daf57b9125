//! Synced databases in the JSON API (contract §4).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::api::{json_of, read};
use super::caller::Caller;
use super::problem::Problem;
use crate::gateway::Gateway;
use crate::store::{ConnectionId, Database, DatabaseId, NotionConnectionId};
use crate::sync::badge::{NoQuestion, Question};
use crate::sync::shown::Shown;
use crate::sync::{CreateError, Decision, New};

type Shared = State<Arc<Gateway>>;
type Sent = Result<Bytes, BytesRejection>;

/// `GET /api/v1/databases`
pub async fn list(State(gateway): Shared, headers: HeaderMap) -> Result<Response, Problem> {
    #[derive(Serialize)]
    struct Rows {
        databases: Vec<Shown>,
    }
    let caller = Caller::of(&gateway, &headers).await?;
    let rows = gateway.syncs.of(caller.account()).await?;
    Ok(json_of(StatusCode::OK, &Rows { databases: rows.iter().map(|it| gateway.syncs.shown(it)).collect() }))
}

/// `GET /api/v1/databases/{id}`
pub async fn one(State(gateway): Shared, headers: HeaderMap, Path(id): Path<String>) -> Result<Response, Problem> {
    let caller = Caller::of(&gateway, &headers).await?;
    let database = find(&gateway, &caller, &id).await?;
    Ok(json_of(StatusCode::OK, &gateway.syncs.shown(&database)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewDatabase {
    project_url: String,
    notion_connection: String,
    parent_page: String,
    connection: Option<String>,
    jql: Option<String>,
    #[serde(default)]
    dry_run: bool,
}

/// `POST /api/v1/databases`
pub async fn create(State(gateway): Shared, headers: HeaderMap, body: Sent) -> Result<Response, Problem> {
    let caller = Caller::of_change(&gateway, &headers).await?;
    let asked: NewDatabase = read(&headers, body)?;
    let notion_connection =
        NotionConnectionId::parse(&asked.notion_connection).ok_or(CreateError::UnknownNotionConnection)?;
    let connection = named(asked.connection.as_deref())?;
    let new = New {
        account: caller.account(),
        project_url: &asked.project_url,
        connection: connection.as_ref(),
        notion_connection: &notion_connection,
        parent_page: &asked.parent_page,
        filter: asked.jql.as_deref(),
    };
    let found = gateway.syncs.look(new).await?;
    if asked.dry_run {
        return Ok(json_of(StatusCode::OK, &gateway.syncs.plan_of_new(&found).await?));
    }
    let database = gateway.syncs.create(caller.account(), &found).await?;
    Ok(json_of(StatusCode::CREATED, &gateway.syncs.shown(&database)))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Run {
    dry_run: bool,
    census: bool,
    /// The token of a plan that was shown before: just this is done, or nothing.
    plan: Option<String>,
}

/// `POST /api/v1/databases/{id}/sync`
pub async fn sync(
    State(gateway): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Sent,
) -> Result<Response, Problem> {
    let caller = Caller::of_change(&gateway, &headers).await?;
    let database = find(&gateway, &caller, &id).await?;
    let Run { dry_run, census, plan } = read(&headers, body)?;
    if let Some(token) = plan {
        if dry_run || census {
            let detail = "A plan stands alone: send it without dry_run and census.";
            return Err(Problem::invalid_request(detail));
        }
        gateway.syncs.sync_as_planned(&database, &token).await?;
        return accepted(&gateway, &caller, &id).await;
    }
    if dry_run {
        return Ok(json_of(StatusCode::OK, &gateway.syncs.plan(&database, census).await?));
    }
    gateway.syncs.sync_now(caller.account(), &database.id, census).await?;
    accepted(&gateway, &caller, &id).await
}

/// `POST /api/v1/databases/{id}/pause`
pub async fn pause(State(gateway): Shared, headers: HeaderMap, Path(id): Path<String>) -> Result<Response, Problem> {
    rest(&gateway, &headers, &id, true).await
}

/// `POST /api/v1/databases/{id}/resume`
pub async fn resume(State(gateway): Shared, headers: HeaderMap, Path(id): Path<String>) -> Result<Response, Problem> {
    rest(&gateway, &headers, &id, false).await
}

async fn rest(gateway: &Gateway, headers: &HeaderMap, id: &str, paused: bool) -> Result<Response, Problem> {
    let caller = Caller::of_change(gateway, headers).await?;
    let database = find(gateway, &caller, id).await?;
    gateway.syncs.pause(caller.account(), &database.id, paused).await?;
    accepted(gateway, &caller, id).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    decision: Word,
    /// The code of the reason that asks ([`Question`]); without one, whatever is asked now.
    about: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Trash,
    Keep,
}

/// `POST /api/v1/databases/{id}/answer`
pub async fn answer(
    State(gateway): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Sent,
) -> Result<Response, Problem> {
    let caller = Caller::of_change(&gateway, &headers).await?;
    let database = find(&gateway, &caller, &id).await?;
    let Answer { decision, about } = read(&headers, body)?;
    let decision = match decision {
        Word::Trash => Decision::Trash,
        Word::Keep => Decision::Keep,
    };
    let about = match about {
        Some(code) => code.parse().map_err(|it: NoQuestion| Problem::invalid_request(it.to_string()))?,
        // Where nothing is asked, an answer is a wish for a run: it decides about nothing.
        None => {
            let reason = gateway.syncs.shown(&database).reason;
            reason.and_then(|it| it.code.parse().ok()).unwrap_or(Question::Missing)
        }
    };
    gateway.syncs.answer(caller.account(), &database.id, about, decision).await?;
    accepted(&gateway, &caller, &id).await
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Anew {
    connection: Option<String>,
    dry_run: bool,
}

/// `POST /api/v1/databases/{id}/reauthenticate`
pub async fn reauthenticate(
    State(gateway): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Sent,
) -> Result<Response, Problem> {
    let caller = Caller::of_change(&gateway, &headers).await?;
    let database = find(&gateway, &caller, &id).await?;
    let Anew { connection, dry_run } = read(&headers, body)?;
    let connection = named(connection.as_deref())?;
    if dry_run {
        let difference = gateway.syncs.difference(caller.account(), &database, connection.as_ref()).await?;
        return Ok(json_of(StatusCode::OK, &difference.unwrap_or_default()));
    }
    gateway.syncs.reauthenticate(caller.account(), &database, connection.as_ref()).await?;
    accepted(&gateway, &caller, &id).await
}

/// `DELETE /api/v1/databases/{id}`
pub async fn remove(
    State(gateway): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
    uri: axum::http::Uri,
) -> Result<StatusCode, Problem> {
    let caller = Caller::of_change(&gateway, &headers).await?;
    let database = find(&gateway, &caller, &id).await?;
    let delete_table = match uri.query().unwrap_or_default() {
        "" | "delete_table=false" => false,
        "delete_table=true" => true,
        _ => return Err(Problem::invalid_request("The only parameter is delete_table=true.")),
    };
    gateway.syncs.remove(caller.account(), &database, delete_table).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The connection that a caller names, if any.
fn named(id: Option<&str>) -> Result<Option<ConnectionId>, CreateError> {
    id.map(|id| ConnectionId::parse(id).ok_or(CreateError::UnknownConnection)).transpose()
}

async fn accepted(gateway: &Gateway, caller: &Caller, id: &str) -> Result<Response, Problem> {
    let database = find(gateway, caller, id).await?;
    Ok(json_of(StatusCode::ACCEPTED, &gateway.syncs.shown(&database)))
}

/// The caller's own one of this id.
pub async fn find(gateway: &Gateway, caller: &Caller, id: &str) -> Result<Database, Problem> {
    let nothing = || Problem::not_found("There is no such synced database in your account.");
    let id = DatabaseId::parse(id).ok_or_else(nothing)?;
    gateway.syncs.one(caller.account(), &id).await?.ok_or_else(nothing)
}
