//! The nearest of the few colours that every editor has.

use super::tree::Colour;

impl Colour {
    /// Of `#rrggbb`, `#rgb`, `rgb(r, g, b)` or a common name. `None` for what is almost black or white, and what is no colour.
    pub(super) fn nearest(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        match Self::channels(&text) {
            Some([r, g, b]) => Self::of_channels(r, g, b),
            None => Self::named(&text),
        }
    }

    fn channels(text: &str) -> Option<[i32; 3]> {
        if let Some(list) = text.strip_prefix("rgb(").or_else(|| text.strip_prefix("rgba(")) {
            let mut numbers = list.split([',', ')']).map_while(|number| number.trim().parse::<u8>().ok());
            return Some([numbers.next()?.into(), numbers.next()?.into(), numbers.next()?.into()]);
        }
        let hex = text.strip_prefix('#').filter(|hex| hex.is_ascii())?;
        let digit = |at: usize, length: usize| i32::from_str_radix(hex.get(at..at + length)?, 16).ok();
        match hex.len() {
            3 => Some([digit(0, 1)? * 17, digit(1, 1)? * 17, digit(2, 1)? * 17]),
            6 | 8 => Some([digit(0, 2)?, digit(2, 2)?, digit(4, 2)?]),
            _ => None,
        }
    }

    fn of_channels(r: i32, g: i32, b: i32) -> Option<Self> {
        let (most, least) = (r.max(g).max(b), r.min(g).min(b));
        let range = most - least;
        if most < 90 {
            return None;
        }
        // Pale colours are meant as colours, for the ground behind words; dull ones are not.
        if range < 24 || (most < 232 && range * 6 < most) {
            return (most < 232).then_some(Self::Gray);
        }
        // Degrees on the circle of hues.
        let hue = match most {
            _ if most == r => (60 * (g - b) / range).rem_euclid(360),
            _ if most == g => 120 + 60 * (b - r) / range,
            _ => 240 + 60 * (r - g) / range,
        };
        Some(match hue {
            16..45 if most < 160 => Self::Brown,
            16..45 => Self::Orange,
            45..70 => Self::Yellow,
            70..175 => Self::Green,
            175..244 => Self::Blue,
            244..295 => Self::Purple,
            295..345 => Self::Pink,
            _ => Self::Red,
        })
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "gray" | "grey" | "darkgray" | "darkgrey" | "lightgray" | "lightgrey" | "silver" | "neutral" => Self::Gray,
            "brown" | "maroon" => Self::Brown,
            "orange" | "darkorange" => Self::Orange,
            "yellow" | "gold" => Self::Yellow,
            "green" | "darkgreen" | "lightgreen" | "lime" | "olive" => Self::Green,
            "blue" | "darkblue" | "lightblue" | "navy" | "teal" | "cyan" | "aqua" | "blue-gray" => Self::Blue,
            "purple" | "indigo" | "violet" => Self::Purple,
            "pink" | "magenta" | "fuchsia" => Self::Pink,
            "red" | "darkred" | "crimson" => Self::Red,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_find_their_neighbour() {
        let table = [
            ("#ff5630", Some(Colour::Red)),
            ("#FF991F", Some(Colour::Orange)),
            ("#8b4513", Some(Colour::Brown)),
            ("#ffc400", Some(Colour::Yellow)),
            ("#36b37e", Some(Colour::Green)),
            ("#4c9aff", Some(Colour::Blue)),
            ("#6554c0", Some(Colour::Purple)),
            ("#0000ff", Some(Colour::Blue)),
            ("#8f00ff", Some(Colour::Purple)),
            ("#ff69d0", Some(Colour::Pink)),
            ("#97a0af", Some(Colour::Gray)),
            ("rgb(255, 0, 0)", Some(Colour::Red)),
            ("#f00", Some(Colour::Red)),
            (" Navy ", Some(Colour::Blue)),
            ("#deebff", Some(Colour::Blue)),
            ("#fffae6", Some(Colour::Yellow)),
            ("#172b4d", None),
            ("#172b4d0", None),
            ("#000000", None),
            ("#ffffff", None),
            ("#ü0", None),
            ("rgb(1,2", None),
            ("rgb(999,0,0)", None),
            ("url(javascript:x)", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(Colour::nearest(text), expected, "{text}");
        }
    }
}
