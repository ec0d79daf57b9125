//! The master keys: `id:base64(32 bytes)`, newest first (contract §2, `GATEWAY_MASTER_KEY`).

use std::fmt;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretBox, SecretString};

use super::file::{Stamp, write_private};
use super::token::{fill, new_id};

const KEY_BYTES: usize = 32;
const LONGEST_ID: usize = 32;
/// Far more than anybody's keys; keeps a wrong path from being read into memory.
const LONGEST_FILE: u64 = 64 * 1024;
/// Standard base64, with or without the padding that a shell may have cut off.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The keys that seal everything at rest: the newest seals, all of them open.
#[derive(Clone)]
pub struct MasterKeys {
    newest: MasterKey,
    older: Vec<MasterKey>,
}

#[derive(Clone)]
pub(super) struct MasterKey {
    pub(super) id: String,
    pub(super) bytes: Arc<SecretBox<[u8; KEY_BYTES]>>,
}

/// Why the master keys cannot be used. Each is one line for the operator and holds no part of a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the master key is empty; expected id:base64(32 bytes)")]
    Empty,
    #[error(
        "entry {0} of the master key is not id:base64(32 bytes), where id is up to 32 letters, digits, hyphens or underscores"
    )]
    Malformed(usize),
    #[error("master key {id} is not base64")]
    NotBase64 { id: String },
    #[error("master key {id} has {bytes} bytes; it needs 32")]
    WrongLength { id: String, bytes: usize },
    #[error("the master key id {id} occurs twice")]
    Duplicate { id: String },
    #[error("the master key file {} is missing, but the database was sealed with a master key: put the file back, or set GATEWAY_MASTER_KEY", path.display())]
    FileMissing { path: PathBuf },
    #[error("the master key file {} can be read or changed by others (mode {mode:04o}): chmod 600 it", path.display())]
    FileOpenToOthers { path: PathBuf, mode: u32 },
    #[error("the master key file {} cannot be used: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
}

impl MasterKeys {
    /// Reads `id:base64(32 bytes)` entries, separated by commas or white space, newest first.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut keys: Vec<MasterKey> = Vec::new();
        let entries = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty());
        for (index, entry) in entries.enumerate() {
            // Without a valid id nothing of the entry may be shown: it could be the key itself.
            let (id, key) = entry.split_once(':').ok_or(KeyError::Malformed(index + 1))?;
            if !is_id(id) {
                return Err(KeyError::Malformed(index + 1));
            }
            let id = id.to_owned();
            let Ok(decoded) = BASE64.decode(key).map(Zeroizing::new) else { return Err(KeyError::NotBase64 { id }) };
            if decoded.len() != KEY_BYTES {
                return Err(KeyError::WrongLength { id, bytes: decoded.len() });
            }
            if keys.iter().any(|known| known.id == id) {
                return Err(KeyError::Duplicate { id });
            }
            let bytes = SecretBox::init_with_mut(|bytes: &mut [u8; KEY_BYTES]| bytes.copy_from_slice(&decoded));
            keys.push(MasterKey { id, bytes: Arc::new(bytes) });
        }
        if keys.is_empty() {
            return Err(KeyError::Empty);
        }
        Ok(Self { newest: keys.remove(0), older: keys })
    }

    /// One new random key.
    pub fn generate() -> Self {
        Self { newest: MasterKey::generate(), older: Vec::new() }
    }

    /// The same keys behind a new random one.
    pub(super) fn with_new_key(&self) -> Self {
        Self { newest: MasterKey::generate(), older: self.iter().cloned().collect() }
    }

    /// The form that [`MasterKeys::parse`] reads: one line, or one line per key.
    pub(super) fn to_text(&self, separator: &str) -> SecretString {
        let mut text = Zeroizing::new(String::new());
        for key in self.iter() {
            if !text.is_empty() {
                text.push_str(separator);
            }
            text.push_str(&key.id);
            text.push(':');
            BASE64.encode_string(key.bytes.expose_secret(), &mut text);
        }
        SecretString::from(text.as_str())
    }

    /// The key that seals.
    pub(super) fn newest(&self) -> &MasterKey {
        &self.newest
    }

    pub(super) fn get(&self, id: &str) -> Option<&MasterKey> {
        self.iter().find(|key| key.id == id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.newest).chain(&self.older)
    }

    /// Reads a key file and refuses one that others may read. Its group may read it: so secrets are mounted into containers.
    pub(super) fn read(path: &Path) -> Result<(Self, Stamp), KeyError> {
        let failed = |source| KeyError::File { path: path.to_owned(), source };
        let file = std::fs::File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o027 != 0 {
            return Err(KeyError::FileOpenToOthers { path: path.to_owned(), mode });
        }
        let mut text = Zeroizing::new(String::new());
        file.take(LONGEST_FILE).read_to_string(&mut text).map_err(failed)?;
        Ok((Self::parse(&text)?, Stamp::of(&metadata)))
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), KeyError> {
        let text = self.to_text("\n");
        let mut line = Zeroizing::new(text.expose_secret().to_owned());
        line.push('\n');
        write_private(path, line.as_bytes()).map_err(|source| KeyError::File { path: path.to_owned(), source })
    }
}

