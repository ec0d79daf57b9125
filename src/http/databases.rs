//! The pages of synced databases (contract §3): the list, one of them, and what can be done with it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;

use crate::connect::health;
use crate::gateway::Gateway;
use crate::render::page::{self, Choice, Done, Next, SyncDone, Way};
use crate::render::{step, time};
use crate::store::{Connection, ConnectionId, Database, DatabaseId, GrantHealth, NotionConnectionId};
use crate::sync::badge::{Badge, NoQuestion, Question};
use crate::sync::shown::Shown;
use crate::sync::{CreateError, Decision, Difference, Forecast};

use super::opened::{Opened, SentTo};
use super::sync_shown as as_page;
use super::visit::{Form, Refused, Visit, html, see_other};

type Shared = State<Arc<Gateway>>;

/// `GET /databases`
pub async fn list(State(gateway): Shared, headers: HeaderMap, uri: Uri) -> Result<Response, Refused> {
    let visit = Visit::of(&gateway, &headers, &uri).await?;
    let databases = gateway.syncs.of(&visit.session.account).await?;
    let rows = databases.iter().map(|it| as_page::row(&gateway, it, &gateway.syncs.shown(it)));
    let page = page::Databases {
        base: visit.base(),
        rows: rows.collect(),
        done: done(&Form::of_query(&uri)),
        now: gateway.clock.now(),
    };
    Ok(visit.page(&page))
}

fn done(query: &Form) -> Option<Done> {
    SyncDone::parse(query.get("done")).map(Done::Sync)
}

/// `GET /databases/{id}`
pub async fn one(State(gateway): Shared, opened: Opened) -> Result<Response, Refused> {
    let Opened { visit, database, query } = opened;
    show(&gateway, visit, &database, Extra { done: done(&query), ..Extra::default() }).await
}

/// `GET /databases/{id}/plan`: a dry run, with a census as `Sync now` has it.
pub async fn plan(State(gateway): Shared, opened: Opened) -> Result<Response, Refused> {
    let Opened { visit, database, .. } = opened;
    let extra = match gateway.syncs.plan(&database, true).await {
        Ok(plan) => Extra { plan: Some(plan), ..Extra::default() },
        Err(CreateError::Store(error)) => return Err(error.into()),
        Err(error) => Extra::of(&error),
    };
    show(&gateway, visit, &database, extra).await
}

/// What a page shows beyond the database as it is.
#[derive(Default)]
struct Extra {
    plan: Option<Forecast>,
    problem: Option<(StatusCode, String)>,
    done: Option<Done>,
}

