//! The page of connections (contract §3): what is connected, how long it lasts, and what can be done about it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use jiff::Timestamp;

use crate::connect::{ConnectError, Held, Kept, NotReplaced, NotTold, calendar, can_be_replaced};
use crate::gateway::Gateway;
use crate::jira::{Error, auth};
use crate::render::page::{self, ConnectionRow, Done, NotGranted, Removal, Trouble};
use crate::store::{Connection, ConnectionId, GrantHealth, Health};

use super::api::expiry;
use super::connect;
use super::notion_account;
use super::sent::Sent;
use super::visit::{Form, Refused, Visit, own_path, see_other};

type Shared = State<Arc<Gateway>>;

/// `GET /connections`
pub async fn list(State(gateway): Shared, headers: HeaderMap, uri: Uri) -> Result<Response, Refused> {
    let visit = Visit::of(&gateway, &headers, &uri).await?;
    let query = Form::of_query(&uri);
    let trouble = query.has("refused").then_some(Trouble::StillRefused);
    show(&gateway, visit, &query, StatusCode::OK, trouble).await
}

/// `done`: what the address says has just been done, to a connection of this account.
async fn show(
    gateway: &Gateway,
    visit: Visit,
    done: &Form,
    status: StatusCode,
    trouble: Option<Trouble>,
) -> Result<Response, Refused> {
    // Not those that are remembered: whoever has just used a grant finds its new day here.
    let rows = gateway.connect.rows(&visit.session.account).await?;
    let not_granted = done.get("not_granted");
    let named = |name: &str| {
        let id = ConnectionId::parse(done.get(name))?;
        rows.iter().find(|it| it.id == id)
    };
    let notion = gateway.workspaces.of(&visit.session.account).await?;
    let in_notion = notion.iter().find(|it| it.id.as_str() == done.get("notion"));
    let done = match (named("connected"), named("replaced")) {
        (Some(connection), _) => Some(Done::Connected { label: connection.label.clone(), links: 0 }),
        (None, Some(_)) => Some(Done::Replaced),
        (None, None) if done.has("noted") => Some(Done::Noted),
        (None, None) if done.has("told") => Some(Done::Told(!done.get("told").is_empty())),
        (None, None) => match in_notion {
            Some(connection) => Some(Done::ConnectedNotion { workspace: notion_account::name(connection) }),
            None => Removal::parse(done.get("removed")).map(Done::Removed),
        },
    };
    let told = gateway.connect.told(&visit.session.account).await?;
    let shown = |connection: &Connection| ConnectionRow {
        tells_changes: gateway.connect.can_be_told(connection).then(|| told.contains(&connection.id)),
        ..row(gateway, connection)
    };
    let grants = match &gateway.link_previews {
        Some(previews) => previews.grants.of(&visit.session.account).await?,
        None => Vec::new(),
    };
    let grants = grants.into_iter().map(|grant| page::GrantRow {
        id: grant.id.to_string(),
        workspace: notion_account::shown(&grant.workspace_name),
        is_ok: grant.health == GrantHealth::Ok,
        since: Timestamp::from_millisecond(grant.changed_at).unwrap_or_default(),
    });
    let grants = grants.collect();
    let by_consent = rows.iter().filter(|it| is_of_atlassian(it));
    let page = page::Connections {
        base: visit.base(),
        rows: rows.iter().map(shown).collect(),
        grants,
        notion: notion.iter().map(notion_account::row).collect(),
        can_connect_notion: gateway.workspaces.callback().is_some(),
        done,
        trouble,
        not_granted: NotGranted::new(not_granted, by_consent.map(|it| &it.site)),
        offer: connect::offer(gateway),
        now: gateway.clock.now(),
    };
    Ok(visit.page_with(status, &page))
}

/// A connection as pages show it.
pub fn row(gateway: &Gateway, connection: &Connection) -> ConnectionRow {
    ConnectionRow {
        id: connection.id.to_string(),
        label: connection.label.clone(),
        site_name: gateway.site_name(&connection.site).to_owned(),
        site_url: connection.site.to_string(),
        deployment: Some(connection.deployment),
        method: connection.method.clone(),
        health: connection.health.as_str().to_owned(),
        expires_at: connection.expires_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
        unused_since: calendar::unused_since(connection),
        password_can_go: can_be_replaced(connection),
        tells_changes: None,
        limits: gateway.connect.standing(connection),
    }
}

/// `POST /connections/{id}/remove`
pub async fn remove(
    State(gateway): Shared,
    Path(id): Path<String>,
    Sent { visit, .. }: Sent,
) -> Result<Response, Refused> {
    let account = &visit.session.account;
    let held = gateway.connect.held(account).await?;
    let connection = ConnectionId::parse(&id).and_then(|id| held.find(&id));
    let removed = match connection {
        Some(connection) => gateway.disconnect(account, &connection.id).await?,
        None => false,
    };
    match connection.filter(|_| removed) {
        Some(connection) => Ok(see_other(&format!("/connections?removed={}", removal(&held, connection).as_str()))),
        None => Err(visit.not_found()),
    }
}

/// What went with a connection that these were held with.
fn removal(held: &Held, gone: &Connection) -> Removal {
    let shares = |other: &Arc<Connection>| other.id != gone.id && other.grant_id == gone.grant_id;
    match &gone.grant_id {
        None => Removal::Secret,
        Some(_) if !is_of_atlassian(gone) => Removal::OwnJira,
        Some(_) if held.connections.iter().any(shares) => Removal::OneSite,
        Some(_) => Removal::Atlassian,
    }
}

/// By 3LO, where one grant may cover many sites.
fn is_of_atlassian(connection: &Connection) -> bool {
    connection.method == auth::Method::Oauth.as_str()
}

