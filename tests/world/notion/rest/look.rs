//! Databases as tables and rows as pages, in a reader's browser: for people who watch a sync at work.

use serde_json::Value;

use super::super::super::oauth::html::escape;
use super::super::state::State;
use super::board::board;
use super::cells::{self, Cell};
use super::desk::Desk;
use super::id::Id;
use super::prose::{self, link, named};
use super::rich_text;
use super::schema::{Property, Schema};
use super::store::{Comment, Database, Is, Node};
use super::views::View;

/// Rows of one page of a table.
const ROWS: usize = 100;

/// How a place is looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Way {
    /// The first row.
    pub from: usize,
    /// A view of the database; else its first one.
    pub view: Option<Id>,
    pub is_watched: bool,
}

/// The title and the body of anything that has an address of its own.
pub fn page(id: Id, way: Way, desk: &Desk<'_>) -> Option<(String, String)> {
    let state = &*desk.state;
    let node = state.rest.nodes.get(&id)?;
    let trash = match state.rest.is_gone(id) {
        true => "<p role=\"status\" class=\"error\">This lies in the trash.</p>\n",
        false => "",
    };
    let above = node.parent.map(|parent| above(parent, state)).unwrap_or_default();
    let view = way.view.map(|view| format!("view={view}")).unwrap_or_default();
    let watch = match way.is_watched {
        true => format!("<a class=\"button\" href=\"/p/{id}?{view}\">Stop watching</a>"),
        false => format!("<a class=\"button\" href=\"/p/{id}?{view}&amp;watch=1\">Watch</a>"),
    };
    let line = format!("<p class=\"line\">{above}{watch}</p>\n");
    let (title, top, body) = match &node.is {
        Is::Page(_) => {
            let parts = [properties(node, state), prose::blocks(id, state), below(id, desk), comments(id, state)];
            (state.rest.title(id), String::new(), parts.concat())
        }
        Is::Database(it) => (rich_text::plain(&it.title, state), description(it, state), tables(node, way, desk)),
        Is::Source(_) | Is::Block(_) => return None,
    };
    let title = if title.is_empty() { "Untitled".to_owned() } else { title };
    Some((title, format!("{top}{trash}{line}{body}")))
}

/// What stands under the title of a database.
fn description(database: &Database, state: &State) -> String {
    let words = prose::text(&database.description, state);
    if words.is_empty() { words } else { format!("<p class=\"description\">{words}</p>\n") }
}

/// The databases in a page, each with its first rows.
pub fn below(page: Id, desk: &Desk<'_>) -> String {
    let state = &*desk.state;
    let all = state.rest.node(page).children.iter().map(|id| state.rest.node(*id));
    let database = |node: &Node| {
        let Is::Database(it) = &node.is else { return None };
        let title = named(&rich_text::plain(&it.title, state));
        let (words, tables) = (description(it, state), tables(node, Way::default(), desk));
        Some(format!("<h2><a href=\"/p/{}\">{title}</a></h2>\n{words}{tables}", node.id))
    };
    all.filter(|it| !it.in_trash).filter_map(database).collect()
}

fn comments(parent: Id, state: &State) -> String {
    let own = state.rest.comments.iter().filter(|it| it.parent == parent);
    let one = |it: &Comment| {
        let who = state.person_json(it.author);
        let who = escape(who["name"].as_str().unwrap_or("Unknown"));
        format!("<li><span><strong>{who}</strong> {}</span></li>\n", prose::text(&it.text, state))
    };
    let all: String = own.map(one).collect();
    if all.is_empty() { all } else { format!("<h2>Comments</h2>\n<ul class=\"rows\">{all}</ul>\n") }
}

/// Links to the databases and pages right below a page.
pub fn names_below(page: Id, state: &State) -> String {
    let all = state.rest.node(page).children.iter().map(|id| state.rest.node(*id)).filter(|it| !it.in_trash);
    let row = |node: &Node| {
        let title = match &node.is {
            Is::Database(it) => rich_text::plain(&it.title, state),
            Is::Page(_) => state.rest.title(node.id),
            _ => return None,
        };
        Some(format!("<li class=\"inner\"><a href=\"/p/{}\">{}</a></li>", node.id, named(&title)))
    };
    all.filter_map(row).collect()
}

