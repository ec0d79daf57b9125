//! The style sheets that drawing programs write: classes with plain declarations (`.st0{fill:#EA7D24;}`), and no more.

/// Rules of a drawing, in their order.
#[derive(Default)]
pub(super) struct Styles(Vec<(String, String)>);

/// More than any icon has.
const MOST_RULES: usize = 200;

impl Styles {
    /// Adds the rules of a sheet. `None` where it is more than such rules: the drawing would lose its looks without it.
    pub(super) fn read(&mut self, sheet: &str) -> Option<()> {
        let mut rest = sheet.trim();
        while !rest.is_empty() {
            let (selectors, after) = rest.split_once('{')?;
            let (declarations, after) = after.split_once('}')?;
            for selector in selectors.split(',') {
                let class = selector.trim().strip_prefix('.').filter(|name| is_class(name))?;
                self.0.push((class.to_owned(), declarations.to_owned()));
            }
            rest = after.trim();
        }
        (self.0.len() <= MOST_RULES).then_some(())
    }

    /// The declarations for an element of these classes.
    pub(super) fn of_classes(&self, classes: &str) -> String {
        let applies = |class: &str| classes.split_ascii_whitespace().any(|it| it == class);
        let declarations = self.0.iter().filter(|(class, _)| applies(class)).map(|(_, text)| text.as_str());
        declarations.collect::<Vec<_>>().join(";")
    }
}

fn is_class(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Names and values of `fill:red; opacity:.5`.
pub(super) fn declarations(text: &str) -> impl DoubleEndedIterator<Item = (&str, &str)> {
    text.split(';').filter_map(|part| part.split_once(':')).map(|(name, value)| (name.trim(), value.trim()))
}
