//! `fixtures/text` holds the same texts as ADF, wiki markup and HTML, and the line that each of them becomes.

use std::fs;
use std::path::Path;

use jira_notion_gateway::jira::model::RichText;
use jira_notion_gateway::jira::text::{Document, document, plain_text};

use super::hostile;

/// Wiki markup cannot say which boxes are ticked.
const FORMATS: usize = 3 * 13 - 1;

#[test]
fn a_text_is_the_same_in_every_format() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/text");
    let mut read = 0;
    let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    for line_path in entries.filter(|path| path.extension().is_some_and(|extension| extension == "txt")) {
        let line = fs::read_to_string(&line_path).unwrap();
        let mut first: Option<Document> = None;
        for extension in ["json", "wiki", "html"] {
            let path = line_path.with_extension(extension);
            let Ok(written) = fs::read_to_string(&path) else { continue };
            let text = match extension {
                "json" => RichText::Adf(serde_json::from_str(&written).unwrap()),
                "wiki" => RichText::Wiki(written),
                _ => RichText::Html(written),
            };
            let about = path.display();
            let found = document(&text, None);
            hostile::check(&found, &about.to_string());
            assert_eq!(plain_text(&text, 1_000), line.trim_end(), "{about}");
            assert_eq!(found.plain_text(1_000), line.trim_end(), "{about}");
            let first = first.get_or_insert_with(|| found.clone());
            assert_eq!(found.blocks, first.blocks, "{about}");
            read += 1;
        }
    }
    assert_eq!(read, FORMATS);
}
