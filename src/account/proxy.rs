//! Sign-in `proxy`: whom the company's sign-on in front of the gateway names (contract §2).

use super::{LOCAL, check_name};

/// What the header of the sign-on says about one request. That it comes from the sign-on is checked before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named<'r> {
    /// Nothing: there is no such header, it is empty, or the gateway expects none.
    Nobody,
    /// The account of this name.
    Account(&'r str),
    /// Something, but not whom: it stands there twice, or no account can have that name.
    Unclear,
}

impl<'r> Named<'r> {
    /// Reads all values of the header. Of several none is taken: a browser may have sent one of them.
    pub fn read(values: impl IntoIterator<Item = &'r [u8]>) -> Self {
        let mut values = values.into_iter();
        let (first, second) = (values.next(), values.next());
        let Some(value) = first else { return Self::Nobody };
        // Spaces around a value do not belong to it (RFC 9110 §5.5).
        match std::str::from_utf8(value.trim_ascii()) {
            _ if second.is_some() => Self::Unclear,
            Ok("") => Self::Nobody,
            // The name of sign-in `local` is nobody else's (contract §5).
            Ok(name) if name != LOCAL && check_name(name).is_ok() => Self::Account(name),
            _ => Self::Unclear,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_plain_name_is_somebody_and_nothing_else_is() {
        let long = "x".repeat(101);
        let table: &[(&[&str], Named<'_>)] = &[
            (&[], Named::Nobody),
            (&[""], Named::Nobody),
            (&[" \t"], Named::Nobody),
            (&["ana"], Named::Account("ana")),
            (&["\tana "], Named::Account("ana")),
            (&["Ana"], Named::Account("Ana")),
            (&["Ana Costa"], Named::Account("Ana Costa")),
            (&["ana@acme.example"], Named::Account("ana@acme.example")),
            (&["J\u{f6}rg"], Named::Account("J\u{f6}rg")),
            // As a list it is one name that nobody has.
            (&["ana, ben"], Named::Account("ana, ben")),
            (&["Local"], Named::Account("Local")),
            (&["local"], Named::Unclear),
            (&[" local "], Named::Unclear),
            (&["ana", "ana"], Named::Unclear),
            (&["ana", "ben"], Named::Unclear),
            (&["ana", ""], Named::Unclear),
            (&["", "ana"], Named::Unclear),
            (&["", ""], Named::Unclear),
            (&["a\0b"], Named::Unclear),
            (&["a\tb"], Named::Unclear),
            (&["\u{a0}ana"], Named::Unclear),
            (&["a\u{85}b"], Named::Unclear),
            (&[&long], Named::Unclear),
            (&[&long[1..]], Named::Account(&long[1..])),
        ];
        for (values, expected) in table {
            assert_eq!(Named::read(values.iter().map(|value| value.as_bytes())), *expected, "{values:?}");
        }
        assert_eq!(Named::read([&b"J\xf6rg"[..]]), Named::Unclear, "not UTF-8");
    }
}
