//! A person comes from Notion with a code of Notion's, allows it, and goes back with a code of ours (§4A, §4A′, §4B).

use std::fmt;

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::Grants;
use crate::notion::oauth::{ExternalAccount, Purpose};
use crate::notion::redirect::RedirectUri;
use crate::notion::{self, redirect::RedirectHosts};
use crate::secret::{Digest, new_id, new_token, same};
use crate::store::{self, AccountId, GrantCode, NewGrant};

/// Our codes live five minutes (contract §6).
const CODE_LIVES_MS: i64 = 5 * 60 * 1000;
/// Notion's code lives ten minutes (§4A): a consent page that is older leads nowhere.
const REQUEST_LIVES_S: i64 = 10 * 60;
/// Longest code of Notion's; it is a UUID.
const LONGEST_CODE: usize = 200;
const LONGEST_STATE: usize = 1_000;

/// What Notion asks for. It can only be made by checking it, so whoever has one may send its person back.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Notion's own.
    code: String,
    redirect_uri: RedirectUri,
    /// None if Notion sent none.
    state: Option<String>,
}

/// Why a request is not answered by sending its person anywhere. Each is a sentence for the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    #[error("The parameter client_id does not name the client that this gateway knows.")]
    Client,
    #[error("The parameter redirect_uri does not lead to Notion.")]
    RedirectUri,
    #[error("The parameter response_type must be code.")]
    ResponseType,
    #[error("The parameter code is missing, or is no code of Notion's.")]
    Code,
    #[error("The parameter state is too long.")]
    State,
    #[error("A parameter is there twice.")]
    Repeated,
    /// What the consent page holds is older than ten minutes, or of another browser or account.
    #[error("This page is too old, or belongs to another sign-in. Go back to Notion and press Connect again.")]
    Page,
}

/// Why nothing was allowed, though its person wanted it.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizeError {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Notion(#[from] notion::Error),
}

/// Where the person goes now.
#[derive(Clone, PartialEq, Eq)]
pub struct Back(pub String);

impl fmt::Debug for Back {
    /// Without the code and the state.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Back").field(&self.0.split('?').next()).finish()
    }
}

impl fmt::Debug for Request {
    /// Without the code and the state.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("redirect_uri", &self.redirect_uri).finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
struct PageJson {
    code: String,
    redirect_uri: String,
    state: Option<String>,
    /// Hash of what is known of the browser and who is signed in there.
    whose: String,
}

impl Request {
    /// Reads the parameters of the authorize URL. Everything is checked before anything is shown or redirected to.
    pub fn read<'q>(
        client_id: &str,
        hosts: &RedirectHosts,
        all: impl Fn(&'static str) -> Vec<&'q str>,
    ) -> Result<Self, RequestError> {
        let one = |name: &'static str| match all(name)[..] {
            [] => Ok(None),
            [value] => Ok(Some(value)),
            _ => Err(RequestError::Repeated),
        };
        let required = |name: &'static str| Ok(one(name)?.unwrap_or_default());
        if !same(required("client_id")?, client_id) {
            return Err(RequestError::Client);
        }
        let redirect_uri = hosts.admit(required("redirect_uri")?).ok_or(RequestError::RedirectUri)?;
        if required("response_type")? != "code" {
            return Err(RequestError::ResponseType);
        }
        let code = required("code")?;
        if code.is_empty() || code.len() > LONGEST_CODE || !code.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(RequestError::Code);
        }
        let state = one("state")?;
        if state.is_some_and(|state| state.len() > LONGEST_STATE) {
            return Err(RequestError::State);
        }
        Ok(Self { code: code.to_owned(), redirect_uri, state: state.map(str::to_owned) })
    }

    /// `www.notion.so`: where the person goes back to.
    pub fn host(&self) -> &str {
        self.redirect_uri.host()
    }

    /// Whether that is on this machine, without TLS.
    pub fn is_plain(&self) -> bool {
        self.redirect_uri.is_plain()
    }

    /// Back without anything; `error` is a word of RFC 6749 §4.1.2.1, which Notion shows in words of its own unless there
    /// is a `description`.
    pub fn refuse(&self, error: &str, description: Option<&str>) -> Back {
        let mut parameters = vec![("error", error)];
        parameters.extend(description.map(|text| ("error_description", text)));
        self.back(&parameters)
    }

    fn back(&self, parameters: &[(&str, &str)]) -> Back {
        let state = self.state.as_deref().map(|state| ("state", state));
        Back(self.redirect_uri.with(&parameters.iter().copied().chain(state).collect::<Vec<_>>()))
    }
}

