//! Small pictures of issue types, drawn so that a card beside them looks as it does in life.

const SIDE: usize = 32;

/// A PNG: a coloured tile with a white sign for the avatar of this number.
pub fn tile(avatar: &str) -> Vec<u8> {
    let (colour, sign): ([u8; 3], fn(f32, f32) -> bool) = match avatar {
        "10303" => ([0xe5, 0x49, 0x3a], |x, y| x * x + y * y < 0.16),
        "10307" => ([0x90, 0x4e, 0xe2], |x, y| (x + y * 0.6 - 0.1).abs() < 0.22 && y.abs() < 0.6),
        "10315" => ([0x63, 0xba, 0x3c], |x, y| x.abs() < 0.32 && y > -0.55 && y < 0.55 - (0.32 - x.abs()).max(0.0)),
        "10316" | "10318" => ([0x4b, 0xad, 0xe8], |x, y| {
            let falls = (y - x - 0.45).abs() < 0.17 && (-0.55..-0.05).contains(&x);
            falls || ((y + x - 0.3).abs() < 0.17 && (-0.15..0.55).contains(&x))
        }),
        "10322" => ([0xff, 0xab, 0x00], |x, y| {
            x * x + (y + 0.15).powi(2) < 0.14 || (x.abs() < 0.15 && (0.3..0.6).contains(&y))
        }),
        _ => ([0x6b, 0x77, 0x8c], |x, y| x.abs() < 0.5 && (y.abs() < 0.1 || (y.abs() - 0.35).abs() < 0.1)),
    };
    let mut rows = Vec::with_capacity(SIDE * (1 + SIDE * 4));
    let place = |at: usize| (at as f32 + 0.5) / SIDE as f32 * 2.0 - 1.0;
    for row in 0..SIDE {
        rows.push(0);
        for column in 0..SIDE {
            let (x, y) = (place(column), place(row));
            let (dx, dy) = ((x.abs() - 0.75).max(0.0), (y.abs() - 0.75).max(0.0));
            let [red, green, blue] = if sign(x, y) { [0xff; 3] } else { colour };
            rows.extend([red, green, blue, if dx * dx + dy * dy < 0.055 { 0xff } else { 0 }]);
        }
    }
    let side = u32::try_from(SIDE).expect("small").to_be_bytes();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &[&side[..], &side, &[8, 6, 0, 0, 0]].concat());
    chunk(&mut png, b"IDAT", &stored(&rows));
    chunk(&mut png, b"IEND", &[]);
    png
}

/// zlib without compression (RFC 1950, RFC 1951 §3.2.4).
fn stored(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("one block");
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    let head = [&[0x78, 0x01, 0x01][..], &length.to_le_bytes(), &(!length).to_le_bytes()].concat();
    [&head[..], bytes, &((b << 16) | a).to_be_bytes()].concat()
}

fn chunk(png: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    let checked = [&name[..], content].concat();
    let mut crc = u32::MAX;
    for byte in &checked {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    png.extend(u32::try_from(content.len()).expect("small").to_be_bytes());
    png.extend(&checked);
    png.extend((!crc).to_be_bytes());
}
