//! Writes every page and every kind in every state into a folder, to be looked at:
//! `GATEWAY_GALLERY=/tmp/gallery cargo test render::gallery`. The states alone are also a site of the demo.

use std::fs;
use std::path::Path;
use std::time::Duration;

use jira_notion_gateway::config::Publish;
use jira_notion_gateway::jira::key::{Deployment, Kind, SiteUrl};
use jira_notion_gateway::jira::limits::{Bucket, Quota, Standing};
use jira_notion_gateway::outbound::TlsProblem;
use jira_notion_gateway::preview::{Reason, ReasonCode};
use jira_notion_gateway::render::page::{
    Account, AllowFrame, Base, CardFields, Connect, ConnectForm, ConnectProblem, ConnectedJira, ConnectionRow,
    Connections, Consent, Done, FieldRow, GrantRow, Home, Look, Method, NotGranted, NotionProblem, NotionRow, Offer,
    OpenGraph, OwnOauth, Pile, Preview, Problem, Redacted, Removal, SignIn, SignOn, Soon, Theme, TokenRow, Trouble,
    Why,
};
use jira_notion_gateway::render::pile::Insert;
use jira_notion_gateway::render::{Html, card, mention, words};

use super::sample::{self, at, now};

fn base() -> Base {
    Base {
        theme: Theme::System,
        account: Some("ana".to_owned()),
        can_sign_out: true,
        csrf: "csrf-value".to_owned(),
        soon: None,
    }
}

fn row(id: &str, label: &str, site: (&str, &str), deployment: Deployment, method: &str, health: &str) -> ConnectionRow {
    ConnectionRow {
        id: id.to_owned(),
        label: label.to_owned(),
        site_name: site.0.to_owned(),
        site_url: site.1.to_owned(),
        deployment: Some(deployment),
        method: method.to_owned(),
        health: health.to_owned(),
        expires_at: (health == "expiring").then(|| at("2026-12-01T00:00:00Z")),
        unused_since: None,
        password_can_go: method == "password" && health != "captcha",
        tells_changes: (method == "password").then_some(health == "ok"),
        limits: Standing::default(),
    }
}

/// Everything that can be said about when a connection ends, now that it is the morning of 22 November 2026.
fn calendar() -> Vec<ConnectionRow> {
    let (acme, own) = (("acme", "https://acme.atlassian.net"), ("plant", "https://jira.example.org:8443/jira"));
    let cases = [
        ("api_token", "ok", "2027-06-30", None),
        ("personal_access_token", "ok", "", None),
        ("api_token", "expiring", "2026-12-01", None),
        ("personal_access_token", "expiring", "2026-11-24", None),
        ("api_token", "expiring", "2026-11-20", None),
        ("personal_access_token", "reconnect", "2026-11-20", None),
        ("oauth", "ok", "2027-02-20", Some("2026-11-22")),
        ("oauth", "expiring", "2026-12-01", Some("2026-09-02")),
        ("oauth2", "expiring", "2026-11-24", Some("2026-08-26")),
        ("oauth", "expiring", "2026-11-21", Some("2026-08-23")),
        ("oauth", "expiring", "2026-12-01", None),
        ("oauth1", "ok", "2031-11-21", None),
        ("password", "ok", "", None),
    ];
    let day = |text: &str| at(&format!("{text}T12:00:00Z"));
    let rows = cases.into_iter().enumerate().map(|(number, (method, health, ends, unused))| ConnectionRow {
        expires_at: Some(ends).filter(|it| !it.is_empty()).map(day),
        unused_since: unused.map(day),
        ..match method {
            "api_token" | "oauth" => {
                row(&format!("con_{number}"), "ana@acme.example", acme, Deployment::Cloud, method, health)
            }
            _ => row(&format!("con_{number}"), "ana", own, Deployment::DataCenter, method, health),
        }
    });
    rows.collect()
}

