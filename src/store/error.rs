//! What a caller of the store can do about a failure.

use std::borrow::Cow;

use sqlx::error::ErrorKind;

use crate::secret::SealError;

/// Why the store did not do what was asked. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Busy, full, read-only or gone: answer 503 and let the caller try again.
    #[error("the database does not answer as it should: {0}")]
    Unavailable(String),
    /// The account (or whatever else the new row belongs to) has just been removed.
    #[error("what this belongs to is no longer there")]
    Gone,
    /// A name with a NUL character, which PostgreSQL cannot keep; refused on both engines.
    #[error("a text with a NUL character cannot be kept")]
    NulCharacter,
    /// A sealed value does not open: the wrong master key, or a database that somebody changed.
    #[error(transparent)]
    Sealed(#[from] SealError),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(database) if database.kind() == ErrorKind::ForeignKeyViolation => Self::Gone,
            _ => Self::Unavailable(reason(&error)),
        }
    }
}

/// The error in one line without the values of the row: PostgreSQL's details and any `Debug` form would hold them.
pub(super) fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            format!("{} (code {code})", database.message().lines().next().unwrap_or_default())
        }
        other => other.to_string(),
    }
}

/// A text that names something, as it may be kept and compared.
pub(super) fn exact(text: &str) -> Result<&str, Error> {
    if text.contains('\0') { Err(Error::NulCharacter) } else { Ok(text) }
}

/// A text that is only shown, as it may be kept.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "").into() } else { text.into() }
}
