//! A view as a board: the rows in columns, one for each option of the property that it groups by.

use super::super::super::oauth::html::escape;
use super::super::state::State;
use super::cells::Cell;
use super::id::Id;
use super::look::{self, value};
use super::prose::named;
use super::schema::Property;
use super::store::Node;

pub fn board(rows: &[Id], group: &Property, columns: &[&Property], state: &State) -> String {
    let of = |row: &Id| match state.rest.page(*row).cells.get(&group.id) {
        Some(Cell::Choices(ids)) => ids.first().cloned(),
        _ => None,
    };
    let none = format!("<span class=\"muted\">No {}</span>", escape(&group.name));
    let heads = group.options().iter().map(|it| (Some(it.id.clone()), look::pill(&it.name, &it.color)));
    let column = |(option, head): (Option<String>, String)| {
        let own: Vec<&Id> = rows.iter().filter(|row| of(row) == option).collect();
        let cards: String = own.iter().map(|row| card(state.rest.node(**row), group, columns, state)).collect();
        // Where every row has an option, there is no column for those that have none.
        let is_shown = option.is_some() || !own.is_empty();
        let count = own.len();
        is_shown.then(|| format!("<section><h3>{head} <small>{count}</small></h3>\n{cards}</section>\n"))
    };
    let all: String = std::iter::once((None, none)).chain(heads).filter_map(column).collect();
    format!("<div class=\"wide\" tabindex=\"0\"><div class=\"board\">{all}</div></div>\n")
}

fn card(row: &Node, group: &Property, columns: &[&Property], state: &State) -> String {
    let page = state.rest.page(row.id);
    let shown = columns.iter().filter(|it| it.kind != "title" && it.id != group.id);
    let values = shown.map(|it| value(it, row, page.cells.get(&it.id), state)).filter(|it| !it.is_empty());
    let lines: String = values.map(|it| format!("<div>{it}</div>")).collect();
    let title = named(&state.rest.title(row.id));
    format!("<div class=\"card\"><a href=\"/p/{}\">{title}</a>{lines}</div>\n", row.id)
}
