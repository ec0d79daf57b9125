//! Sealing at rest: XChaCha20-Poly1305 with random nonces, bound to the place where the value lies
//! (performance-and-security §2.3, "Credentials at rest").

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::file::{Stamp, folder_of, lock_folder, private_folder};
use super::keys::{KeyError, MasterKey, MasterKeys, is_id};
use super::token::fill;

/// First byte of everything sealed; another layout gets another number.
const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;

/// Where a sealed value lies and whose it is. It opens only there: a copy in another row, or for another person, refuses.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub table: &'static str,
    pub row: &'a str,
    pub account: &'a str,
    pub site: &'a str,
    pub kind: &'a str,
}

/// What may lie in a database: version, key id, nonce and ciphertext.
#[derive(Clone)]
pub struct Sealed {
    pub key_id: String,
    pub bytes: Vec<u8>,
}

/// Why a sealed value does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("this is sealed with master key {id}, which is not among the master keys in use")]
    UnknownKey { id: String },
    #[error(
        "this does not open with the master key of its name: the key is another one, or the data was changed or moved"
    )]
    Corrupt,
}

/// What to do when there is no key file yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfMissing {
    /// First start: make one.
    Create,
    /// Something is sealed already, so a new key could not open it.
    Refuse,
}

/// What became of a wish for a new master key.
#[derive(Debug)]
pub enum Rotation {
    /// The key file has it in front, and this sealer uses it from now on.
    Stored,
    /// The keys were given as a value that only the operator can change: the new value.
    NewValue(SecretString),
}

/// Seals and opens what is kept at rest. Clones share the keys, and follow the key file when it changes.
#[derive(Clone)]
pub struct Sealer(Arc<Shared>);

struct Shared {
    file: Option<PathBuf>,
    ring: RwLock<Ring>,
}

struct Ring {
    keys: MasterKeys,
    stamp: Option<Stamp>,
}

impl Sealer {
    /// With keys from a setting.
    pub fn with_keys(keys: MasterKeys) -> Self {
        Self(Arc::new(Shared { file: None, ring: RwLock::new(Ring { keys, stamp: None }) }))
    }

    /// With the keys of a file (mode 0600, in a folder of mode 0700), made at first start. Safe for several processes at once.
    pub fn with_file(path: &Path, if_missing: IfMissing) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File { path: path.to_owned(), source };
        if !path.try_exists().map_err(failed)? {
            if if_missing == IfMissing::Refuse {
                return Err(KeyError::FileMissing { path: path.to_owned() });
            }
            private_folder(&folder_of(path)).map_err(failed)?;
            let _held = lock_folder(path).map_err(failed)?;
            if !path.try_exists().map_err(failed)? {
                MasterKeys::generate().write(path)?;
            }
        }
        let (keys, stamp) = MasterKeys::read(path)?;
        Ok(Self(Arc::new(Shared { file: Some(path.to_owned()), ring: RwLock::new(Ring { keys, stamp: Some(stamp) }) })))
    }

    /// The key that seals now.
    pub fn newest(&self) -> String {
        self.follow_file();
        self.ring().keys.newest().id.clone()
    }

    /// Seals a value for one place. The same value sealed twice looks different.
    pub fn seal(&self, context: Context<'_>, plain: &[u8]) -> Sealed {
        self.follow_file();
        let ring = self.ring();
        let key = ring.keys.newest();
        let mut bytes = header(&key.id);
        let associated = associated_data(&bytes, context);
        let mut nonce = [0; NONCE_BYTES];
        fill(&mut nonce);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&encrypt(key, nonce, &associated, plain));
        Sealed { key_id: key.id.clone(), bytes }
    }

    /// Opens what was sealed for the same place. A key that is not known yet is looked for in the key file once more.
    pub fn open(&self, context: Context<'_>, sealed: &[u8]) -> Result<SecretSlice<u8>, SealError> {
        let parts = Parts::of(sealed).ok_or(SealError::Corrupt)?;
        if self.ring().keys.get(parts.key_id).is_none() {
            self.follow_file();
        }
        let ring = self.ring();
        let key = ring.keys.get(parts.key_id).ok_or_else(|| SealError::UnknownKey { id: parts.key_id.to_owned() })?;
        let associated = associated_data(parts.header, context);
        let payload = Payload { msg: parts.ciphertext, aad: &associated };
        cipher(key).decrypt(&XNonce::from(parts.nonce), payload).map(SecretSlice::from).map_err(|_| SealError::Corrupt)
    }

    /// Puts a new key in front. What is sealed already opens as before; the caller re-seals it.
    pub fn rotate(&self) -> Result<Rotation, KeyError> {
        let Some(path) = &self.0.file else {
            return Ok(Rotation::NewValue(self.ring().keys.with_new_key().to_text(",")));
        };
        let _held = lock_folder(path).map_err(|source| KeyError::File { path: path.clone(), source })?;
        let (keys, _) = MasterKeys::read(path)?;
        keys.with_new_key().write(path)?;
        self.follow_file();
        Ok(Rotation::Stored)
    }

    /// The keys in use, for what follows from them.
    pub(super) fn with_keys_of<T>(&self, read: impl FnOnce(&MasterKeys) -> T) -> T {
        self.follow_file();
        read(&self.ring().keys)
    }

    /// Reads the key file again if it is another one than before. A file that cannot be read changes nothing: the keys in
    /// hand still open everything that they sealed.
    fn follow_file(&self) {
        let Some(path) = &self.0.file else { return };
        let current = std::fs::metadata(path).ok().map(|metadata| Stamp::of(&metadata));
        if current.is_none() || current == self.ring().stamp {
            return;
        }
        match MasterKeys::read(path) {
            Ok((keys, stamp)) => {
                let mut ring = self.0.ring.write().unwrap_or_else(PoisonError::into_inner);
                *ring = Ring { keys, stamp: Some(stamp) };
            }
            Err(error) => tracing::warn!(%error, "the changed master key file was not taken over"),
        }
    }

    fn ring(&self) -> std::sync::RwLockReadGuard<'_, Ring> {
        self.0.ring.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sealed value taken apart: `version ‖ length of key id ‖ key id ‖ nonce ‖ ciphertext`.
