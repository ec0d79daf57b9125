//! `POST /jira/webhook/{id}` (contract §6): a Jira tells of a change. It is believed to be a hint, and asked nothing here.

use std::sync::Arc;

use axum::body::{self, Body};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};

use super::BODY_MAX;
use crate::gateway::Gateway;

/// Unknown addresses and bad proofs are answered alike.
pub async fn hear(
    State(gateway): State<Arc<Gateway>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> StatusCode {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let now = gateway.clock.now().as_second();
    // What nobody vouches for is not even read.
    let Some(door) = gateway.connect.door(&id).filter(|door| door.admits(text("authorization"), now)) else {
        return StatusCode::NOT_FOUND;
    };
    let Ok(body) = body::to_bytes(body, BODY_MAX).await else { return StatusCode::PAYLOAD_TOO_LARGE };
    if !door.believes(text("x-hub-signature"), &body) {
        return StatusCode::NOT_FOUND;
    }
    gateway.unfurl.hear(&door.site, text("x-atlassian-webhook-identifier"), &body);
    StatusCode::OK
}
