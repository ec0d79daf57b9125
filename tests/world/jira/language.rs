//! In which language Jira names its own fields: the caller's, or the one that a request forces.

use super::exchange::Asked;
use super::people::Person;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    German,
}

impl Language {
    /// `Accept-Language` counts for strangers, and for people only with `X-Force-Accept-Language: true`.
    pub fn of(asked: &Asked, person: Option<&Person>) -> Self {
        let forced = asked.header("x-force-accept-language") == Some("true");
        let wish = asked.header("accept-language").filter(|_| forced || person.is_none());
        let locale = wish.or(person.map(|person| person.locale.as_str())).unwrap_or_default();
        if locale.starts_with("de") { Self::German } else { Self::English }
    }

    /// The name of a field in this language, where it is not the English one.
    pub fn field(self, id: &str) -> Option<&'static str> {
        (self == Self::German).then(|| GERMAN.iter().find(|(it, _)| *it == id))?.map(|(_, name)| *name)
    }
}

const GERMAN: [(&str, &str); 20] = [
    ("issuetype", "Vorgangstyp"),
    ("project", "Projekt"),
    ("fixVersions", "Lösungsversionen"),
    ("resolution", "Lösung"),
    ("resolutiondate", "Erledigt"),
    ("watches", "Beobachter"),
    ("created", "Erstellt"),
    ("priority", "Priorität"),
    ("labels", "Stichwörter"),
    ("versions", "Betroffene Versionen"),
    ("issuelinks", "Verknüpfte Vorgänge"),
    ("assignee", "Zugewiesene Person"),
    ("updated", "Aktualisiert"),
    ("components", "Komponenten"),
    ("description", "Beschreibung"),
    ("summary", "Zusammenfassung"),
    ("subtasks", "Unteraufgaben"),
    ("reporter", "Autor"),
    ("duedate", "Fälligkeitsdatum"),
    ("comment", "Kommentar"),
];
