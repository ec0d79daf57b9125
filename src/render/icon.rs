//! Our own small set of pictures, drawn inline so that nothing is ever loaded from a Jira.

use std::fmt;

use askama::filters::HtmlSafe;

use crate::jira::model::StatusCategory;

/// One picture. Always an ornament: the word that it stands for is beside it or in the accessible name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Bug,
    Story,
    Task,
    Epic,
    Subtask,
    Issue,
    Board,
    Sprint,
    Filter,
    Search,
    Dashboard,
    Tag,
    Component,
    Person,
    Request,
    Idea,
    Attachment,
    Plan,
    Queue,
    Site,
    Comment,
    Clock,
    Project,
    Hollow,
    Half,
    Tick,
    Flag,
    Highest,
    High,
    Medium,
    Low,
    Lowest,
    Calendar,
    Branch,
    Folder,
    Label,
    Lock,
    CloudOff,
    Warning,
    Error,
    Ban,
    Plug,
    Moved,
    Refresh,
    Link,
    External,
    Key,
}

impl Icon {
    /// By the type's usual English name; any other name gets the neutral picture, and the word is shown anyway.
    pub fn of_type(name: &str) -> Self {
        match name.to_lowercase().as_str() {
            "bug" | "defect" => Self::Bug,
            "story" | "user story" | "new feature" | "improvement" => Self::Story,
            "task" => Self::Task,
            "epic" => Self::Epic,
            "sub-task" | "subtask" => Self::Subtask,
            "idea" => Self::Idea,
            _ => Self::Issue,
        }
    }

    /// By the priority's usual English name, in the words of Jira now and of old servers.
    pub fn of_priority(name: &str) -> Self {
        match name.to_lowercase().as_str() {
            "highest" | "blocker" | "critical" => Self::Highest,
            "high" | "major" => Self::High,
            "medium" => Self::Medium,
            "low" | "minor" => Self::Low,
            "lowest" | "trivial" => Self::Lowest,
            _ => Self::Flag,
        }
    }

    /// The second cue beside the colour (paste-experience §9).
    pub fn of_category(category: StatusCategory) -> Option<Self> {
        match category {
            StatusCategory::ToDo => Some(Self::Hollow),
            StatusCategory::InProgress => Some(Self::Half),
            StatusCategory::Done => Some(Self::Tick),
            StatusCategory::Unknown => None,
        }
    }

