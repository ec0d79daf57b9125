//! The small pictures beside names: what the answer brings, else initials and drawings of our own.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

use super::icon::Icon;
use super::{step, words};
use crate::jira::key::Kind;
use crate::preview::{Answer, Fact};

/// A person or a project: its own picture, or initials on a tint that stays the same for the same name.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if let Some(src) = src %}<img class="avatar {{ shape }}" src="{{ src }}" width="22" height="22" alt="" loading="lazy" referrerpolicy="no-referrer">{% else %}<span class="avatar {{ shape }} tint-{{ tint }}" aria-hidden="true">{{ initials }}</span>{% endif %}"#
)]
pub(super) struct Avatar<'a> {
    src: Option<&'a str>,
    shape: &'static str,
    tint: usize,
    initials: String,
}

impl<'a> Avatar<'a> {
    pub(super) fn of_person(name: &str, src: Option<&'a str>) -> Self {
        let mut initials =
            name.split_whitespace().filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
        let first = initials.next();
        let last = initials.next_back();
        Self::new("round", name, first.into_iter().chain(last).collect(), src)
    }

    pub(super) fn of_project(key: &str, src: Option<&'a str>) -> Self {
        Self::new("square", key, key.chars().take(2).collect(), src)
    }

    fn new(shape: &'static str, seed: &str, initials: String, src: Option<&'a str>) -> Self {
        let tint = seed.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte))) % 6;
        Self { src: src.and_then(step::safe_href), shape, tint, initials: initials.to_uppercase() }
    }
}

impl HtmlSafe for Avatar<'_> {}

/// A picture that the answer brings.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<img class="icon" src="{{ src }}" width="16" height="16" alt="" loading="lazy" referrerpolicy="no-referrer">"#
)]
pub(super) struct Image<'a> {
    src: &'a str,
}

/// What stands in front of a name. Always an ornament: the words beside it say the same.
pub(super) enum Picture<'a> {
    Image(Image<'a>),
    Avatar(Avatar<'a>),
    Icon(Icon),
}

impl fmt::Display for Picture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(image) => image.fmt(f),
            Self::Avatar(avatar) => avatar.fmt(f),
            Self::Icon(icon) => icon.fmt(f),
        }
    }
}

impl<'a> Picture<'a> {
    /// The picture of an answer's object. Without a preview it is that of the kind.
    pub(super) fn of(answer: &'a Answer) -> Self {
        let icon = words::icon(answer);
        let Some(preview) = &answer.preview else { return Self::Icon(icon) };
        let src = preview.icon_url.as_deref();
        match answer.kind {
            Kind::Project => Self::Avatar(Avatar::of_project(&preview.identifier, src)),
            Kind::User => Self::Avatar(Avatar::of_person(&preview.title, src)),
            _ => Self::or(src, icon),
        }
    }

    /// That of a priority.
    pub(super) fn of_priority(fact: &'a Fact) -> Self {
        Self::or(fact.picture_url.as_deref(), Icon::of_priority(&fact.value))
    }

    fn or(src: Option<&'a str>, icon: Icon) -> Self {
        src.and_then(step::safe_href).map_or(Self::Icon(icon), |src| Self::Image(Image { src }))
    }
}

/// Each of its three is.
impl HtmlSafe for Picture<'_> {}
