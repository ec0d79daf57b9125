//! The connect window (contract §3): choose the Jira, type the secret, go back to the pasted link.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use secrecy::SecretString;

use crate::config::{Settings, SignIn, SiteRule};
use crate::connect::{Begin, Callback, Completed, ConnectError, Incomplete, Return, Typed};
use crate::gateway::Gateway;
use crate::jira::auth;
use crate::jira::key::{Deployment, SiteUrl};
use crate::link;
use crate::render::page::{self, ConnectForm, ConnectProblem, Method, Offer, OwnOauth};
use crate::render::step::encode;
use crate::render::{Html as _, assets};
use crate::store::Connection;

use super::address;
use super::api::expiry;
use super::opener::Opener;
use super::server::Peer;
use super::visit::{Form, Refused};

type Shared = State<Arc<Gateway>>;

/// `GET /connect?site=URL&return_to=PATH`
pub async fn window(State(gateway): Shared, headers: HeaderMap, uri: Uri) -> Result<Response, Refused> {
    let opener = Opener::of(&gateway, &headers, &uri, SignIn::Jira).await?;
    let mut form = read(&Form::of_query(&uri));
    if form.version.is_none() {
        form.version = known_version(&gateway, &opener, &form.site).await?;
    }
    Ok(show(&gateway, opener, form, None))
}

/// What the site of a link is, where that is known before anybody has signed in to it: a Cloud site under a name of its own
/// does not show it.
async fn known_version(gateway: &Gateway, opener: &Opener, site: &str) -> Result<Option<Deployment>, Refused> {
    let Some(site) = SiteUrl::parse(site).ok().filter(|site| !site.is_cloud_host()) else { return Ok(None) };
    if let Some(account) = opener.account()
        && let Some(connection) = gateway.connect.held(account).await?.at(&site).next()
    {
        return Ok(Some(connection.deployment));
    }
    Ok(gateway.connect.kind_of_listed(&site).await)
}