impl Extra {
    fn of(error: &CreateError) -> Self {
        let status = match error {
            CreateError::Moved => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self { problem: Some((status, error.to_string())), ..Self::default() }
    }
}

async fn show(gateway: &Gateway, visit: Visit, database: &Database, extra: Extra) -> Result<Response, Refused> {
    let shown = gateway.syncs.shown(database);
    let report = gateway.syncs.report(database).await?;
    let next = next(gateway, &visit, database, &shown).await?;
    let counts = [
        (shown.counts.created, "created"),
        (shown.counts.updated, "updated"),
        (shown.counts.trashed, "to the trash"),
        (shown.counts.unchanged, "unchanged"),
        (shown.counts.failed, "failed"),
    ];
    let (status, problem) = extra.problem.map_or((StatusCode::OK, None), |(status, words)| (status, Some(words)));
    let page = page::Database {
        base: visit.base(),
        row: as_page::row(gateway, database, &shown),
        // What was asked for stays on the screen.
        is_working: as_page::is_working(database, &shown) && extra.plan.is_none() && problem.is_none(),
        is_paused: database.paused,
        next,
        counts: if shown.synced_at.is_some() { counts.to_vec() } else { Vec::new() },
        report: as_page::report(database, &report),
        plan: extra.plan.as_ref().map(as_page::plan),
        problem,
        done: extra.done,
        now: gateway.clock.now(),
    };
    Ok(visit.page_with(status, &page))
}

/// The one thing that its person can do about it.
async fn next(gateway: &Gateway, visit: &Visit, database: &Database, shown: &Shown) -> Result<Next, Refused> {
    let code = shown.reason.as_ref().map_or("", |it| it.code.as_str());
    let here = format!("/databases/{}", database.id);
    Ok(match (shown.kind, code) {
        (Badge::Waiting, code) => code.parse().map_or(Next::SyncNow, |it: Question| Next::Answer(it.code())),
        (Badge::Paused, _) => Next::Resume,
        (Badge::Stopped, "disconnected" | "reconnect" | "no_permission") => again(gateway, visit, database).await?,
        (Badge::Stopped, "notion_disconnected" | "notion_reconnect") => {
            let ways = gateway.workspaces.of(&visit.session.account).await?;
            let is_own = |id: &NotionConnectionId| database.notion_connection_id.as_ref().is_none_or(|own| own == id);
            let works = ways.iter().any(|it| it.health == GrantHealth::Ok && is_own(&it.id));
            match gateway.workspaces.callback() {
                _ if works => again(gateway, visit, database).await?,
                Some(_) => {
                    let href = format!("/notion/connect?return_to={}", step::encode(&here));
                    Next::Elsewhere(Way::new("Connect Notion", href))
                }
                None => Next::Elsewhere(Way::new("Connections", "/connections")),
            }
        }
        (Badge::Stopped, "captcha") => Next::Elsewhere(Way::new("Connections", "/connections")),
        (Badge::Failed, "configuration") => Next::Elsewhere(Way::new("Settings", format!("{here}/settings"))),
        (Badge::Stopped, "database_trashed" | "database_not_shared") => Next::Recreate,
        (Badge::Failed | Badge::Stopped | Badge::Late, _) => Next::SyncNow,
        _ => Next::None,
    })
}

/// The ways into its Jira that work.
pub async fn ways_in(gateway: &Gateway, visit: &Visit, database: &Database) -> Result<Vec<Choice>, Refused> {
    let held = gateway.connect.held(&visit.session.account).await?;
    Ok(held.at(&database.site).filter(|it| works(it)).map(|it| way_in(gateway, database, it)).collect())
}

/// All ways into a Jira that work, its own first: a Jira may have another address by now (S17).
pub async fn all_ways_in(gateway: &Gateway, visit: &Visit, database: &Database) -> Result<Vec<Choice>, Refused> {
    let held = gateway.connect.held(&visit.session.account).await?;
    let elsewhere = held.connections.iter().filter(|it| it.site != database.site);
    let all = held.at(&database.site).chain(elsewhere);
    Ok(all.filter(|it| works(it)).map(|it| way_in(gateway, database, it)).collect())
}

fn works(connection: &Connection) -> bool {
    health::may_be_used(connection.health)
}

fn way_in(gateway: &Gateway, database: &Database, connection: &Connection) -> Choice {
    Choice {
        id: connection.id.to_string(),
        name: connection.label.clone(),
        detail: gateway.site_name(&connection.site).to_owned(),
        is_chosen: database.connection_id.as_ref() == Some(&connection.id),
    }
}

/// Whoever can read the Jira lets it go on; else they sign in there first.
async fn again(gateway: &Gateway, visit: &Visit, database: &Database) -> Result<Next, Refused> {
    let choices = ways_in(gateway, visit, database).await?;
    if choices.is_empty() {
        let href = connect_href(database.site.as_str(), &format!("/databases/{}", database.id));
        return Ok(Next::Elsewhere(Way::new("Sign in to Jira", href)));
    }
    Ok(Next::Reauthenticate(choices))
}

/// The connect window for a site, and back.
pub fn connect_href(site: &str, return_to: &str) -> String {
    format!("/connect?site={}&return_to={}", step::encode(site), step::encode(return_to))
}

/// `POST /databases/{id}/{what}` of the buttons that need nothing but a press.
async fn press(gateway: &Gateway, database: &Database, press: Press, done: SyncDone) -> Result<Response, Refused> {
    let Database { id, account_id: account, .. } = database;
    match press {
        Press::Sync => gateway.syncs.sync_now(account, id, true).await?,
        Press::Restore => gateway.syncs.restore(account, id).await?,
        Press::Recreate => gateway.syncs.recreate(account, id).await?,
        Press::Pause(paused) => gateway.syncs.pause(account, id, paused).await?,
    };
    Ok(back(id, done))
}

/// What a button does.
enum Press {
    Sync,
    Restore,
    Recreate,
    Pause(bool),
}

/// `POST /databases/{id}/sync`
pub async fn sync(State(gateway): Shared, sent: SentTo) -> Result<Response, Refused> {
    let SentTo { visit, database, form } = sent;
    let token = form.get("plan");
    if token.is_empty() {
        return press(&gateway, &database, Press::Sync, SyncDone::Asked).await;
    }
    match gateway.syncs.sync_as_planned(&database, token).await {
        Ok(()) => Ok(back(&database.id, SyncDone::Asked)),
        Err(CreateError::Store(error)) => Err(error.into()),
        Err(error) => show(&gateway, visit, &database, Extra::of(&error)).await,
    }
}

/// `POST /databases/{id}/restore`
pub async fn restore(State(gateway): Shared, sent: SentTo) -> Result<Response, Refused> {
    press(&gateway, &sent.database, Press::Restore, SyncDone::WillRestore).await
}

/// `POST /databases/{id}/recreate`
pub async fn recreate(State(gateway): Shared, sent: SentTo) -> Result<Response, Refused> {
    press(&gateway, &sent.database, Press::Recreate, SyncDone::Recreated).await
}

/// `POST /databases/{id}/remove-column`
pub async fn remove_column(State(gateway): Shared, sent: SentTo) -> Result<Response, Refused> {
    let SentTo { visit, database, form } = sent;
    match gateway.syncs.remove_column(&database.account_id, &database, form.get("column")).await {
        Ok(()) => Ok(back(&database.id, SyncDone::WillRemoveColumn)),
        Err(CreateError::Store(error)) => Err(error.into()),
        Err(error) => show(&gateway, visit, &database, Extra::of(&error)).await,
    }
}

/// `POST /databases/{id}/pause`
pub async fn pause(State(gateway): Shared, sent: SentTo) -> Result<Response, Refused> {
    press(&gateway, &sent.database, Press::Pause(true), SyncDone::Paused).await
}

/// `POST /databases/{id}/resume`
pub async fn resume(State(gateway): Shared, sent: SentTo) -> Result<Response, Refused> {
    press(&gateway, &sent.database, Press::Pause(false), SyncDone::Resumed).await
}

/// `POST /databases/{id}/answer`
pub async fn answer(State(gateway): Shared, sent: SentTo) -> Result<Response, Refused> {
    let SentTo { visit, database, form } = sent;
    let refused = |why: &str| Refused::new(page::Problem::bad_request(visit.base(), why));
    let about: Question = form.get("about").parse().map_err(|it: NoQuestion| refused(&it.to_string()))?;
    let (decision, done) = match form.get("decision") {
        "trash" => (Decision::Trash, SyncDone::WillTrash),
        "keep" => (Decision::Keep, SyncDone::WillKeep),
        _ => return Err(refused("Choose one of the two answers.")),
    };
    gateway.syncs.answer(&database.account_id, &database.id, about, decision).await?;
    Ok(back(&database.id, done))
}

/// `POST /databases/{id}/reauthenticate`: where another person's eyes would read Jira, it is told first what that changes
/// (S21).
pub async fn reauthenticate(State(gateway): Shared, sent: SentTo) -> Result<Response, Refused> {
    let SentTo { visit, database, form } = sent;
    let account = &database.account_id;
    let connection = ConnectionId::parse(form.get("connection"));
    let difference = match form.has("agreed") {
        true => Ok(None),
        false => gateway.syncs.difference(account, &database, connection.as_ref()).await,
    };
    let done = match difference {
        Ok(Some(Difference { disappear, appear })) if disappear + appear > 0 => {
            let held = gateway.connect.held(account).await?;
            let chosen = connection.as_ref().and_then(|id| held.find(id));
            let page = page::HandOver {
                base: visit.base(),
                row: as_page::row(&gateway, &database, &gateway.syncs.shown(&database)),
                connection: form.get("connection"),
                label: chosen.map_or("", |it| it.label.as_str()),
                disappear,
                appear,
            };
            return Ok(visit.page(&page));
        }
        Ok(_) => gateway.syncs.reauthenticate(account, &database, connection.as_ref()).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(back(&database.id, SyncDone::Reauthenticated)),
        Err(CreateError::Store(error)) => Err(error.into()),
        Err(error) => show(&gateway, visit, &database, Extra::of(&error)).await,
    }
}

/// `GET /databases/{id}/remove`: asks first.
pub async fn ask_to_remove(State(gateway): Shared, opened: Opened) -> Result<Response, Refused> {
    let Opened { visit, database, .. } = opened;
    Ok(removal(&gateway, visit, &database, None))
}

/// `POST /databases/{id}/remove`
pub async fn remove(State(gateway): Shared, sent: SentTo) -> Result<Response, Refused> {
    let SentTo { visit, database, form } = sent;
    let delete_table = form.get("table") == "trash";
    match gateway.syncs.remove(&database.account_id, &database, delete_table).await {
        Ok(()) => {
            let done = if delete_table { SyncDone::Trashed } else { SyncDone::Removed };
            Ok(see_other(&format!("/databases?done={}", done.as_str())))
        }
        Err(CreateError::Store(error)) => Err(error.into()),
        Err(error) => Ok(removal(&gateway, visit, &database, Some(error.to_string()))),
    }
}

fn removal(gateway: &Gateway, visit: Visit, database: &Database, problem: Option<String>) -> Response {
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let row = as_page::row(gateway, database, &gateway.syncs.shown(database));
    let page = page::RemoveDatabase { base: visit.base(), row, problem };
    visit.page_with(status, &page)
}

/// `GET /databases/{id}/report.csv`
pub async fn csv(State(gateway): Shared, opened: Opened) -> Result<Response, Refused> {
    let Opened { database, .. } = opened;
    let text = as_page::csv(&database, &gateway.syncs.report(&database).await?);
    let key: String = database.project_key.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = format!("attachment; filename=\"{key}-{}.csv\"", time::date(gateway.clock.now()));
    let mut response = html(StatusCode::OK, text);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// To the page of a database, which says what was done.
pub fn back(id: &DatabaseId, done: SyncDone) -> Response {
    see_other(&format!("/databases/{id}?done={}", done.as_str()))
}
