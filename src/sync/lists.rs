//! Whole lists of Notion, a page at a time. After an answer that took too long or was too large, a page is half as large
//! (S48).

use secrecy::SecretString;

use super::hold::Hold;
use super::writer::{Again, Failed, Writer};
use crate::notion::client::Client;
use crate::notion::databases::Part;
use crate::notion::told::List;

/// Items of a page at least.
const LEAST: usize = 10;

/// How far a list was read.
#[derive(Debug, Default)]
pub struct Pages {
    part: Part,
    is_end: bool,
}

impl Pages {
    /// The next page; none after the last one.
    pub async fn next<T, F>(
        &mut self,
        writer: &Writer,
        hold: &Hold,
        call: impl Fn(Client, SecretString, Part) -> F,
    ) -> Result<Option<List<T>>, Failed>
    where
        F: Future<Output = Result<List<T>, crate::notion::Error>>,
    {
        if self.is_end {
            return Ok(None);
        }
        let list = loop {
            let part = &self.part;
            let again = if part.size > LEAST { Again::Smaller } else { Again::Harmless };
            match writer.call(hold, again, |client, token| call(client, token, part.clone())).await {
                Err(Failed::Notion(error)) if again == Again::Smaller && error.is_too_much() => {
                    tracing::info!(fault = "notion", retry = true, size = part.size, %error, "a page was too much for Notion");
                    self.part.size = (part.size / 2).max(LEAST);
                }
                answered => break answered?,
            }
        };
        // A place that comes twice would lead round in a circle.
        let next = list.next().map(str::to_owned).filter(|next| self.part.cursor.as_ref() != Some(next));
        self.is_end = next.is_none();
        self.part.cursor = next;
        Ok(Some(list))
    }

    /// Begins another list, of which Notion will not bear larger pages.
    pub fn begin_again(&mut self) {
        (self.part.cursor, self.is_end) = (None, false);
    }
}
