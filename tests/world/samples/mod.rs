//! Answers as readers may get them: every kind in every state, with and without a preview. The gallery of the demo and
//! the tests of `render` look at the same ones.

pub mod gallery;
mod kinds;

use jiff::Timestamp;
use jira_notion_gateway::jira::key::{Deployment, Kind};
use jira_notion_gateway::jira::model::StatusCategory;
pub use kinds::{every_kind, nothing_to_preview};

use jira_notion_gateway::preview::{
    Action, Answer, Fact, FactId, Preview, Reason, ReasonCode, Site, State, Status, Via,
};

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The moment at which all samples are looked at.
pub fn now() -> Timestamp {
    at("2026-11-22T10:01:00Z")
}

pub fn fact(id: FactId, value: &str) -> Fact {
    Fact::new(id, value)
}

pub fn issue() -> Answer {
    Answer {
        url: "https://acme.atlassian.net/browse/OPS-7?atlOrigin=x".to_owned(),
        canonical_url: Some("https://acme.atlassian.net/browse/OPS-7".to_owned()),
        kind: Kind::Issue,
        id: "OPS-7".to_owned(),
        site: Some(Site {
            url: "https://acme.atlassian.net".to_owned(),
            name: "acme".to_owned(),
            deployment: Some(Deployment::Cloud),
        }),
        state: State::Ready,
        stale: false,
        checked_at: Some(at("2026-11-22T10:00:00.250Z")),
        connection: Some(Via { id: "con_1".to_owned(), label: "ana@acme.example".to_owned() }),
        preview: Some(Preview {
            title: "Login fails on Safari".to_owned(),
            identifier: "OPS-7".to_owned(),
            status: Some(Status { name: "In Progress".to_owned(), category: StatusCategory::InProgress }),
            facts: vec![
                fact(FactId::Type, "Bug"),
                fact(FactId::Assignee, "Ana Lindqvist"),
                fact(FactId::Priority, "High"),
                fact(FactId::Due, "2026-11-20"),
                fact(FactId::Parent, "OPS-1 Browser support"),
                fact(FactId::FixVersion, "2.4.0"),
                fact(FactId::Labels, "auth, safari, regression, customer"),
            ],
            updated_at: Some(at("2026-11-22T08:00:12Z")),
            ..Preview::default()
        }),
        reason: None,
        actions: vec![Action { id: "open", href: "https://acme.atlassian.net/browse/OPS-7".to_owned() }],
    }
}

pub fn project() -> Answer {
    let mut answer = issue();
    answer.url = "https://jira.example.org:8443/jira/projects/OPS/summary".to_owned();
    answer.canonical_url = Some("https://jira.example.org:8443/jira/browse/OPS".to_owned());
    answer.kind = Kind::Project;
    answer.id = "OPS".to_owned();
    answer.site = Some(Site {
        url: "https://jira.example.org:8443/jira".to_owned(),
        name: "jira.example.org:8443/jira".to_owned(),
        deployment: Some(Deployment::DataCenter),
    });
    answer.connection = Some(Via { id: "con_2".to_owned(), label: "ana".to_owned() });
    answer.preview = Some(Preview {
        title: "Operations".to_owned(),
        identifier: "OPS".to_owned(),
        facts: vec![
            fact(FactId::Type, "software"),
            fact(FactId::Lead, "Bo Nilsen"),
            fact(FactId::Category, "Internal"),
        ],
        ..Preview::default()
    });
    answer.actions = vec![Action { id: "open", href: "https://jira.example.org:8443/jira/browse/OPS".to_owned() }];
    answer
}

/// A reason with the sentence that belongs to it.
fn reason(code: ReasonCode) -> Reason {
    let message = match code {
        ReasonCode::Tls => "The certificate expired on 1 May.",
        ReasonCode::UpstreamError => "Jira had a fault of its own.",
        ReasonCode::Unreachable => "The server did not answer in time.",
        _ => "See the state.",
    };
    let retry_at = (code == ReasonCode::RateLimited).then(|| at("2026-11-22T10:32:00Z"));
    Reason { code, message: message.to_owned(), retry_at, deleted_at: None }
}

