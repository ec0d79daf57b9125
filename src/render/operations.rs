//! What Notion is told about a link: attributes, or why there are none (notion-link-preview §4E). Everything here is
//! published to whoever can open the page, so it says no more than the operator lets out.

use super::attributes::{self, Limits};
use crate::config::Publish;
use crate::jira::key::Kind;
use crate::notion::unfurl::Operation;
use crate::preview::{Answer, Preview, State};

/// The operations for an answer. `publish` is what the operator lets out of its site.
pub fn of(answer: &Answer, publish: Publish) -> Vec<Operation> {
    let Some(preview) = &answer.preview else { return vec![refused(answer.state)] };
    let publish = if preview.restricted { publish.at_most_key() } else { publish };
    let few = |with_status| {
        let preview = by_key(answer.kind, preview, with_status);
        Operation::Attributes(attributes::few(answer.kind, &preview, &Limits::default()))
    };
    vec![match publish {
        Publish::Full => Operation::Attributes(attributes::of(answer, &Limits::default())),
        Publish::KeyStatus => few(true),
        Publish::Key => few(false),
        Publish::Nothing => error(403, "Access denied. The administrator keeps this Jira out of pages."),
    }]
}

/// Nothing but what is in the link, and the status if that is let out.
fn by_key(kind: Kind, preview: &Preview, with_status: bool) -> Preview {
    // The id of a search is its JQL, which may name people and customers.
    let has_key = !matches!(kind, Kind::Search | Kind::User | Kind::Attachment);
    let name = Some(&preview.identifier).filter(|it| !it.is_empty() && has_key);
    Preview {
        title: name.cloned().unwrap_or_else(|| super::words::kind_name(kind).to_owned()),
        identifier: name.cloned().unwrap_or_default(),
        status: preview.status.clone().filter(|_| with_status),
        ..Preview::default()
    }
}

/// Missing and hidden are one answer (§7.3). Notion knows three sentences: *Access denied* (401, 403), *Content not found*
/// (404), *Can't load preview* (all others); ours say what to do.
fn refused(state: State) -> Operation {
    match state {
        State::NotFound => error(404, "Content not found"),
        State::Blocked => error(403, "Access denied. The administrator does not let this project be shown."),
        State::Connect | State::ChooseAccount => {
            error(401, "Access denied. Connect this Jira in the gateway, then open the page again.")
        }
        State::Reconnect => error(401, "Access denied. Jira wants the person who pasted this to sign in again."),
        State::Captcha => error(401, "Access denied. Jira asks the person who pasted this to solve a CAPTCHA."),
        State::Unsupported => error(422, "This kind of Jira page has no preview."),
        State::RateLimited => error(503, "Jira has been asked too often. The preview comes back by itself."),
        State::Unreachable => error(503, "Jira does not answer. The preview comes back by itself."),
        State::Ready | State::Moved | State::Error => error(502, "Jira's answer is of no use here."),
    }
}

/// The answer while Jira takes longer than Notion should wait.
pub fn later() -> Operation {
    error(504, "Jira takes long to answer. The preview comes by itself.")
}

fn error(status: u16, message: &'static str) -> Operation {
    Operation::Error { status, message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preview::{Fact, FactId, Status};
    use jiff::Timestamp;

    fn answer(kind: Kind, preview: Option<Preview>, state: State) -> Answer {
        Answer {
            url: "https://acme.atlassian.net/browse/OPS-7".to_owned(),
            canonical_url: None,
            kind,
            id: "OPS-7".to_owned(),
            site: None,
            state,
            stale: false,
            checked_at: None,
            connection: None,
            preview,
            reason: None,
            actions: Vec::new(),
        }
    }

    fn preview(restricted: bool) -> Preview {
        Preview {
            title: "Secret title".to_owned(),
            identifier: "OPS-7".to_owned(),
            status: Some(Status {
                name: "Secret status".to_owned(),
                category: crate::jira::model::StatusCategory::Done,
            }),
            facts: vec![Fact::new(FactId::Assignee, "Secret person"), Fact::new(FactId::Jql, "Secret JQL")],
            description: Some("Secret description".to_owned()),
            updated_at: Some(Timestamp::UNIX_EPOCH),
            restricted,
            ..Preview::default()
        }
    }

    #[test]
    fn no_more_goes_out_than_the_operator_and_jira_let_out() {
        let ids =
            |publish, restricted| match &of(&answer(Kind::Issue, Some(preview(restricted)), State::Ready), publish)[..]
            {
                [Operation::Attributes(attributes)] => {
                    let secret = serde_json::to_string(attributes).unwrap().contains("Secret ");
                    (attributes.iter().map(|it| it.id.clone()).collect::<Vec<_>>().join(" "), secret)
                }
                [Operation::Error { status, .. }] => (status.to_string(), false),
                other => panic!("{other:?}"),
            };
        let full = "title key status assignee updated_at dev description";
        let table = [
            (Publish::Full, false, full, true),
            (Publish::KeyStatus, false, "title key status dev", true),
            (Publish::Key, false, "title key dev", false),
            (Publish::Nothing, false, "403", false),
            (Publish::Full, true, "title key dev", false),
            (Publish::KeyStatus, true, "title key dev", false),
            (Publish::Key, true, "title key dev", false),
            (Publish::Nothing, true, "403", false),
        ];
        for (publish, restricted, expected, secret) in table {
            assert_eq!(ids(publish, restricted), (expected.to_owned(), secret), "{publish:?} {restricted}");
        }
    }

    #[test]
    fn a_narrowed_search_does_not_tell_its_jql() {
        let mut search = preview(false);
        search.identifier = "assignee = ana".to_owned();
        let operations = of(&answer(Kind::Search, Some(search), State::Ready), Publish::Key);
        let text = serde_json::to_string(&operations).unwrap();
        assert!(!text.contains("ana") && !text.contains("Secret"), "{text}");
    }

    #[test]
    fn every_state_without_a_preview_is_an_error_that_says_what_to_do() {
        for state in State::ALL {
            match &of(&answer(Kind::Issue, None, state), Publish::Full)[..] {
                [Operation::Error { status, message }] => {
                    assert!((400..600).contains(status) && !message.is_empty(), "{state:?}");
                }
                other => panic!("{state:?} {other:?}"),
            }
        }
    }
}
