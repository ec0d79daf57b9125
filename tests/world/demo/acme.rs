//! `acme`: a shop in the cloud. Operations, website, mobile app, and a legal team that keeps to itself.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::jira::content::{BUG, EPIC, IDEA, IN_PROGRESS, INCIDENT, SERVICE_REQUEST, STORY, SUB_TASK, TO_DO};
use super::super::jira::{
    Attachment, Board, Comment, Component, Custom, Dashboard, FakeJira, Filter, FixVersion, Issue, Person, Personality,
    Priority, Project, ServiceDesk, Share, Sprint, Status, Text, Worklog, fields,
};
use super::{Calendar, blocked, in_review, launch, wont_do};

pub const ANA_TOKEN: &str = "acme-token-of-ana";
pub const ANA_SCOPED: &str = "acme-scoped-of-ana";
pub const BEN_TOKEN: &str = "acme-token-of-ben";

pub async fn start(now: Timestamp, port: u16) -> FakeJira {
    let jira = FakeJira::start(Personality::cloud().title("Acme").now(now).port(port)).await;
    people(&jira);
    let calendar = Calendar(now);
    projects(&jira, calendar);
    jira.add_issues(operations(calendar));
    jira.add_issues(website(calendar));
    jira.add_issues(mobile(calendar));
    jira.add_issues(legal(calendar));
    jira.add_issues(help(calendar));
    jira.add_issues(ideas(calendar));
    launch::add(&jira, calendar);
    boards(&jira, calendar);
    saved(&jira);
    jira
}

fn people(jira: &FakeJira) {
    let scopes = [
        "read:jira-work",
        "read:jira-user",
        "read:servicedesk-request",
        "read:board-scope:jira-software",
        "read:board-scope.admin:jira-software",
        "read:sprint:jira-software",
        "read:project:jira",
        "read:issue-details:jira",
        "read:jql:jira",
    ];
    for person in [
        Person::new("ana", "Ana Costa")
            .groups(&["leadership"])
            .api_token(ANA_TOKEN)
            .scoped_token(ANA_SCOPED, &scopes)
            .time_zone("Europe/Lisbon"),
        Person::new("ben", "Ben Okafor").api_token(BEN_TOKEN).time_zone("Africa/Lagos"),
        Person::new("chloe", "Chloé Dubois").time_zone("Europe/Paris"),
        Person::new("dmitri", "Dmitri Volkov").time_zone("Europe/Riga"),
        Person::new("emi", "Emi Tanaka").time_zone("Asia/Tokyo"),
        Person::new("farid", "Farid Rahimi").inactive().time_zone("Europe/Berlin"),
        Person::new("guro", "Guro Lindahl").groups(&["leadership"]).time_zone("Europe/Oslo"),
        Person::new("ines", "Inês Prado").customer().time_zone("Europe/Lisbon"),
    ] {
        jira.add_person(person);
    }
}

fn projects(jira: &FakeJira, calendar: Calendar) {
    for project in [
        Project::new("OPS", "Operations")
            .lead("ana")
            .category("Running the shop")
            .description("Everything that keeps the shop open.")
            .version(FixVersion::new("2026.10!").days(calendar.day(-52), calendar.day(-22)))
            .version(
                FixVersion::new("2026.11")
                    .description("Ready for the winter sale")
                    .days(calendar.day(-21), calendar.day(8)),
            )
            .version(FixVersion::new("2026.12"))
            .component(Component::new("Checkout").description("From the basket to the receipt").lead("ben")),
        Project::new("WEB", "Website")
            .lead("chloe")
            .category("Products")
            .description("The shop as people see it in a browser.")
            .versions(&["4.1!", "4.2"])
            .former_key("SITE"),
        Project::new("MOB", "Mobile app").lead("emi").category("Products").versions(&["3.0!", "3.1"]),
        Project::new("LEGAL", "Legal").lead("guro").type_key("business").only(&["leadership"]),
        Project::new("HELP", "Help desk").lead("ana").type_key("service_desk"),
        Project::new("IDEA", "What to build next").lead("chloe").type_key("product_discovery"),
    ] {
        jira.add_project(project);
    }
}

