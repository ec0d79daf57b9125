//! `/`: the paste box, for one link or for many (contract §3).

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use crate::gateway::Gateway;
use crate::link::{self, Known, MOST_LINKS};
use crate::preview::Answer;
use crate::render::Html;
use crate::render::mention::Density;
use crate::render::page::{self, Done, Pile};
use crate::render::pile::{Insert, SINGLE_PASTES};
use crate::store::ConnectionId;
use crate::unfurl::Ask;

use super::here::{self, Keep};
use super::rows;
use super::sent::Sent;
use super::visit::{Form, Refused, Visit};

type Shared = State<Arc<Gateway>>;

/// `GET /`
pub async fn home(State(gateway): Shared, headers: HeaderMap, uri: Uri) -> Result<Response, Refused> {
    let visit = Visit::of(&gateway, &headers, &uri).await?;
    show(&gateway, visit, &Form::of_query(&uri)).await
}

/// `POST /`: the same for a text that is too long for an address.
pub async fn form(State(gateway): Shared, Sent { visit, form }: Sent) -> Result<Response, Refused> {
    show(&gateway, visit, &form).await
}

async fn show(gateway: &Gateway, visit: Visit, form: &Form) -> Result<Response, Refused> {
    let text = if form.has("links") { form.get("links") } else { form.get("url") };
    let account = &visit.session.account;
    let held = gateway.connect.held(account).await?;
    let pasted = link::links_in(text);
    let problem =
        (pasted.more).then(|| format!("These are more than {MOST_LINKS} links; the first {MOST_LINKS} are shown."));
    // A text without a link still gets an answer: that it is none.
    let texts: Vec<&str> = match pasted.links.as_slice() {
        [] if text.trim().is_empty() => Vec::new(),
        [] => vec![text.trim()],
        links => links.to_vec(),
    };
    let connection = ConnectionId::parse(form.get("connection")).filter(|id| held.find(id).is_some());
    let ask = Ask { connection: connection.as_ref(), refresh: !form.get("refresh").is_empty(), ..Ask::by(account) };
    let pile = (texts.len() > SINGLE_PASTES).then(|| counted(&texts, &held.known, Insert::parse(form.get("insert"))));
    // Until it is said what many links shall become, nothing is asked for them; plain links need nothing at all.
    let asked: &[&str] = match pile {
        Some(Pile { insert: None | Some(Insert::Links), .. }) => &[],
        _ => &texts,
    };
    let mut answers = gateway.unfurl.resolve(ask, asked).await?;
    rows::add(gateway, account, &mut answers).await?;
    let density = Density::parse(form.get("density")).unwrap_or_default();
    let keep = Keep { pasted: text, density, insert: pile.and_then(|pile| pile.insert) };
    here::stay(gateway.public_url.as_str(), keep, &mut answers);
    let done = ConnectionId::parse(form.get("connected")).and_then(|id| held.find(&id)).map(|connection| {
        let filled = |answer: &&Answer| answer.connection.as_ref().is_some_and(|via| via.id == connection.id.as_str());
        Done::Connected { label: connection.label.clone(), links: answers.iter().filter(filled).count() }
    });
    let page = page::Home {
        base: visit.base(),
        text,
        answers: &answers,
        density,
        pile,
        problem,
        done,
        connected: !held.connections.is_empty(),
        now: gateway.clock.now(),
    };
    let page = page.html();
    Ok(visit.page_of(StatusCode::OK, page))
}

/// How many links there are to choose for.
fn counted<'a>(links: &'a [&'a str], known: &Known, insert: Option<Insert>) -> Pile<'a> {
    let objects: Vec<_> = links.iter().filter_map(|text| Some(link::parse(text, known)?.canonical_url(None))).collect();
    let different = objects.iter().collect::<HashSet<_>>().len();
    Pile { links, jira: objects.len(), different, insert }
}
