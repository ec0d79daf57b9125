//! Link Previews where they may be attacked or overrun: the doors that Notion's servers use, what is published to whom,
//! races, and a thousand links. `tests/notion` walks the scenarios.

mod doors;
mod publish;
mod races;
mod renewals;
mod thousand;
mod token;

use jiff::SignedDuration;
use jira_notion_gateway::unfurl::Round;
use serde_json::Value;

use crate::notion::parameter;
use crate::notion::town::Town;
use crate::world::gateway::{Gateway, Reply};
use crate::world::notion::Exchange;

const REDIRECT_URI: &str = "https://www.notion.so/externalintegrationauthcallback";

impl Town {
    /// A code of ours, as Notion gets it for Nora, who has allowed it as Ana.
    async fn code(&self) -> String {
        let mut ana = self.browser("ana").await;
        parameter(&self.decide(&mut ana, &self.notion.begin_connect(self.nora), "allow").await, "code")
    }

    async fn redeem(&self, code: &str) -> Reply {
        self.token(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT_URI)]).await
    }

    async fn renew(&self, refresh_token: &str) -> Reply {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
    }

    /// Whether a token of ours is good.
    async fn is_good(&self, access_token: &str) -> bool {
        let status = self.unfurl(access_token, &self.link("OPS-7")).await.status;
        assert!(status == 200 || status == 401, "{status}");
        status == 200
    }

    /// The token that Notion holds for Nora.
    fn held(&self) -> String {
        self.notion.connections(self.nora).remove(0).access_token
    }

    /// The gateway looks at everything that Notion shows.
    async fn look(&self) {
        self.later(SignedDuration::from_mins(6));
        look_now(&self.gateway).await;
    }

    /// What Notion was told without asking.
    fn pushed(&self) -> Vec<Exchange> {
        self.notion.received("PATCH", "/v1/external/object")
    }
}

/// Everything that is due.
async fn look_now(gateway: &Gateway) {
    let push = &gateway.inner.link_previews.as_ref().unwrap().push;
    while push.round().await.unwrap() != Round::default() {}
}

/// An access and a refresh token.
#[track_caller]
fn tokens(reply: &Reply) -> (String, String) {
    assert_eq!(reply.status, 200, "{}", reply.text);
    let body = reply.json();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

/// The ids of the attributes in an answer or a push, or the status of the error.
fn said(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    let [operation] = &body["operations"].as_array().unwrap()[..] else { panic!("{body}") };
    match operation["path"][0].as_str() {
        Some("attributes") => {
            let ids = operation["set"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap());
            ids.collect::<Vec<_>>().join(" ")
        }
        _ => format!("error {}", operation["set"]["status"]),
    }
}
