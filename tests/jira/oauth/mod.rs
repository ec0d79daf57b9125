//! The simulated OAuth providers refuse what the real ones refuse.

mod access_tokens;
mod atlassian_api;
mod atlassian_consent;
mod atlassian_faults;
mod atlassian_tokens;
mod consumer;
mod oauth1;
mod oauth1_consent;
mod oauth2;

use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::As::Nobody;
use super::{Reply, fill, post, request, send};
use crate::world::jira::MORNING;
use crate::world::{FakeAtlassian, FakeJira, Personality};

const CALLBACK: &str = "https://gateway.example/connect/callback/cloud";
const WORK: &str = "read:jira-work read:jira-user offline_access";
/// A verifier and its challenge (RFC 7636, appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Atlassian with one site and one app.
struct Cloud {
    atlassian: FakeAtlassian,
    acme: FakeJira,
}

async fn atlassian() -> Cloud {
    let (atlassian, acme) =
        (FakeAtlassian::start(MORNING.parse().unwrap()).await, FakeJira::start(Personality::cloud()).await);
    fill(&acme);
    atlassian.add_site(&acme);
    atlassian.register("app", "app-secret", &[CALLBACK]);
    Cloud { atlassian, acme }
}

impl Cloud {
    /// A good authorization request; an empty value leaves a parameter out.
    fn authorize(&self, changed: &[(&str, &str)]) -> String {
        let usual = [
            ("audience", "api.atlassian.com"),
            ("client_id", "app"),
            ("scope", WORK),
            ("redirect_uri", CALLBACK),
            ("state", "s+1"),
            ("response_type", "code"),
            ("prompt", "consent"),
        ];
        with_query(&format!("{}/authorize", self.atlassian.auth_url()), &usual, changed)
    }

    /// A code for Ana and all of her sites.
    fn code(&self, changed: &[(&str, &str)]) -> String {
        parameter(&self.atlassian.consent(&self.authorize(changed), "ana@acme.example", &[]), "code").unwrap()
    }

    async fn token(&self, body: Value) -> Reply {
        post(&format!("{}/oauth/token", self.atlassian.auth_url()), Nobody, body).await
    }

    async fn exchange(&self, code: &str) -> Reply {
        self.token(exchange(code)).await
    }

    async fn refresh(&self, token: &str) -> Reply {
        self.token(refreshing(token)).await
    }

    /// Access and refresh token of a new consent.
    async fn pair(&self) -> (String, String) {
        pair(&self.exchange(&self.code(&[])).await)
    }
}

fn exchange(code: &str) -> Value {
    json!({
        "grant_type": "authorization_code", "client_id": "app", "client_secret": "app-secret", "code": code,
        "redirect_uri": CALLBACK,
    })
}

fn refreshing(token: &str) -> Value {
    json!({
        "grant_type": "refresh_token", "client_id": "app", "client_secret": "app-secret", "refresh_token": token,
    })
}

#[track_caller]
fn pair(reply: &Reply) -> (String, String) {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let text = |name: &str| reply.json()[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

#[track_caller]
fn refused(reply: &Reply, status: u16, error: &str) {
    assert_eq!((reply.status, reply.json()["error"].as_str().unwrap()), (status, error), "{}", reply.text);
}

/// An address with these parameters, some of them changed or (empty) left out.
fn with_query(address: &str, usual: &[(&str, &str)], changed: &[(&str, &str)]) -> String {
    let mut url = Url::parse(address).unwrap();
    let kept = usual.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| name == other));
    let all = kept.chain(changed.iter().filter(|(_, value)| !value.is_empty()));
    url.query_pairs_mut().extend_pairs(all);
    url.into()
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs().find(|(it, _)| it == name).map(|(_, value)| value.into_owned())
}

/// The value of the first form field of this name in a page.
#[track_caller]
fn hidden(page: &str, name: &str) -> String {
    let at = page.find(&format!("name=\"{name}\" value=\"")).expect("a hidden field");
    let value = page[at..].split('"').nth(3).unwrap();
    value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

async fn submit(url: &str, fields: &[(&str, &str)]) -> Reply {
    send(request(Method::POST, url, Nobody).form(fields)).await
}