fn operations(calendar: Calendar) -> Vec<Issue> {
    let issue = |key: &str, summary: &str, age, changed| calendar.issue(key, summary, age, changed).reporter("ana");
    vec![
        issue("OPS-1", "Ready for the winter sale", 60, 30)
            .issue_type(EPIC)
            .status(Status::in_progress())
            .assignee("ana"),
        issue("OPS-2", "Move payments to the new provider", 75, 5)
            .issue_type(EPIC)
            .status(Status::in_progress())
            .priority(Some(Priority::High))
            .assignee("ben")
            .due(calendar.day(21)),
        issue("OPS-3", "Alert when the queue of orders grows", 20, 3)
            .issue_type(STORY)
            .status(in_review())
            .assignee("dmitri")
            .parent("OPS-1")
            .sprint(12)
            .story_points(3.0)
            .labels(&["alerts"])
            .due(calendar.day(3)),
        issue("OPS-4", "Write down how to roll back a release", 18, 50)
            .assignee("ben")
            .parent("OPS-1")
            .due(calendar.day(9)),
        issue("OPS-5", "Database backups take longer than the night", 33, 26)
            .issue_type(BUG)
            .priority(Some(Priority::Highest))
            .status(blocked())
            .assignee("dmitri")
            .labels(&["backup", "database"])
            .sprint(11)
            .sprint(12)
            .story_points(8.0)
            .worklog(
                Worklog::new(10_310, "dmitri", 200)
                    .at(calendar.hours_ago(28))
                    .comment("Measured both disks; the new one waits for the controller."),
            )
            .description("Since the move to the new disks a full backup needs nine hours.\nIncremental ones would do."),
        issue("OPS-6", "Checkout returned errors for eleven minutes", 4, 1)
            .issue_type(INCIDENT)
            .priority(Some(Priority::Highest))
            .status(Status::done())
            .assignee("ana")
            .components(&["Checkout"])
            .labels(&["incident"]),
        issue("OPS-7", "Login fails on Safari", 12, 2)
            .issue_type(BUG)
            .status(Status::in_progress())
            .priority(Some(Priority::High))
            .assignee("ana")
            .reporter("ben")
            .parent("OPS-2")
            .labels(&["login", "safari"])
            .fix_versions(&["2026.11"])
            .components(&["Checkout"])
            .sprint(12)
            .story_points(5.0)
            .attachment(Attachment::new(10_070, "ben", "safari-reload.png", 184_320).at(calendar.hours_ago(40)))
            .custom(fields::SEVERITY, Custom::Choice("Major"))
            .custom(fields::PLATFORMS, Custom::Choices(&["macOS", "iPadOS"]))
            .custom(fields::REVIEWER, Custom::Person("dmitri"))
            .custom(fields::RUNBOOK, Custom::Line("https://wiki.acme.example/login"))
            .due(calendar.day(-4))
            .description(
                "After the last release the log-in page reloads for ever on Safari 19.\nOther browsers are fine.",
            ),
        issue("OPS-8", "Reproduce it on an old iPad", 11, 9)
            .issue_type(SUB_TASK)
            .status(Status::done())
            .assignee("emi")
            .parent("OPS-7"),
        issue("OPS-9", "Clear the session cookie on sign-out", 11, 8)
            .issue_type(SUB_TASK)
            .assignee("ben")
            .parent("OPS-7"),
        issue("OPS-10", "Renew the certificates of the warehouse scanners", 6, 6)
            .due(calendar.day(1))
            .labels(&["warehouse"]),
        issue("OPS-11", "Rotate the keys that leaked into the build log", 3, 3)
            .priority(Some(Priority::Highest))
            .status(Status::in_progress())
            .assignee("ana")
            .secured("Security team", &["ana"]),
        issue("OPS-12", "Ask Farid about the cron jobs he left us", 90, 400)
            .assignee("farid")
            .priority(Some(Priority::Lowest))
            .status(Status::new(10007, "Waiting for support", TO_DO)),
        issue("OPS-13", "Stop mailing the disk report to everyone", 40, 200)
            .issue_type(BUG)
            .status(wont_do())
            .priority(None),
        issue("OPS-14", "Second line for the packing station", 15, 70)
            .status(Status::done())
            .assignee("guro")
            .sprint(11)
            .story_points(2.0)
            .fix_versions(&["2026.10"]),
    ]
}

const LONG_TITLE: &str = "When a customer who is not signed in puts a product into the basket, signs in on another tab, \
                          comes back, changes the amount and then the delivery address, the basket shows the old amount, \
                          the new address, no delivery cost, and a friendly message that everything went well";

