//! The plant: a Data Center under `/jira` whose people work in German, and a personnel office that keeps to itself.

use jiff::Timestamp;

use super::super::jira::content::{BUG, DONE, EPIC, IN_PROGRESS, SERVICE_REQUEST, STORY, SUB_TASK, TO_DO};
use super::super::jira::{
    Attachment, Board, Comment, Component, Custom, Dashboard, FakeJira, Filter, FixVersion, Issue, Person, Personality,
    Priority, Project, ServiceDesk, Share, Sprint, Status, Worklog, fields,
};
use super::Calendar;

pub const HANA_TOKEN: &str = "plant-token-of-hana";

pub async fn start(now: Timestamp, port: u16) -> FakeJira {
    let jira = FakeJira::start(Personality::data_center().at("/jira").title("Plant Jira").now(now).port(port)).await;
    let calendar = Calendar(now);
    let email = |name: &str| format!("{name}@plant.example");
    for person in [
        Person::new("hana", "Hana Novák").groups(&["personnel"]).access_token(HANA_TOKEN),
        Person::new("jonas", "Jonas Weber"),
        Person::new("kavya", "Kavya Rao"),
        Person::new("lucia", "Lucía Ortega").groups(&["personnel"]),
        Person::new("mats", "Mats Lindqvist").inactive(),
    ] {
        let email = email(&person.name);
        jira.add_person(person.email(&email).time_zone("Europe/Berlin").locale("de_DE"));
    }
    jira.add_project(
        Project::new("PLAT", "Platform")
            .lead("hana")
            .category("Technik")
            .description("Steuerung und Auswertung der Anlagen.")
            .version(FixVersion::new("7.3!").days(calendar.day(-80), calendar.day(-30)))
            .version(FixVersion::new("7.4").description("Alles im Leitstand").days(calendar.day(-29), calendar.day(-1)))
            .component(Component::new("Leitstand").description("Anzeigen in der Halle").lead("hana")),
    );
    jira.add_project(Project::new("HR", "Personal").lead("lucia").type_key("business").only(&["personnel"]));
    jira.add_project(Project::new("IT", "IT-Hilfe").lead("jonas").type_key("service_desk"));
    jira.add_issues(platform(calendar));
    jira.add_issues(personnel(calendar));
    jira.add_issues(requests(calendar));
    boards(&jira, calendar);
    saved(&jira);
    jira
}

fn open() -> Status {
    Status::new(1, "Offen", TO_DO)
}

fn in_work() -> Status {
    Status::new(3, "In Arbeit", IN_PROGRESS)
}

fn in_test() -> Status {
    Status::new(10100, "In Prüfung", IN_PROGRESS)
}

fn finished() -> Status {
    Status::new(6, "Erledigt", DONE)
}

