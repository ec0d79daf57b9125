//! The REST API of personal access tokens: Data Center and Server from 8.14 (jira-auth-and-rest §4.2).

use jiff::Timestamp;

use super::Error;
use super::auth::Secret;
use super::classify::{Asked, Verdict};
use super::client::{Client, segment, with_json};
use super::loose::{Bounded, Object, Text};
use crate::outbound::{Call, Method, Reply, StatusCode};

/// One of a person's tokens. Jira never tells its secret again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    pub id: String,
    pub name: String,
    /// `None`: it does not end, or Jira does not say when.
    pub expires_at: Option<Timestamp>,
}

/// A token that was made just now, with its secret.
#[derive(Clone, Debug)]
pub struct NewAccessToken {
    pub token: AccessToken,
    pub secret: Secret,
}

const TOKENS: &str = "/rest/pat/latest/tokens";
/// More tokens than a person has; Jira allows ten unless an administrator says otherwise.
const MOST: usize = 1_000;

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct TokenJson {
    id: Text,
    name: Text,
    #[serde(rename = "expiringAt")]
    expiring_at: Text,
    #[serde(rename = "rawToken")]
    raw_token: Text,
    /// What some versions call `rawToken`.
    token: Text,
}

impl TokenJson {
    fn into_token(self) -> Option<AccessToken> {
        let expires_at = self.expiring_at.timestamp();
        Some(AccessToken { id: self.id.filled()?, name: self.name.0.unwrap_or_default(), expires_at })
    }
}

impl Client {
    /// The person's own tokens. [`Error::NotFound`]: this Jira is older than 8.14.
    pub async fn access_tokens(&self) -> Result<Vec<AccessToken>, Error> {
        let reply = self.ask_for_tokens(self.at(TOKENS)?).await?;
        let list: Bounded<Object<TokenJson>, MOST> =
            serde_json::from_slice(&reply.body).map_err(|_| Error::Malformed)?;
        if list.more {
            return Err(Error::Malformed);
        }
        Ok(list.items.into_iter().filter_map(|json| json.0?.into_token()).collect())
    }

    /// Makes a token that ends after so many days. [`Error::NotFound`]: this Jira is older than 8.14; [`Error::BadQuery`]: it
    /// refuses so long a life, or so many tokens. After most other errors it may have been made all the same.
    pub async fn create_access_token(&self, name: &str, days: u16) -> Result<NewAccessToken, Error> {
        let body = serde_json::json!({ "name": name, "expirationDuration": days });
        let reply = self.ask_for_tokens(with_json(self.at(TOKENS)?, &body)).await?;
        let json: TokenJson = serde_json::from_slice(&reply.body).map_err(|_| Error::Malformed)?;
        let secret = json.raw_token.as_str();
        let secret = Secret::from(if secret.is_empty() { json.token.as_str() } else { secret });
        let token = json.into_token().filter(|_| !secret.is_empty()).ok_or(Error::Malformed)?;
        Ok(NewAccessToken { token, secret })
    }

    /// Ends a token at once. One that is not there is as good as ended.
    pub async fn delete_access_token(&self, id: &str) -> Result<(), Error> {
        let mut call = self.at(&format!("{TOKENS}/{}", segment(id)?))?;
        call.method = Method::DELETE;
        match self.ask_for_tokens(call).await {
            Ok(_) | Err(Error::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Strangers have no tokens, so every answer settles who asked, as that of `/myself` does.
    async fn ask_for_tokens(&self, call: Call) -> Result<Reply, Error> {
        let (reply, verdict) = self.exchange(Asked::Myself, call).await?;
        match (reply.status, verdict) {
            (_, Verdict::Good { .. }) | (StatusCode::NO_CONTENT, Verdict::Refused(Error::Malformed)) => Ok(reply),
            // Where Jira has nothing, its web pages answer.
            (StatusCode::NOT_FOUND, Verdict::Refused(Error::SignInPage)) => Err(Error::NotFound),
            (StatusCode::BAD_REQUEST, Verdict::Refused(Error::SignInPage)) => Err(Error::BadQuery),
            (_, Verdict::Refused(error)) => Err(error),
            (_, Verdict::Doubt(_)) => Err(Error::BadCredentials),
        }
    }
}
