//! For whoever runs the gateway: alive, ready, figures (contract §7).

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::gateway::Gateway;
use crate::metrics::CONTENT_TYPE;

use super::guard::is_forwarding;
use super::pages;
use super::server::Peer;

/// `GET /healthz`: the process lives. Touches nothing else.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers, and we are not stopping.
pub async fn ready(State(gateway): State<Arc<Gateway>>) -> Response {
    if gateway.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    match gateway.store.ping().await {
        Ok(()) => "ready\n".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response(),
    }
}

/// `GET /metrics`: Prometheus text, for those whom `GATEWAY_METRICS_FROM` names.
pub async fn metrics(
    State(gateway): State<Arc<Gateway>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Response {
    let by_sign_on = gateway.settings.proxy.as_ref().is_some_and(|proxy| headers.contains_key(&proxy.header));
    let forwarded = by_sign_on || headers.keys().any(is_forwarding);
    if !gateway.settings.metrics_from.admits(peer.0.ip(), forwarded) {
        return pages::not_found().await;
    }
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], gateway.metrics.encode()).into_response()
}