impl MasterKey {
    fn generate() -> Self {
        let bytes = SecretBox::init_with_mut(|bytes: &mut [u8; KEY_BYTES]| fill(bytes));
        Self { id: new_id("key"), bytes: Arc::new(bytes) }
    }
}

/// Whether a text may name a key.
pub(super) fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|key| &key.id)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZEROES: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    #[test]
    fn reads_keys_newest_first() {
        let unpadded = ZEROES.trim_end_matches('=');
        for text in [
            format!("b:{ZEROES},a:{ZEROES}"),
            format!(" b:{unpadded} ,\n a:{ZEROES}\n"),
            format!("b:{ZEROES}\na:{ZEROES}\n"),
        ] {
            let keys = MasterKeys::parse(&text).unwrap();
            assert_eq!(format!("{keys:?}"), r#"["b", "a"]"#);
            assert_eq!(keys.newest().id, "b");
        }
    }

    #[test]
    fn says_in_one_line_what_is_wrong_and_never_shows_the_key() {
        let long_id = format!("{}:{ZEROES}", "x".repeat(33));
        let table = [
            ("", "the master key is empty"),
            (" , \n", "the master key is empty"),
            (ZEROES, "entry 1 of the master key is not"),
            (&format!("a:{ZEROES},{ZEROES}"), "entry 2 of the master key is not"),
            (&format!(":{ZEROES}"), "entry 1"),
            (&format!("a/b:{ZEROES}"), "entry 1"),
            (&long_id, "entry 1"),
            ("a:", "master key a has 0 bytes"),
            ("a:AAAA", "master key a has 3 bytes; it needs 32"),
            (&format!("a:AAAA{ZEROES}"), "master key a has 35 bytes"),
            ("a:hunter2!", "master key a is not base64"),
            (&format!("a:{ZEROES},a:{ZEROES}"), "the master key id a occurs twice"),
        ];
        for (text, expected) in table {
            let line = MasterKeys::parse(text).unwrap_err().to_string();
            assert!(line.contains(expected), "{text:?} gave {line:?}");
            assert!(!line.contains('\n') && !line.contains("AAAA") && !line.contains("hunter2"), "{line:?}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let keys = MasterKeys::generate().with_new_key().with_new_key();
        for separator in [",", "\n"] {
            let text = keys.to_text(separator);
            let again = MasterKeys::parse(text.expose_secret()).unwrap();
            assert_eq!(format!("{again:?}"), format!("{keys:?}"));
            assert_eq!(again.newest().bytes.expose_secret(), keys.newest().bytes.expose_secret());
        }
    }
}
