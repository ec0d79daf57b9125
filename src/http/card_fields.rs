//! Which custom fields the cards of one Jira show: the page and the JSON API of a connection's choice.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::gateway::Gateway;
use crate::jira::catalogue::Catalogue;
use crate::jira::estimate::Estimate;
use crate::jira::model::Field;
use crate::preview::Reason;
use crate::render::page::{self, Done, FieldRow};
use crate::store::{self, AccountId, Connection, ConnectionId, FieldIds};

use super::api::{json_of, no_connection, read};
use super::caller::Caller;
use super::pages::Body;
use super::problem::Problem;
use super::sent::Sent;
use super::visit::{Form, Refused, Visit, see_other};

/// Fields that are listed at once, besides the chosen ones: a Jira may have thousands.
const LISTED: usize = 50;
/// Letters of a search that are looked at.
const LONGEST_QUERY: usize = 100;

type Shared = State<Arc<Gateway>>;

/// An account's own connection.
async fn own(gateway: &Gateway, account: &AccountId, id: &str) -> Result<Option<Arc<Connection>>, store::Error> {
    let held = gateway.connect.held(account).await?;
    Ok(ConnectionId::parse(id).and_then(|id| held.find(&id).cloned()))
}

/// What the page shows besides the fields.
#[derive(Default)]
struct Shown<'a> {
    query: &'a str,
    /// What is ticked, if it is not what was saved.
    draft: Option<Vec<String>>,
    problem: Option<String>,
    done: Option<Done>,
}

/// `GET /connections/{id}/fields?q=…`. `ticked`: what is chosen but not saved yet.
pub async fn page(
    State(gateway): Shared,
    headers: HeaderMap,
    uri: Uri,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let visit = Visit::of(&gateway, &headers, &uri).await?;
    let Some(connection) = own(&gateway, &visit.session.account, &id).await? else {
        return Err(visit.not_found());
    };
    let form = Form::of_query(&uri);
    let told = gateway.unfurl.fields(&connection, form.has("anew")).await;
    let shown = Shown {
        query: form.get("q"),
        draft: form.has("ticked").then(|| ids(form.get("ticked").split(','))),
        done: form.has("saved").then_some(Done::FieldsChosen),
        problem: None,
    };
    Ok(show(&gateway, visit, &connection, told, shown).await)
}

/// `POST /connections/{id}/fields`: saves what is ticked, in the order of the form. The other buttons only lead to the page
/// again, with what is ticked in its address.
pub async fn choose(
    State(gateway): Shared,
    Path(id): Path<String>,
    Sent { visit, form }: Sent,
) -> Result<Response, Refused> {
    let account = &visit.session.account;
    let Some(connection) = own(&gateway, account, &id).await? else {
        return Err(visit.not_found());
    };
    let (query, mut ticked) = (form.get("q"), ids(form.all("chosen")));
    let back = |name: &str, value: &str| {
        let mut to = url::form_urlencoded::Serializer::new(format!("/connections/{}/fields?", connection.id));
        see_other(&to.append_pair("q", query).append_pair(name, value).finish())
    };
    if let Some(at) = ticked.iter().position(|id| id == form.get("up")) {
        ticked.swap(at, at.saturating_sub(1));
        return Ok(back("ticked", &ticked.join(",")));
    }
    if form.get("do") == "find" {
        return Ok(back("ticked", &ticked.join(",")));
    }
    let told = gateway.unfurl.fields(&connection, false).await;
    if let Ok(catalogue) = &told {
        // What is gone may stay chosen: it comes back with the next look, or its person takes it away.
        ticked.retain(|id| catalogue.field(id).is_some() || connection.card_fields.contains(id));
    }
    if ticked.len() > FieldIds::MOST {
        let problem = Some(too_many(ticked.len()));
        let shown = Shown { query, draft: Some(ticked), problem, done: None };
        return Ok(show(&gateway, visit, &connection, told, shown).await);
    }
    let fields = FieldIds::new(ticked.iter().map(String::as_str));
    if gateway.set_card_fields(account, &connection.id, &fields).await? {
        Ok(back("saved", "1"))
    } else {
        Err(visit.not_found())
    }
}

fn too_many(ticked: usize) -> String {
    let (most, above) = (FieldIds::MOST, ticked - FieldIds::MOST);
    format!(
        "You ticked {ticked} fields, but a card has room for {most}. Untick {above}, then save. Nothing was changed."
    )
}

/// Different ids of custom fields among what was sent.
fn ids<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut seen = HashSet::new();
    texts.filter(|id| FieldIds::is_one(id) && seen.insert(*id)).map(str::to_owned).collect()
}

async fn show(
    gateway: &Gateway,
    visit: Visit,
    connection: &Connection,
    told: Result<Arc<Catalogue>, Reason>,
    shown: Shown<'_>,
) -> Response {
    let status = if shown.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (catalogue, untold) = match told {
        Ok(catalogue) => (Some(catalogue), None),
        Err(reason) => (None, Some(reason)),
    };
    let estimate = match catalogue {
        Some(_) => gateway.unfurl.estimate(connection).await,
        None => None,
    };
    let saved = connection.card_fields.to_vec();
    let ticked = shown.draft.unwrap_or_else(|| saved.clone());
    let query: String = shown.query.chars().take(LONGEST_QUERY).collect();
    let offer = Offer { catalogue: catalogue.as_deref(), estimate: estimate.as_deref() };
    let mut found = offer.found(&query, &ticked);
    let more = found.len().saturating_sub(LISTED);
    found.truncate(LISTED);
    let page = page::CardFields {
        base: visit.base(),
        id: connection.id.as_str(),
        label: &connection.label,
        site_name: gateway.site_name(&connection.site),
        query: query.trim(),
        chosen: ticked.iter().map(|id| offer.chosen(id)).collect(),
        found: found.into_iter().map(|field| offer.row(field)).collect(),
        more,
        most: FieldIds::MOST,
        is_draft: ticked != saved,
        untold,
        problem: shown.problem,
        done: shown.done,
        now: gateway.clock.now(),
    };
    visit.page_with(status, &page)
}

