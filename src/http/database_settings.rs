//! What its person can change of a synced database (synced-database §1.2 to §1.4).

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::gateway::Gateway;
use crate::render::page::{self, FieldSwitch, SyncDone};
use crate::store::Database;
use crate::sync::CreateError;
use crate::sync::settings::{Chosen, FieldChoice, Settings};
use crate::sync::state::{OnDropped, OnEdit, OnLeft, Rules};
use crate::sync::why::Why;

use super::databases::{self, back};
use super::opened::{Opened, SentTo};
use super::sync_shown;
use super::visit::{Form, Refused, Visit};

type Shared = State<Arc<Gateway>>;

/// `GET /databases/{id}/settings`
pub async fn page(State(gateway): Shared, opened: Opened) -> Result<Response, Refused> {
    let Opened { visit, database, .. } = opened;
    show(&gateway, visit, &database, Settings::of(&database), None).await
}

/// `POST /databases/{id}/settings`: all of the form is kept, or nothing of it; or one field gets the name that is offered.
pub async fn save(State(gateway): Shared, sent: SentTo) -> Result<Response, Refused> {
    let SentTo { visit, database, form } = sent;
    if form.has("create_as") {
        return match gateway.syncs.create_as(&database.account_id, &database, form.get("create_as")).await? {
            true => Ok(back(&database.id, SyncDone::Saved)),
            false => Err(visit.not_found()),
        };
    }
    let chosen = chosen(&form);
    match gateway.syncs.choose(&database.account_id, &database, &chosen).await {
        Ok(()) => Ok(back(&database.id, SyncDone::Saved)),
        Err(CreateError::Store(error)) => Err(error.into()),
        Err(error) => {
            let settings = filled(Settings::of(&database), &chosen);
            show(&gateway, visit, &database, settings, Some(error.to_string())).await
        }
    }
}

fn chosen(form: &Form) -> Chosen<'_> {
    Chosen {
        filter: form.get("jql"),
        with_security: form.has("with_security"),
        all_sprints: form.has("all_sprints"),
        with_comments: form.has("with_comments"),
        status_as_status: form.has("status_as_status"),
        rules: Rules {
            edited: match form.get("edited") {
                "keep" => OnEdit::Keep,
                "flag" => OnEdit::Flag,
                _ => OnEdit::Restore,
            },
            left: if form.get("left") == "trash" { OnLeft::Trash } else { OnLeft::Keep },
            dropped: if form.get("dropped") == "remove" { OnDropped::Remove } else { OnDropped::Mark },
        },
        people: form.get("people"),
        listed: form.get("listed").split(',').filter(|key| !key.is_empty()).collect(),
        on: form.all("on").collect::<BTreeSet<_>>(),
    }
}

/// With what was sent in the place of what is kept.
fn filled(settings: Settings, chosen: &Chosen<'_>) -> Settings {
    let is_on = |it: &FieldChoice| match chosen.listed.contains(it.key.as_str()) {
        true => chosen.on.contains(it.key.as_str()),
        false => it.is_on,
    };
    let fields = settings.fields.into_iter().map(|it| FieldChoice { is_on: is_on(&it), ..it }).collect();
    Settings {
        filter: chosen.filter.trim().to_owned(),
        with_security: chosen.with_security,
        all_sprints: chosen.all_sprints,
        with_comments: chosen.with_comments,
        status_as_status: chosen.status_as_status,
        rules: chosen.rules,
        people: chosen.people.to_owned(),
        fields,
    }
}

async fn show(
    gateway: &Gateway,
    visit: Visit,
    database: &Database,
    settings: Settings,
    problem: Option<String>,
) -> Result<Response, Refused> {
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let ways_in = databases::all_ways_in(gateway, &visit, database).await?;
    let page = page::DatabaseSettings {
        base: visit.base(),
        row: sync_shown::row(gateway, database, &gateway.syncs.shown(database)),
        jql: settings.filter,
        with_security: settings.with_security,
        all_sprints: settings.all_sprints,
        with_comments: settings.with_comments,
        status_as_status: settings.status_as_status,
        edited: match settings.rules.edited {
            OnEdit::Restore => "restore",
            OnEdit::Keep => "keep",
            OnEdit::Flag => "flag",
        },
        left: if settings.rules.left == OnLeft::Trash { "trash" } else { "keep" },
        dropped: if settings.rules.dropped == OnDropped::Remove { "remove" } else { "mark" },
        people: settings.people,
        ways_in,
        fields: settings.fields.into_iter().map(switch).collect(),
        problem,
    };
    Ok(visit.page_with(status, &page))
}

fn switch(choice: FieldChoice) -> FieldSwitch {
    let note = match choice.why {
        Some(Why::NameTaken) if choice.offer.is_none() => Some("The next run creates it under the other name."),
        Some(Why::NameTaken) => Some("You have a column of this name."),
        Some(_) => Some("You removed or changed its column. Restore, on the page of the database, brings it back."),
        None => None,
    };
    FieldSwitch {
        key: choice.key,
        name: choice.name,
        kind: choice.kind.unwrap_or("page"),
        is_on: choice.is_on,
        note: note.filter(|_| choice.is_on),
        offer: choice.offer,
    }
}
