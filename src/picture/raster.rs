//! Pictures made of pixels: the format by its first bytes, width and height as the format says them.

use super::Format;

/// Format, width and height; `None` for anything else, drawings included.
pub(super) fn look(bytes: &[u8]) -> Option<(Format, u32, u32)> {
    png(bytes).or_else(|| gif(bytes)).or_else(|| web_p(bytes)).or_else(|| jpeg(bytes))
}

/// Portable Network Graphics §5.2, §11.2.2: the first chunk is `IHDR`.
fn png(bytes: &[u8]) -> Option<(Format, u32, u32)> {
    let rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR")?;
    Some((Format::Png, big(rest, 0, 4)?, big(rest, 4, 4)?))
}

/// GIF89a §17, §18: the size of the whole picture.
fn gif(bytes: &[u8]) -> Option<(Format, u32, u32)> {
    let rest = bytes.strip_prefix(b"GIF89a").or_else(|| bytes.strip_prefix(b"GIF87a"))?;
    Some((Format::Gif, little(rest, 0, 2)?, little(rest, 2, 2)?))
}

/// RFC 9649 §2: one of three kinds of first chunk.
fn web_p(bytes: &[u8]) -> Option<(Format, u32, u32)> {
    let rest = bytes.strip_prefix(b"RIFF")?.get(4..)?.strip_prefix(b"WEBP")?;
    let (kind, chunk) = (rest.get(..4)?, rest.get(8..)?);
    let (width, height) = match kind {
        b"VP8 " if chunk.get(3..6)? == b"\x9d\x01\x2a" => {
            (little(chunk, 6, 2)? & 0x3fff, little(chunk, 8, 2)? & 0x3fff)
        }
        b"VP8L" if *chunk.first()? == 0x2f => {
            let sides = little(chunk, 1, 4)?;
            ((sides & 0x3fff) + 1, (sides >> 14 & 0x3fff) + 1)
        }
        b"VP8X" => (little(chunk, 4, 3)? + 1, little(chunk, 7, 3)? + 1),
        _ => return None,
    };
    Some((Format::WebP, width, height))
}

/// ITU T.81 §B.2.2: segments one after the other, up to the frame header.
fn jpeg(bytes: &[u8]) -> Option<(Format, u32, u32)> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    loop {
        rest = rest.strip_prefix(b"\xff")?;
        let (&marker, after) = rest.split_first()?;
        rest = match marker {
            // Markers may be filled up in front.
            0xff => rest,
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                return Some((Format::Jpeg, big(after, 5, 2)?, big(after, 3, 2)?));
            }
            // The picture itself, or its end, before any header.
            0xd8..=0xda | 0x00 => return None,
            0x01 | 0xd0..=0xd7 => after,
            _ => after.get(big(after, 0, 2)?.max(2) as usize..)?,
        };
    }
}

fn big(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    Some(bytes.get(at..at + length)?.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

fn little(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    Some(bytes.get(at..at + length)?.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginning of a file of each kind, 48 wide and 32 high.
    fn beginnings() -> [(Format, Vec<u8>); 7] {
        let riff = |chunk: &[u8]| [b"RIFF\x40\0\0\0WEBP".as_slice(), chunk].concat();
        [
            (Format::Png, b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x30\0\0\0\x20\x08\x06\0\0\0".to_vec()),
            (Format::Gif, b"GIF89a\x30\0\x20\0\xf7\0\0".to_vec()),
            (Format::Gif, b"GIF87a\x30\0\x20\0\xf7\0\0".to_vec()),
            (Format::WebP, riff(b"VP8 \x20\0\0\0\0\0\0\x9d\x01\x2a\x30\0\x20\0")),
            (Format::WebP, riff(b"VP8L\x20\0\0\0\x2f\x2f\xc0\x07\0")),
            (Format::WebP, riff(b"VP8X\x0a\0\0\0\0\0\0\0\x2f\0\0\x1f\0\0")),
            (
                Format::Jpeg,
                b"\xff\xd8\xff\xe0\0\x06JFIF\xff\xff\xdb\0\x03\0\xff\xc2\0\x11\x08\0\x20\0\x30\x03\x01".to_vec(),
            ),
        ]
    }

    #[test]
    fn every_format_tells_its_size() {
        for (format, bytes) in beginnings() {
            assert_eq!(look(&bytes), Some((format, 48, 32)), "{format:?}");
        }
    }

    #[test]
    fn what_is_cut_or_something_else_has_none() {
        for (format, bytes) in beginnings() {
            for at in 0..bytes.len() {
                // Whole sizes alone are sizes.
                assert!(look(&bytes[..at]).is_none_or(|size| size == (format, 48, 32)), "{format:?} cut at {at}");
            }
            let wrong_end = [&b" "[..], &bytes].concat();
            assert_eq!(look(&wrong_end), None);
        }
        let others: [&[u8]; 9] = [
            b"",
            b"<!DOCTYPE html><html>",
            b"{\"errorMessages\":[]}",
            b"%PDF-1.7",
            b"PK\x03\x04",
            b"BM\x36\0\0\0",
            b"II*\0",
            b"\0\0\0\x1cftypavif",
            b"\xff\xd8\xff\xda\0\x02",
        ];
        for other in others {
            assert_eq!(look(other), None, "{other:?}");
        }
    }
}
