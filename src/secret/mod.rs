//! What is hidden, and how: sealing at rest, passes in addresses, random tokens, hashes, comparison in constant time.
//!
//! The only room that knows ciphers and hashes. Nothing here prints a secret: every type's `Debug` is blind.

mod file;
mod hs256;
mod keys;
mod pass;
mod seal;
mod token;

pub use file::private_folder;
pub use hs256::{is_mac_of, is_signed_jwt};
pub use keys::{KeyError, MasterKeys};
pub use pass::Passes;
pub use seal::{Context, IfMissing, Rotation, SealError, Sealed, Sealer};
pub use secrecy::{ExposeSecret, SecretSlice, SecretString};
pub use token::{Digest, derive, new_id, new_token, same};