fn website(calendar: Calendar) -> Vec<Issue> {
    let issue = |key: &str, summary: &str, age, changed| calendar.issue(key, summary, age, changed).reporter("chloe");
    vec![
        issue("WEB-1", "A faster product page", 80, 12)
            .issue_type(EPIC)
            .status(Status::in_progress())
            .assignee("chloe"),
        issue("WEB-2", "Load pictures when they come into view", 25, 7)
            .issue_type(STORY)
            .status(in_review())
            .assignee("emi")
            .parent("WEB-1")
            .fix_versions(&["4.2"])
            .due(calendar.day(0)),
        issue("WEB-3", "Search finds \"tea\" but not \"Tea\"", 14, 40)
            .issue_type(BUG)
            .assignee("dmitri")
            .labels(&["search"]),
        issue("WEB-4", "<script>alert(\"paste me\")</script> in a review & what we did about it", 9, 5)
            .issue_type(BUG)
            .priority(Some(Priority::High))
            .status(Status::done())
            .assignee("ben")
            .labels(&["security"]),
        issue("WEB-5", LONG_TITLE, 8, 20)
            .issue_type(BUG)
            .status(Status::in_progress())
            .assignee("chloe")
            .due(calendar.day(14)),
        issue("WEB-6", "Página de ajuda em português", 30, 90)
            .issue_type(STORY)
            .status(Status::new(10008, "Em andamento", IN_PROGRESS))
            .assignee("ana"),
        issue("WEB-7", "Remove the banner of last year's sale", 2, 2).priority(Some(Priority::Low)),
        issue("WEB-8", "Colours that people with low vision can tell apart", 22, 15)
            .issue_type(STORY)
            .status(Status::in_progress())
            .assignee("chloe")
            .labels(&["accessibility", "design"])
            .parent("WEB-1"),
        issue("WEB-9", "Gift cards can be bought without an account", 45, 11)
            .former_key("OLD-17")
            .issue_type(STORY)
            .status(Status::to_do())
            .assignee("emi")
            .fix_versions(&["4.2"]),
        issue("WEB-10", "Footer shows the wrong year", 300, 500)
            .issue_type(BUG)
            .status(Status::done())
            .priority(Some(Priority::Lowest)),
        issue("WEB-11", "Returns: print the label at home", 16, 18)
            .issue_type(STORY)
            .status(blocked())
            .assignee("guro"),
        issue("WEB-12", "🍵 Landing page for the tea of the month", 5, 1)
            .assignee("chloe")
            .due(calendar.day(5))
            .labels(&["marketing"])
            .comment(Comment::new(10_044, "ben", rich_text()).at(calendar.hours_ago(3)))
            .comment(
                Comment::new(10_045, "guro", "The price of December is not public yet.")
                    .at(calendar.hours_ago(2))
                    .for_group("leadership"),
            ),
    ]
}

fn mobile(calendar: Calendar) -> Vec<Issue> {
    let issue = |key: &str, summary: &str, age, changed| calendar.issue(key, summary, age, changed).reporter("emi");
    vec![
        issue("MOB-1", "Scan a code in the shop, pay in the app", 55, 33)
            .issue_type(EPIC)
            .assignee("emi")
            .status(Status::in_progress()),
        issue("MOB-2", "Camera stays on after the scan", 10, 4)
            .issue_type(BUG)
            .priority(Some(Priority::High))
            .status(in_review())
            .assignee("emi")
            .parent("MOB-1")
            .fix_versions(&["3.1"]),
        issue("MOB-3", "App forgets the language after an update", 21, 60).issue_type(BUG).assignee("ben"),
        issue("MOB-4", "Offline basket", 35, 6)
            .issue_type(STORY)
            .status(Status::in_progress())
            .assignee("dmitri")
            .parent("MOB-1")
            .due(calendar.day(-1)),
        issue("MOB-5", "バーコードの読み取りが遅い", 7, 10).issue_type(BUG).status(Status::to_do()).assignee("emi"),
        issue("MOB-6", "التطبيق يعرض السعر من اليمين إلى اليسار بشكل خاطئ", 6, 3)
            .issue_type(BUG)
            .status(Status::in_progress())
            .assignee("emi")
            .labels(&["rtl"]),
        issue("MOB-7", "Drop support for Android 9", 120, 300).status(Status::done()).fix_versions(&["3.0"]),
    ]
}

fn legal(calendar: Calendar) -> Vec<Issue> {
    let issue = |key: &str, summary: &str, age, changed| calendar.issue(key, summary, age, changed).reporter("guro");
    vec![
        issue("LEGAL-1", "New terms of sale for 2027", 28, 44)
            .status(Status::in_progress())
            .assignee("guro")
            .due(calendar.day(30)),
        issue("LEGAL-2", "Contract with the payment provider", 70, 13)
            .priority(Some(Priority::High))
            .status(in_review())
            .assignee("ana")
            .due(calendar.day(-2)),
        issue("LEGAL-3", "Answer the letter about the teapot", 17, 100).status(Status::done()).assignee("guro"),
    ]
}

