//! Synced databases for the gallery: each badge, each next step, each plan.

use jira_notion_gateway::render::Html;
use jira_notion_gateway::render::icon::Icon;
use jira_notion_gateway::render::page::{
    Base, Checked, Choice, Database, DatabaseRow, DatabaseSettings, DatabaseWhy, Databases, Done, FieldLoss,
    FieldLosses, FieldSwitch, First, HandOver, IssueLosses, LossSum, MarkedColumn, NewDatabase, Next, ParkedRow,
    Planned, PlannedChange, PlannedColumn, PlannedRow, RemoveDatabase, SyncBadge, SyncDone, SyncPlan, SyncProgress,
    SyncReport, Way, WhyAct, WhyAnswer, WhyCause,
};

use super::sample::{at, now};

fn badge(text: &str, color: &'static str, icon: Icon) -> SyncBadge {
    SyncBadge { text: text.to_owned(), color, icon }
}

const LATE: &str = "No run has ended for a while. The gateway may not be running, or be busy with other databases.";

/// Name, badge, next step, reason.
fn states() -> Vec<(&'static str, SyncBadge, Next, Option<&'static str>)> {
    let choice = |id: &str, name: &str, is_chosen| Choice {
        id: id.to_owned(),
        name: name.to_owned(),
        detail: "acme".to_owned(),
        is_chosen,
    };
    let both = vec![choice("con_1", "ana@acme.example", true), choice("con_2", "מיכל@acme.example", false)];
    let warning = Icon::Warning;
    vec![
        ("setting-up", badge("Setting up", "grey", Icon::Hollow), Next::None, None),
        ("in-progress", badge("Sync in progress 1,240 of 5,000", "blue", Icon::Half), Next::None, None),
        ("synced", badge("Synced with Jira", "blue", Icon::Tick), Next::None, None),
        ("late", badge("Synced 3 h ago – late", "yellow", Icon::Clock), Next::SyncNow, Some(LATE)),
        ("late-first", badge("Sync in progress – late", "yellow", Icon::Clock), Next::SyncNow, Some(LATE)),
        (
            "partly",
            badge("Partly synced", "yellow", warning),
            Next::None,
            Some("3 issues are not as they should be; the report says which and why."),
        ),
        (
            "failed",
            badge("Sync failed", "yellow", warning),
            Next::SyncNow,
            Some(
                "Jira refuses the project or the filter. Change the filter in the settings; nothing was removed in Notion.",
            ),
        ),
        (
            "stopped",
            badge("Sync stopped", "yellow", warning),
            Next::Elsewhere(Way::new("Sign in to Jira", "/connect?site=x")),
            Some("Jira does not accept the connection any more. Sign in to Jira again, then re-authenticate."),
        ),
        (
            "reauthenticate",
            badge("Sync stopped", "yellow", warning),
            Next::Reauthenticate(both),
            Some("This Jira account cannot see the project any more. The rows stay as they are."),
        ),
        (
            "waiting",
            badge("Waiting for you", "yellow", warning),
            Next::Answer("no_permission"),
            Some("Jira no longer shows 40 of 60 issues. Were they deleted, or may this account not see them any more?"),
        ),
        (
            "own-content",
            badge("Waiting for you", "yellow", warning),
            Next::Answer("own_content"),
            Some(
                "3 issues are not in the project any more, but their rows hold something of yours. Move the rows to the \
                 trash, or keep them.",
            ),
        ),
        (
            "captcha",
            badge("Sync stopped", "yellow", warning),
            Next::Elsewhere(Way::new("Connections", "/connections")),
            Some(
                "Jira wants a CAPTCHA, and is not asked before you have solved it: sign in to Jira in your browser, then \
                 press Try again on the page of connections.",
            ),
        ),
        (
            "recreate",
            badge("Sync stopped", "yellow", warning),
            Next::Recreate,
            Some(
                "The database is in Notion's trash. Take it out of the trash, then press Sync now; or make a new one, or \
                 remove the sync here.",
            ),
        ),
        (
            "paused",
            badge("Paused", "grey", Icon::Hollow),
            Next::Resume,
            Some("Paused. Nothing is read or written until you resume."),
        ),
    ]
}

