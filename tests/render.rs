//! What an answer looks like: as JSON, card, mention, Notion attributes, and on the pages.

#[path = "render/attributes.rs"]
mod attributes;
#[path = "render/databases.rs"]
pub mod databases;
#[path = "render/gallery.rs"]
mod gallery;
#[path = "render/hostile.rs"]
mod hostile;
#[path = "render/json.rs"]
mod json;
#[path = "render/looks.rs"]
mod looks;
#[path = "render/markdown.rs"]
mod markdown;
#[path = "render/pages.rs"]
mod pages;
#[path = "render/states.rs"]
mod states;
#[path = "render/style.rs"]
mod style;
#[path = "render/words.rs"]
mod words;

use crate::world::samples as sample;