/// What Jira lets us ask, and what it does not.
fn limits() -> Vec<ConnectionRow> {
    let (acme, own) = (("acme", "https://acme.atlassian.net"), ("plant", "https://jira.example.org:8443/jira"));
    let bucket = |left| Some(Bucket { size: 70, left, gain: 10, every: Duration::from_secs(60) });
    let quota = Some(Quota { site_only: false, left: 11_000, size: None, resets_in: Duration::from_secs(600) });
    let until = Some(at("2026-11-22T10:32:00Z"));
    let none = Standing::default();
    let cases = [
        (true, Standing { quota, ..none }),
        (true, Standing { all_wait_until: until, ..none }),
        (true, Standing { some_wait_until: until, ..none }),
        (false, Standing { bucket: bucket(12), ..none }),
        (false, Standing { bucket: bucket(0), all_wait_until: until, ..none }),
    ];
    let rows = cases.into_iter().enumerate().map(|(number, (cloud, limits))| {
        let id = format!("con_{number}");
        let row = match cloud {
            true => row(&id, "ana@acme.example", acme, Deployment::Cloud, "oauth", "ok"),
            false => row(&id, "ana", own, Deployment::DataCenter, "personal_access_token", "ok"),
        };
        ConnectionRow { limits, ..row }
    });
    rows.collect()
}

/// What can go wrong on the page of connections.
fn troubles() -> Vec<(&'static str, Trouble)> {
    let left = || Some("jira-notion-gateway 2026-11-22 t_7hq2m5xw3kz9c4nv8r6p".to_owned());
    vec![
        ("refused", Trouble::StillRefused),
        ("bad-day", Trouble::BadDay),
        ("no-tokens", Trouble::NoTokensHere),
        ("no-token", Trouble::NoTokenMade),
        ("password-refused", Trouble::PasswordRefused),
        ("captcha", Trouble::Captcha),
        ("no-answer", Trouble::NoAnswer { left: None }),
        ("no-answer-left", Trouble::NoAnswer { left: left() }),
        ("token-refused", Trouble::TokenRefused { left: None }),
        ("other-person", Trouble::OtherPerson { left: left() }),
        ("changed", Trouble::Changed { left: None }),
    ]
}

/// The page on which fields are chosen: as it stands, with too many, and when Jira does not tell.
fn card_fields() -> Vec<(&'static str, String)> {
    let row = |id: &str, name: &str, kind| FieldRow {
        id: id.to_owned(),
        name: Some(name.to_owned()),
        kind,
        ..FieldRow::default()
    };
    let severity = row("customfield_10200", "Severity", "choice");
    let gone = FieldRow { id: "customfield_10007".to_owned(), is_gone: true, ..FieldRow::default() };
    let points = row("customfield_10105", "Story Points", "number");
    let points = FieldRow { estimate_of: Some("OPS <board>".to_owned()), ..points };
    let usual = FieldRow { is_usual: true, ..row("customfield_10016", "Story point estimate", "estimate") };
    let of_team = row("customfield_10201", "Severity", "choice");
    let of_team = FieldRow { project: Some("10003".to_owned()), ..of_team };
    let mixed = row("customfield_10214", "<b>לקוח</b> & Kunde", "text");
    let page = CardFields {
        base: base(),
        id: "con_1",
        label: "ana@acme.example",
        site_name: "acme",
        query: "",
        chosen: vec![severity.clone(), gone.clone()],
        found: vec![points, mixed, of_team.clone(), usual],
        more: 1_946,
        most: 4,
        is_draft: false,
        untold: None,
        problem: None,
        done: None,
        now: now(),
    };
    let whole = page.html();
    let empty = CardFields { chosen: vec![], found: vec![], more: 0, query: "nothing", ..page };
    let empty_html = empty.html();
    let problem = Some("You ticked 6 fields, but a card has room for 4. Untick 2, then save.".to_owned());
    let many = CardFields { chosen: vec![severity.clone(), of_team], is_draft: true, problem, ..empty };
    let many_html = many.html();
    let message = "Jira asked us to wait.".to_owned();
    let reason =
        Reason { code: ReasonCode::RateLimited, message, retry_at: Some(at("2026-11-22T10:32:00Z")), deleted_at: None };
    let unnamed = |row: FieldRow| FieldRow { name: None, kind: "", is_gone: false, ..row };
    let chosen = vec![unnamed(severity), unnamed(gone)];
    let untold = CardFields { chosen, untold: Some(reason), problem: None, done: Some(Done::FieldsChosen), ..many };
    vec![
        ("fields", whole),
        ("fields-empty", empty_html),
        ("fields-too-many", many_html),
        ("fields-untold", untold.html()),
    ]
}