    /// Class for the colour, and the drawing on a 16 × 16 grid.
    fn drawing(self) -> (&'static str, &'static str) {
        match self {
            Self::Bug => ("tile bug", r#"<circle cx="8" cy="8" r="3"/>"#),
            Self::Story => ("tile story", r#"<path d="M5.2 4h5.6v8.2L8 10l-2.8 2.2z"/>"#),
            Self::Task => ("tile task", r#"<path class="line" d="m4.6 8.3 2.3 2.3 4.6-5"/>"#),
            Self::Epic => ("tile epic", r#"<path d="M8.9 3 4.6 8.8h2.8L7 13l4.4-6H8.5z"/>"#),
            Self::Subtask => ("tile task", r#"<path class="line" d="M4.5 4.5h4v4h-4zM8.5 8.5h3v3h-4v-3"/>"#),
            Self::Issue => ("tile plain", r#"<path class="line" d="M5 5.7h6M5 8h6M5 10.3h3.6"/>"#),
            Self::Board => ("line", r#"<path d="M2.5 3h3v10h-3zM6.5 3h3v7h-3zM10.5 3h3v5h-3z"/>"#),
            Self::Sprint => ("line", r#"<path d="M12.6 6A5 5 0 1 0 13 8.6M13 2.8V6H9.8"/>"#),
            Self::Filter => ("line", r#"<path d="M2.5 3.5h11L9.4 8.4v4.3l-2.8-1.4V8.4z"/>"#),
            Self::Search => ("line", r#"<circle cx="7" cy="7" r="4.2"/><path d="m10.2 10.2 3.3 3.3"/>"#),
            Self::Dashboard => {
                ("line", r#"<path d="M2.5 2.5h4.5v6H2.5zM9 2.5h4.5v3.5H9zM9 8h4.5v5.5H9zM2.5 10.5h4.5v3H2.5z"/>"#)
            }
            Self::Tag | Self::Label => {
                ("line", r#"<path d="M2.5 2.5h5.3l5.7 5.7-5.3 5.3-5.7-5.7z"/><circle cx="5.5" cy="5.5" r=".6"/>"#)
            }
            Self::Component => ("line", r#"<path d="m8 2 5.2 3v6L8 14l-5.2-3V5zM2.8 5 8 8l5.2-3M8 8v6"/>"#),
            Self::Person => (
                "line",
                r#"<circle cx="8" cy="5.2" r="2.7"/><path d="M2.8 13.5c.5-3 2.5-4.3 5.2-4.3s4.7 1.3 5.2 4.3"/>"#,
            ),
            Self::Request => {
                ("line", r#"<path d="M2.5 8.5V8a5.5 5.5 0 0 1 11 0v.5M2.5 8.5h2.2v4H2.5zM11.3 8.5h2.2v4h-2.2z"/>"#)
            }
            Self::Idea => {
                ("line", r#"<path d="M6 11.5c0-1.6-2-2.5-2-5a4 4 0 0 1 8 0c0 2.5-2 3.4-2 5zM6.3 13.7h3.4"/>"#)
            }
            Self::Attachment => (
                "line",
                r#"<path d="m12.8 7.3-4.9 4.9a3 3 0 0 1-4.2-4.2l5-5a2 2 0 0 1 2.8 2.8l-4.9 5a1 1 0 0 1-1.5-1.5L9.5 5"/>"#,
            ),
            Self::Plan => ("line", r#"<path d="M2.5 4h6M5.5 8h6M8 12h5.5"/>"#),
            Self::Queue => ("line", r#"<path d="M2.5 4h11M2.5 8h11M2.5 12h7"/>"#),
            Self::Site => (
                "line",
                r#"<circle cx="8" cy="8" r="5.7"/><path d="M2.3 8h11.4M8 2.3c3.6 3.6 3.6 7.8 0 11.4-3.6-3.6-3.6-7.8 0-11.4"/>"#,
            ),
            Self::Comment => ("line", r#"<path d="M2.5 3h11v8H8l-3 2.5V11H2.5z"/>"#),
            Self::Clock => ("line", r#"<circle cx="8" cy="8" r="5.7"/><path d="M8 4.7V8l2.3 1.5"/>"#),
            Self::Project | Self::Folder => ("line", r#"<path d="M2 4h4.3l1.4 1.7H14v7H2z"/>"#),
            Self::Hollow => ("line", r#"<circle cx="8" cy="8" r="5.5"/>"#),
            Self::Half => {
                ("line", r#"<circle cx="8" cy="8" r="5.5"/><path class="fill" d="M8 2.5a5.5 5.5 0 0 1 0 11z"/>"#)
            }
            Self::Tick => ("line", r#"<path d="m3.3 8.5 3 3 6.4-7"/>"#),
            Self::Flag => ("line", r#"<path d="M3.5 14V2.5h8.8l-2 3.2 2 3.3H3.5"/>"#),
            Self::Highest => ("line urgent", r#"<path d="m3.5 8.2 4.5-4 4.5 4M3.5 12.2l4.5-4 4.5 4"/>"#),
            Self::High => ("line urgent", r#"<path d="m3.5 10.2 4.5-4 4.5 4"/>"#),
            Self::Medium => ("line medium", r#"<path d="M3.5 6.2h9M3.5 9.8h9"/>"#),
            Self::Low => ("line calm", r#"<path d="m3.5 6 4.5 4 4.5-4"/>"#),
            Self::Lowest => ("line calm", r#"<path d="m3.5 4 4.5 4 4.5-4M3.5 8l4.5 4 4.5-4"/>"#),
            Self::Calendar => ("line", r#"<path d="M2.5 3.7h11v9.8h-11zM2.5 6.7h11M5.3 2v3M10.7 2v3"/>"#),
            Self::Branch => (
                "line",
                r#"<circle cx="4.5" cy="4" r="1.7"/><circle cx="11.5" cy="12" r="1.7"/><path d="M4.5 5.7V12h5.3"/>"#,
            ),
            Self::Lock => ("line", r#"<path d="M3.5 7.3h9v6.2h-9zM5.3 7.3V5a2.7 2.7 0 0 1 5.4 0v2.3"/>"#),
            Self::CloudOff => (
                "line",
                r#"<path d="M5.6 4.7A4 4 0 0 1 11.9 7a2.8 2.8 0 0 1 1.3 5M10.6 12.5H4.7a2.7 2.7 0 0 1-.7-5.3M2.5 2.5l11 11"/>"#,
            ),
            Self::Warning => ("line", r#"<path d="M8 2.3 14.3 13.3H1.7zM8 6.5v3.3M8 11.3v.3"/>"#),
            Self::Error => ("line", r#"<circle cx="8" cy="8" r="5.7"/><path d="M8 4.8v3.9M8 10.9v.3"/>"#),
            Self::Ban => ("line", r#"<circle cx="8" cy="8" r="5.7"/><path d="m4 4 8 8"/>"#),
            Self::Plug => ("line", r#"<path d="M5.5 2v3.5M10.5 2v3.5M3.5 5.5h9v2.2a4.5 4.5 0 0 1-9 0zM8 12.2V14.5"/>"#),
            Self::Moved => ("line", r#"<path d="M2.5 8h10.3M9 4.2 12.8 8 9 11.8"/>"#),
            Self::Refresh => {
                ("line", r#"<path d="M13 4.5V7.3H10.2M3 11.5V8.7H5.8M12.7 7A5 5 0 0 0 3.8 5M3.3 9a5 5 0 0 0 8.9 2"/>"#)
            }
            Self::Link => (
                "line",
                r#"<path d="M6.7 9.3a2.6 2.6 0 0 0 3.9.3l2.1-2.1a2.7 2.7 0 0 0-3.8-3.8l-1 1M9.3 6.7a2.6 2.6 0 0 0-3.9-.3L3.3 8.5a2.7 2.7 0 0 0 3.8 3.8l1-1"/>"#,
            ),
            Self::External => ("line", r#"<path d="M9.5 2.5h4v4M13.3 2.7 7.5 8.5M6.5 3.5h-4v10h10v-4"/>"#),
            Self::Key => ("line", r#"<circle cx="5" cy="11" r="2.7"/><path d="m7 9 6.3-6.3M10.5 5.5l2.2 2.2"/>"#),
        }
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (class, drawing) = self.drawing();
        let tile =
            if class.starts_with("tile") { r#"<rect class="ground" width="16" height="16" rx="3.5"/>"# } else { "" };
        // Width and height stand here as well as in the style sheet: in another editor there is no style sheet.
        write!(
            f,
            r#"<svg class="icon {class}" width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{tile}{drawing}</svg>"#
        )
    }
}

/// Its text is ours alone.
impl HtmlSafe for Icon {}
