//! Who connects a Jira or Notion: somebody who is signed in, or, where connecting is signing in, somebody who is not yet.

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use secrecy::ExposeSecret;

use crate::config::SignIn;
use crate::gateway::Gateway;
use crate::render::page::{Base, Theme};
use crate::secret::{self, Digest};
use crate::store::AccountId;

use super::caller::cookie;
use super::visit::{Form, Refused, Visit, html, is_embedded, see_other};

/// An hour, in seconds: longer nobody takes to connect.
const COOKIE_LIVES: u32 = 3600;

/// Whoever connects.
#[derive(Debug)]
pub enum Opener {
    Visitor(Visit),
    /// Not signed in. The cookie is there only so that a form, and a return from a provider, can be known to be theirs.
    Stranger {
        theme: Theme,
        cookie: String,
        is_new: bool,
        /// How they will have signed in.
        by: SignIn,
    },
}

impl Opener {
    /// Whoever sends this request; without a session only where connecting in this way is signing in.
    pub async fn of(gateway: &Gateway, headers: &HeaderMap, uri: &Uri, by: SignIn) -> Result<Self, Refused> {
        if let Some(visit) = Visit::find(gateway, headers, uri).await? {
            return Ok(Self::Visitor(visit));
        }
        if !gateway.settings.sign_in.contains(&by) || is_embedded(headers) {
            return Visit::of(gateway, headers, uri).await.map(Self::Visitor);
        }
        let known = cookie(headers, cookie_name(gateway)).filter(|value| (20..200).contains(&value.len()));
        let (cookie, is_new) = match known {
            Some(value) => (value.to_owned(), false),
            None => (secret::new_token("jnv").expose_secret().to_owned(), true),
        };
        Ok(Self::Stranger { theme: Form::of_query(uri).theme(), cookie, is_new, by })
    }

    /// Who is signed in.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Visitor(visit) => Some(&visit.session.account),
            Self::Stranger { .. } => None,
        }
    }

    /// What this browser is known by when it comes back.
    pub fn browser(&self) -> Digest {
        match self {
            Self::Visitor(visit) => visit.session.browser(),
            Self::Stranger { cookie, .. } => Digest::of_token(cookie),
        }
    }

    /// Whether a form comes from a page that we made for this very browser.
    pub fn sent(&self, form: &Form) -> bool {
        match self {
            Self::Visitor(visit) => visit.sent(form),
            Self::Stranger { cookie, is_new, .. } => {
                !is_new && secret::same(form.get("csrf"), &secret::derive("csrf", cookie))
            }
        }
    }

    /// Head and foot of a page.
    pub fn base(&self) -> Base {
        match self {
            Self::Visitor(visit) => visit.base(),
            Self::Stranger { theme, cookie, .. } => {
                Base { theme: *theme, csrf: secret::derive("csrf", cookie), ..Base::default() }
            }
        }
    }

    pub fn page(self, gateway: &Gateway, status: StatusCode, text: String) -> Response {
        match self {
            Self::Visitor(visit) => visit.page_of(status, text),
            stranger => stranger.with_cookie(gateway, html(status, text)),
        }
    }

    /// To a provider; what the browser is known by must be there when it comes back.
    pub fn away(self, gateway: &Gateway, address: &str) -> Response {
        match self {
            Self::Visitor(visit) => visit.redirect(address),
            stranger => stranger.with_cookie(gateway, see_other(address)),
        }
    }

    /// Back to the page that was left, signed in as the owner of what was connected.
    pub async fn home(
        self,
        gateway: &Gateway,
        headers: &HeaderMap,
        uri: &Uri,
        account: &AccountId,
        path: &str,
    ) -> Result<Response, Refused> {
        let visit = match self {
            Self::Visitor(visit) => visit,
            Self::Stranger { by, .. } => Visit::start(gateway, headers, uri, account, by).await?,
        };
        Ok(visit.redirect(path))
    }

    fn with_cookie(self, gateway: &Gateway, mut response: Response) -> Response {
        if let Self::Stranger { cookie, is_new: true, .. } = self {
            let secure = if gateway.public_url.is_https() { "; Secure" } else { "" };
            let name = cookie_name(gateway);
            let value = format!("{name}={cookie}; Path=/; HttpOnly; SameSite=Lax; Max-Age={COOKIE_LIVES}{secure}");
            if let Ok(mut value) = HeaderValue::try_from(value) {
                value.set_sensitive(true);
                response.headers_mut().append(header::SET_COOKIE, value);
            }
        }
        response
    }
}

/// Browsers keep a `__Host-` cookie only over https.
fn cookie_name(gateway: &Gateway) -> &'static str {
    if gateway.public_url.is_https() { "__Host-visitor" } else { "visitor" }
}
