//! The door: routes, cookies, status codes. The router is the table of contents of the product.

mod accept;
mod address;
mod api;
mod caller;
mod card_fields;
mod connect;
mod connections;
mod consent;
mod database_settings;
mod database_why;
mod databases;
mod databases_api;
mod guard;
mod here;
mod jira_webhook;
mod new_database;
mod notion;
mod notion_account;
mod oembed;
mod opened;
mod opener;
mod pages;
mod paste;
mod picture;
mod preview;
mod problem;
mod resolve;
mod rows;
mod run;
mod sent;
pub mod server;
mod sync_shown;
mod visit;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Extension, Router};
use tokio::net::TcpListener;

use crate::config::Settings;
use crate::gateway::Gateway;
use crate::metrics::RouteCounters;

use self::guard::Guard;
use self::problem::Problem;
use self::server::{App, Limits, Peer, Tls, TlsError};

pub use self::server::{BindError, bind};

/// Largest request body (contract §4).
const BODY_MAX: usize = 1024 * 1024;
/// The address that is asked for most.
const RESOLVE: &str = "/api/v1/resolve";

/// The certificate that the settings name, if any.
pub fn certificate(settings: &Settings) -> Result<Option<Tls>, TlsError> {
    settings.tls.as_ref().map(|files| Tls::load(&files.cert, &files.key)).transpose()
}

/// Serves until `stop` ends, then finishes what is in flight.
pub async fn serve(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), TlsError> {
    let tls = certificate(&gateway.settings)?;
    serve_with(gateway, listener, tls, stop).await;
    Ok(())
}

/// The same with a certificate that has been read.
pub async fn serve_with(
    gateway: Arc<Gateway>,
    listener: TcpListener,
    tls: Option<Tls>,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let housekeeping = tokio::spawn(gateway.clone().housekeeping());
    let tending = tokio::spawn(gateway.clone().tend_webhooks());
    let syncing = tokio::spawn(gateway.syncs.clone().run());
    let pushing = gateway.link_previews.as_ref().map(|previews| tokio::spawn(previews.push.clone().run()));
    let draining = gateway.clone();
    let stop = async move {
        stop.await;
        tracing::info!("stopping: finishing what is in flight");
        draining.drain();
        draining.syncs.wind_down();
    };
    server::serve(listener, tls, Door::new(gateway.clone()), stop, Limits::default()).await;
    gateway.syncs.stop().await;
    syncing.abort();
    housekeeping.abort();
    tending.abort();
    if let Some(pushing) = pushing {
        pushing.abort();
    }
    gateway.connect.settle().await;
    gateway.workspaces.settle().await;
    gateway.store.close().await;
}

/// What a connection serves. A link that is asked for again is answered at once; everything else goes through the
/// router. Both ways pass the same checks and say the same.
#[derive(Clone)]
struct Door(Arc<Ways>);

struct Ways {
    front: Arc<Front>,
    router: Router,
}

impl Door {
    fn new(gateway: Arc<Gateway>) -> Self {
        let front = Arc::new(Front::new(gateway.clone()));
        Self(Arc::new(Ways { router: router(gateway, front.clone()), front }))
    }
}

impl App for Door {
    async fn answer(&self, peer: Peer, request: Request) -> Response {
        match self.0.front.answer_at_once(peer, &request) {
            Some(response) => response,
            None => self.0.router.answer(peer, request).await,
        }
    }
}

