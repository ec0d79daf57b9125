//! What nobody outside Notion knows, so that a test can try each answer (notion-link-preview §9, §12). The first of each
//! is the default.

use super::rest::Settings;

/// See the members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switches {
    pub redirect_uri: RedirectUri,
    pub unfurl_delete: UnfurlDelete,
    pub deleted_token: DeletedToken,
    pub oauth_errors: OAuthErrors,
    pub owner: Owner,
    /// The same for its own OAuth, where people sign in.
    pub public_owner: Owner,
    /// Whether a 401 of the unfurl URL makes Notion refresh and ask once more.
    pub refresh_on_401: bool,
    pub push_reply: PushReply,
    /// The answer to a push of something that no page of the workspace shows.
    pub unknown_uri: UnknownUri,
    pub strictness: Strictness,
    /// Whether Notion's code is exchanged only together with an `external_account`.
    pub external_account_required: bool,
    /// Whether the token endpoint gives a `refresh_token` (today) or `null` (2022).
    pub refresh_tokens: bool,
    /// Pushes a second, on average, of one token; `None`: as many as come.
    pub pushes_a_second: Option<u32>,
    /// Whether a page becomes an error when a reader without rights looks at what somebody else unfurled.
    pub strangers_failure_shows: bool,
    /// Of the REST side.
    pub rest: Settings,
    /// Versions that a push may name.
    pub versions: Vec<&'static str>,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            redirect_uri: RedirectUri::Www,
            unfurl_delete: UnfurlDelete::UriAndBearer,
            deleted_token: DeletedToken::AccessToken,
            oauth_errors: OAuthErrors::Rfc,
            owner: Owner::Workspace,
            public_owner: Owner::User,
            refresh_on_401: false,
            push_reply: PushReply::EmptyObject,
            unknown_uri: UnknownUri::NotFound,
            strictness: Strictness::Strict,
            external_account_required: true,
            refresh_tokens: true,
            pushes_a_second: None,
            strangers_failure_shows: false,
            rest: Settings::default(),
            versions: vec!["2021-08-16", "2022-02-22", "2022-06-28", "2025-09-03", "2026-03-11"],
        }
    }
}

/// What Notion sends as `redirect_uri` (§4A).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedirectUri {
    /// What an integration in production is known to have had.
    Www,
    /// As the guide writes it: no `www`, capital letters.
    Documented,
    /// The same, without its scheme at the token step.
    SchemelessAtToken,
    NotionCom,
    /// Back to this fake: for a person with a browser.
    Loopback,
    Exactly(String),
}

impl RedirectUri {
    /// In the query of the authorize URL. `own`: where this fake listens.
    pub fn at_authorize(&self, own: &str) -> String {
        match self {
            Self::Www => "https://www.notion.so/externalintegrationauthcallback".into(),
            Self::Documented | Self::SchemelessAtToken => "https://notion.so/externalIntegrationAuthCallback".into(),
            Self::NotionCom => "https://www.notion.com/externalintegrationauthcallback".into(),
            Self::Loopback => format!("{own}/externalintegrationauthcallback"),
            Self::Exactly(uri) => uri.clone(),
        }
    }

    /// In the body of token requests, when `sent` stood in the authorize URL.
    pub fn at_token(&self, sent: &str) -> String {
        match self {
            Self::SchemelessAtToken => sent.trim_start_matches("https://").to_owned(),
            _ => sent.to_owned(),
        }
    }
}

/// How the DELETE to the unfurl URL says what it means (§4F).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnfurlDelete {
    UriAndBearer,
    /// `?uri=…`, with Bearer.
    Query,
    /// Bearer alone.
    Empty,
    /// `{"uri"}` alone.
    NoAuth,
}

/// The body of the DELETE to the deleted-token URL (§4G).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletedToken {
    /// The gateway's.
    AccessToken,
    Account,
    Empty,
}

/// The two shapes of §4B.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuthErrors {
    Rfc,
    Envelope,
}

/// `owner` in the answer to a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Workspace,
    User,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushReply {
    EmptyObject,
    NoContent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownUri {
    NotFound,
    Accepted,
}

/// How exactly the gateway's words are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// As the documents have it.
    Strict,
    /// What an integration in production gets away with (§10, Gumroad).
    Lenient,
}
