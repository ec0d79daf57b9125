//! Tokens of a person besides those of Link Previews: what they type elsewhere, and what becomes of their consents.

use super::Notion;
use super::state::UserId;

/// The client of tokens that nobody was asked for.
const TYPED: &str = "typed";

/// The client of tokens that act as their creator (notion-rest-api §2).
pub const PERSONAL: &str = "personal";

impl Notion {
    /// A token to be typed: made by the person in their settings.
    pub fn make_token(&self, user: UserId) -> String {
        self.state(|state| state.tokens.start(TYPED, user).access)
    }

    /// A personal access token, made by the person.
    pub fn make_personal_token(&self, user: UserId) -> String {
        self.state(|state| state.tokens.start(PERSONAL, user).access)
    }

    /// The access tokens of a person end without anybody having asked for it; refresh tokens stay good.
    pub fn expire_tokens(&self, user: UserId) {
        self.state(|state| state.tokens.of(user).for_each(|grant| state.tokens.expire(grant)));
    }

    /// All tokens of a person end: they have removed the connection in Notion.
    pub fn end_tokens(&self, user: UserId) {
        self.state(|state| state.tokens.of(user).for_each(|grant| state.tokens.end(grant)));
    }

    /// How many tokens of a person are good, of either kind.
    pub fn good_tokens(&self, user: UserId) -> usize {
        self.state(|state| state.tokens.good(user))
    }
}