/// Every address of the gateway.
fn router(gateway: Arc<Gateway>, front: Arc<Front>) -> Router {
    let pages = Router::new()
        .route("/", get(paste::home).post(paste::form))
        .route("/connections", get(connections::list))
        .route("/connections/{id}/remove", post(connections::remove))
        .route("/connections/{id}/reconnect", post(connections::reconnect))
        .route("/connections/{id}/expiry", post(connections::set_expiry))
        .route("/connections/{id}/changes", post(connections::tell_changes))
        .route("/connections/{id}/token", post(connections::replace_password))
        .route("/connections/{id}/fields", get(card_fields::page).post(card_fields::choose))
        .route("/connect", get(connect::window).post(connect::authenticate))
        .route("/connect/callback/{provider}", get(connect::callback))
        .route("/notion/authorize", get(consent::ask).post(consent::decide))
        .route("/notion/grants/{id}/remove", post(consent::remove))
        .route("/notion/connect", get(notion_account::begin))
        .route("/notion/callback", get(notion_account::callback))
        .route("/notion/connections", post(notion_account::type_token))
        .route("/notion/connections/{id}/remove", post(notion_account::remove))
        .route("/databases", get(databases::list).post(new_database::create))
        .route("/databases/new", get(new_database::form).post(new_database::plan))
        .route("/databases/{id}", get(databases::one))
        .route("/databases/{id}/plan", get(databases::plan))
        .route("/databases/{id}/report.csv", get(databases::csv))
        .route("/databases/{id}/sync", post(databases::sync))
        .route("/databases/{id}/restore", post(databases::restore))
        .route("/databases/{id}/recreate", post(databases::recreate))
        .route("/databases/{id}/remove-column", post(databases::remove_column))
        .route("/databases/{id}/pause", post(databases::pause))
        .route("/databases/{id}/resume", post(databases::resume))
        .route("/databases/{id}/answer", post(databases::answer))
        .route("/databases/{id}/reauthenticate", post(databases::reauthenticate))
        .route("/databases/{id}/settings", get(database_settings::page).post(database_settings::save))
        .route("/databases/{id}/why", get(database_why::page))
        .route("/databases/{id}/remove", get(databases::ask_to_remove).post(databases::remove))
        .route("/preview", get(preview::show))
        .route("/preview/allow", get(preview::ask).post(preview::allow))
        .route("/preview/session", post(preview::redeem))
        .route("/oembed", get(oembed::show))
        .route("/why", get(pages::why))
        .route("/account", get(pages::account))
        .route("/account/tokens", post(pages::create_token))
        .route("/account/tokens/{id}/revoke", post(pages::revoke_token))
        .route("/sign-in", get(pages::sign_in))
        .route("/sign-out", post(pages::sign_out))
        .route("/picture/{pass}", get(picture::show))
        .route("/assets/{name}", get(pages::asset))
        .route("/favicon.ico", get(pages::favicon))
        .method_not_allowed_fallback(pages::method_not_allowed)
        .fallback(pages::not_found);
    let api = Router::new()
        .route(RESOLVE, get(resolve::one).post(resolve::many))
        .route("/api/v1/connections", get(api::connections).post(api::connect))
        .route("/api/v1/connections/{id}", delete(api::disconnect))
        .route("/api/v1/connections/{id}/fields", get(card_fields::list).put(card_fields::set))
        .route("/api/v1/notion-connections", get(notion_account::list).post(notion_account::add))
        .route("/api/v1/notion-connections/{id}", delete(notion_account::disconnect))
        .route("/api/v1/databases", get(databases_api::list).post(databases_api::create))
        .route("/api/v1/databases/{id}", get(databases_api::one).delete(databases_api::remove))
        .route("/api/v1/databases/{id}/sync", post(databases_api::sync))
        .route("/api/v1/databases/{id}/why", get(database_why::api))
        .route("/api/v1/databases/{id}/pause", post(databases_api::pause))
        .route("/api/v1/databases/{id}/resume", post(databases_api::resume))
        .route("/api/v1/databases/{id}/answer", post(databases_api::answer))
        .route("/api/v1/databases/{id}/reauthenticate", post(databases_api::reauthenticate))
        .route("/api/v1/openapi.json", get(api::openapi))
        .route("/api/{*rest}", get(api::nothing_here).fallback(api::nothing_here))
        .method_not_allowed_fallback(async || Problem::method_not_allowed());
    let told = Router::new().route("/jira/webhook/{id}", post(jira_webhook::hear));
    let notion = Router::new()
        .route("/notion/token", post(notion::token))
        .route("/notion/unfurl", post(notion::unfurl).delete(notion::forget))
        .route("/notion/deleted-token", delete(notion::deleted).post(notion::deleted))
        .method_not_allowed_fallback(async || Problem::method_not_allowed());
    let running = Router::new()
        .route("/healthz", get(run::alive))
        .route("/readyz", get(run::ready))
        .route("/metrics", get(run::metrics));
    Router::new()
        .merge(api)
        .merge(running)
        .merge(told)
        .merge(notion)
        .merge(pages)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn_with_state(front, through))
        .with_state(gateway)
}

/// What happens to every request, whichever way it goes.
struct Front {
    guard: Guard,
    gateway: Arc<Gateway>,
    /// Of `GET` [`RESOLVE`].
    resolve: RouteCounters,
    counters: RwLock<HashMap<(&'static str, String), RouteCounters>>,
}

impl Front {
    fn new(gateway: Arc<Gateway>) -> Self {
        let (public, proxy) = (gateway.public_url.authority(), gateway.settings.proxy.clone());
        let guard = Guard::new(gateway.listener, public, gateway.signs_in_locally(), proxy);
        Self { guard, resolve: gateway.metrics.route("GET", RESOLVE), counters: RwLock::default(), gateway }
    }

    /// The answer to `GET` [`RESOLVE`] if all that it needs lies ready; the router answers whatever is unusual.
    fn answer_at_once(&self, peer: Peer, request: &Request) -> Option<Response> {
        if request.uri().path() != RESOLVE || request.method() != Method::GET {
            return None;
        }
        let started = Instant::now();
        self.admit(peer, request).ok()?;
        let response = resolve::at_once(&self.gateway, started, request.uri(), request.headers())?;
        self.resolve.record(response.status().as_u16(), started.elapsed());
        self.log("GET", RESOLVE, &response);
        Some(response)
    }

    fn admit(&self, peer: Peer, request: &Request) -> Result<(), Problem> {
        self.guard.admit(peer.0.ip(), request.method(), request.uri(), request.headers())
    }

    fn record(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let key = (method, route.to_owned());
        if let Some(counters) = self.counters.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return counters.record(status, took);
        }
        let counters = self.gateway.metrics.route(method, route);
        counters.record(status, took);
        self.counters.write().unwrap_or_else(PoisonError::into_inner).insert(key, counters);
    }

    fn log(&self, method: &'static str, route: &str, response: &Response) {
        if self.gateway.settings.log >= tracing::level_filters::LevelFilter::DEBUG {
            tracing::debug!(method, route, status = response.status().as_u16(), "answered");
        }
    }
}

/// The headers that every answer has.
fn protect(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // What has not said otherwise is nothing to draw, to frame or to keep.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        headers.insert(header::CONTENT_SECURITY_POLICY, nothing);
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

async fn through(
    State(front): State<Arc<Front>>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let refused = front.admit(peer, &request).err();
    let mut response = match refused {
        Some(problem) if request.uri().path().starts_with("/api/") => problem.into_response(),
        Some(problem) => pages::refused(&problem, front.gateway.public_url.as_str()),
        None => next.run(request).await,
    };
    let route = route.as_ref().map_or("other", MatchedPath::as_str);
    front.record(method, route, response.status().as_u16(), started.elapsed());
    front.log(method, route, &response);
    protect(response.headers_mut());
    response
}

/// Methods as labels: a caller must not be able to make up new ones.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        _ => "other",
    }
}
