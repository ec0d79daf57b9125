//! Strong entity tags: whether what was made before would be made again.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Two SipHash passes: 128 bits are plenty to notice a change, and no secret hangs on them.
pub(super) struct Tag(DefaultHasher, DefaultHasher);

impl Tag {
    /// `form` is what is made, and of what version of the program: the same object has many forms.
    pub(super) fn new(form: impl Hash) -> Self {
        let mut tag = Self(DefaultHasher::new(), DefaultHasher::new());
        tag.1.write_u8(1);
        for half in [&mut tag.0, &mut tag.1] {
            (env!("CARGO_PKG_VERSION"), &form).hash(half);
        }
        tag
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        bytes.hash(&mut self.0);
        bytes.hash(&mut self.1);
    }

    /// In quotes, as it stands in the header.
    pub(super) fn finish(self) -> Box<str> {
        format!("\"{:016x}{:016x}\"", self.0.finish(), self.1.finish()).into()
    }
}

/// The tag of a text that is of this media type.
pub fn of_text(media_type: &str, text: &str) -> Box<str> {
    let mut tag = Tag::new(media_type);
    tag.add(text.as_bytes());
    tag.finish()
}