/// `POST /connect`
pub async fn authenticate(
    State(gateway): Shared,
    peer: axum::Extension<Peer>,
    headers: HeaderMap,
    uri: Uri,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refused> {
    let fields = Form::of_body(body)?;
    let mut form = read(&fields);
    let opener = Opener::of(&gateway, &headers, &uri, SignIn::Jira).await?;
    if !opener.sent(&fields) {
        // The session may have ended while the window was open: what was typed stays, but for the secret.
        return Ok(show(&gateway, opener, form, Some(ConnectProblem::FormExpired)));
    }
    let peer = address::of(&gateway, peer.0, &headers);
    // Without script, a radio button that the version hides may still be the chosen one; the secret says what is meant.
    if form.method == Some(Method::Oauth) && !fields.get("secret").trim().is_empty() && !offer(&gateway).asks(&form) {
        form.method = None;
    }
    if form.method == Some(Method::Oauth) {
        return ask_for_consent(&gateway, opener, peer, form).await;
    }
    let typed = match typed(&fields, &form) {
        Ok(typed) => typed,
        Err(problem) => return Ok(show(&gateway, opener, form, Some(problem))),
    };
    match gateway.connect.connect(opener.account(), peer, typed).await {
        Ok((connection, _)) => {
            gateway.welcome(&[&connection]).await?;
            let home = connected(&form.return_to, &connection);
            opener.home(&gateway, &headers, &uri, &connection.account_id, &home).await
        }
        Err(error) => refused(&gateway, opener, error, form),
    }
}

/// Sends the person to Jira, which asks them whether we may come in.
async fn ask_for_consent(
    gateway: &Gateway,
    opener: Opener,
    peer: IpAddr,
    form: ConnectForm,
) -> Result<Response, Refused> {
    let begin = Begin {
        account: opener.account(),
        peer,
        browser: opener.browser(),
        site: &form.site,
        chosen: form.version,
        return_to: &form.return_to,
    };
    match gateway.connect.begin_consent(begin).await {
        Ok(address) => Ok(opener.away(gateway, address.as_str())),
        Err(error) => refused(gateway, opener, error, form),
    }
}

/// `GET /connect/callback/{cloud,data-center,server}`: the person comes back.
pub async fn callback(
    State(gateway): Shared,
    Path(provider): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refused> {
    let Some(callback) = Callback::parse(&provider) else { return Ok(super::pages::not_found().await) };
    // Whoever has to sign in first begins anew: the code must not travel on in the address of another page.
    let opener = Opener::of(&gateway, &headers, &Uri::from_static("/connect"), SignIn::Jira).await?;
    let query = Form::of_query(&uri);
    let code = if callback == Callback::Server { query.get("oauth_verifier") } else { query.get("code") };
    let back = Return {
        callback,
        browser: Some(opener.browser()),
        account: opener.account(),
        state: query.get("state"),
        code,
        error: query.get("error"),
    };
    match gateway.connect.complete_consent(back).await {
        Ok(Completed { account, connections, return_to, missing }) => {
            gateway.welcome(&connections.iter().collect::<Vec<_>>()).await?;
            let home = match (&missing, connections.first()) {
                (None, Some(first)) => connected(&return_to, first),
                (Some(missing), _) => format!("/connections?not_granted={}", encode(missing.authority())),
                (None, None) => return_to,
            };
            opener.home(&gateway, &headers, &uri, &account, &home).await
        }
        Err(Incomplete { error, site, return_to }) => {
            let version = if callback == Callback::Cloud { Deployment::Cloud } else { Deployment::DataCenter };
            let version = Some(version);
            let form = ConnectForm { site, return_to, version, method: Some(Method::Oauth), ..ConnectForm::default() };
            refused(&gateway, opener, error, form)
        }
    }
}

fn connected(return_to: &str, connection: &Connection) -> String {
    let mark = if return_to.contains('?') { '&' } else { '?' };
    format!("{return_to}{mark}connected={}", connection.id)
}

fn refused(gateway: &Gateway, opener: Opener, error: ConnectError, form: ConnectForm) -> Result<Response, Refused> {
    match error {
        ConnectError::Store(error) => Err(error.into()),
        error => {
            let problem = problem(error, &form);
            Ok(show(gateway, opener, form, Some(problem)))
        }
    }
}

/// The fields but for the secret. A pasted link in the place of the site is understood.
fn read(fields: &Form) -> ConnectForm {
    ConnectForm {
        version: Deployment::parse(fields.get("version")),
        site: site_of(fields.get("site").trim()),
        method: Method::parse(fields.get("method")),
        username: fields.get("username").trim().to_owned(),
        expires_at: fields.get("expires_at").trim().to_owned(),
        return_to: fields.return_to().to_owned(),
    }
}

fn typed(fields: &Form, form: &ConnectForm) -> Result<Typed, ConnectProblem> {
    let method = match form.chosen_method() {
        Method::ApiToken => auth::Method::ApiToken,
        Method::Password => auth::Method::Password,
        Method::PersonalAccessToken => auth::Method::PersonalAccessToken,
        Method::Oauth => return Err(ConnectProblem::MethodNotSupported),
    };
    if form.site.is_empty() {
        return Err(ConnectProblem::MissingSite);
    }
    if form.username.is_empty() && method != auth::Method::PersonalAccessToken {
        return Err(ConnectProblem::MissingUsername);
    }
    if fields.get("secret").trim().is_empty() {
        return Err(ConnectProblem::MissingSecret);
    }
    let expires_at = match form.expires_at.as_str() {
        "" => None,
        text => Some(expiry(text).map_err(|_| ConnectProblem::BadExpiry)?),
    };
    Ok(Typed {
        site: form.site.clone(),
        method,
        username: form.username.clone(),
        secret: SecretString::from(fields.get("secret")),
        expires_at,
        chosen: form.version,
    })
}

/// People paste what they have in the address bar: a link to an issue names its site as well. What is shown is where the
/// secret goes, so nothing is followed to another host, and an oddly written address is shown as it is understood.
fn site_of(text: &str) -> String {
    let Ok(typed) = SiteUrl::parse(text) else { return text.to_owned() };
    let link = link::parse(text, &link::Known::default());
    let named = link.map(|link| link.site().clone()).filter(|site| site.authority() == typed.authority());
    named.unwrap_or(typed).to_string()
}

fn problem(error: ConnectError, form: &ConnectForm) -> ConnectProblem {
    match error {
        ConnectError::Invalid(reason) => match SiteUrl::parse(&form.site) {
            Err(error) => ConnectProblem::BadSite { reason: error.to_string() },
            Ok(_) => ConnectProblem::BadSite { reason },
        },
        ConnectError::MissingScope if form.method == Some(Method::Oauth) => ConnectProblem::Operator,
        ConnectError::WrongCredentials if form.method == Some(Method::Oauth) => ConnectProblem::NotLetIn,
        ConnectError::WrongCredentials | ConnectError::MissingScope => {
            ConnectProblem::WrongCredentials { version: form.chosen_version() }
        }
        ConnectError::Captcha { login_url } => ConnectProblem::Captcha { login_url },
        ConnectError::NotJira => ConnectProblem::NotJira,
        ConnectError::SignInPage => ConnectProblem::SignInPage,
        ConnectError::Unreachable | ConnectError::Jira(_) | ConnectError::Store(_) => ConnectProblem::Unreachable,
        ConnectError::UntrustedCertificate(problem) => ConnectProblem::UntrustedCertificate(problem),
        ConnectError::BlockedAddress => ConnectProblem::BlockedAddress,
        ConnectError::HttpsRequired => ConnectProblem::HttpsRequired,
        ConnectError::SiteNotListed => ConnectProblem::SiteNotListed,
        ConnectError::BasicAuthDisabled => ConnectProblem::BasicAuthDisabled,
        ConnectError::MethodNotSupported => ConnectProblem::MethodNotSupported,
        ConnectError::Denied => ConnectProblem::Denied,
        ConnectError::ConsentExpired => ConnectProblem::ConsentExpired,
        ConnectError::OtherBrowser => ConnectProblem::OtherBrowser,
        ConnectError::SignedOut => ConnectProblem::SignedOut,
        ConnectError::OtherAccount => ConnectProblem::BelongsToOther,
        ConnectError::Unidentified => ConnectProblem::Unidentified,
        ConnectError::NoSite => ConnectProblem::NoSite,
        ConnectError::Operator => ConnectProblem::Operator,
        ConnectError::TooManyAttempts { retry_at } => ConnectProblem::TooManyAttempts { retry_at },
    }
}

fn show(gateway: &Gateway, opener: Opener, form: ConnectForm, problem: Option<ConnectProblem>) -> Response {
    let status = match &problem {
        None => StatusCode::OK,
        Some(ConnectProblem::TooManyAttempts { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(ConnectProblem::FormExpired | ConnectProblem::OtherBrowser | ConnectProblem::SignedOut) => {
            StatusCode::FORBIDDEN
        }
        Some(ConnectProblem::BelongsToOther) => StatusCode::CONFLICT,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = page::Connect { base: opener.base(), form, offer: offer(gateway), problem, now: gateway.clock.now() };
    let mut response = opener.page(gateway, status, page.html());
    if page.offer.cloud_oauth || !page.offer.own_oauth.is_empty() {
        let policy = assets::policy_of_a_page_that_leads_away(leads_to_plain_http(&gateway.settings));
        if let Ok(policy) = HeaderValue::try_from(policy) {
            // In place of the other: browsers obey all that they are given.
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
    response
}

/// What this installation can offer besides typed secrets.
pub fn offer(gateway: &Gateway) -> Offer {
    let settings = &gateway.settings;
    let own = settings.listed.iter().filter(|site| site.has_oauth());
    Offer {
        cloud_oauth: settings.jira_app.is_some(),
        own_oauth: own
            .map(|site| OwnOauth {
                name: site.name.clone(),
                addresses: [&site.url].into_iter().chain(&site.aliases).cloned().collect(),
            })
            .collect(),
        sites: settings.listed.iter().map(|site| (site.url.to_string(), site.name.clone())).collect(),
        only_listed: settings.sites == SiteRule::Listed,
    }
}

/// Whether one of the providers has no https, as a Jira within a company's network may.
fn leads_to_plain_http(settings: &Settings) -> bool {
    let cloud = settings.jira_app.as_ref().map(|_| &settings.atlassian_auth_url);
    let own = settings.listed.iter().filter(|site| site.has_oauth()).map(|site| &site.url);
    cloud.into_iter().chain(own).any(|provider| !provider.is_https())
}

#[cfg(test)]
mod tests {
    use super::site_of;

    #[test]
    fn the_site_that_is_shown_is_the_one_that_is_asked() {
        let table = [
            ("acme.atlassian.net", "https://acme.atlassian.net"),
            ("https://acme.atlassian.net/browse/OPS-7?atl=x", "https://acme.atlassian.net"),
            ("https://jira.example.com/jira/browse/OPS-7", "https://jira.example.com/jira"),
            ("https://jira.example.com:8443/jira", "https://jira.example.com:8443/jira"),
            // A wrapper leads elsewhere, and nobody would see where.
            (
                "https://id.atlassian.com/login?continue=https%3A%2F%2Fevil.example%2Fbrowse%2FA-1",
                "https://id.atlassian.com/login",
            ),
            ("https://www.google.com/url?q=https://evil.example/browse/A-1", "https://www.google.com/url"),
            // A browser's address parser sees `evil.example` in these.
            ("https:evil.example/?://acme.atlassian.net", "https://evil.example"),
            ("https:\\\\evil.example\\://acme.atlassian.net", "https://evil.example/:/acme.atlassian.net"),
            ("https://acme.atlassian.net@evil.example", "https://acme.atlassian.net@evil.example"),
            ("not an address", "not an address"),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(site_of(text), expected, "{text}");
        }
    }
}
