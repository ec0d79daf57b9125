//! A stranger's picture, made harmless: what it is, its bytes say and no header; drawings are written anew. Pure.

mod raster;
mod style;
mod svg;

/// Largest picture that is read and shown, in bytes. Icons and avatars are a tenth of it.
pub const LARGEST: usize = 64 * 1024;
/// Longest side of a picture, in pixels: a small file must not fill a browser's memory.
const LONGEST_SIDE: u32 = 1024;

/// The formats that every browser shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Png,
    Gif,
    Jpeg,
    WebP,
    Svg,
}

impl Format {
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Svg => "image/svg+xml",
        }
    }
}

/// A picture that may be shown to people.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub format: Format,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({:?}, {} bytes)", self.format, self.bytes.len())
    }
}

impl Picture {
    /// `None` for what is no picture, too large, or cannot be made harmless.
    pub fn of(bytes: Vec<u8>) -> Option<Self> {
        if bytes.len() > LARGEST {
            return None;
        }
        match raster::look(&bytes) {
            Some((format, width, height)) => {
                let sane = |side: u32| (1..=LONGEST_SIDE).contains(&side);
                (sane(width) && sane(height)).then_some(Self { format, bytes })
            }
            None => svg::clean(&bytes).map(|text| Self { format: Format::Svg, bytes: text.into_bytes() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_no_picture() {
        let png = |bytes: usize| {
            let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x04\0\0\0\x04\0".to_vec();
            png.resize(bytes, 0);
            png
        };
        assert_eq!(Picture::of(png(LARGEST)).map(|it| it.format), Some(Format::Png));
        assert_eq!(Picture::of(png(LARGEST + 1)), None);
    }
}