fn help(calendar: Calendar) -> Vec<Issue> {
    let issue = |key: &str, summary: &str, age, changed| {
        calendar.issue(key, summary, age, changed).issue_type(SERVICE_REQUEST).reporter("ines")
    };
    let waiting = || Status::new(10_020, "Waiting for support", IN_PROGRESS);
    vec![
        issue("HELP-1", "My gift card is not accepted", 2, 4)
            .status(waiting())
            .assignee("ana")
            .description("It says that the card is empty, but I have never used it.")
            .request(31, &["ben"]),
        issue("HELP-2", "Invoice with the name of my company", 6, 50).status(Status::done()).request(32, &[]),
        issue("HELP-3", "The parcel came without the teapot", 1, 2)
            .priority(Some(Priority::High))
            .status(waiting())
            .request(31, &[]),
    ]
}

fn ideas(calendar: Calendar) -> Vec<Issue> {
    let issue = |key: &str, summary: &str, age, changed| {
        calendar.issue(key, summary, age, changed).issue_type(IDEA).reporter("chloe").priority(None)
    };
    vec![
        issue("IDEA-1", "A subscription for tea", 90, 30)
            .status(Status::new(10_030, "Discovery", IN_PROGRESS))
            .assignee("chloe")
            .description("Every month another tea, chosen by what people liked before.")
            .custom(fields::IMPACT, Custom::Number(4.0))
            .custom(fields::TIMELINE, Custom::Interval(calendar.day(40), calendar.day(130)))
            .custom(fields::DELIVERY_PROGRESS, Custom::Number(0.25)),
        issue("IDEA-2", "Try a cup in virtual reality", 60, 300)
            .status(Status::new(10_031, "Parking lot", TO_DO))
            .custom(fields::IMPACT, Custom::Number(1.0)),
    ]
}

fn boards(jira: &FakeJira, calendar: Calendar) {
    let day = |days: i64| calendar.hours_ago(-24 * days);
    jira.add_board(
        Board::scrum(1, "OPS board")
            .in_project("OPS")
            .sprint(Sprint::closed(11, "OPS Sprint 23", day(-22), day(-9)))
            .sprint(Sprint::active(12, "OPS Sprint 24", day(-8), day(5)).goal("Nothing red before the winter sale"))
            .sprint(Sprint::future(13, "OPS Sprint 25")),
    );
    jira.add_board(Board::kanban(3, "Mobile board").in_project("MOB"));
    jira.add_service_desk(
        ServiceDesk::new(2, "HELP")
            .agents(&["ana"])
            .customers(&["ines"])
            .request_type(31, "Report a problem")
            .request_type(32, "Ask for an invoice")
            .queue(41, "Waiting for us", "project = HELP AND resolution = Unresolved ORDER BY created"),
    );
}

fn saved(jira: &FakeJira) {
    let overdue = "resolution = Unresolved AND due < now() ORDER BY due";
    jira.add_filter(
        Filter::new(10_010, "ana", "Overdue", overdue).description("What should be done").shared(Share::LoggedIn),
    );
    jira.add_filter(
        Filter::new(10_011, "guro", "Contracts", "project = LEGAL").shared(Share::Group("leadership".into())),
    );
    jira.add_dashboard(Dashboard::new(10_020, "ana", "Running the shop").shared(Share::LoggedIn));
}

/// A comment with a mention, a list and a link.
fn rich_text() -> Text {
    let text = |text: &str| json!({"type": "text", "text": text});
    let paragraph = |content: Vec<Value>| json!({"type": "paragraph", "content": content});
    let item = |words: &str| json!({"type": "listItem", "content": [paragraph(vec![text(words)])]});
    let mut link = text("the guide");
    link["marks"] = json!([{"type": "link", "attrs": {"href": "https://wiki.acme.example/pictures"}}]);
    let adf = json!({"type": "doc", "version": 1, "content": [
        paragraph(vec![
            json!({"type": "mention", "attrs": {"id": "chloe", "text": "@Chloé Dubois"}}),
            text(" two things before Friday:"),
        ]),
        {"type": "bulletList", "content": [item("The picture is 4 MB"), item("The price is missing")]},
        paragraph(vec![text("See "), link, text(".")]),
    ]});
    Text::Given {
        adf,
        wiki: "[~chloe] two things before Friday:\r\n* The picture is 4 MB\r\n* The price is missing\r\n\r\n\
               See [the guide|https://wiki.acme.example/pictures]."
            .into(),
        html: "<p><a class=\"user-hover\">Chloé Dubois</a> two things before Friday:</p>\n<ul><li>The picture is 4 \
               MB</li><li>The price is missing</li></ul>\n<p>See <a href=\"https://wiki.acme.example/pictures\">the \
               guide</a>.</p>"
            .into(),
    }
}
