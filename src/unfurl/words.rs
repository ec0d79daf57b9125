//! The sentence that a reader gets with each reason (paste-experience §5). Never a title, a name or a server's words.

use crate::jira::key::Kind;
use crate::link::Link;
use crate::outbound::{Failure, TlsProblem};
use crate::preview::{Reason, ReasonCode};

use super::entry::{Detail, Refusal};

/// The reason for a failed check.
pub fn of(refusal: &Refusal, link: &Link) -> Reason {
    let message = match (&refusal.detail, refusal.code) {
        (Detail::BasicAuthDisabled, _) => BASIC_AUTH_DISABLED.to_owned(),
        (Detail::Failure(failure), _) => failed(failure),
        (Detail::Deleted(at), _) => format!("Deleted in Jira on {}.", at.strftime("%-d %B %Y")),
        (Detail::None, code) => about(link, code).message,
    };
    let deleted_at = if let Detail::Deleted(at) = refusal.detail { Some(at) } else { None };
    Reason { code: refusal.code, message, retry_at: refusal.retry_at, deleted_at }
}

/// Why the fields of a Jira cannot be listed.
pub fn of_fields(refusal: &Refusal) -> Reason {
    let message = match (&refusal.detail, refusal.code) {
        (Detail::BasicAuthDisabled, _) => BASIC_AUTH_DISABLED.to_owned(),
        (Detail::Failure(failure), _) => failed(failure),
        (Detail::None, ReasonCode::Reconnect) => "Your Jira sign-in has ended. Reconnect to see its fields.".to_owned(),
        (Detail::None, ReasonCode::ScopeMissing) => {
            "Your Jira token may not read fields. Reconnect with a token that has the scope read:jira-work.".to_owned()
        }
        (Detail::None, ReasonCode::NotFound | ReasonCode::LicenseMissing) => {
            "Jira does not show its fields to you.".to_owned()
        }
        // Issues alone are deleted.
        (Detail::None | Detail::Deleted(_), code) => of_code(code).to_owned(),
    };
    Reason { code: refusal.code, message, retry_at: refusal.retry_at, deleted_at: None }
}

const BASIC_AUTH_DISABLED: &str =
    "This Jira no longer accepts a user name and password. Reconnect with a personal access token.";

/// The reason for a code that needs nothing else.
pub fn reason(code: ReasonCode) -> Reason {
    Reason { code, message: of_code(code).to_owned(), retry_at: None, deleted_at: None }
}

/// The same where the kind of object matters to what can be done.
pub fn about(link: &Link, code: ReasonCode) -> Reason {
    let message = match (code, link.kind()) {
        (ReasonCode::Unsupported, kind) => no_api(kind),
        (ReasonCode::ScopeMissing, Kind::Board | Kind::Sprint) => {
            "Your Jira token may not read boards and sprints. Connect again with a token that has the scopes \
             read:board-scope:jira-software, read:sprint:jira-software, read:project:jira and \
             read:issue-details:jira."
        }
        (ReasonCode::ScopeMissing, Kind::Request | Kind::Portal | Kind::Queue) => {
            "Your Jira token may not read requests. Connect again with a token that has the scope \
             read:servicedesk-request."
        }
        (ReasonCode::ScopeMissing, Kind::User) => {
            "Your Jira token may not read people. Connect again with a token that has the scope read:jira-user."
        }
        (ReasonCode::LicenseMissing, Kind::Board | Kind::Sprint) => {
            "Jira shows boards and sprints only to people with a licence for Jira Software."
        }
        (ReasonCode::LicenseMissing, Kind::Request | Kind::Portal | Kind::Queue) => {
            "This Jira has no licence for Jira Service Management."
        }
        (ReasonCode::NotFound, Kind::Search) => {
            "Jira does not run this search for you. It may name something private, or be mistyped."
        }
        (code, _) => of_code(code),
    };
    Reason { code, message: message.to_owned(), retry_at: None, deleted_at: None }
}

/// Why a recognised link has nothing to show, by its kind.
fn no_api(kind: Kind) -> &'static str {
    match kind {
        Kind::Plan => "Jira tells other programs nothing about plans. Open it in Jira.",
        Kind::Search => "This search is written in a form from before JQL. Open it in Jira.",
        Kind::Dashboard => "This link opens everybody's own start page. Open it in Jira.",
        Kind::User => "This link opens the profile of whoever follows it. Open it in Jira.",
        Kind::Queue => "This link does not name the project of its queue. Open it in Jira.",
        Kind::Site => "This link opens a page of Jira that is about no single thing. Open it in Jira.",
        _ => of_code(ReasonCode::Unsupported),
    }
}

fn of_code(code: ReasonCode) -> &'static str {
    match code {
        ReasonCode::Connect => "Connect your Jira to see this. This site is not linked to your account yet.",
        ReasonCode::Reconnect => "Your Jira sign-in has ended. Reconnect to see current values.",
        ReasonCode::Captcha => {
            "Jira wants a CAPTCHA. We stopped after one try so that your account is not locked. \
             Sign in to Jira in the browser once, then connect again."
        }
        ReasonCode::NotFound => "Not found, or not visible to you. It may be private, deleted or mistyped.",
        ReasonCode::Gone => "Not visible in Jira any more. It was deleted or made private.",
        ReasonCode::Moved => "This was moved and has a new key.",
        ReasonCode::Unreachable => "It did not answer.",
        ReasonCode::Tls => "A secure connection could not be made.",
        ReasonCode::SignInPage => "Jira sent a sign-in page.",
        ReasonCode::RateLimited => "Jira asked us to wait.",
        ReasonCode::Policy => "Previews are off for this site or project. Set by your administrator.",
        ReasonCode::ScopeMissing => {
            "Your Jira token does not allow this. Connect again with a token that may read issues."
        }
        ReasonCode::LicenseMissing => "Your Jira account has no licence for this.",
        ReasonCode::OperatorConfiguration => "The gateway is not set up correctly. Tell your administrator.",
        ReasonCode::ApiRemoved => "The gateway needs an update for this Jira.",
        ReasonCode::UpstreamError => "Jira could not answer.",
        ReasonCode::TooLarge => "Jira's answer was too large.",
        ReasonCode::Unsupported => "There is no preview for this kind of link yet.",
    }
}

fn failed(failure: &Failure) -> String {
    let why = match failure {
        Failure::BlockedAddress => "The administrator does not allow its address.",
        Failure::HttpsRequired => "It is not served by https.",
        Failure::Unreachable => "It did not accept a connection.",
        Failure::Timeout => "It did not answer in time.",
        Failure::Tls(TlsProblem::Expired { not_after: Some(second) }) => {
            if let Ok(day) = jiff::Timestamp::from_second(*second) {
                return format!("The certificate expired on {}.", day.strftime("%-d %B %Y"));
            }
            "The certificate has expired."
        }
        Failure::Tls(TlsProblem::Expired { .. }) => "The certificate has expired.",
        Failure::Tls(TlsProblem::NotYetValid) => "The certificate is not valid yet.",
        Failure::Tls(TlsProblem::UnknownIssuer) => "The issuer of the certificate is not trusted.",
        Failure::Tls(TlsProblem::WrongHost) => "The certificate belongs to another host name.",
        Failure::Tls(TlsProblem::ClientCertificateWanted) => "It wants a client certificate.",
        Failure::Tls(TlsProblem::Other) => of_code(ReasonCode::Tls),
        Failure::Proxy => "The proxy refused the connection.",
        Failure::TooLarge => of_code(ReasonCode::TooLarge),
    };
    why.to_owned()
}