struct Parts<'a> {
    header: &'a [u8],
    key_id: &'a str,
    nonce: [u8; NONCE_BYTES],
    ciphertext: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(sealed: &'a [u8]) -> Option<Self> {
        let [VERSION, id_length, ..] = sealed else { return None };
        let (header, rest) = sealed.split_at_checked(2 + usize::from(*id_length))?;
        let key_id = std::str::from_utf8(header.get(2..)?).ok().filter(|id| is_id(id))?;
        let (nonce, ciphertext) = rest.split_first_chunk()?;
        Some(Self { header, key_id, nonce: *nonce, ciphertext })
    }
}

fn header(key_id: &str) -> Vec<u8> {
    let length = u8::try_from(key_id.len()).unwrap_or(u8::MAX);
    [&[VERSION, length], key_id.as_bytes()].concat()
}

/// Every part with its length in front, so that no two contexts give the same bytes.
fn associated_data(header: &[u8], context: Context<'_>) -> Vec<u8> {
    let mut data = header.to_vec();
    for part in [context.table, context.row, context.account, context.site, context.kind] {
        data.extend_from_slice(&(part.len() as u64).to_be_bytes());
        data.extend_from_slice(part.as_bytes());
    }
    data
}

#[expect(clippy::expect_used, reason = "fails only beyond 256 GiB, which no caller can hold")]
fn encrypt(key: &MasterKey, nonce: [u8; NONCE_BYTES], associated: &[u8], plain: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: plain, aad: associated };
    cipher(key).encrypt(&XNonce::from(nonce), payload).expect("a short value can be sealed")
}