fn connect(form: ConnectForm, problem: Option<ConnectProblem>, offer: Offer) -> String {
    Connect { base: base(), form, offer, problem, now: now() }.html()
}

/// All pages, by a file name.
pub fn pages() -> Vec<(String, String)> {
    let mut pages: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, html: String| pages.push((name.to_owned(), html));
    let home = |text: &str, answers: &[_], problem: Option<&str>, done| {
        Home {
            base: base(),
            text,
            answers,
            density: mention::Density::Short,
            pile: None,
            problem: problem.map(str::to_owned),
            done,
            connected: !answers.is_empty(),
            now: now(),
        }
        .html()
    };
    let connected = Done::Connected { label: "ana@acme.example".to_owned(), links: 6 };
    add("home", home("", &[], None, None));
    add("home-issue", home(&sample::issue().url, &[sample::issue()], None, Some(connected)));
    add("home-project", home(&sample::project().url, &[sample::project()], None, None));
    let several = [sample::issue(), sample::sub_task(), sample::long_and_mixed(), sample::none()];
    let kinds: Vec<_> = sample::every_kind().into_iter().map(|(_, answer)| answer).collect();
    add("home-kinds", home("", &kinds, None, None));
    add("home-several", home("one\ntwo\nthree\nfour", &several, None, None));
    let links: Vec<&str> = several.iter().map(|answer| answer.url.as_str()).collect();
    for insert in [None, Some(Insert::Links), Some(Insert::Mentions), Some(Insert::Projects), Some(Insert::Table)] {
        let mut many = several.to_vec();
        many.extend(kinds.iter().cloned());
        many.extend(sample::situations(&sample::issue()).into_iter().map(|(_, answer)| answer));
        let asked = insert.is_some_and(|insert| insert != Insert::Links);
        let page = Home {
            base: base(),
            text: "one\ntwo\nthree\nfour",
            answers: if asked { &many } else { &[] },
            density: mention::Density::Rich,
            pile: Some(Pile { links: &links, jira: 3, different: 2, insert }),
            problem: None,
            done: None,
            connected: true,
            now: now(),
        };
        add(&format!("home-pile-{}", insert.map_or("question", Insert::as_str)), page.html());
    }
    add("home-problem", home("…", &[], Some("These are 101 links. Up to 100 can be pasted at once."), None));
    for (object, base) in [("issue", sample::issue()), ("project", sample::project())] {
        let states: Vec<_> = sample::situations(&base).into_iter().map(|(_, answer)| answer).collect();
        add(&format!("states-{object}"), home("", &states, None, None));
    }

    let acme = ("acme", "https://acme.atlassian.net");
    let own = ("jira.example.org:8443/jira", "https://jira.example.org:8443/jira");
    let rows = vec![
        row("con_1", "ana@acme.example", acme, Deployment::Cloud, "api_token", "ok"),
        row("con_2", "ana", own, Deployment::DataCenter, "personal_access_token", "expiring"),
        row("con_3", "bo@acme.example", acme, Deployment::Cloud, "oauth", "reconnect"),
        row("con_4", "bo", own, Deployment::Server, "password", "captcha"),
        row("con_5", "cleo", own, Deployment::DataCenter, "password", "unreachable"),
    ];
    let plant = OwnOauth {
        name: "plant".to_owned(),
        addresses: vec!["https://jira.example.org:8443/jira".to_owned().try_into().unwrap()],
    };
    let both = Offer { cloud_oauth: true, own_oauth: vec![plant], ..Offer::default() };
    let connections = |rows: &[ConnectionRow], done, trouble, not_granted, offer: &Offer| {
        let (rows, offer) = (rows.to_vec(), offer.clone());
        // Where nothing is connected, nothing can be shown in Notion either.
        let shown = |workspace: &str, is_ok| GrantRow {
            id: "gra_1".to_owned(),
            workspace: workspace.to_owned(),
            is_ok,
            since: now(),
        };
        let grants = if rows.is_empty() { Vec::new() } else { vec![shown("Acme", true), shown("", false)] };
        let account = |workspace: &str, person: &str, by_consent, is_ok| NotionRow {
            id: "ncn_1".to_owned(),
            workspace: workspace.to_owned(),
            person: person.to_owned(),
            by_consent,
            is_ok,
            since: now(),
        };
        let notion = match rows.len() {
            0 => Vec::new(),
            _ => vec![account("Acme", "Ana Costa", true, true), account("Acme Labs", "", false, false)],
        };
        let can_connect_notion = offer.cloud_oauth;
        let base = base();
        Connections { base, rows, grants, notion, can_connect_notion, done, trouble, not_granted, offer, now: now() }
            .html()
    };
    let none = Offer::default();
    add("connections-empty", connections(&[], None, None, None, &none));
    add("connections-empty-oauth", connections(&[], None, None, None, &both));
    add("connections", connections(&rows, Some(Done::Removed(Removal::Secret)), None, None, &none));
    for removal in [Removal::Atlassian, Removal::OneSite, Removal::OwnJira] {
        let name = format!("connections-removed-{}", removal.as_str());
        add(&name, connections(&rows, Some(Done::Removed(removal)), None, None, &both));
    }
    let granted = ["https://acme.atlassian.net", "https://beta.atlassian.net"];
    let granted: Vec<SiteUrl> = granted.iter().map(|it| SiteUrl::parse(it).unwrap()).collect();
    let missing = NotGranted::new("gamma.atlassian.net", granted.iter());
    add("connections-not-granted", connections(&rows, None, None, missing, &both));
    add("connections-limits", connections(&limits(), None, None, None, &none));
    add("connections-calendar", connections(&calendar(), None, None, None, &none));
    add("connections-replaced", connections(&calendar()[1..2], Some(Done::Replaced), None, None, &none));
    add("connections-noted", connections(&calendar()[..1], Some(Done::Noted), None, None, &none));
    for (name, trouble) in troubles() {
        add(&format!("connections-{name}"), connections(&rows, None, Some(trouble), None, &none));
    }
    let soon = Base { soon: Soon::of(calendar(), now()), ..base() };
    let empty = Home {
        base: soon,
        text: "",
        answers: &[],
        density: mention::Density::Short,
        pile: None,
        problem: None,
        done: None,
        connected: true,
        now: now(),
    };
    add("home-soon", empty.html());

    for (name, html) in card_fields() {
        add(name, html);
    }
    for (name, html) in super::databases::pages(&base()) {
        add(&name, html);
    }

    let form = |site: &str| ConnectForm { site: site.to_owned(), return_to: "/".to_owned(), ..Default::default() };
    add("connect-cloud", connect(form("https://acme.atlassian.net"), None, Offer::default()));
    let oauth = Offer { cloud_oauth: true, ..Offer::default() };
    add("connect-cloud-oauth", connect(form("https://acme.atlassian.net"), None, oauth));
    add("connect-both-oauth", connect(form(""), None, both.clone()));
    add("connect-own-oauth", connect(form("https://jira.example.org:8443/jira"), None, both));
    add("connect-own", connect(form("https://jira.example.org:8443/jira"), None, Offer::default()));
    let password = ConnectForm {
        method: Some(Method::Password),
        username: "ana".to_owned(),
        version: Some(Deployment::Server),
        ..form("https://jira.example.org:8443/jira")
    };
    for (name, problem) in problems() {
        add(&format!("connect-{name}"), connect(password.clone(), Some(problem), Offer::default()));
    }

    let issue = sample::issue();
    for theme in [Theme::Light, Theme::Dark] {
        let page = Preview {
            theme,
            title: words::redacted(issue.kind, &issue.id, issue.canonical_url.as_deref(), "acme"),
            open_graph: OpenGraph {
                title: "OPS-7 · Jira (acme)".to_owned(),
                oembed_href: Some("/oembed?url=x".to_owned()),
            },
            canonical_url: issue.canonical_url.as_deref(),
            look: Look::Card(card::html(&issue, now())),
        };
        add(&format!("preview-card-{}", theme.name().unwrap()), page.html());
    }
    let line = Preview {
        theme: Theme::System,
        title: "OPS-7 · Jira (acme)".to_owned(),
        open_graph: OpenGraph::default(),
        canonical_url: issue.canonical_url.as_deref(),
        look: Look::Mention(mention::html(&issue, mention::Density::Rich).unwrap()),
    };
    add("preview-mention", line.html());
    let url = issue.canonical_url.as_deref();
    for (name, can_allow_frame) in [("preview-redacted", true), ("preview-redacted-http", false)] {
        let how = Redacted { sign_in_href: Some("/sign-in?return_to=%2Fpreview".to_owned()), can_allow_frame };
        let title = words::redacted(Kind::Issue, "OPS-7", url, "acme");
        let open_graph = OpenGraph { title: title.clone(), oembed_href: None };
        let look = Look::Redacted(how);
        add(name, Preview { theme: Theme::System, title, open_graph, canonical_url: url, look }.html());
    }
    for (name, html) in consents() {
        add(name, html);
    }
    add("preview-allow", AllowFrame { base: base(), code: None }.html());
    add("preview-allowed", AllowFrame { base: base(), code: Some("jnc_5Fq2vS8nB1xW7kT0yR4uC6".to_owned()) }.html());

    let mut why = |name: &str, answer: Option<&_>, connections: &[_]| {
        add(
            name,
            Why { base: base(), url: "https://acme.atlassian.net/browse/OPS-7", answer, connections, now: now() }
                .html(),
        );
    };
    why("why-empty", None, &[]);
    why("why-none", Some(&sample::none()), &[]);
    let via = |id: &str, label: &str| jira_notion_gateway::preview::Via { id: id.to_owned(), label: label.to_owned() };
    let both = [via("con_1", "ana@acme.example"), via("con_9", "ops@acme.example")];
    for (name, answer) in sample::situations(&sample::issue()) {
        let connections = if name == "connect" { &[][..] } else { &both[..] };
        why(&format!("why-{name}"), Some(&answer), connections);
    }

    let token = |id: &str, label: &str| TokenRow {
        id: id.to_owned(),
        label: label.to_owned(),
        created_at: at("2026-11-01T09:00:00Z"),
    };
    let account = |tokens, new_token: Option<&str>| Account {
        base: base(),
        name: "ana".to_owned(),
        tokens,
        new_token: new_token.map(str::to_owned),
        done: None,
        problem: None,
        now: now(),
    };
    add("account-empty", account(vec![], None).html());
    let tokens = vec![token("tok_1", "Build server"), token("tok_2", "Wiki")];
    add("account", account(tokens, Some("jng_5Fq2vS8nB1xW7kT0yR4uC6eH9aL3pD")).html());
    let sign_in =
        |jira, notion, proxy| SignIn { base: Base::default(), jira, notion, proxy, return_to: "/".to_owned() };
    let sites = [("https://jira.corp.example/jira", "corp"), ("https://acme.atlassian.net", "acme")];
    let sites = sites.map(|(url, name)| (url.to_owned(), name.to_owned())).to_vec();
    add("sign-in", sign_in(sites.clone(), true, None).html());
    add("sign-in-proxy", sign_in(vec![], false, Some(SignOn::Silent)).html());
    add("sign-in-unclear", sign_in(sites, false, Some(SignOn::Unclear)).html());
    add("sign-in-local", sign_in(vec![], false, None).html());
    add("problem-403", Problem::from_elsewhere(Base::default()).html());
    add("problem-404", Problem::not_found(base()).html());
    for (name, problem) in [
        ("denied", NotionProblem::Denied),
        ("expired", NotionProblem::Expired),
        ("other-browser", NotionProblem::OtherBrowser),
        ("other-account", NotionProblem::OtherAccount),
        ("nobody", NotionProblem::Nobody),
        ("unreachable", NotionProblem::Unreachable),
        ("operator", NotionProblem::Operator),
    ] {
        add(&format!("notion-{name}"), Problem::notion(Base::default(), problem, "/").html());
    }
    add("problem-421", Problem::misdirected(Base::default(), "https://gateway.example").html());
    add("problem-429", Problem::too_many(base(), at("2026-11-22T10:09:00Z"), now()).html());
    add("problem-500", Problem::internal(base(), "req_7f3a").html());
    add("problem-401", Problem::sign_in_first(Base::default(), "/account").html());
    pages
}