fn row(name: &str, badge: SyncBadge, reason: Option<&str>) -> DatabaseRow {
    let is_made = name != "setting-up";
    let synced_at = match name {
        "setting-up" | "late-first" => None,
        "late" => Some("2026-11-22T07:00:00Z"),
        _ => Some("2026-11-22T09:58:00Z"),
    };
    let progress = match name {
        "setting-up" => {
            Some(SyncProgress { phase: "Reading Jira", done: 1_240, total: 0, eta_seconds: None, pause: None })
        }
        "in-progress" => Some(SyncProgress {
            phase: "Writing rows",
            done: 1_240,
            total: 5_000,
            eta_seconds: Some(1_254),
            pause: Some("Notion asked us to wait 40 s".to_owned()),
        }),
        _ => None,
    };
    DatabaseRow {
        id: format!("db_{name}"),
        project_key: "OPS".to_owned(),
        project_name: if name == "late" { "<b>Betrieb</b> & מבצעים".to_owned() } else { "Operations".to_owned() },
        site_name: "acme".to_owned(),
        badge,
        synced_at: synced_at.map(at),
        progress,
        reason: reason.map(str::to_owned),
        notion_url: is_made.then(|| "https://www.notion.so/1f2e3d4c5b6a79881f2e3d4c5b6a7988".to_owned()),
    }
}

fn fields() -> FieldLosses {
    let loss = |name: &str, is_partly, message: &str| FieldLoss {
        name: name.to_owned(),
        is_partly,
        message: message.to_owned(),
    };
    FieldLosses {
        told: vec![
            loss("Priority", true, "The pictures of the values are not shown."),
            loss("Development", false, "This field type has no Notion counterpart."),
            loss("לקוח", false, "You have a column of this name. Create it under another name?"),
        ],
        unused: ["Severity", "Cost", "<b>Teapot</b>"].map(str::to_owned).to_vec(),
    }
}

fn plan() -> SyncPlan {
    let kinds = [
        ("Summary", "title"),
        ("Key", "rich_text"),
        ("Status", "select"),
        ("Assignee", "people"),
        ("Labels", "multi_select"),
        ("Due date", "date"),
        ("A column with a very long name that somebody in Jira has thought of", "number"),
        ("Parent", "relation"),
        ("Link", "url"),
    ];
    SyncPlan {
        created: 1_240,
        unchanged: 12,
        columns: kinds
            .map(|(name, kind)| PlannedColumn { name: name.to_owned(), kind, is_new: kind != "title" })
            .to_vec(),
        losses: fields(),
        options: vec![("Labels".to_owned(), "<urgent>, später".to_owned())],
        lines: lines(),
        token: Some("all-9f86".to_owned()),
        jira_requests: 15,
        notion_requests: 1_243,
        seconds: 500,
        ..SyncPlan::default()
    }
}

fn lines() -> Vec<PlannedRow> {
    let change = |column: &str, old: Option<&str>, new: Option<&str>| PlannedChange {
        column: column.to_owned(),
        old: old.map(str::to_owned),
        new: new.map(str::to_owned),
    };
    let row = |key: &str, what, why: Option<&str>| PlannedRow {
        key: key.to_owned(),
        what,
        why: why.map(str::to_owned),
        changes: Vec::new(),
        text: false,
    };
    let changes = vec![
        change("Status", Some("To Do"), Some("<In Progress>")),
        change("A column with a very long name that somebody in Jira has thought of", None, Some(&"long ".repeat(40))),
        change("Due date", Some("2026-11-02"), None),
    ];
    vec![
        PlannedRow { changes, text: true, ..row("OPS-7", "updated", None) },
        row("OPS-8", "moved to the trash", None),
        row("OPS-9", "stays as it is", Some("Moved to MOB-3. The row stays as it was.")),
    ]
}

fn report() -> SyncReport {
    let parked = |key: &str, message: &str| ParkedRow {
        issue_key: key.to_owned(),
        href: format!("https://acme.atlassian.net/browse/{key}"),
        page_href: (key != "OPS-9").then(|| "https://www.notion.so/1f2e3d4c5b6a79881f2e3d4c5b6a7988".to_owned()),
        message: message.to_owned(),
        since: Some(at("2026-11-20T08:00:00Z")),
    };
    let sum = |place: &str, what: &str, count, issues| LossSum {
        place: place.to_owned(),
        what: what.to_owned(),
        count,
        issues,
    };
    SyncReport {
        rows: vec![
            parked("OPS-9", "Notion refuses a request: body.properties is too long (request 5f1c)."),
            parked("OPS-12", "You moved this row to trash. Restore?"),
        ],
        more_rows: 7,
        sums: vec![sum("body", "macro", 1_204, 310), sum("Assignee", "person without a Notion member", 1, 1)],
        losses: vec![IssueLosses {
            issue_key: "OPS-9".to_owned(),
            href: "https://acme.atlassian.net/browse/OPS-9".to_owned(),
            lost: vec![
                "2 × macro in the text".to_owned(),
                "1 × person without a Notion member in “Assignee”".to_owned(),
            ],
        }],
        fields: fields(),
        dropped: [("customfield_1", "<b>Severity</b> (deleted in Jira)", false), ("customfield_2", "לקוח", true)]
            .map(|(key, name, is_unwanted)| MarkedColumn {
                key: key.to_owned(),
                name: name.to_owned(),
                since: at("2026-11-20T08:00:00Z"),
                is_unwanted,
            })
            .to_vec(),
        can_restore: true,
    }
}

