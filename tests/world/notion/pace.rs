//! How many calls of one token Notion lets through: so many a second on average (notion-rest-api §6).

use std::collections::HashMap;

use jiff::Timestamp;

#[derive(Default)]
pub struct Pace(HashMap<String, (Timestamp, f64)>);

impl Pace {
    /// Whether a call may pass; else the whole seconds to wait. A second's worth may come at once.
    pub fn pass(&mut self, token: &str, a_second: u32, now: Timestamp) -> Result<(), i64> {
        let most = f64::from(a_second);
        let (since, left) = self.0.entry(token.to_owned()).or_insert((now, most));
        *left = (*left + now.duration_since(*since).as_secs_f64() * most).min(most);
        *since = now;
        match *left >= 1.0 {
            true => {
                *left -= 1.0;
                Ok(())
            }
            // A second brings at least one call.
            false => Err(1),
        }
    }
}
