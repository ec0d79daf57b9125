//! A database that has been through much is compared with one that is made now: they must not differ in any cell or body.

use std::collections::{BTreeMap, HashMap};

use super::World;
use crate::world::notion::rest::{Column, Id, Row, Shown};

impl World {
    /// Each issue has exactly one row, and in it and on its page stands what an untroubled first load writes. Columns of
    /// a person, and what else they have written, are left out.
    pub async fn assert_as_new(&self) {
        self.assert_equal();
        let old = self.database();
        self.try_create(None).await.unwrap();
        self.run().await;
        let new = self.notion.databases(self.acme).into_iter().find(|it| *it != old).unwrap();
        let (there, wanted) = (self.picture(old, new), self.picture(new, new));
        assert_eq!(there.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
        for (key, wanted) in &wanted {
            let differ: Vec<_> = there[key].iter().zip(wanted).filter(|(there, wanted)| there != wanted).collect();
            assert!(differ.is_empty() && there[key].len() == wanted.len(), "{key}: there and wanted: {differ:#?}");
        }
    }

    /// The rows of a database by key, as lines that do not depend on Notion's ids; with the columns that another has.
    fn picture(&self, database: Id, like: Id) -> BTreeMap<String, Vec<String>> {
        let columns = self.notion.columns(like);
        let rows: Vec<Row> = self.notion.rows(database).into_iter().filter(|row| !row.in_trash).collect();
        let keys: HashMap<String, String> = rows.iter().map(|row| (row.id.to_string(), row.text("Key"))).collect();
        let nora = self.notion.user_id(self.nora);
        let picture = |row: &Row| {
            let mut lines = Vec::new();
            for Column { name, kind, .. } in &columns {
                let mut values: Vec<&String> = match *kind {
                    // Rows in the trash are not shown.
                    "relation" => row.all(name).iter().filter_map(|it| keys.get(it)).collect(),
                    _ => row.all(name).iter().collect(),
                };
                values.sort_unstable();
                lines.push(format!("{name}: {values:?}"));
            }
            let ours: Vec<Shown> = self.notion.blocks(row.id).into_iter().filter(|it| it.by != nora).collect();
            outline(&ours, 0, &mut lines);
            lines
        };
        rows.iter().map(|row| (row.text("Key"), picture(row))).collect()
    }
}

fn outline(blocks: &[Shown], depth: usize, lines: &mut Vec<String>) {
    for block in blocks {
        lines.push(format!("{}{} {}", "  ".repeat(depth), block.kind, block.text));
        outline(&block.children, depth + 1, lines);
    }
}
