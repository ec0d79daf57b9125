//! Changing rows: what is written goes into the cells, the options, the look-up tables and the mirrors of relations.

use super::cells::{self, Cell, Draft, Pick};
use super::desk::Desk;
use super::id::Id;
use super::options::Choice;
use super::place::At;
use super::refusal::Refusal;
use super::schema::Config;
use super::store::{Is, Page};

impl Desk<'_> {
    /// The values of a request for a row, checked as a whole: by id of the property.
    pub fn drafts(&self, source: Id, at: &At<'_>) -> Result<Vec<(String, Draft)>, Refusal> {
        let schema = &self.state.rest.source(source).schema;
        let mut all = Vec::new();
        for key in at.object()?.keys() {
            let property = schema.find(key);
            let property = property.ok_or_else(|| Refusal::invalid(format!("{key} is not a property that exists.")))?;
            if all.iter().any(|(id, _)| *id == property.id) {
                return Err(Refusal::invalid(format!("{key} is named twice.")));
            }
            all.push((property.id.clone(), self.draft(property, &at.need(key)?)?));
        }
        self.room_for_options(source, &all)?;
        Ok(all)
    }

    /// New options make the schema longer.
    fn room_for_options(&self, source: Id, all: &[(String, Draft)]) -> Result<(), Refusal> {
        let picks = all.iter().filter_map(|(_, it)| if let Draft::Choices(picks) = it { Some(picks) } else { None });
        let new = picks.flatten().filter_map(|it| match it {
            Pick::New(name, color) => Some(Choice::new(name, color.as_deref()).json().to_string().len()),
            Pick::Known(_) => None,
        });
        match new.sum::<usize>() {
            0 => Ok(()),
            more => self.schema_fits(self.schema_json(source).to_string().len() + more),
        }
    }

    /// Writes what was found good. The row is in its place.
    pub fn fill(&mut self, row: Id, drafts: Vec<(String, Draft)>) {
        let source = self.state.rest.source_of(row).expect("it is a row");
        for (property, draft) in drafts {
            let cell = match draft {
                Draft::Cell(cell) => cell,
                Draft::Choices(picks) => {
                    let mut ids: Vec<String> = Vec::new();
                    for id in picks.into_iter().map(|pick| self.option_id(source, &property, pick)) {
                        if !ids.contains(&id) {
                            ids.push(id);
                        }
                    }
                    Some(ids).filter(|it| !it.is_empty()).map(Cell::Choices)
                }
            };
            self.set(row, &property, cell);
        }
        self.touch(row);
    }

    fn option_id(&mut self, source: Id, property: &str, pick: Pick) -> String {
        let (name, color) = match pick {
            Pick::Known(id) => return id,
            Pick::New(name, color) => (name, color),
        };
        let schema = &mut self.state.rest.source_mut(source).schema;
        let Some(Config::Options(all)) = schema.find_mut(property).map(|it| &mut it.config) else {
            unreachable!("it was found to have options")
        };
        // The same name twice in one request.
        if let Some(known) = all.iter().find(|it| it.name == name) {
            return known.id.clone();
        }
        all.push(Choice::new(&name, color.as_deref()));
        all.last().expect("just made").id.clone()
    }

    /// Sets one cell, with all that follows from it.
    pub fn set(&mut self, row: Id, property: &str, cell: Option<Cell>) {
        let source = self.state.rest.source_of(row).expect("it is a row");
        if self.state.rest.source(source).index.has(property) {
            let page = self.state.rest.page(row);
            let before = cells::text(page.cells.get(property), self.state);
            let after = cells::text(cell.as_ref(), self.state);
            let number = page.number;
            self.state.rest.source_mut(source).index.change(property, number, &before, &after);
        }
        let page = self.state.rest.page_mut(row);
        let before = match &cell {
            Some(cell) => page.cells.insert(property.to_owned(), cell.clone()),
            None => page.cells.remove(property),
        };
        let mirror = match self.state.rest.source(source).schema.by_id(property).map(|it| &it.config) {
            Some(Config::Relation(_, mirror)) => mirror.clone(),
            _ => None,
        };
        if let Some(mirror) = mirror {
            let rows = |cell: Option<Cell>| if let Some(Cell::Relation(rows)) = cell { rows } else { Vec::new() };
            let (before, after) = (rows(before), rows(cell));
            before.iter().filter(|it| !after.contains(it)).for_each(|other| self.mirror(*other, &mirror, row, false));
            after.iter().filter(|it| !before.contains(it)).for_each(|other| self.mirror(*other, &mirror, row, true));
        }
    }

    /// The other side of a relation.
    fn mirror(&mut self, other: Id, property: &str, row: Id, is_related: bool) {
        let cells = &mut self.state.rest.page_mut(other).cells;
        let cell = cells.entry(property.to_owned()).or_insert_with(|| Cell::Relation(Vec::new()));
        let Cell::Relation(rows) = cell else { unreachable!("the mirror of a relation is one") };
        rows.retain(|it| *it != row);
        if is_related {
            rows.push(row);
        }
        if rows.is_empty() {
            cells.remove(property);
        }
        self.touch(other);
    }

    /// Throws a node away or takes it back.
    pub fn set_in_trash(&mut self, id: Id, in_trash: bool) {
        let before = std::mem::replace(&mut self.state.rest.node_mut(id).in_trash, in_trash);
        if let Some(source) = self.state.rest.source_of(id)
            && before != in_trash
        {
            let alive = &mut self.state.rest.source_mut(source).alive;
            if in_trash {
                *alive -= 1;
            } else {
                *alive += 1;
            }
        }
        self.touch(id);
    }

    /// A row without values, at the end of its data source.
    pub fn new_row(&mut self, source: Id) -> Id {
        let page = Page { number: self.state.rest.node(source).children.len(), ..Page::default() };
        let node = self.new_node(Some(source), Is::Page(page));
        let id = node.id;
        self.state.rest.add(node);
        self.state.rest.source_mut(source).alive += 1;
        id
    }
}