fn platform(calendar: Calendar) -> Vec<Issue> {
    let issue = |key: &str, summary: &str, age, changed| {
        calendar.issue(key, summary, age, changed).reporter("hana").status(open())
    };
    vec![
        issue("PLAT-1", "Messwerte aller Hallen an einem Ort", 100, 48)
            .issue_type(EPIC)
            .status(in_work())
            .assignee("hana"),
        issue("PLAT-2", "Sensoren der Halle 4 anschließen", 40, 30)
            .issue_type(STORY)
            .status(finished())
            .assignee("jonas")
            .parent("PLAT-1")
            .fix_versions(&["7.3"]),
        issue("PLAT-3", "Temperatur springt nach dem Neustart auf 0 °C", 13, 2)
            .issue_type(BUG)
            .priority(Some(Priority::Highest))
            .status(in_work())
            .assignee("kavya")
            .labels(&["sensor", "halle-4"])
            .fix_versions(&["7.4"])
            .due(calendar.day(-3))
            .parent("PLAT-1")
            .sprint(71)
            .story_points(5.0)
            .components(&["Leitstand"])
            .comment(
                Comment::new(20_011, "jonas", "Der Sprung kommt vom Puffer.\nSiehe *Halle 4*.")
                    .at(calendar.hours_ago(6)),
            )
            .worklog(Worklog::new(20_012, "kavya", 95).at(calendar.hours_ago(30)).comment("Kurven verglichen"))
            .attachment(Attachment::new(20_013, "kavya", "kurve halle 4.png", 92_160).at(calendar.hours_ago(31)))
            .custom(fields::SEVERITY, Custom::Choice("Hoch"))
            .custom(fields::FOUND_IN, Custom::Version("7.3"))
            .description("Nach jedem Neustart zeigt die Kurve einen Sprung.\nDie Rohdaten sind in Ordnung."),
        issue("PLAT-4", "Export als Tabelle", 25, 17)
            .issue_type(STORY)
            .sprint(71)
            .story_points(3.0)
            .status(in_test())
            .assignee("jonas")
            .due(calendar.day(4)),
        issue("PLAT-5", "Alarm per E-Mail & SMS", 60, 80).issue_type(STORY).assignee("kavya").parent("PLAT-1"),
        issue("PLAT-6", "Update the operating system of the gateway boxes", 31, 22)
            .priority(Some(Priority::High))
            .status(in_work())
            .assignee("jonas")
            .due(calendar.day(10)),
        issue("PLAT-7", "Anzeige im Leitstand", 27, 9)
            .issue_type(STORY)
            .status(in_work())
            .assignee("hana")
            .parent("PLAT-1"),
        issue("PLAT-8", "Schriftgröße für drei Meter Abstand", 26, 8)
            .issue_type(SUB_TASK)
            .status(in_test())
            .assignee("kavya")
            .parent("PLAT-7"),
        issue("PLAT-9", "Farben für Tag und Nacht", 26, 26).issue_type(SUB_TASK).assignee("kavya").parent("PLAT-7"),
        issue("PLAT-10", "Alte Schnittstelle abschalten", 200, 700)
            .status(finished())
            .priority(Some(Priority::Low))
            .assignee("mats"),
        issue("PLAT-11", "Lizenzen der Messtechnik prüfen", 11, 90).priority(None).due(calendar.day(25)),
        issue("PLAT-12", "Zeitumstellung verdoppelt eine Stunde", 28, 5)
            .issue_type(BUG)
            .status(in_test())
            .assignee("jonas"),
    ]
}

fn personnel(calendar: Calendar) -> Vec<Issue> {
    let issue = |key: &str, summary: &str, age, changed| {
        calendar.issue(key, summary, age, changed).reporter("lucia").status(open())
    };
    vec![
        issue("HR-1", "Stelle in der Instandhaltung ausschreiben", 9, 7)
            .status(in_work())
            .assignee("lucia")
            .due(calendar.day(6)),
        issue("HR-2", "Schulung zur Arbeitssicherheit", 50, 120).status(finished()).assignee("hana"),
        issue("HR-3", "Urlaubsplan für das neue Jahr", 14, 33).assignee("lucia").due(calendar.day(18)),
    ]
}

fn requests(calendar: Calendar) -> Vec<Issue> {
    let issue = |key: &str, summary: &str, age, changed| {
        calendar.issue(key, summary, age, changed).issue_type(SERVICE_REQUEST).reporter("kavya")
    };
    vec![
        issue("IT-1", "Neuer Bildschirm für Halle 2", 3, 5)
            .status(in_work())
            .assignee("jonas")
            .description("Der alte flackert.")
            .request(81, &["hana"]),
        issue("IT-2", "Zugang für den neuen Kollegen", 12, 100).status(finished()).request(81, &[]),
    ]
}

fn boards(jira: &FakeJira, calendar: Calendar) {
    let day = |days: i64| calendar.hours_ago(-24 * days);
    jira.add_board(
        Board::scrum(7, "PLAT-Tafel")
            .in_project("PLAT")
            .sprint(Sprint::closed(70, "Sprint 11", day(-20), day(-7)))
            .sprint(Sprint::active(71, "Sprint 12, Halle 4 [Nord]", day(-6), day(8)).goal("Keine Sprünge mehr")),
    );
    jira.add_service_desk(
        ServiceDesk::new(1, "IT").portal(5).agents(&["hana", "jonas"]).request_type(81, "Gerät oder Zugang").queue(
            91,
            "Alle offenen",
            "project = IT AND resolution = Unresolved",
        ),
    );
}

fn saved(jira: &FakeJira) {
    let open = "project = PLAT AND resolution = Unresolved ORDER BY priority DESC";
    jira.add_filter(Filter::new(12_000, "hana", "Offen in PLAT", open).shared(Share::LoggedIn));
    jira.add_dashboard(Dashboard::new(12_010, "hana", "Halle 4").shared(Share::LoggedIn));
}