fn above(parent: Id, state: &State) -> String {
    // A data source has no page of its own.
    let id = match &state.rest.node(parent).is {
        Is::Source(_) => state.rest.node(parent).parent.unwrap_or(parent),
        _ => parent,
    };
    let title = match &state.rest.node(id).is {
        Is::Database(it) => rich_text::plain(&it.title, state),
        _ => state.rest.title(id),
    };
    format!("<span>In <a href=\"/p/{id}\">{}</a></span>", named(&title))
}

fn tables(database: &Node, way: Way, desk: &Desk<'_>) -> String {
    database.children.iter().map(|source| table(database.id, *source, way, desk)).collect()
}

fn table(database: Id, source: Id, way: Way, desk: &Desk<'_>) -> String {
    let state = &*desk.state;
    let views: Vec<&View> =
        state.rest.views.get(&database).into_iter().flatten().filter(|it| it.source == source).collect();
    let view = views.iter().find(|it| Some(it.id) == way.view).or(views.first());
    let tab = |it: &&View| match view.is_some_and(|view| view.id == it.id) {
        true => format!("<strong aria-current=\"true\">{}</strong>", escape(&it.name)),
        false => format!("<a href=\"/p/{database}?view={}\">{}</a>", it.id, escape(&it.name)),
    };
    let tabs = match views.len() {
        0 | 1 => String::new(),
        _ => format!("<nav class=\"line\" aria-label=\"Views\">{}</nav>\n", views.iter().map(tab).collect::<String>()),
    };
    let none = [Value::Null, Value::Null, Value::Null, Value::Null];
    let [filter, sorts, _, configuration] = view.map_or(&none, |it| &it.looks);
    let columns = columns(&state.rest.source(source).schema, &configuration["properties"]);
    let found = desk.arranged(source, filter, sorts);
    let shown: Vec<Id> = found.iter().skip(way.from).take(ROWS).copied().collect();
    let group = view.filter(|it| it.kind == "board").and_then(|_| configuration["group_by"]["property_id"].as_str());
    let rows = match group.and_then(|id| state.rest.source(source).schema.find(id)) {
        Some(group) => board(&shown, group, &columns, state),
        None => grid(&shown, &columns, state),
    };
    let id = view.map(|it| it.id.to_string()).unwrap_or_default();
    let part = |from: usize, words: &str| format!(" <a href=\"/p/{database}?view={id}&amp;from={from}\">{words}</a>");
    let back = if way.from > 0 { part(way.from.saturating_sub(ROWS), "Back") } else { String::new() };
    let on = if way.from + ROWS < found.len() { part(way.from + ROWS, "More rows") } else { String::new() };
    let words = if found.len() == 1 { "row" } else { "rows" };
    format!("{tabs}{rows}<p class=\"muted\">{} {words}{back}{on}</p>\n", found.len())
}

fn grid(rows: &[Id], columns: &[&Property], state: &State) -> String {
    let heads: String = columns.iter().map(|it| format!("<th scope=\"col\">{}</th>", escape(&it.name))).collect();
    let rows: String = rows.iter().map(|row| one_row(state.rest.node(*row), columns, state)).collect();
    format!(
        "<div class=\"wide\" tabindex=\"0\"><table><thead><tr>{heads}</tr></thead><tbody>\n{rows}</tbody></table></div>\n"
    )
}

/// The columns that a view shows, in its order; without a word of it all of them, the title first.
fn columns<'s>(schema: &'s Schema, properties: &Value) -> Vec<&'s Property> {
    match properties.as_array() {
        Some(wanted) => {
            let wanted = wanted.iter().filter(|it| it["visible"] != false);
            wanted.filter_map(|it| schema.find(it["property_id"].as_str()?)).collect()
        }
        None => {
            let mut all: Vec<&Property> = schema.0.iter().collect();
            all.sort_by_key(|it| it.kind != "title");
            all
        }
    }
}

