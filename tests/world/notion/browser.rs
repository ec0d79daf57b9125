//! What a person's browser meets at Notion.

use super::super::jira::exchange::{Answer, Asked};
use super::super::oauth::html::{escape, page};
use super::Notion;
use super::state::UserId;

/// Who looks, by number. Other programs on this machine share the jar, so the name is its own.
pub const COOKIE: &str = "notion_user";

impl Notion {
    pub(super) async fn site(&self, asked: Asked) -> Answer {
        match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/externalIntegrationAuthCallback" | "/externalintegrationauthcallback") => {
                self.callback(&asked).await
            }
            _ => Answer::html(404, &page("This page could not be found", "")),
        }
    }

    /// The way back from the gateway.
    async fn callback(&self, asked: &Asked) -> Answer {
        let Some(user) = self.reader(asked) else {
            return Answer::html(400, &page("Log in to Notion", "<p>Nobody is logged in at this browser.</p>"));
        };
        match self.come_back(user, &asked.query).await {
            Ok(_) => Answer::html(200, &page("Connected", "<p>You can close this window.</p>")),
            Err(words) => Answer::html(400, &page("Not connected", &format!("<p>{}</p>", escape(&words)))),
        }
    }

    /// Who is logged in at this browser.
    pub(super) fn reader(&self, asked: &Asked) -> Option<UserId> {
        let cookies = asked.headers.iter().filter(|(name, _)| name == "cookie").flat_map(|(_, value)| value.split(';'));
        let mut own = cookies.filter_map(|pair| pair.trim().split_once('=')).filter(|(name, _)| *name == COOKIE);
        let user = UserId(own.next()?.1.parse().ok()?);
        self.state(|state| (user.0 < state.users.len()).then_some(user))
    }
}