/// Every way in which connecting can fail.
pub fn problems() -> Vec<(&'static str, ConnectProblem)> {
    vec![
        ("wrong", ConnectProblem::WrongCredentials { version: Deployment::Server }),
        ("wrong-cloud", ConnectProblem::WrongCredentials { version: Deployment::Cloud }),
        (
            "captcha",
            ConnectProblem::Captcha { login_url: Some("https://jira.example.org:8443/jira/login.jsp".to_owned()) },
        ),
        ("not-jira", ConnectProblem::NotJira),
        ("sign-in-page", ConnectProblem::SignInPage),
        ("unreachable", ConnectProblem::Unreachable),
        ("expired", ConnectProblem::UntrustedCertificate(TlsProblem::Expired { not_after: Some(1_777_593_600) })),
        ("issuer", ConnectProblem::UntrustedCertificate(TlsProblem::UnknownIssuer)),
        ("host", ConnectProblem::UntrustedCertificate(TlsProblem::WrongHost)),
        ("client", ConnectProblem::UntrustedCertificate(TlsProblem::ClientCertificateWanted)),
        ("blocked", ConnectProblem::BlockedAddress),
        ("https", ConnectProblem::HttpsRequired),
        ("listed", ConnectProblem::SiteNotListed),
        ("basic", ConnectProblem::BasicAuthDisabled),
        ("method", ConnectProblem::MethodNotSupported),
        ("many", ConnectProblem::TooManyAttempts { retry_at: at("2026-11-22T10:09:00Z") }),
        ("bad-site", ConnectProblem::BadSite { reason: "this is not a web address".to_owned() }),
        ("no-site", ConnectProblem::MissingSite),
        ("no-name", ConnectProblem::MissingUsername),
        ("no-secret", ConnectProblem::MissingSecret),
        ("expiry", ConnectProblem::BadExpiry),
        ("other", ConnectProblem::BelongsToOther),
        ("denied", ConnectProblem::Denied),
        ("late", ConnectProblem::ConsentExpired),
        ("browser", ConnectProblem::OtherBrowser),
        ("signed-out", ConnectProblem::SignedOut),
        ("unidentified", ConnectProblem::Unidentified),
        ("nothing-chosen", ConnectProblem::NoSite),
        ("not-let-in", ConnectProblem::NotLetIn),
        ("operator", ConnectProblem::Operator),
        ("form", ConnectProblem::FormExpired),
    ]
}