impl Grants {
    /// Reads the parameters of `GET /notion/authorize`.
    pub fn request<'q>(&self, all: impl Fn(&'static str) -> Vec<&'q str>) -> Result<Request, RequestError> {
        Request::read(&self.ours.id, &self.hosts, all)
    }

    /// What the consent page carries: the request, bound to the browser and the account that it is shown to. A link that
    /// somebody else began does not become a consent by being followed (§7.7).
    pub fn page_of(&self, request: &Request, browser: Digest, account: &AccountId) -> String {
        let page = PageJson {
            code: request.code.clone(),
            redirect_uri: request.redirect_uri.as_str().to_owned(),
            state: request.state.clone(),
            whose: whose(browser, account),
        };
        let ends = self.clock.now().as_second() + REQUEST_LIVES_S;
        self.passes.write(&serde_json::to_vec(&page).unwrap_or_default(), ends)
    }

    /// The request that a consent page carries, if it was made for this browser and account.
    pub fn of_page(&self, page: &str, browser: Digest, account: &AccountId) -> Result<Request, RequestError> {
        let read = || {
            let (content, _) = self.passes.read(page, self.clock.now().as_second())?;
            let page: PageJson = serde_json::from_slice(&content).ok()?;
            let redirect_uri = self.hosts.admit(&page.redirect_uri)?;
            let ours = same(&page.whose, &whose(browser, account));
            ours.then_some(Request { code: page.code, redirect_uri, state: page.state })
        };
        read().ok_or(RequestError::Page)
    }

    /// The person has said yes: Notion's code is exchanged, the grant is kept, and they go back with a code of ours.
    /// `name` is shown in Notion's settings.
    pub async fn allow(&self, request: &Request, account: &AccountId, name: &str) -> Result<Back, AuthorizeError> {
        let external = ExternalAccount { key: account.as_str(), name };
        let tokens = self.application.exchange(&request.code, Purpose::LinkPreview(external)).await?;
        let new = NewGrant {
            account,
            bot_id: &tokens.bot_id,
            workspace_id: &tokens.workspace_id,
            workspace_name: &tokens.workspace_name,
            token: tokens.access.expose_secret().as_bytes(),
        };
        let grant = self.store.save_grant_to_notion(&self.sealer, new).await?;
        self.known.forget_all();
        let code = new_token("jnc");
        let issued = GrantCode {
            grant_id: grant.id,
            family: new_id("fam"),
            redirect_uri: request.redirect_uri.as_str().to_owned(),
            expires_at: self.clock.now_ms() + CODE_LIVES_MS,
        };
        self.store.save_code(Digest::of_token(code.expose_secret()), &issued).await?;
        Ok(request.back(&[("code", code.expose_secret())]))
    }
}

fn whose(browser: Digest, account: &AccountId) -> String {
    format!("{} {account}", browser.to_hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vector of §4A.
    const QUERY: [(&str, &str); 6] = [
        ("code", "614846ff-b061-4eac-a511-fc20c3f0838a"),
        ("redirect_uri", "https://notion.so/externalIntegrationAuthCallback"),
        ("client_id", "mRkZGFjM"),
        ("scope", "unfurl user_name"),
        ("response_type", "code"),
        ("state", "tga@YNV9cfw4yrv0thw"),
    ];

    fn read(query: &[(&str, &'static str)]) -> Result<Request, RequestError> {
        let hosts = RedirectHosts::parse(["notion.so", "www.notion.so"].into_iter()).unwrap();
        Request::read("mRkZGFjM", &hosts, |name| query.iter().filter(|(key, _)| *key == name).map(|it| it.1).collect())
    }

    fn with(name: &'static str, value: &'static str) -> Result<Request, RequestError> {
        let mut query: Vec<_> = QUERY.into_iter().filter(|(key, _)| *key != name).collect();
        query.push((name, value));
        read(&query)
    }

    #[test]
    fn everything_is_checked_before_anything_is_shown() {
        assert!(read(&QUERY).is_ok() && with("scope", "").is_ok() && with("state", "").is_ok());
        let table = [
            (with("client_id", "mRkZGFjm"), RequestError::Client),
            (with("client_id", ""), RequestError::Client),
            (with("redirect_uri", "https://evilnotion.so/externalIntegrationAuthCallback"), RequestError::RedirectUri),
            (with("redirect_uri", ""), RequestError::RedirectUri),
            (with("response_type", "token"), RequestError::ResponseType),
            (with("code", ""), RequestError::Code),
            (with("code", "a b"), RequestError::Code),
            (with("code", "ä"), RequestError::Code),
            (read(&QUERY[1..]), RequestError::Code),
            (read(&[&QUERY[..], &[("code", "x")]].concat()), RequestError::Repeated),
            (read(&[&QUERY[..], &[("redirect_uri", "https://notion.so/")]].concat()), RequestError::Repeated),
        ];
        for (result, expected) in table {
            assert_eq!(result, Err(expected));
        }
    }

    #[test]
    fn the_person_goes_back_to_what_was_received_with_the_state_that_was_received() {
        let request = read(&QUERY).unwrap();
        let Back(back) = request.refuse("access_denied", Some("Not now"));
        assert_eq!(
            back,
            "https://notion.so/externalIntegrationAuthCallback?error=access_denied&error_description=Not+now\
             &state=tga%40YNV9cfw4yrv0thw"
        );
        let bare = read(&QUERY[..5]).unwrap();
        assert_eq!(
            bare.refuse("access_denied", None).0,
            "https://notion.so/externalIntegrationAuthCallback?error=access_denied"
        );
    }
}
