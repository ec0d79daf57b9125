//! `/picture/…`: icons and avatars. Whoever has the address may see the picture for an hour or two, so that an editor on
//! another site can show it; it knows no session.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::gateway::Gateway;
use crate::picture::Picture;

use super::problem::Problem;
use super::resolve::is_known;

/// A drawing is a document: opened alone it may load nothing, run nothing, and belongs to no origin.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");

/// `GET /picture/{pass}`. 404 for everything that is not to be seen, whatever the reason.
pub async fn show(
    State(gateway): State<Arc<Gateway>>,
    Path(pass): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some(shown) = gateway.unfurl.pictures().show(&pass).await? else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    let etag = HeaderValue::from_str(&shown.etag).map_err(|_| Problem::unavailable())?;
    let kept =
        HeaderValue::try_from(format!("private, max-age={}", shown.max_age)).map_err(|_| Problem::unavailable())?;
    let mut response = match is_known(&etag, &headers) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => whole(&shown.picture),
    };
    let out = response.headers_mut();
    out.insert(header::ETAG, etag);
    out.insert(header::CACHE_CONTROL, kept);
    out.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    out.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    out.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    Ok(response)
}

fn whole(picture: &Picture) -> Response {
    let content_type = HeaderValue::from_static(picture.format.content_type());
    ([(header::CONTENT_TYPE, content_type)], picture.bytes.clone()).into_response()
}