fn settings(base: &Base, problem: Option<&str>) -> DatabaseSettings {
    let switch = |key: &str, name: &str, kind, is_on, note, offer: Option<&str>| FieldSwitch {
        key: key.to_owned(),
        name: name.to_owned(),
        kind,
        is_on,
        note,
        offer: offer.map(str::to_owned),
    };
    DatabaseSettings {
        base: base.clone(),
        row: row("synced", badge("Synced with Jira", "blue", Icon::Tick), None),
        jql: "issuetype != Sub-task".to_owned(),
        with_security: true,
        all_sprints: false,
        with_comments: false,
        status_as_status: false,
        edited: "restore",
        left: "keep",
        dropped: "mark",
        people: "ana@acme.example = nora@notion.example\n".to_owned(),
        ways_in: ["ana", "<b>ben</b>"]
            .map(|name| Choice {
                id: format!("con_{}", name.len()),
                name: name.to_owned(),
                detail: "acme".to_owned(),
                is_chosen: name == "ana",
            })
            .to_vec(),
        fields: vec![
            switch("status", "Status", "select", true, None, None),
            switch(
                "customfield_10201",
                "A field with a very long name that somebody has thought of",
                "number",
                false,
                None,
                None,
            ),
            switch("description", "תיאור", "page", true, None, None),
            switch(
                "priority",
                "<b>Priority</b>",
                "select",
                true,
                Some("You have a column of this name."),
                Some("<b>Priority</b> (Jira)"),
            ),
            switch(
                "labels",
                "Labels",
                "multi_select",
                true,
                Some("You removed or changed this column. Restore?"),
                None,
            ),
        ],
        problem: problem.map(str::to_owned),
    }
}

/// Every next step, and none.
fn whys(base: &Base) -> [(String, String); 4] {
    let cause = |message: &str, since: Option<&str>, next, act| WhyCause {
        message: message.to_owned(),
        since: since.map(at),
        next,
        act,
    };
    let way = |label: &str| Way::new(label, "/databases/db_partly/x");
    let causes = vec![
        cause(
            "You moved this row to trash.",
            Some("2026-11-20T08:00:00Z"),
            "Press Restore.",
            WhyAct::Press(way("Restore")),
        ),
        cause("Not shown in “<b>לקוח</b>”: 3 × ends of long texts.", None, "Change it in Jira.", WhyAct::None),
        cause("The issue has a security level.", None, "Change it in the settings.", WhyAct::Open(way("Settings"))),
    ];
    let answer = |causes| WhyAnswer {
        of: "OPS-12".to_owned(),
        is_link: false,
        page_href: Some("https://www.notion.so/1f2e3d4c5b6a79881f2e3d4c5b6a7988".to_owned()),
        causes,
    };
    let page = |name: &str, of, answer, problem: Option<&str>| {
        let synced = badge("Synced with Jira", "blue", Icon::Tick);
        let (row, problem) = (row("synced", synced, None), problem.map(str::to_owned));
        let page = DatabaseWhy { base: base.clone(), row, of, answer, problem, now: now() };
        (format!("database-why{name}"), page.html())
    };
    [
        page("", "", None, None),
        page("-good", "OPS-12", Some(answer(Vec::new())), None),
        page("-causes", "OPS-12", Some(answer(causes)), None),
        page("-unknown", "<b>x</b>", None, Some("Nothing here is called so.")),
    ]
}

