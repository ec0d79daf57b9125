//! `/preview`: one preview alone, fit for a frame, and how a frame gets a session of its own (contract §3).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret;

use crate::gateway::Gateway;
use crate::jira::key::Kind;
use crate::link::{self, Known};
use crate::render::mention::Density;
use crate::render::page::{self, Base, Look, OpenGraph, Redacted};
use crate::render::{Html, card, mention, step, words};
use crate::store::{self, AccountId, ConnectionId};
use crate::unfurl::Ask;

use super::caller::{self, cookie};
use super::pages::Body;
use super::problem::Problem;
use super::visit::{COOKIE_LIVES, Form, Refused, Visit, framed};

/// The cookie of a frame. Browsers keep it apart for each site that frames us, and accept it over https only.
const FRAME_COOKIE: &str = "__Host-preview";

type Shared = State<Arc<Gateway>>;

/// `GET /preview?url=U[&as=card|mention][&density=key|short|rich][&connection=ID]`. A reader who is not known gets no more than the link itself
/// says.
pub async fn show(State(gateway): Shared, headers: HeaderMap, uri: Uri) -> Result<Response, Refused> {
    let query = Form::of_query(&uri);
    let text = match reader(&gateway, &headers).await? {
        Some(account) => visible(&gateway, &account, &query, &uri).await?,
        None => redacted(&gateway, &query, &uri),
    };
    let ancestors = match gateway.settings.frame_ancestors.as_slice() {
        [] => "'none'".to_owned(),
        hosts => hosts.join(" "),
    };
    Ok(framed(StatusCode::OK, text, &ancestors))
}

/// Who reads: by the session of their own window, else by the one of this frame.
async fn reader(gateway: &Gateway, headers: &HeaderMap) -> Result<Option<AccountId>, store::Error> {
    let session = match (caller::session(gateway, headers).await?, cookie(headers, FRAME_COOKIE)) {
        (None, Some(value)) if has_frame_sessions(gateway) => {
            // Opened under the sign-on in front, it needs its word in the frame, too: else it would outlive a leaver's
            // account there.
            let session = gateway.accounts.of_frame_cookie(value).await?;
            session.filter(|session| caller::counts(gateway, headers, session))
        }
        (session, _) => session,
    };
    Ok(session.map(|session| session.account))
}

/// A cookie for frames must be `Secure`, so it needs https.
fn has_frame_sessions(gateway: &Gateway) -> bool {
    gateway.public_url.is_https()
}

async fn visible(gateway: &Gateway, account: &AccountId, query: &Form, uri: &Uri) -> Result<String, Refused> {
    let held = gateway.connect.held(account).await?;
    let connection = ConnectionId::parse(query.get("connection")).filter(|id| held.find(id).is_some());
    let ask = Ask { connection: connection.as_ref(), refresh: !query.get("refresh").is_empty(), ..Ask::by(account) };
    let mut answers = gateway.unfurl.resolve(ask, &[query.get("url")]).await?;
    let Some(mut answer) = answers.pop() else {
        return Err(Refused::new(page::Problem::bad_request(Base::default(), "The parameter url is missing.")));
    };
    let here = uri.path_and_query().map_or("/preview", |it| it.as_str());
    let again = if query.has("refresh") { here.to_owned() } else { format!("{here}&refresh=1") };
    step::fit_for_frame(&mut answer, gateway.public_url.as_str(), &again);
    let site = answer.site.as_ref().map_or("", |site| &site.name);
    // What is no Jira link has no mention: its card says so.
    let density = Density::parse(query.get("density")).unwrap_or_default();
    let mention = (query.get("as") == "mention").then(|| mention::html(&answer, density)).flatten();
    let look = mention.map_or_else(|| Look::Card(card::html(&answer, gateway.clock.now())), Look::Mention);
    let title = words::redacted(answer.kind, &answer.id, answer.canonical_url.as_deref(), site);
    let open_graph = ByLink::of(gateway, query.get("url")).open_graph(gateway);
    let canonical_url = answer.canonical_url.as_deref();
    Ok(page::Preview { theme: query.theme(), title, open_graph, canonical_url, look }.html())
}

