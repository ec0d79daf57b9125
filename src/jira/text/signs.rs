//! Jira's emoticons as characters.

const SIGNS: [(&str, &str); 20] = [
    ("(/)", "✓"),
    ("(x)", "✗"),
    ("(!)", "⚠"),
    ("(?)", "❓"),
    ("(y)", "👍"),
    ("(n)", "👎"),
    ("(i)", "ℹ"),
    ("(+)", "➕"),
    ("(-)", "➖"),
    ("(on)", "💡"),
    ("(off)", "💡"),
    ("(*)", "⭐"),
    ("(*r)", "⭐"),
    ("(*g)", "⭐"),
    ("(*b)", "⭐"),
    ("(*y)", "⭐"),
    (":)", "🙂"),
    (":(", "🙁"),
    (":D", "😀"),
    (";)", "😉"),
];

/// The character for exactly this mark.
pub(super) fn sign(mark: &str) -> Option<&'static str> {
    SIGNS.iter().find(|(written, _)| *written == mark).map(|(_, sign)| *sign)
}

/// The mark that begins here behind such a letter, as its length and its character. In `f(x)` there is none.
pub(super) fn sign_at(text: &str, before: Option<char>) -> Option<(usize, &'static str)> {
    let (mark, sign) = SIGNS.iter().find(|(mark, _)| text.starts_with(mark))?;
    let after = text[mark.len()..].chars().next();
    let is_free = before.is_none_or(char::is_whitespace)
        && after.is_none_or(|after| after.is_whitespace() || after.is_ascii_punctuation());
    // Marks that nobody writes for anything else stand anywhere.
    (is_free || matches!(*mark, "(/)" | "(!)")).then_some((mark.len(), sign))
}