fn one_row(row: &Node, columns: &[&Property], state: &State) -> String {
    let page = state.rest.page(row.id);
    let cell = |property: &&Property| {
        let shown = value(property, row, page.cells.get(&property.id), state);
        match property.kind {
            "title" => {
                let icon = page.icon.as_ref().and_then(|it| it["emoji"].as_str()).map(|it| format!("{} ", escape(it)));
                let words = named(&state.rest.title(row.id));
                format!("<th scope=\"row\">{}<a href=\"/p/{}\">{words}</a></th>", icon.unwrap_or_default(), row.id)
            }
            _ => format!("<td>{shown}</td>"),
        }
    };
    format!("<tr>{}</tr>\n", columns.iter().map(cell).collect::<String>())
}

/// The columns of a row, one below the other.
fn properties(row: &Node, state: &State) -> String {
    let Some(source) = state.rest.source_of(row.id) else { return String::new() };
    let page = state.rest.page(row.id);
    let line = |property: &Property| {
        let shown = value(property, row, page.cells.get(&property.id), state);
        let shown = if shown.is_empty() { "<span class=\"muted\">Empty</span>".into() } else { shown };
        format!("<dt>{}</dt><dd>{shown}</dd>\n", escape(&property.name))
    };
    let all = state.rest.source(source).schema.0.iter().filter(|it| it.kind != "title");
    format!("<dl class=\"properties\">{}</dl>\n<hr>\n", all.map(line).collect::<String>())
}

/// A cell, as it is looked at.
pub fn value(property: &Property, row: &Node, cell: Option<&Cell>, state: &State) -> String {
    let title = |id: &Id| format!("<a href=\"/p/{id}\">{}</a>", named(&state.rest.title(*id)));
    let name = |id: &Id| escape(state.person_json(*id)["name"].as_str().unwrap_or("Unknown"));
    match cell {
        Some(Cell::Text(items)) => prose::text(items, state),
        Some(Cell::Plain(text)) => link(text, &escape(text)),
        // Notion shows whole numbers without a point.
        Some(Cell::Number(number)) => number.as_f64().map_or_else(|| number.to_string(), |it| it.to_string()),
        Some(Cell::Choices(ids)) => {
            let options = ids.iter().filter_map(|id| property.options().iter().find(|it| it.id == *id));
            options.map(|it| pill(&it.name, &it.color)).collect::<Vec<_>>().join(" ")
        }
        Some(Cell::People(ids)) => ids.iter().map(name).collect::<Vec<_>>().join(", "),
        Some(Cell::Relation(ids)) => ids.iter().map(title).collect::<Vec<_>>().join(", "),
        Some(Cell::Date(span)) => {
            let days = [Some(&span.start), span.end.as_ref()].into_iter().flatten();
            days.map(|it| escape(&it.replace(":00.000", "").replace('T', " "))).collect::<Vec<_>>().join(" \u{2192} ")
        }
        Some(Cell::Checked) => "\u{2611}".into(),
        Some(Cell::Files(files)) => {
            let one = |it: &Value| Some(link(it["external"]["url"].as_str()?, &escape(it["name"].as_str()?)));
            files.iter().filter_map(one).collect::<Vec<_>>().join(", ")
        }
        None => match cells::value(property, row, None, state) {
            Value::String(text) => escape(&text.replace('T', " ").replace(":00.000Z", " UTC")),
            Value::Object(it) => escape(it.get("name").and_then(Value::as_str).unwrap_or_default()),
            _ => String::new(),
        },
    }
}

/// The colours of Notion's options, dark enough to be read on their own tint.
pub fn pill(name: &str, color: &str) -> String {
    let tint = match color {
        "gray" => "rgb(91 90 86)",
        "brown" => "rgb(122 74 52)",
        "orange" => "rgb(152 74 8)",
        "yellow" => "rgb(122 88 8)",
        "green" => "rgb(36 98 70)",
        "blue" => "rgb(30 92 146)",
        "purple" => "rgb(107 68 146)",
        "pink" => "rgb(156 48 106)",
        "red" => "rgb(168 44 36)",
        _ => return format!("<span class=\"pill\">{}</span>", escape(name)),
    };
    format!("<span class=\"pill tinted\" style=\"--tint:{tint}\">{}</span>", escape(name))
}
