//! The pages (contract §3): why, account, sign-in.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use secrecy::ExposeSecret;

use crate::account::Named;
use crate::config;
use crate::gateway::Gateway;
use crate::preview::Via;
use crate::render::page::{self, Base, Done, SignOn, TokenRow};
use crate::render::{Html, assets};
use crate::store::{AccountId, TokenId};
use crate::unfurl::Ask;

use super::caller::{self, cookie};
use super::here::{self, Keep};
use super::problem::Problem;
use super::sent::Sent;
use super::visit::{Form, Refused, Visit, html, see_other, session_cookie};

type Shared = State<Arc<Gateway>>;
pub type Body = Result<Bytes, BytesRejection>;

/// `GET /why?url=U`
pub async fn why(State(gateway): Shared, headers: HeaderMap, uri: Uri) -> Result<Response, Refused> {
    let visit = Visit::of(&gateway, &headers, &uri).await?;
    let query = Form::of_query(&uri);
    let url = query.get("url").trim();
    let account = &visit.session.account;
    let mut answers = match url {
        "" => Vec::new(),
        url => gateway.unfurl.resolve(Ask::by(account), &[url]).await?,
    };
    here::stay(gateway.public_url.as_str(), Keep::default(), &mut answers);
    let held = gateway.connect.held(account).await?;
    let site = answers.first().and_then(|answer| answer.site.as_ref());
    let at_site = held.connections.iter().filter(|it| site.is_some_and(|site| site.url == it.site.as_str()));
    let via: Vec<Via> = at_site.map(|it| Via { id: it.id.to_string(), label: it.label.clone() }).collect();
    let page =
        page::Why { base: visit.base(), url, answer: answers.first(), connections: &via, now: gateway.clock.now() };
    let page = page.html();
    Ok(visit.page_of(StatusCode::OK, page))
}

/// `GET /account`
pub async fn account(State(gateway): Shared, headers: HeaderMap, uri: Uri) -> Result<Response, Refused> {
    let visit = Visit::of(&gateway, &headers, &uri).await?;
    let done = Form::of_query(&uri).has("revoked").then_some(Done::TokenRevoked);
    account_page(&gateway, visit, None, done, None).await
}

async fn account_page(
    gateway: &Gateway,
    visit: Visit,
    new_token: Option<String>,
    done: Option<Done>,
    problem: Option<String>,
) -> Result<Response, Refused> {
    let tokens = tokens(gateway, &visit.session.account).await?;
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = page::Account {
        base: visit.base(),
        name: visit.name.clone(),
        tokens,
        new_token,
        done,
        problem,
        now: gateway.clock.now(),
    };
    Ok(visit.page_with(status, &page))
}

async fn tokens(gateway: &Gateway, account: &AccountId) -> Result<Vec<TokenRow>, Refused> {
    let rows = gateway.accounts.tokens(account).await?.into_iter().map(|token| TokenRow {
        id: token.id.to_string(),
        label: token.name,
        created_at: Timestamp::from_millisecond(token.created_at).unwrap_or(Timestamp::UNIX_EPOCH),
    });
    Ok(rows.collect())
}

/// `POST /account/tokens`: the answer shows the new token, this once.
pub async fn create_token(State(gateway): Shared, Sent { visit, form }: Sent) -> Result<Response, Refused> {
    let label = form.get("label").trim();
    if label.is_empty() || label.chars().count() > 100 || label.chars().any(char::is_control) {
        let problem = "Give the token a name of 1 to 100 characters, such as the program that will use it.";
        return account_page(&gateway, visit, None, None, Some(problem.to_owned())).await;
    }
    let token = gateway.accounts.create_token(&visit.session.account, label).await?;
    account_page(&gateway, visit, Some(token.expose_secret().to_owned()), None, None).await
}

/// `POST /account/tokens/{id}/revoke`
pub async fn revoke_token(
    State(gateway): Shared,
    Path(id): Path<String>,
    Sent { visit, .. }: Sent,
) -> Result<Response, Refused> {
    let revoked = match TokenId::parse(&id) {
        Some(id) => gateway.accounts.revoke_token(&visit.session.account, &id).await?,
        None => false,
    };
    if !revoked {
        return Err(visit.not_found());
    }
    Ok(see_other("/account?revoked=1"))
}

/// `GET /sign-in`: the ways that are set. With the one account `local`, being here is being signed in.
pub async fn sign_in(State(gateway): Shared, headers: HeaderMap, uri: Uri) -> Result<Response, Refused> {
    let query = Form::of_query(&uri);
    if let Some(visit) = Visit::find(&gateway, &headers, &uri).await? {
        return Ok(visit.redirect(query.return_to()));
    }
    let settings = &gateway.settings;
    let is_set = |method| settings.sign_in.contains(&method);
    let sites = settings.listed.iter().filter(|_| is_set(config::SignIn::Jira));
    let page = page::SignIn {
        base: Base { theme: query.theme(), ..Base::default() },
        jira: sites.map(|site| (site.url.to_string(), site.name.clone())).collect(),
        notion: is_set(config::SignIn::Notion),
        proxy: is_set(config::SignIn::Proxy).then(|| match caller::named(&gateway, &headers) {
            Named::Unclear => SignOn::Unclear,
            Named::Nobody | Named::Account(_) => SignOn::Silent,
        }),
        return_to: query.return_to().to_owned(),
    };
    Ok(html(StatusCode::OK, page.html()))
}

/// `POST /sign-out`
pub async fn sign_out(State(gateway): Shared, headers: HeaderMap, _: Sent) -> Result<Response, Refused> {
    if let Some(value) = cookie(&headers, gateway.cookie_name()) {
        gateway.accounts.end_session(value).await?;
    }
    let mut response = see_other("/sign-in");
    response.headers_mut().extend(session_cookie(&gateway, "", 0).map(|gone| (header::SET_COOKIE, gone)));
    Ok(response)
}

/// `GET /favicon.ico`: what browsers ask for where no page has told them better.
pub async fn favicon() -> Response {
    asset(Uri::from_static(assets::favicon())).await
}

/// `GET /assets/…`
pub async fn asset(uri: Uri) -> Response {
    match assets::find(uri.path()) {
        Some(asset) => {
            let headers = [(header::CONTENT_TYPE, asset.content_type), (header::CACHE_CONTROL, assets::CACHE_CONTROL)];
            (headers, asset.bytes).into_response()
        }
        None => not_found().await,
    }
}

/// Any other address.
pub async fn not_found() -> Response {
    Refused::new(page::Problem::not_found(Base::default())).into_response()
}

/// A request that is not let in at all.
pub fn refused(problem: &Problem, public_url: &str) -> Response {
    Refused::new(match problem.status {
        StatusCode::MISDIRECTED_REQUEST => page::Problem::misdirected(Base::default(), public_url),
        StatusCode::FORBIDDEN => page::Problem::from_elsewhere(Base::default()),
        _ => page::Problem::bad_request(Base::default(), problem.detail.as_str()),
    })
    .into_response()
}

pub async fn method_not_allowed() -> Response {
    Refused::new(page::Problem::method_not_allowed(Base::default())).into_response()
}
