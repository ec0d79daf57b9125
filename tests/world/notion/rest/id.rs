//! Notion's ids: UUIDs, read with or without dashes, written with them (notion-rest-api §1).

use std::fmt;

use serde::{Serialize, Serializer};

use super::super::super::oauth::mint;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u128);

impl Id {
    /// A new one.
    pub fn mint(kind: &str) -> Self {
        Self::parse(&mint::uuid(kind)).expect("a UUID was minted")
    }

    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.replace('-', "");
        let dashed = text.len() == 36 && [8, 13, 18, 23].iter().all(|at| text.as_bytes()[*at] == b'-');
        let whole = hex.len() == 32 && (dashed || text.len() == 32) && hex.bytes().all(|it| it.is_ascii_hexdigit());
        u128::from_str_radix(&hex, 16).ok().filter(|_| whole).map(Self)
    }

    /// Without dashes, as in addresses of pages.
    pub fn hex(self) -> String {
        format!("{:032x}", self.0)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = self.hex();
        write!(f, "{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
