//! The addresses to which Jira sends what has changed, and how a sender proves to be that Jira (jira-auth-and-rest §11).

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::Connect;
use crate::jira::key::SiteUrl;
use crate::secret::{SecretSlice, is_mac_of, is_signed_jwt};
use crate::store::{self, Webhook, WebhookKind};

/// One address. What comes in here concerns its site, whatever it says itself.
pub struct Door {
    pub site: SiteUrl,
    proof: Proof,
}

enum Proof {
    /// A JWT, signed with the secret of the app.
    App(SecretString),
    /// A signature of the body.
    Signature(SecretSlice<u8>),
    /// Nobody else knows the address.
    Address,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("site", &self.site).finish_non_exhaustive()
    }
}

impl Door {
    /// What can be said before the body is read: whether it may be worth reading. `authorization` is the header of this
    /// name, `now` in seconds since 1970.
    pub fn admits(&self, authorization: Option<&str>, now: i64) -> bool {
        let Proof::App(secret) = &self.proof else { return true };
        let token = authorization.and_then(|it| it.split_once(' ')).filter(|(scheme, _)| is_bearer(scheme));
        token.is_some_and(|(_, token)| is_signed_jwt(token.trim(), secret.expose_secret().as_bytes(), now))
    }

    /// Whether the body is Jira's. `signature` is the header `X-Hub-Signature`.
    pub fn believes(&self, signature: Option<&str>, body: &[u8]) -> bool {
        let Proof::Signature(secret) = &self.proof else { return true };
        let digits = signature.and_then(|it| it.strip_prefix("sha256="));
        digits.is_some_and(|digits| is_mac_of(secret.expose_secret(), body, digits))
    }
}

/// Atlassian's older apps are sent `JWT`.
fn is_bearer(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("jwt")
}

/// By the last part of the address.
pub type Doors = Arc<HashMap<String, Arc<Door>>>;

impl Connect {
    /// The door of this name; touches no database.
    pub fn door(&self, name: &str) -> Option<Arc<Door>> {
        self.webhooks.doors().get(name).cloned()
    }

    /// Reads anew which doors there are: at the start, and after every change by whichever process.
    pub async fn load_doors(&self) -> Result<(), store::Error> {
        let rows = self.store.webhooks().await?;
        let doors = rows.iter().filter_map(|row| Some((row.id.clone(), Arc::new(self.door_of(row)?)))).collect();
        self.webhooks.set_doors(Arc::new(doors));
        Ok(())
    }

    fn door_of(&self, row: &Webhook) -> Option<Door> {
        let proof = match row.kind {
            WebhookKind::App => Proof::App(self.webhooks.app_secret()?.clone()),
            WebhookKind::Administrator => match row.secret(&self.sealer) {
                Ok(Some(secret)) => Proof::Signature(secret),
                Ok(None) => Proof::Address,
                Err(error) => {
                    tracing::error!(fault = "us", retry = false, connection = %row.connection_id, %error, "the secret of a webhook cannot be opened");
                    return None;
                }
            },
        };
        Some(Door { site: row.site.clone(), proof })
    }
}