fn cipher(key: &MasterKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(<&Key>::from(key.bytes.expose_secret()))
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sealer").field(&self.ring().keys).finish()
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const HERE: Context<'static> =
        Context { table: "credentials", row: "cre_1", account: "acc_1", site: "https://a.example", kind: "password" };

    fn sealer() -> Sealer {
        Sealer::with_keys(MasterKeys::generate())
    }

    #[test]
    fn opens_in_its_place_and_nowhere_else() {
        let sealer = sealer();
        let sealed = sealer.seal(HERE, b"correct horse");
        assert_eq!(sealer.open(HERE, &sealed.bytes).unwrap().expose_secret(), b"correct horse");
        assert_ne!(sealed.bytes, sealer.seal(HERE, b"correct horse").bytes);
        for elsewhere in [
            Context { table: "grants", ..HERE },
            Context { row: "cre_2", ..HERE },
            Context { account: "acc_2", ..HERE },
            Context { site: "https://b.example", ..HERE },
            Context { kind: "api_token", ..HERE },
            Context { row: "cre_1a", account: "cc_1", ..HERE },
        ] {
            assert_eq!(sealer.open(elsewhere, &sealed.bytes).unwrap_err(), SealError::Corrupt, "{elsewhere:?}");
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_refuses() {
        let sealer = sealer();
        let sealed = sealer.seal(HERE, b"correct horse").bytes;
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut changed = sealed.clone();
                changed[at] ^= 1 << bit;
                assert!(sealer.open(HERE, &changed).is_err(), "byte {at}, bit {bit}");
            }
            assert!(sealer.open(HERE, &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn another_key_refuses_and_names_the_missing_one() {
        let sealed = sealer().seal(HERE, b"x");
        assert_eq!(sealer().open(HERE, &sealed.bytes).unwrap_err(), SealError::UnknownKey { id: sealed.key_id });
        let text = |fill: char| format!("k:{}=", fill.to_string().repeat(42) + "A");
        let one = Sealer::with_keys(MasterKeys::parse(&text('A')).unwrap());
        let other = Sealer::with_keys(MasterKeys::parse(&text('B')).unwrap());
        assert_eq!(other.open(HERE, &one.seal(HERE, b"x").bytes).unwrap_err(), SealError::Corrupt);
    }

    #[test]
    fn the_key_file_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data").join("master.key");
        assert!(matches!(Sealer::with_file(&path, IfMissing::Refuse), Err(KeyError::FileMissing { .. })));
        let sealers: Vec<Sealer> = std::thread::scope(|scope| {
            let starts: Vec<_> =
                (0..8).map(|_| scope.spawn(|| Sealer::with_file(&path, IfMissing::Create).unwrap())).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        let sealed = sealers[0].seal(HERE, b"x").bytes;
        assert!(sealers.iter().all(|sealer| sealer.open(HERE, &sealed).is_ok()));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_key_file_that_others_may_read_or_that_is_broken_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        Sealer::with_file(&path, IfMissing::Create).unwrap();
        for (mode, accepted) in [(0o644, false), (0o604, false), (0o620, false), (0o440, true), (0o400, true)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let result = Sealer::with_file(&path, IfMissing::Refuse);
            assert_eq!(result.is_ok(), accepted, "{mode:o}: {result:?}");
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, "").unwrap();
        assert!(matches!(Sealer::with_file(&path, IfMissing::Create), Err(KeyError::Empty)));
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(matches!(Sealer::with_file(&path, IfMissing::Create), Err(KeyError::File { .. })));
    }

    #[test]
    fn rotation_is_picked_up_by_every_sealer_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let server = Sealer::with_file(&path, IfMissing::Create).unwrap();
        let command = Sealer::with_file(&path, IfMissing::Refuse).unwrap();
        let before = server.seal(HERE, b"before");
        assert!(matches!(command.rotate().unwrap(), Rotation::Stored));
        let after = command.seal(HERE, b"after");
        assert_ne!(before.key_id, after.key_id);
        assert_eq!(server.open(HERE, &after.bytes).unwrap().expose_secret(), b"after");
        assert_eq!(server.open(HERE, &before.bytes).unwrap().expose_secret(), b"before");
        assert_eq!(server.seal(HERE, b"x").key_id, after.key_id);
    }

    #[test]
    fn a_running_sealer_keeps_its_keys_when_the_file_breaks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let sealer = Sealer::with_file(&path, IfMissing::Create).unwrap();
        let sealed = sealer.seal(HERE, b"x").bytes;
        std::fs::write(&path, "broken").unwrap();
        assert!(sealer.open(HERE, &sealer.seal(HERE, b"y").bytes).is_ok());
        std::fs::remove_file(&path).unwrap();
        assert!(sealer.open(HERE, &sealed).is_ok());
    }

    #[test]
    fn rotation_of_a_given_value_prints_the_new_one_and_changes_nothing() {
        let sealer = sealer();
        let sealed = sealer.seal(HERE, b"x");
        let Rotation::NewValue(value) = sealer.rotate().unwrap() else { panic!("no file was given") };
        assert_eq!(sealer.newest(), sealed.key_id);
        let next = Sealer::with_keys(MasterKeys::parse(value.expose_secret()).unwrap());
        assert_ne!(next.newest(), sealed.key_id);
        assert!(next.open(HERE, &sealed.bytes).is_ok());
    }

    #[test]
    fn debug_shows_key_names_and_nothing_else() {
        let sealer = sealer();
        let key = sealer.ring().keys.to_text(",").expose_secret().to_owned();
        let shown = format!("{sealer:?} {:?} {:?}", sealer.seal(HERE, b"hunter2"), sealer.rotate().unwrap());
        assert!(!shown.contains(key.split_once(':').unwrap().1) && !shown.contains("hunter2"), "{shown}");
    }
}
