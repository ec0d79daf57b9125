//! What a provider's refusal means, by who can mend it: the person, the operator, or time (jira-auth-and-rest §2.3, §5).

use super::error::ConnectError;
use crate::jira::Error;
use crate::jira::auth::Method;
use crate::jira::key::SiteUrl;
use crate::jira::oauth::OAuthError;

/// `error` that came back in the place of a code (RFC 6749 §4.1.2.1).
pub(super) fn of_return(error: &str) -> ConnectError {
    match error {
        "access_denied" => ConnectError::Denied,
        "server_error" | "temporarily_unavailable" => ConnectError::Jira(Error::Upstream(503)),
        other => {
            // The address may have been written by anybody: only words that are known are repeated.
            const KNOWN: [&str; 4] =
                ["invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope"];
            let word = KNOWN.into_iter().find(|it| *it == other).unwrap_or("unknown");
            tracing::error!(fault = "us", retry = false, error = word, "a provider refuses to ask people for consent");
            ConnectError::Operator
        }
    }
}

/// A code that is not taken.
pub(super) fn of_code(error: OAuthError) -> ConnectError {
    match error {
        OAuthError::InvalidGrant => ConnectError::ConsentExpired,
        OAuthError::Operator(word) => {
            tracing::error!(
                fault = "us",
                retry = false,
                error = word,
                "the authorization server refuses the gateway's client; check its id, secret, scopes and callback URL"
            );
            ConnectError::Operator
        }
        OAuthError::Unavailable(error) => ConnectError::Jira(error),
    }
}

/// A step of OAuth 1.0a that an application link does not take.
pub(super) fn of_link(error: OAuthError, site: &SiteUrl) -> ConnectError {
    match of_code(error) {
        ConnectError::Jira(error) => ConnectError::Jira(error).said_by(site, Method::Oauth1),
        error => error,
    }
}

/// `/myself` right after a consent. Nobody has typed a secret, so nobody is told that theirs is wrong.
pub(super) fn of_person(error: Error, site: &SiteUrl, method: Method) -> ConnectError {
    match (error, method) {
        (Error::MissingScope, _) => {
            tracing::error!(
                fault = "us",
                retry = false,
                "people consent, but may not be asked who they are; GATEWAY_JIRA_SCOPES needs read:jira-user"
            );
            ConnectError::Operator
        }
        // The administrator of the site blocks the app (§2.1).
        (Error::Forbidden, Method::Oauth) => ConnectError::NoSite,
        (Error::BadCredentials | Error::Forbidden, _) => ConnectError::ConsentExpired,
        (error, method) => ConnectError::from(error).said_by(site, method),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_to_check_a_secret_that_they_did_not_type() {
        let site = SiteUrl::parse("https://acme.atlassian.net").unwrap();
        let table = [
            (Error::MissingScope, Method::Oauth, "method_not_supported"),
            (Error::Forbidden, Method::Oauth, "wrong_credentials"),
            (Error::BadCredentials, Method::Oauth2, "wrong_credentials"),
            (Error::OperatorConfiguration, Method::Oauth1, "method_not_supported"),
            (Error::Upstream(500), Method::Oauth, "unreachable"),
        ];
        for (error, method, code) in table {
            let said = of_person(error.clone(), &site, method);
            assert_eq!(said.code(), code, "{error}");
            assert!(!matches!(said, ConnectError::WrongCredentials | ConnectError::MissingScope), "{error}");
        }
    }
}
