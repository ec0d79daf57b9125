//! What an answer looks like: as JSON, card, mention, Notion attributes, and on the pages.

#[path = "render/gallery.rs"]
mod gallery;
#[path = "render/sample.rs"]
mod sample;
