//! How much Notion takes (notion-rest-api §3.2, §3.3). Lengths are counted as JavaScript counts: in UTF-16 units.

/// Of the content of one text item, of an address, of a name in the schema.
pub const TEXT: usize = 2000;
pub const EQUATION: usize = 1000;
/// Of an e-mail address, a telephone number, the name of a file or an option, an option's id.
pub const SHORT: usize = 100;
/// Of the description of a property.
pub const DESCRIPTION: usize = 280;
/// Items of any array.
pub const ITEMS: usize = 100;
/// Blocks of one body.
pub const BLOCKS: usize = 1000;
/// Bytes of one body.
pub const BODY: usize = 500_000;
/// Levels of children below the blocks of a request.
pub const NESTING: usize = 2;
/// People and relations of one property in the answer for a page.
pub const SHOWN: usize = 25;
/// Results of one page of a list.
pub const PAGE: usize = 100;

pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}
