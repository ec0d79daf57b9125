//! A project becomes a database: the form, the plan, and the one button (synced-database §1.1).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use crate::connect::Held;
use crate::gateway::Gateway;
use crate::jira::key::SiteUrl;
use crate::link;
use crate::render::page::{self, Choice, First, Planned, SyncDone, Way};
use crate::render::step;
use crate::store::{ConnectionId, NotionConnection, NotionConnectionId};
use crate::sync::{CreateError, Found, New};

use super::databases::{back, connect_href};
use super::sent::Sent;
use super::visit::{Form, Refused, Visit};
use super::{notion_account, sync_shown};

type Shared = State<Arc<Gateway>>;

/// `GET /databases/new?project_url=…`
pub async fn form(State(gateway): Shared, headers: HeaderMap, uri: Uri) -> Result<Response, Refused> {
    let visit = Visit::of(&gateway, &headers, &uri).await?;
    show(&gateway, visit, &Form::of_query(&uri), Ok(None)).await
}

/// `POST /databases/new`: what it would come to. Nothing is written.
pub async fn plan(State(gateway): Shared, Sent { visit, form }: Sent) -> Result<Response, Refused> {
    let planned = async {
        let found = look(&gateway, &visit, &form).await?;
        let forecast = gateway.syncs.plan_of_new(&found).await?;
        let jql = found.asked.filter.map(String::from).unwrap_or_default();
        // A search is taken apart once: what the plan says is made, though the search may find more by then.
        let project_url = match jql == form.get("jql").trim() {
            true => form.get("project_url").trim().to_owned(),
            false => found.jira.site.join(&format!("/secure/BrowseProject.jspa?id={}", found.project_id)),
        };
        Ok(Some(Planned {
            project_url,
            jql,
            project_key: found.project.key,
            project_name: found.project.name,
            workspace: notion_account::name(&found.notion),
            checks: sync_shown::checks(&forecast.checks),
            plan: sync_shown::plan(&forecast),
        }))
    };
    let planned = planned.await;
    show(&gateway, visit, &form, planned).await
}

/// `POST /databases`
pub async fn create(State(gateway): Shared, Sent { visit, form }: Sent) -> Result<Response, Refused> {
    let created = async {
        let found = Found { is_planned: form.has("planned"), ..look(&gateway, &visit, &form).await? };
        gateway.syncs.create(&visit.session.account, &found).await
    };
    match created.await {
        Ok(database) => Ok(back(&database.id, SyncDone::Created)),
        Err(error) => show(&gateway, visit, &form, Err(error)).await,
    }
}

async fn look(gateway: &Gateway, visit: &Visit, form: &Form) -> Result<Found, CreateError> {
    let notion = NotionConnectionId::parse(form.get("notion_connection"));
    let connection = ConnectionId::parse(form.get("connection"));
    let new = New {
        account: &visit.session.account,
        project_url: form.get("project_url").trim(),
        connection: connection.as_ref(),
        notion_connection: &notion.ok_or(CreateError::UnknownNotionConnection)?,
        parent_page: form.get("parent_page").trim(),
        filter: Some(form.get("jql")),
    };
    let mut found = gateway.syncs.look(new).await?;
    found.asked.wish.with_security = form.has("with_security");
    found.asked.wish.all_sprints = form.has("all_sprints");
    found.asked.wish.with_comments = form.has("with_comments");
    found.asked.wish.status_as_status = form.has("status_as_status");
    Ok(found)
}

