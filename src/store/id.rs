//! Prefixed names of rows: a wrong one is seen at a glance, and the compiler refuses it where it can.

/// Makes a type for the ids of one kind of row.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, sqlx::Type)]
        #[sqlx(transparent)]
        pub struct $name(String);

        impl $name {
            /// A new random one.
            pub(super) fn new() -> Self {
                Self(crate::secret::new_id($prefix))
            }

            /// What a caller wrote, if it has the form of such an id at all.
            pub fn parse(text: &str) -> Option<Self> {
                let letters = text.strip_prefix(concat!($prefix, "_"))?;
                let of_form = letters.len() == 20 && letters.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
                of_form.then(|| Self(text.to_owned()))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// `acc_…`: a person here.
    AccountId,
    "acc"
);
id!(
    /// `tok_…`: an API token; not the token itself.
    TokenId,
    "tok"
);
id!(
    /// `con_…`: an account's way into one Jira.
    ConnectionId,
    "con"
);
id!(
    /// `cre_…`: what a connection signs in with.
    CredentialId,
    "cre"
);
id!(
    /// `gra_…`: what an account lets Notion do.
    GrantId,
    "gra"
);
id!(
    /// `ncn_…`: an account's way into one Notion workspace.
    NotionConnectionId,
    "ncn"
);
id!(
    /// `db_…`: a Jira project kept as a database in Notion.
    DatabaseId,
    "db"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_form_is_an_id() {
        let id = ConnectionId::new();
        assert_eq!(ConnectionId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(AccountId::parse(id.as_str()), None);
        for wrong in ["", "con_", "con_ABCDEFGHJKMNPQRSTVWX", "con_0123456789abcdefghj", "con_0123456789abcdefghj\0"] {
            assert_eq!(ConnectionId::parse(wrong), None, "{wrong:?}");
        }
    }
}
