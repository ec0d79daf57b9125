//! What went wrong with a connection that is there, and what its person can do.

/// Why something that was asked for on the page of connections did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The kept credential was tried again, and it did not help.
    StillRefused,
    /// No day on which a token can end.
    BadDay,
    /// To be told of changes one must administer the Jira.
    NotAdministrator,
    /// The Jira could not send to this gateway.
    NoAddress,
    /// Jira does not tell of changes.
    NotTold,
    /// A token in the place of a password: this Jira has none.
    NoTokensHere,
    /// Jira refuses to make one.
    NoTokenMade,
    PasswordRefused,
    Captcha,
    /// `left`, here and below: the name of a token that may be left in Jira.
    NoAnswer {
        left: Option<String>,
    },
    /// The new token does not work.
    TokenRefused {
        left: Option<String>,
    },
    OtherPerson {
        left: Option<String>,
    },
    /// The connection was removed or connected again meanwhile.
    Changed {
        left: Option<String>,
    },
}

impl Trouble {
    pub(super) fn text(&self) -> &'static str {
        match self {
            Self::StillRefused => "Jira still refuses this sign-in. Sign in to Jira in the browser once, or reconnect.",
            Self::BadDay => "The day was not changed: give one that is to come, as Jira shows it beside the token.",
            Self::NotAdministrator => {
                "Jira tells of changes only what its administrator asks for, and this account is none. Previews go on being read again when they are old."
            }
            Self::NoAddress => {
                "Jira can tell of changes only to a public https address, and this gateway has none. Previews go on being read again when they are old."
            }
            Self::NotTold => "Jira did not agree to tell of changes. Nothing else is different; try again in a moment.",
            Self::NoTokensHere => {
                "This Jira is older than 8.14 and has no personal access tokens. The password stays, and goes on working."
            }
            Self::NoTokenMade => {
                "Jira refused to make a token. You may have as many as it allows: delete one there and try again, or make one there yourself and reconnect with it. The password stays."
            }
            Self::PasswordRefused => {
                "Jira does not accept the password any more, so it made no token. Reconnect, best with a personal access token that you make in Jira."
            }
            Self::Captcha => {
                "Jira wants a CAPTCHA before it accepts the password again, so it made no token. Sign in to Jira in the browser once, then press Try again."
            }
            Self::NoAnswer { .. } => "Jira did not answer as expected. The password stays; try again in a moment.",
            Self::TokenRefused { .. } => "Jira made a token but does not accept it. The password stays.",
            Self::OtherPerson { .. } => {
                "Jira made a token that belongs to another user than this connection. It is not used; the password stays."
            }
            Self::Changed { .. } => "The connection was changed meanwhile, so nothing was replaced.",
        }
    }

    pub(super) fn left(&self) -> Option<&str> {
        match self {
            Self::NoAnswer { left }
            | Self::TokenRefused { left }
            | Self::OtherPerson { left }
            | Self::Changed { left } => left.as_deref(),
            _ => None,
        }
    }
}