#[test]
fn gallery() {
    let Ok(folder) = std::env::var("GATEWAY_GALLERY") else { return };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).unwrap();
    for file in sample::gallery::files() {
        fs::write(folder.join(file.name), file.bytes).unwrap();
    }
    for (name, html) in pages() {
        // A file has no host in front of its address.
        let html = html.replace("\"/assets/", "\"").replace("\"/pictures/", "\"");
        fs::write(folder.join(format!("page-{name}.html")), html).unwrap();
    }
}

/// The page on which a person lets Notion show their links.
fn consents() -> [(&'static str, String); 3] {
    let jira = |label: &str, site: &str, publishes| ConnectedJira { label: label.into(), site: site.into(), publishes };
    let page = |connected, workspaces: &[&str], with_description| {
        let workspaces = workspaces.iter().map(|it| (*it).to_owned()).collect();
        let (host, here) = ("www.notion.so", "/notion/authorize?code=1");
        Consent { base: base(), host, page: "sealed".to_owned(), connected, workspaces, here, with_description }.html()
    };
    let one = vec![jira("ana@acme.example", "acme.atlassian.net", Publish::Full)];
    let narrowed = [Publish::Full, Publish::KeyStatus, Publish::Key, Publish::Nothing];
    let many =
        narrowed.map(|publishes| jira("a-very-long-name-of-a-person@acme.example", "jira.example.org:8443", publishes));
    [
        ("consent-nothing-connected", page(Vec::new(), &[], false)),
        ("consent", page(one, &[], false)),
        ("consent-narrowed", page(many.into(), &["Acme", "Acme Labs"], true)),
    ]
}
