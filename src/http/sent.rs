//! What each handler of a form begins with: the form, and who sent it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};

use crate::gateway::Gateway;

use super::visit::{Form, Refused, Visit};

/// A form that arrived whole, from a page that we made for this very session. It takes the body, so it is the last
/// parameter of a handler.
pub struct Sent {
    pub visit: Visit,
    pub form: Form,
}

impl FromRequest<Arc<Gateway>> for Sent {
    type Rejection = Refused;

    async fn from_request(request: Request, gateway: &Arc<Gateway>) -> Result<Self, Refused> {
        let (headers, uri) = (request.headers().clone(), request.uri().clone());
        let form = Form::of_body(Bytes::from_request(request, gateway).await)?;
        let visit = Visit::of_form(gateway, &headers, &uri, &form).await?;
        Ok(Self { visit, form })
    }
}