/// All pages of synced databases with their names.
pub fn pages(base: &Base) -> Vec<(String, String)> {
    let page = |name: &str, badge, next: Next, reason: Option<&str>| Database {
        base: base.clone(),
        row: row(name, badge, reason),
        is_working: matches!(name, "setting-up" | "in-progress"),
        is_paused: name == "paused",
        next,
        counts: match name {
            "setting-up" | "late-first" => Vec::new(),
            _ => vec![(1_240, "created"), (3, "updated"), (0, "to the trash"), (12, "unchanged"), (0, "failed")],
        },
        report: if name == "partly" { report() } else { SyncReport::default() },
        plan: (name == "synced").then(plan),
        problem: None,
        done: (name == "setting-up").then_some(Done::Sync(SyncDone::Created)),
        now: now(),
    };
    let list = |rows| Databases { base: base.clone(), rows, done: None, now: now() }.html();
    let all = states();
    let mut pages = vec![
        ("databases-empty".to_owned(), list(Vec::new())),
        (
            "databases".to_owned(),
            list(all.iter().map(|(name, badge, _, reason)| row(name, badge.clone(), *reason)).collect()),
        ),
    ];
    for (name, badge, next, reason) in all {
        pages.push((format!("database-{name}"), page(name, badge, next, reason).html()));
    }
    let synced = || badge("Synced with Jira", "blue", Icon::Tick);
    let refused = Database {
        problem: Some("Jira cannot be asked now: it takes too long. Try again in a moment.".to_owned()),
        ..page("refused", synced(), Next::None, None)
    };
    pages.push(("database-refused".to_owned(), refused.html()));
    for (name, problem) in
        [("", None), ("-refused", Some("Notion did not put the database into the trash.".to_owned()))]
    {
        let page = RemoveDatabase { base: base.clone(), row: row("synced", synced(), None), problem };
        pages.push((format!("database-remove{name}"), page.html()));
    }
    pages.push(("database-settings".to_owned(), settings(base, None).html()));
    let problem = "The filter cannot be used: a quotation mark in the filter is never closed.";
    pages.push(("database-settings-refused".to_owned(), settings(base, Some(problem)).html()));
    pages.extend(whys(base));
    for (name, disappear, appear) in [("", 12, 3), ("-fewer", 1, 0), ("-more", 0, 1_234)] {
        let (connection, label) = ("con_2", "<b>ben</b>@acme.example");
        let page =
            HandOver { base: base.clone(), row: row("stopped", synced(), None), connection, label, disappear, appear };
        pages.push((format!("database-handover{name}"), page.html()));
    }
    pages.extend(new(base));
    pages
}

/// What was looked at before a database is made.
fn checked(results: &[Option<bool>]) -> Vec<Checked> {
    let told = [
        ("Jira", "https://acme.atlassian.net shows OPS to ana@acme.example."),
        ("Notion page", "Notion does not show this page to the connection. Share it there: ••• → Connections."),
    ];
    let check = |(is_good, (name, words)): (&Option<bool>, (&'static str, &str))| Checked {
        name,
        is_good: *is_good,
        words: words.to_owned(),
    };
    results.iter().zip(told).map(check).collect()
}

fn new(base: &Base) -> [(String, String); 6] {
    let choice = |id: &str, name: &str, detail: &str, is_chosen| Choice {
        id: id.to_owned(),
        name: name.to_owned(),
        detail: detail.to_owned(),
        is_chosen,
    };
    let empty = || NewDatabase {
        base: base.clone(),
        project_url: "",
        parent_page: "",
        jql: "",
        with_security: false,
        all_sprints: true,
        with_comments: true,
        status_as_status: false,
        jira: vec![choice("con_1", "ana@acme.example", "acme", true)],
        notion: vec![choice("ncn_1", "Acme", "Nora Lind", true)],
        first: Vec::new(),
        planned: None,
        problem: None,
        way: None,
    };
    let filled = || NewDatabase {
        project_url: "https://acme.atlassian.net/browse/OPS",
        parent_page: "https://www.notion.so/Plan-1f2e3d4c5b6a79881f2e3d4c5b6a7988",
        jql: "issuetype != Sub-task",
        ..empty()
    };
    let planned = Planned {
        project_url: "https://acme.atlassian.net/browse/OPS".to_owned(),
        jql: String::new(),
        project_key: "OPS".to_owned(),
        project_name: "Operations".to_owned(),
        workspace: "Acme".to_owned(),
        checks: checked(&[Some(true), Some(false)]),
        plan: plan(),
    };
    let first = |title, text: &str, way| First { title, text: text.to_owned(), way, token_for: None };
    let ways = vec![
        first(
            "Connect your Jira",
            "The project lies at https://acme.atlassian.net.",
            Some(Way::new("Connect Jira", "/connect")),
        ),
        First {
            token_for: Some("/databases/new".to_owned()),
            ..first("Connect Notion", "The rows are written in the name of an internal connection.", None)
        },
    ];
    let several = NewDatabase {
        jira: vec![
            choice("con_1", "ana@acme.example", "acme", true),
            choice("con_2", "ops@acme.example", "acme", false),
        ],
        notion: vec![choice("ncn_1", "Acme", "Nora Lind", false), choice("ncn_2", "Acme Labs", "", true)],
        problem: Some(
            "You have not connected https://acme.atlassian.net yet. Connect it first, then come back.".to_owned(),
        ),
        way: Some(Way::new("Sign in to Jira", "/connect")),
        ..filled()
    };
    let named = |name: &str, page: NewDatabase<'_>| (format!("database-new{name}"), page.html());
    [
        named("", empty()),
        named("-first", NewDatabase { first: ways, ..empty() }),
        named("-several", several),
        named("-filled", filled()),
        named("-plan", NewDatabase { planned: Some(planned.clone()), ..filled() }),
        named(
            "-failed",
            NewDatabase { planned: Some(Planned { checks: checked(&[Some(true), None]), ..planned }), ..filled() },
        ),
    ]
}
