//! A field of Jira, or a column of the database, by its id or its name.

use super::{About, Cause, Explained, Scene, Step};
use crate::sync::columns::{Class, Column, Fate, Lost};
use crate::sync::fit::folded;
use crate::sync::why::Why;

/// None where nothing is called so.
pub(super) fn explain(scene: &Scene<'_>, of: &str) -> Option<Explained> {
    let planned = &scene.home.planned;
    let wanted = folded(of);
    let fate = planned.fates.iter().find(|it| it.field == of);
    let fate = fate.or_else(|| planned.fates.iter().find(|it| folded(&it.name) == wanted));
    let is_column = |it: &&Column| it.key == of || folded(&it.name) == wanted;
    let column = match fate {
        Some(fate) => planned.column(&fate.field).or_else(|| planned.columns.iter().find(|it| reads(it, fate))),
        None => planned.columns.iter().find(is_column),
    };
    if fate.is_none() && column.is_none() {
        return dropped(scene, of);
    }
    let name = fate.map(|it| it.name.clone()).or_else(|| Some(column?.name.clone()))?;
    let causes = causes(scene, fate, column);
    Some(Explained { of: name, kind: About::Field, page_id: None, causes })
}

/// A column whose field is not among Jira's any more.
fn dropped(scene: &Scene<'_>, of: &str) -> Option<Explained> {
    let Scene { home, .. } = scene;
    let is_meant = |key: &str, name: &str| key == of || folded(name) == folded(of);
    let there = home.columns.iter().find(|(key, it)| home.dropped.contains_key(*key) && is_meant(key, &it.name));
    let (key, column) = there?;
    let since = home.dropped.get(key).map(|it| it.since);
    let causes = vec![Cause::why(Why::ColumnDropped).since(since)];
    Some(Explained { of: column.name.clone(), kind: About::Field, page_id: None, causes })
}

fn reads(column: &Column, fate: &Fate) -> bool {
    column.fields.first().is_some_and(|field| *field == fate.field)
}

fn causes(scene: &Scene<'_>, fate: Option<&Fate>, column: Option<&Column>) -> Vec<Cause> {
    let off = &scene.asked.wish.off;
    if fate.is_some_and(|it| off.contains(&it.field)) || column.is_some_and(|it| off.contains(&it.key)) {
        return vec![Cause::why(Why::SwitchedOff)];
    }
    let mut causes = Vec::new();
    match fate.map(|it| &it.class) {
        Some(Class::NotSynced { why: Why::SwitchedOff, .. }) => {
            // It has been switched on again meanwhile.
            causes.push(Cause::new("waiting", "The next run makes its column."));
        }
        Some(Class::NotSynced { why, offer }) => {
            let message = offer.as_ref().map_or_else(|| why.sentence().to_owned(), |name| why.with_offer(name));
            let cause = Cause::new(why.code(), message);
            causes.push(match why {
                Why::OutOfScope => {
                    Cause { message: "No issue uses this field.".to_owned(), next_step: Step::Wait, ..cause }
                }
                _ => cause,
            });
        }
        Some(Class::WithLoss(lost)) => causes.push(match lost {
            Lost::Options => Cause::new(Why::TooManyValues.code(), lost.sentence()),
            _ => Cause::new("with_loss", lost.sentence()),
        }),
        Some(Class::Synced) | None => {}
    }
    let Some(column) = column else { return causes };
    if let Some(why) = scene.home.stopped.get(&column.key) {
        causes.push(Cause::why(*why));
    } else if !scene.home.columns.contains_key(&column.key) {
        causes.push(Cause::new("waiting", "The next run makes its column."));
    }
    if column.slow {
        let last = scene.progress.lanes.slow;
        let day = last.map_or_else(String::new, |at| format!("; last on {}", at.strftime("%-d %B %Y")));
        causes.push(Cause::new("slow_lane", format!("Refreshed weekly{day}.")).since(last));
    }
    causes
}
