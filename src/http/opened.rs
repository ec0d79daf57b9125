//! What each handler of a database's pages begins with: one of the visitor's own databases.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;

use crate::gateway::Gateway;
use crate::store::{Database, DatabaseId};

use super::sent::Sent;
use super::visit::{Form, Refused, Visit};

/// A page of it is asked for.
pub struct Opened {
    pub visit: Visit,
    pub database: Database,
    pub query: Form,
}

impl FromRequestParts<Arc<Gateway>> for Opened {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, gateway: &Arc<Gateway>) -> Result<Self, Refused> {
        let visit = Visit::of(gateway, &parts.headers, &parts.uri).await?;
        let database = find(gateway, &visit, id(parts).await).await?;
        Ok(Self { visit, database, query: Form::of_query(&parts.uri) })
    }
}

/// A form of it was sent. It takes the body, so it is the last parameter of a handler.
pub struct SentTo {
    pub visit: Visit,
    pub database: Database,
    pub form: Form,
}

impl FromRequest<Arc<Gateway>> for SentTo {
    type Rejection = Refused;

    async fn from_request(request: Request, gateway: &Arc<Gateway>) -> Result<Self, Refused> {
        let (mut parts, body) = request.into_parts();
        let id = id(&mut parts).await;
        let Sent { visit, form } = Sent::from_request(Request::from_parts(parts, body), gateway).await?;
        let database = find(gateway, &visit, id).await?;
        Ok(Self { visit, database, form })
    }
}

async fn id(parts: &mut Parts) -> Option<DatabaseId> {
    let Path(id) = Path::<String>::from_request_parts(parts, &()).await.ok()?;
    DatabaseId::parse(&id)
}

async fn find(gateway: &Gateway, visit: &Visit, id: Option<DatabaseId>) -> Result<Database, Refused> {
    let found = match id {
        Some(id) => gateway.syncs.one(&visit.session.account, &id).await?,
        None => None,
    };
    found.ok_or_else(|| visit.not_found())
}
