//! The plant: a Data Center under `/jira` whose people work in German, and a personnel office that keeps to itself.

use jiff::Timestamp;

use super::super::jira::content::{BUG, DONE, EPIC, IN_PROGRESS, STORY, SUB_TASK, TO_DO};
use super::super::jira::{FakeJira, Issue, Person, Personality, Priority, Project, Status};
use super::Calendar;

pub const HANA_TOKEN: &str = "plant-token-of-hana";

pub async fn start(now: Timestamp, port: u16) -> FakeJira {
    let jira = FakeJira::start(Personality::data_center().at("/jira").title("Plant Jira").now(now).port(port)).await;
    let email = |name: &str| format!("{name}@plant.example");
    for person in [
        Person::new("hana", "Hana Novák").groups(&["personnel"]).access_token(HANA_TOKEN),
        Person::new("jonas", "Jonas Weber"),
        Person::new("kavya", "Kavya Rao"),
        Person::new("lucia", "Lucía Ortega").groups(&["personnel"]),
        Person::new("mats", "Mats Lindqvist").inactive(),
    ] {
        let email = email(&person.name);
        jira.add_person(person.email(&email).time_zone("Europe/Berlin", 1));
    }
    jira.add_project(
        Project::new("PLAT", "Platform")
            .lead("hana")
            .category("Technik")
            .description("Steuerung und Auswertung der Anlagen.")
            .versions(&["7.3!", "7.4"]),
    );
    jira.add_project(Project::new("HR", "Personal").lead("lucia").type_key("business").only(&["personnel"]));
    jira.add_issues(platform(Calendar(now)));
    jira.add_issues(personnel(Calendar(now)));
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
            .description("Nach jedem Neustart zeigt die Kurve einen Sprung.\nDie Rohdaten sind in Ordnung."),
        issue("PLAT-4", "Export als Tabelle", 25, 17)
            .issue_type(STORY)
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
