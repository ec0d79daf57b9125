//! "Why is this not synced?" as a page and as JSON (synced-database §8).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use crate::gateway::Gateway;
use crate::notion::page_url;
use crate::render::page::{self, Way, WhyAct, WhyAnswer, WhyCause};
use crate::store::Database;
use crate::sync::CreateError;
use crate::sync::explain::{About, Cause, Explained, Step};

use super::api::json_of;
use super::caller::Caller;
use super::opened::Opened;
use super::problem::Problem;
use super::visit::{Form, Refused};
use super::{databases_api, sync_shown};

type Shared = State<Arc<Gateway>>;

/// `GET /databases/{id}/why?of=…`
pub async fn page(State(gateway): Shared, opened: Opened) -> Result<Response, Refused> {
    let Opened { visit, database, query } = opened;
    let of = query.get("of").trim();
    let (answer, problem) = match gateway.syncs.explain(&database, of).await {
        Ok(answer) => (answer, None),
        Err(CreateError::Store(error)) => return Err(error.into()),
        Err(error) => (None, Some(error.to_string())),
    };
    let problem = problem.or_else(|| (answer.is_none() && !of.is_empty()).then(|| UNKNOWN.to_owned()));
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = page::DatabaseWhy {
        base: visit.base(),
        row: sync_shown::row(&gateway, &database, &gateway.syncs.shown(&database)),
        of,
        answer: answer.as_ref().map(|it| shown(&database, it)),
        problem,
        now: gateway.clock.now(),
    };
    Ok(visit.page_with(status, &page))
}

const UNKNOWN: &str = "Nothing here is called so. Give the key or the link of an issue, the name of a field or a column, \
                       or the e-mail address of a person.";

fn shown(database: &Database, answer: &Explained) -> WhyAnswer {
    WhyAnswer {
        of: answer.of.clone(),
        is_link: answer.kind == About::Link,
        page_href: answer.page_id.as_deref().map(page_url),
        causes: answer.causes.iter().map(|it| cause(database, it)).collect(),
    }
}

fn cause(database: &Database, cause: &Cause) -> WhyCause {
    let here = |end: &str| format!("/databases/{}{end}", database.id);
    let act = match cause.next_step {
        Step::Nothing | Step::Wait | Step::Jira => WhyAct::None,
        Step::Settings | Step::People => WhyAct::Open(Way::new("Settings", here("/settings"))),
        Step::Database | Step::Access => WhyAct::Open(Way::new("Open the database", here(""))),
        Step::Restore => WhyAct::Press(Way::new("Restore", here("/restore"))),
        Step::Sync => WhyAct::Press(Way::new("Sync now", here("/sync"))),
        Step::Resume => WhyAct::Press(Way::new("Resume", here("/resume"))),
    };
    WhyCause { message: cause.message.clone(), since: cause.since, next: cause.next_step.words(), act }
}

/// `GET /api/v1/databases/{id}/why?of=…`
pub async fn api(
    State(gateway): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, Problem> {
    let caller = Caller::of(&gateway, &headers).await?;
    let database = databases_api::find(&gateway, &caller, &id).await?;
    let query = Form::of_query(&uri);
    let answer = gateway.syncs.explain(&database, query.get("of")).await?;
    Ok(json_of(StatusCode::OK, &answer.ok_or_else(|| Problem::invalid_request(UNKNOWN))?))
}
