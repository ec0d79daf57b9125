//! A person comes from Notion to allow Link Previews (notion-link-preview §4A), and the list of what they allowed.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;

use crate::gateway::{Gateway, LinkPreviews};
use crate::grant::{AuthorizeError, Back, RequestError};
use crate::notion;
use crate::render::page::{self, Base};
use crate::render::{Html as _, assets};
use crate::store::GrantId;

use super::notion_account::shown;
use super::pages::Body;
use super::sent::Sent;
use super::visit::{Form, Refused, Visit, own_path};

type Shared = State<Arc<Gateway>>;

/// `GET /notion/authorize`: checked, then shown.
pub async fn ask(State(gateway): Shared, headers: HeaderMap, uri: Uri) -> Result<Response, Refused> {
    let LinkPreviews { grants, .. } = enabled(&gateway)?;
    let query = Form::of_query(&uri);
    let request = grants.request(|name| query.every(name)).map_err(|error| not_ours(Base::default(), error))?;
    // Whoever has to sign in, or to connect, comes back to this very address.
    let visit = Visit::of(&gateway, &headers, &uri).await?;
    let account = &visit.session.account;
    let here = uri.path_and_query().and_then(|it| own_path(it.as_str())).unwrap_or("/");
    let held = gateway.connect.held(account).await?;
    let known = grants.of(account).await?;
    let connected = held.connections.iter().map(|it| page::ConnectedJira {
        label: it.label.clone(),
        site: it.site.authority().to_owned(),
        publishes: gateway.unfurl.publishes(&it.site),
    });
    let page = page::Consent {
        base: visit.base(),
        host: request.host(),
        page: grants.page_of(&request, visit.session.browser(), account),
        connected: connected.collect(),
        workspaces: known.iter().map(|it| shown(&it.workspace_name)).filter(|name| !name.is_empty()).collect(),
        here,
        with_description: gateway.settings.preview_description,
    };
    let text = page.html();
    let mut response = visit.page_of(StatusCode::OK, text);
    let policy = assets::policy_of_a_page_that_leads_away(request.is_plain());
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// `POST /notion/authorize`: the person has decided.
pub async fn decide(State(gateway): Shared, headers: HeaderMap, uri: Uri, body: Body) -> Result<Response, Refused> {
    let LinkPreviews { grants, .. } = enabled(&gateway)?;
    let form = Form::of_body(body)?;
    let visit = Visit::of_form(&gateway, &headers, &uri, &form).await?;
    let account = visit.session.account.clone();
    let request = grants
        .of_page(form.get("page"), visit.session.browser(), &account)
        .map_err(|error| not_ours(visit.base(), error))?;
    if form.get("decision") != "allow" {
        return Ok(visit.redirect(&request.refuse("access_denied", None).0));
    }
    let held = gateway.connect.held(&account).await?;
    let Some(first) = held.connections.first() else {
        return Ok(visit.redirect(&request.refuse("access_denied", Some("No Jira is connected.")).0));
    };
    let Back(location) = match grants.allow(&request, &account, &first.label).await {
        Ok(back) => back,
        Err(AuthorizeError::Store(error)) => return Err(error.into()),
        Err(AuthorizeError::Notion(error)) => {
            tracing::warn!(fault = "notion", retry = true, %error, "Notion's code was not exchanged");
            let (code, text) = excuse(&error);
            request.refuse(code, Some(text))
        }
    };
    Ok(visit.redirect(&location))
}

/// What Notion shows its person, who begins anew there.
fn excuse(error: &notion::Error) -> (&'static str, &'static str) {
    match error {
        notion::Error::InvalidGrant => ("server_error", "That took more than ten minutes. Press Connect once more."),
        notion::Error::RateLimited { .. } | notion::Error::Outbound(_) | notion::Error::Upstream(_) => {
            ("temporarily_unavailable", "The gateway did not reach Notion. Press Connect once more in a moment.")
        }
        _ => ("server_error", "Notion refused the gateway. Ask whoever runs it to look at its log."),
    }
}

/// `POST /notion/grants/{id}/remove`
pub async fn remove(State(gateway): Shared, Path(id): Path<String>, sent: Sent) -> Result<Response, Refused> {
    let LinkPreviews { grants, .. } = enabled(&gateway)?;
    let removed = match GrantId::parse(&id) {
        Some(id) => grants.remove(&sent.visit.session.account, &id).await?,
        None => false,
    };
    match removed {
        true => Ok(sent.visit.redirect("/connections?removed=notion")),
        false => Err(sent.visit.not_found()),
    }
}

fn enabled(gateway: &Gateway) -> Result<&LinkPreviews, Refused> {
    gateway.link_previews.as_ref().ok_or_else(|| Refused::new(page::Problem::not_found(Base::default())))
}

/// Whoever sent this person here is not trusted to get them back.
fn not_ours(base: Base, error: RequestError) -> Refused {
    Refused::new(page::Problem::not_from_notion(base, error.to_string()))
}
