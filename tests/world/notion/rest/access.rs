//! What a connection may see and do (notion-rest-api §2).

use std::collections::HashSet;

use super::id::Id;

/// Of all connections of one person. By default everything that the person sees.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The pages and databases that were chosen; `None`: all.
    pub chosen: Option<HashSet<Id>>,
    /// Taken out of the connection again.
    pub taken: HashSet<Id>,
    pub capabilities: Capabilities,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    pub read: bool,
    pub update: bool,
    pub insert: bool,
    pub read_comments: bool,
    pub insert_comments: bool,
    pub users: UserInformation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserInformation {
    None,
    WithoutEmail,
    WithEmail,
}

impl Default for Capabilities {
    fn default() -> Self {
        let users = UserInformation::WithEmail;
        Self { read: true, update: true, insert: true, read_comments: true, insert_comments: true, users }
    }
}

impl Access {
    /// Whether something is shared that lies in all of these; the innermost first.
    pub fn sees(&self, line: impl Iterator<Item = Id>) -> bool {
        let mut shared = self.chosen.is_none();
        for id in line {
            if self.taken.contains(&id) {
                return false;
            }
            shared |= self.chosen.as_ref().is_some_and(|it| it.contains(&id));
        }
        shared
    }
}