/// What a link says by itself, read with the settings alone: the same for everybody, and Jira is not asked.
pub struct ByLink {
    kind: Kind,
    id: String,
    pub canonical_url: Option<String>,
    site: String,
    /// Whether people may connect to this Jira here.
    pub is_ours: bool,
}

impl ByLink {
    pub fn of(gateway: &Gateway, url: &str) -> Self {
        let sites = gateway.connect.sites();
        match link::parse(url, &Known::new(sites.known(), sites.default_site())) {
            Some(link) => Self {
                kind: link.kind(),
                id: link.id(),
                canonical_url: Some(link.canonical_url(link.deployment())),
                site: gateway.site_name(link.site()).to_owned(),
                is_ours: sites.admits(link.site()),
            },
            None => {
                Self { kind: Kind::None, id: String::new(), canonical_url: None, site: String::new(), is_ours: false }
            }
        }
    }

    /// `OPS-7 · Jira (acme)`
    pub fn title(&self) -> String {
        words::redacted(self.kind, &self.id, self.canonical_url.as_deref(), &self.site)
    }

    fn open_graph(&self, gateway: &Gateway) -> OpenGraph {
        let oembed = |url: &String| format!("{}/oembed?url={}&format=json", gateway.public_url, step::encode(url));
        OpenGraph { title: self.title(), oembed_href: self.canonical_url.as_ref().filter(|_| self.is_ours).map(oembed) }
    }
}

fn redacted(gateway: &Gateway, query: &Form, uri: &Uri) -> String {
    let link = ByLink::of(gateway, query.get("url"));
    let here = uri.path_and_query().map_or("/preview", |it| it.as_str());
    let how = Redacted {
        sign_in_href: Some(format!("/sign-in?return_to={}", step::encode(here))),
        can_allow_frame: has_frame_sessions(gateway),
    };
    let open_graph = link.open_graph(gateway);
    let canonical_url = link.canonical_url.as_deref();
    let look = Look::Redacted(how);
    page::Preview { theme: query.theme(), title: link.title(), open_graph, canonical_url, look }.html()
}

/// `GET /preview/allow`: the window in which a reader lets the frame that opened it show previews.
pub async fn ask(State(gateway): Shared, headers: HeaderMap, uri: Uri) -> Result<Response, Refused> {
    if !has_frame_sessions(&gateway) {
        return Err(Refused::new(page::Problem::not_found(Base::default())));
    }
    let visit = Visit::of(&gateway, &headers, &uri).await?;
    let page = page::AllowFrame { base: visit.base(), code: None };
    Ok(visit.page(&page))
}

/// `POST /preview/allow`: the reader said yes. The answer hands a code to the frame.
pub async fn allow(State(gateway): Shared, headers: HeaderMap, uri: Uri, body: Body) -> Result<Response, Refused> {
    if !has_frame_sessions(&gateway) {
        return Err(Refused::new(page::Problem::not_found(Base::default())));
    }
    let visit = Visit::of_form(&gateway, &headers, &uri, &Form::of_body(body)?).await?;
    let code = gateway.accounts.offer_frame(&visit.session);
    let page = page::AllowFrame { base: visit.base(), code: Some(code.expose_secret().to_owned()) };
    Ok(visit.page(&page))
}

/// `POST /preview/session`: the frame's script redeems the code for the frame's cookie.
pub async fn redeem(State(gateway): Shared, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    if !has_frame_sessions(&gateway) {
        return Err(Problem::not_found("Frames have sessions of their own only over https."));
    }
    // A script always says whose it is, and only our own page in the frame may speak here.
    let origin = headers.get(header::ORIGIN).and_then(|it| it.to_str().ok());
    if origin != Some(gateway.public_url.as_str()) {
        return Err(Problem::from_elsewhere());
    }
    let form = Form::of_body(body).map_err(|_| Problem::too_large())?;
    let cookie = gateway.accounts.redeem_frame(form.get("code")).await?.ok_or_else(Problem::code_not_good)?;
    let value = format!(
        "{FRAME_COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age={COOKIE_LIVES}",
        cookie.expose_secret()
    );
    let mut value = HeaderValue::try_from(value).map_err(|_| Problem::unavailable())?;
    value.set_sensitive(true);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, value)]).into_response())
}