async fn show(
    gateway: &Gateway,
    visit: Visit,
    form: &Form,
    planned: Result<Option<Planned>, CreateError>,
) -> Result<Response, Refused> {
    let account = &visit.session.account;
    let held = gateway.connect.held(account).await?;
    let notion = gateway.workspaces.of(account).await?;
    let project_url = form.get("project_url").trim();
    let site = link::parse(project_url, &held.known).map(|it| it.site().clone());
    // Whoever connects something first comes back to what was filled in already.
    let filled = ["project_url", "parent_page", "jql"].map(|name| (name, form.get(name).trim()));
    let filled = filled.into_iter().filter(|(_, value)| !value.is_empty());
    let filled: Vec<String> = filled.map(|(name, value)| format!("{name}={}", step::encode(value))).collect();
    let here = format!("/databases/new?{}", filled.join("&"));
    let (planned, problem) = match planned {
        Ok(planned) => (planned, None),
        Err(CreateError::Store(error)) => return Err(error.into()),
        Err(error) => (None, Some(error)),
    };
    let way = match (&problem, &site) {
        (Some(CreateError::ConnectFirst(_) | CreateError::Reconnect), Some(site)) => {
            Some(Way::new("Sign in to Jira", connect_href(site.as_str(), &here)))
        }
        _ => None,
    };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = page::NewDatabase {
        base: visit.base(),
        project_url,
        parent_page: form.get("parent_page").trim(),
        jql: form.get("jql").trim(),
        with_security: form.has("with_security"),
        all_sprints: form.has("all_sprints"),
        with_comments: form.has("with_comments"),
        status_as_status: form.has("status_as_status"),
        jira: jira(gateway, &held, site.as_ref(), form.get("connection")),
        notion: workspaces(&notion, form.get("notion_connection")),
        first: first(gateway, &held, site.as_ref(), &notion, &here),
        planned,
        problem: problem.map(|it| it.to_string()),
        way,
    };
    Ok(visit.page_with(status, &page))
}

/// What has to be connected before there is anything to plan.
fn first(
    gateway: &Gateway,
    held: &Held,
    site: Option<&SiteUrl>,
    notion: &[NotionConnection],
    here: &str,
) -> Vec<First> {
    let mut first = Vec::new();
    let is_connected = match site {
        Some(site) => held.at(site).next().is_some(),
        None => !held.connections.is_empty(),
    };
    if !is_connected {
        let (text, href) = match site {
            Some(site) => (format!("The project lies at {site}."), connect_href(site.as_str(), here)),
            None => ("The database shows what your own account may see.".to_owned(), "/connections".to_owned()),
        };
        let way = Some(Way::new("Connect Jira", href));
        first.push(First { title: "Connect your Jira", text, way, token_for: None });
    }
    if notion.is_empty() {
        let by_consent = gateway.workspaces.callback().is_some();
        let text = match by_consent {
            true => "The rows are written in your name, on pages that you share with the gateway.",
            false => "The rows are written in the name of an internal connection, on pages that you share with it.",
        };
        let way =
            by_consent.then(|| Way::new("Connect Notion", format!("/notion/connect?return_to={}", step::encode(here))));
        let token_for = Some(here.to_owned()).filter(|_| !by_consent);
        first.push(First { title: "Connect Notion", text: text.to_owned(), way, token_for });
    }
    first
}

/// The ways into the Jira of the link; the first one unless another was chosen.
fn jira(gateway: &Gateway, held: &Held, site: Option<&SiteUrl>, chosen: &str) -> Vec<Choice> {
    let there = held.connections.iter().filter(|it| site.is_some_and(|site| it.site == *site));
    choose(
        chosen,
        there.map(|it| Choice {
            id: it.id.to_string(),
            name: it.label.clone(),
            detail: gateway.site_name(&it.site).to_owned(),
            is_chosen: false,
        }),
    )
}

fn workspaces(notion: &[NotionConnection], chosen: &str) -> Vec<Choice> {
    choose(
        chosen,
        notion.iter().map(|it| Choice {
            id: it.id.to_string(),
            name: notion_account::name(it),
            detail: notion_account::shown(&it.user_name),
            is_chosen: false,
        }),
    )
}

fn choose(chosen: &str, choices: impl Iterator<Item = Choice>) -> Vec<Choice> {
    let mut choices: Vec<Choice> = choices.collect();
    let at = choices.iter().position(|it| it.id == chosen).unwrap_or_default();
    if let Some(choice) = choices.get_mut(at) {
        choice.is_chosen = true;
    }
    choices
}