/// What a Jira told of its fields.
#[derive(Clone, Copy)]
struct Offer<'a> {
    /// None where it did not tell.
    catalogue: Option<&'a Catalogue>,
    estimate: Option<&'a Estimate>,
}

impl<'a> Offer<'a> {
    /// The fields that fit a search and are not ticked: the estimate first, then by name.
    fn found(self, query: &str, ticked: &[String]) -> Vec<&'a Field> {
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let fits = |field: &&Field| {
            let text = format!("{} {} {}", field.name.to_lowercase(), field.type_name(), field.id);
            words.iter().all(|word| text.contains(word)) && !ticked.contains(&field.id)
        };
        let mut found: Vec<&Field> =
            self.catalogue.map_or(&[][..], |catalogue| &catalogue.readable).iter().filter(fits).collect();
        found.sort_by_cached_key(|field| (!self.is_estimate(field), field.name.to_lowercase()));
        found
    }

    fn is_estimate(self, field: &Field) -> bool {
        self.estimate.is_some_and(|it| it.field == field.id)
    }

    fn row(self, field: &Field) -> FieldRow {
        FieldRow {
            id: field.id.clone(),
            name: Some(field.name.clone()),
            kind: field.type_name(),
            project: field.project.clone(),
            estimate_of: self.estimate.filter(|_| self.is_estimate(field)).map(|it| it.board.clone()),
            is_usual: self.catalogue.is_some_and(|it| it.story_points.as_deref() == Some(field.id.as_str())),
            is_gone: false,
        }
    }

    fn chosen(self, id: &str) -> FieldRow {
        match self.catalogue.and_then(|catalogue| catalogue.field(id)) {
            Some(field) => self.row(field),
            None => FieldRow { id: id.to_owned(), is_gone: self.catalogue.is_some(), ..FieldRow::default() },
        }
    }
}

#[derive(Serialize)]
struct Rows<'a> {
    fields: Vec<Row<'a>>,
}

/// Name and type are null where a chosen field is not there any more.
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    name: Option<&'a str>,
    r#type: Option<&'static str>,
    chosen: bool,
}

impl<'a> Row<'a> {
    fn of(id: &'a str, field: Option<&'a Field>, chosen: bool) -> Self {
        Self { id, name: field.map(|it| it.name.as_str()), r#type: field.map(Field::type_name), chosen }
    }
}

/// All fields: the chosen ones in the order of the card, then the others in Jira's.
fn rows(catalogue: &Catalogue, chosen: &FieldIds) -> Response {
    let on_card = chosen.iter().map(|id| Row::of(id, catalogue.field(id), true));
    let others = catalogue.readable.iter().filter(|field| !chosen.contains(&field.id));
    let others = others.map(|field| Row::of(&field.id, Some(field), false));
    json_of(StatusCode::OK, &Rows { fields: on_card.chain(others).collect() })
}

/// `GET /api/v1/connections/{id}/fields`
pub async fn list(State(gateway): Shared, headers: HeaderMap, Path(id): Path<String>) -> Result<Response, Problem> {
    let caller = Caller::of(&gateway, &headers).await?;
    let connection = own(&gateway, caller.account(), &id).await?.ok_or_else(no_connection)?;
    let catalogue = gateway.unfurl.fields(&connection, false).await.map_err(|reason| Problem::untold(&reason))?;
    Ok(rows(&catalogue, &connection.card_fields))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    chosen: Vec<String>,
}

/// `PUT /api/v1/connections/{id}/fields`
pub async fn set(
    State(gateway): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Body,
) -> Result<Response, Problem> {
    let caller = Caller::of_change(&gateway, &headers).await?;
    let Choice { chosen } = read(&headers, body)?;
    let connection = own(&gateway, caller.account(), &id).await?.ok_or_else(no_connection)?;
    if chosen.len() > FieldIds::MOST {
        let detail = format!("chosen: a card has room for {} fields; there are {}.", FieldIds::MOST, chosen.len());
        return Err(Problem::invalid_request(detail));
    }
    let catalogue = gateway.unfurl.fields(&connection, false).await.map_err(|reason| Problem::untold(&reason))?;
    let is_known = |id: &String| catalogue.field(id).is_some() || connection.card_fields.contains(id);
    let fields = FieldIds::new(chosen.iter().map(String::as_str));
    if fields.len() < chosen.len() || !chosen.iter().all(is_known) {
        let detail = "chosen: give different ids of fields that GET at this address lists.";
        return Err(Problem::invalid_request(detail));
    }
    if !gateway.set_card_fields(caller.account(), &connection.id, &fields).await? {
        return Err(no_connection());
    }
    Ok(rows(&catalogue, &fields))
}
