//! The page tokens of Cloud's search. Whether a real one is a place in the order, so that later pages show later changes,
//! or a list that was made with the first page, is not known: the fake can do both.

use std::collections::VecDeque;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::data::Data;
use super::sorted::Window;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tokens {
    /// Behind the last issue of the page before, in the order as it is now.
    #[default]
    Place,
    /// A list of ids, made with the first page.
    List,
}

#[derive(Default)]
pub struct Paging {
    pub tokens: Tokens,
    /// Tokens from before are refused.
    pub epoch: u32,
    /// How many rows the next pages have, however many are there.
    pub sizes: VecDeque<usize>,
    given: u64,
    lists: Vec<Vec<String>>,
}

/// After this a token is refused (jira-auth-and-rest §9.1).
const LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is in a token. It is good for its own query only.
#[derive(Serialize, Deserialize)]
struct Token {
    number: u64,
    epoch: u32,
    given: Timestamp,
    jql: String,
    place: Place,
}

#[derive(Serialize, Deserialize)]
enum Place {
    Behind(Vec<String>),
    /// Which list, and how many of it have been given.
    In(usize, usize),
}

/// A page: where the issues are, and how to go on.
pub struct Page {
    pub rows: Vec<usize>,
    pub next: Option<String>,
}

impl Paging {
    /// `None`: the token is no good.
    pub fn page(
        &mut self,
        window: &Window,
        data: &Data,
        jql: &str,
        token: Option<&str>,
        most: usize,
        now: Timestamp,
    ) -> Option<Page> {
        let place = match token {
            Some(token) => Some(self.read(token, jql, now)?),
            None => None,
        };
        let most = self.sizes.pop_front().map_or(most, |size| size.min(most));
        let (rows, place) = match (place, self.tokens) {
            (Some(Place::In(list, start)), _) => self.out_of_list(data, list, start, most),
            (None, Tokens::List) => {
                self.lists.push(window.rows().iter().map(|row| data.issues()[row.at].id.clone()).collect());
                self.out_of_list(data, self.lists.len() - 1, 0, most)
            }
            (place, _) => {
                let behind = match place {
                    // Behind nothing is the beginning: the pages before were empty.
                    Some(Place::Behind(keys)) if !keys.is_empty() => Some(keys),
                    _ => None,
                };
                let left = behind.as_ref().map_or(window.rows(), |keys| window.after(keys));
                let page = &left[..most.min(left.len())];
                let last = page.last().map(|row| row.keys.clone()).or(behind);
                let next = (left.len() > page.len()).then(|| Place::Behind(last.unwrap_or_default()));
                (page.iter().map(|row| row.at).collect(), next)
            }
        };
        let next = place.map(|place| {
            self.given += 1;
            let token = Token { number: self.given, epoch: self.epoch, given: now, jql: jql.to_owned(), place };
            STANDARD.encode(serde_json::to_string(&token).expect("plain values"))
        });
        Some(Page { rows, next })
    }

    /// Issues that are gone by now leave a gap.
    fn out_of_list(&self, data: &Data, list: usize, start: usize, most: usize) -> (Vec<usize>, Option<Place>) {
        let ids = &self.lists[list];
        let end = (start + most).min(ids.len());
        let rows = ids[start..end].iter().filter_map(|id| data.position(id)).collect();
        (rows, (end < ids.len()).then_some(Place::In(list, end)))
    }

    fn read(&self, token: &str, jql: &str, now: Timestamp) -> Option<Place> {
        let token: Token = serde_json::from_slice(&STANDARD.decode(token).ok()?).ok()?;
        let good = token.epoch == self.epoch && token.jql == jql && now.duration_since(token.given) < LIFETIME;
        good.then_some(token.place)
    }
}