/// An object in one of the situations of paste-experience §5: (name, answer).
pub fn situations(base: &Answer) -> Vec<(&'static str, Answer)> {
    let with = |state, stale, code: Option<ReasonCode>, keep_preview: bool| {
        let mut answer = base.clone();
        answer.state = state;
        answer.stale = stale;
        answer.reason = code.map(reason);
        if !keep_preview {
            answer.preview = None;
        }
        answer
    };
    let mut list = vec![
        ("ready", with(State::Ready, false, None, true)),
        ("ready_stale", with(State::Ready, true, Some(ReasonCode::Unreachable), true)),
        ("ready_stale_limited", with(State::Ready, true, Some(ReasonCode::RateLimited), true)),
        ("connect", with(State::Connect, false, Some(ReasonCode::Connect), false)),
        ("reconnect", with(State::Reconnect, false, Some(ReasonCode::Reconnect), false)),
        ("reconnect_stale", with(State::Reconnect, true, Some(ReasonCode::Reconnect), true)),
        ("choose_account", with(State::ChooseAccount, false, Some(ReasonCode::Connect), false)),
        ("not_found", with(State::NotFound, false, Some(ReasonCode::NotFound), false)),
        ("not_found_gone", with(State::NotFound, false, Some(ReasonCode::Gone), false)),
        ("moved", with(State::Moved, false, Some(ReasonCode::Moved), true)),
        ("unreachable", with(State::Unreachable, false, Some(ReasonCode::Tls), false)),
        ("unreachable_sign_in_page", with(State::Unreachable, false, Some(ReasonCode::SignInPage), false)),
        ("rate_limited", with(State::RateLimited, false, Some(ReasonCode::RateLimited), false)),
        ("captcha", with(State::Captcha, false, Some(ReasonCode::Captcha), false)),
        ("captcha_stale", with(State::Captcha, true, Some(ReasonCode::Captcha), true)),
        ("blocked", with(State::Blocked, false, Some(ReasonCode::Policy), false)),
        ("unsupported", with(State::Unsupported, false, Some(ReasonCode::Unsupported), false)),
        ("unsupported_scope", with(State::Unsupported, false, Some(ReasonCode::ScopeMissing), false)),
        ("unsupported_license", with(State::Unsupported, false, Some(ReasonCode::LicenseMissing), false)),
        ("error", with(State::Error, false, Some(ReasonCode::UpstreamError), false)),
        ("error_api_removed", with(State::Error, false, Some(ReasonCode::ApiRemoved), false)),
        ("error_too_large", with(State::Error, false, Some(ReasonCode::TooLarge), false)),
        ("error_configuration", with(State::Error, false, Some(ReasonCode::OperatorConfiguration), false)),
    ];
    for (name, answer) in &mut list {
        if matches!(*name, "connect" | "choose_account") {
            answer.connection = None;
            answer.checked_at = None;
        }
        if *name == "moved" {
            answer.url = format!("{}/browse/OLD-7", answer.site.as_ref().unwrap().url);
        }
    }
    list
}

/// A text that is no Jira link.
pub fn none() -> Answer {
    Answer {
        url: "https://acme.atlassian.net.evil.example/browse/OPS-7".to_owned(),
        canonical_url: None,
        kind: Kind::None,
        id: String::new(),
        site: None,
        state: State::Unsupported,
        stale: false,
        checked_at: None,
        connection: None,
        preview: None,
        reason: Some(Reason {
            code: ReasonCode::Unsupported,
            message: "Not a Jira link.".to_owned(),
            retry_at: None,
            deleted_at: None,
        }),
        actions: vec![],
    }
}

/// An object of a kind that has no preview yet, named by its link alone.
pub fn bare(kind: Kind, id: &str, path: &str) -> Answer {
    let mut answer = issue();
    answer.kind = kind;
    answer.id = id.to_owned();
    answer.canonical_url = Some(format!("https://acme.atlassian.net{path}"));
    answer.state = State::Unsupported;
    answer.preview = None;
    answer.checked_at = None;
    answer.connection = None;
    answer.reason = Some(reason(ReasonCode::Unsupported));
    answer.actions = vec![];
    answer
}

pub fn sub_task() -> Answer {
    let mut answer = issue();
    let preview = answer.preview.as_mut().unwrap();
    preview.title = "Write a test that clicks twice".to_owned();
    preview.status = Some(Status { name: "Done".to_owned(), category: StatusCategory::Done });
    preview.facts = vec![
        fact(FactId::Type, "Sub-task"),
        fact(FactId::Priority, "Medium"),
        fact(FactId::Due, "2026-11-20"),
        fact(FactId::Parent, "OPS-7 Login fails on Safari"),
    ];
    preview.description = Some("Safari keeps the first promise.\nA second click starts another one.".to_owned());
    answer
}

pub fn long_and_mixed() -> Answer {
    let mut answer = issue();
    let preview = answer.preview.as_mut().unwrap();
    preview.title = format!("{} تسجيل الدخول فشل 登录失败 {}", "Sign-in ".repeat(20).trim_end(), "x".repeat(120));
    preview.status =
        Some(Status { name: "بانتظار المراجعة".to_owned(), category: StatusCategory::Unknown });
    preview.facts[1] = fact(FactId::Assignee, "Անահիտ Սարգսյան");
    preview.facts[2] = fact(FactId::Priority, "Dringend");
    answer
}