/// `POST /connections/{id}/reconnect`: a new secret is typed in the connect window; after a CAPTCHA the kept one is
/// tried once more.
pub async fn reconnect(
    State(gateway): Shared,
    Path(id): Path<String>,
    Sent { visit, form }: Sent,
) -> Result<Response, Refused> {
    let account = &visit.session.account;
    let held = gateway.connect.held(account).await?;
    let found = ConnectionId::parse(&id).and_then(|id| held.find(&id));
    let Some(connection) = found else {
        return Err(visit.not_found());
    };
    if connection.health == Health::Captcha && !form.get("again").is_empty() {
        return match gateway.try_again(account, &connection.id).await {
            Ok(Some(true)) => Ok(see_other(&format!("/connections?connected={}", connection.id))),
            Ok(_) => Ok(see_other("/connections?refused=1")),
            Err(ConnectError::TooManyAttempts { retry_at }) => {
                Err(Refused::new(page::Problem::too_many(visit.base(), retry_at, gateway.clock.now())))
            }
            Err(ConnectError::Store(error)) => Err(error.into()),
            Err(_) => Ok(see_other("/connections?refused=1")),
        };
    }
    let mut to = url::form_urlencoded::Serializer::new("/connect?".to_owned());
    let return_to = own_path(form.get("return_to")).unwrap_or("/connections");
    to.append_pair("site", connection.site.as_str())
        .append_pair("version", connection.deployment.as_str())
        .append_pair("method", &connection.method)
        .append_pair("username", &connection.label)
        .append_pair("return_to", return_to);
    Ok(see_other(&to.finish()))
}

/// `POST /connections/{id}/expiry`: the day on which a kept token ends, without typing the token again. No day: not known.
pub async fn set_expiry(
    State(gateway): Shared,
    Path(id): Path<String>,
    Sent { visit, form }: Sent,
) -> Result<Response, Refused> {
    let day = match form.get("expires_at").trim() {
        "" => Ok(None),
        text => expiry(text).map(Some),
    };
    let noted = match (ConnectionId::parse(&id), day) {
        (Some(id), Ok(day)) => gateway.connect.set_expiry(&visit.session.account, &id, day).await,
        (Some(_), Err(_)) => Err(ConnectError::Invalid(String::new())),
        (None, _) => Ok(false),
    };
    match noted {
        Ok(true) => Ok(see_other("/connections?noted=1")),
        Ok(false) => Err(visit.not_found()),
        Err(ConnectError::Store(error)) => Err(error.into()),
        Err(_) => {
            show(&gateway, visit, &Form::parse(b""), StatusCode::UNPROCESSABLE_ENTITY, Some(Trouble::BadDay)).await
        }
    }
}

/// `POST /connections/{id}/changes`: an administrator lets their Jira tell of changes, or stops that.
pub async fn tell_changes(
    State(gateway): Shared,
    Path(id): Path<String>,
    Sent { visit, form }: Sent,
) -> Result<Response, Refused> {
    let account = &visit.session.account;
    let tell = !form.get("tell").is_empty();
    let told = match ConnectionId::parse(&id) {
        Some(id) if tell => gateway.connect.tell_of_changes(account, &id).await,
        Some(id) => gateway.connect.tell_no_more(account, &id).await,
        None => Err(NotTold::NoServer),
    };
    let trouble = match told {
        Ok(()) => return Ok(see_other(if tell { "/connections?told=1" } else { "/connections?told=" })),
        Err(NotTold::NoServer) => return Err(visit.not_found()),
        Err(NotTold::Store(error)) => return Err(error.into()),
        Err(NotTold::NotAdministrator) => Trouble::NotAdministrator,
        Err(NotTold::Unreachable) => Trouble::NoAddress,
        Err(NotTold::Jira(_)) => Trouble::NotTold,
    };
    show(&gateway, visit, &Form::parse(b""), StatusCode::UNPROCESSABLE_ENTITY, Some(trouble)).await
}

/// `POST /connections/{id}/token`: a personal access token takes the place of the kept password.
pub async fn replace_password(
    State(gateway): Shared,
    Path(id): Path<String>,
    Sent { visit, .. }: Sent,
) -> Result<Response, Refused> {
    let Some(id) = ConnectionId::parse(&id) else {
        return Err(visit.not_found());
    };
    let Kept { why, left } = match gateway.connect.replace_password(&visit.session.account, &id).await {
        Ok(connection) => return Ok(see_other(&format!("/connections?replaced={}", connection.id))),
        Err(kept) => kept,
    };
    let trouble = match why {
        NotReplaced::NoPassword => return Err(visit.not_found()),
        NotReplaced::Uncounted(ConnectError::TooManyAttempts { retry_at }) => {
            return Err(Refused::new(page::Problem::too_many(visit.base(), retry_at, gateway.clock.now())));
        }
        NotReplaced::Uncounted(ConnectError::Store(error)) => return Err(error.into()),
        NotReplaced::TooOld => Trouble::NoTokensHere,
        NotReplaced::Refused => Trouble::NoTokenMade,
        NotReplaced::Jira(Error::BadCredentials | Error::BasicAuthDisabled) => Trouble::PasswordRefused,
        NotReplaced::Jira(Error::Captcha { .. }) => Trouble::Captcha,
        NotReplaced::Jira(_) | NotReplaced::Uncounted(_) => Trouble::NoAnswer { left },
        NotReplaced::NotProven => Trouble::TokenRefused { left },
        NotReplaced::OtherPerson => Trouble::OtherPerson { left },
        NotReplaced::Changed => Trouble::Changed { left },
    };
    show(&gateway, visit, &Form::parse(b""), StatusCode::UNPROCESSABLE_ENTITY, Some(trouble)).await
}
