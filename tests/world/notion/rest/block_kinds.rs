//! Which kinds of blocks can be made here, and what each of them holds.

use serde_json::{Map, Value, json};

use super::icons;
use super::limits::{EQUATION, SHORT, TEXT};
use super::place::At;
use super::refusal::Refusal;
use super::rich_text::colour;

pub struct Form {
    pub kind: &'static str,
    /// Whether it has `rich_text`.
    pub text: bool,
    pub caption: bool,
    pub children: bool,
    /// Other members.
    pub others: &'static [&'static str],
    /// What a new one must have.
    pub needed: &'static [&'static str],
}

const fn of_text(kind: &'static str, others: &'static [&'static str], children: bool) -> Form {
    Form { kind, text: true, caption: false, children, others, needed: &["rich_text"] }
}

const fn of_address(kind: &'static str, others: &'static [&'static str], needed: &'static [&'static str]) -> Form {
    Form { kind, text: false, caption: true, children: false, others, needed }
}

const fn other(kind: &'static str, others: &'static [&'static str], needed: &'static [&'static str]) -> Form {
    Form { kind, text: false, caption: false, children: false, others, needed }
}

pub const FORMS: [Form; 22] = [
    of_text("paragraph", &["color", "icon"], true),
    of_text("heading_1", &["color", "is_toggleable"], true),
    of_text("heading_2", &["color", "is_toggleable"], true),
    of_text("heading_3", &["color", "is_toggleable"], true),
    of_text("heading_4", &["color", "is_toggleable"], true),
    of_text("bulleted_list_item", &["color"], true),
    of_text("numbered_list_item", &["color"], true),
    of_text("quote", &["color"], true),
    of_text("to_do", &["color", "checked"], true),
    of_text("toggle", &["color"], true),
    of_text("callout", &["color", "icon"], true),
    Form {
        kind: "code",
        text: true,
        caption: true,
        children: false,
        others: &["language"],
        needed: &["rich_text", "language"],
    },
    of_address("bookmark", &["url"], &["url"]),
    of_address("embed", &["url"], &["url"]),
    of_address("image", &["type", "external"], &["external"]),
    other("divider", &[], &[]),
    other("breadcrumb", &[], &[]),
    other("table_of_contents", &["color"], &[]),
    other("equation", &["expression"], &["expression"]),
    Form {
        kind: "table",
        text: false,
        caption: false,
        children: true,
        others: &["table_width", "has_column_header", "has_row_header"],
        needed: &["table_width", "children"],
    },
    other("table_row", &["cells"], &["cells"]),
    // Of other pages, in one line.
    other("link_to_page", &["type", "page_id", "database_id"], &[]),
];

/// Blocks that people's pages hold and that nobody can make or change through the API.
pub const SHOWN_ONLY: [&str; 2] = ["link_preview", "unsupported"];

const NOTHING: Form = other("unsupported", &[], &[]);

impl Form {
    pub fn of(kind: &str) -> &'static Self {
        FORMS.iter().find(|it| it.kind == kind).unwrap_or(&NOTHING)
    }
}

/// Of code, between commas.
const LANGUAGES: &str = "\
    abap,abc,agda,arduino,ascii art,assembly,bash,basic,bnf,c,c#,c++,clojure,coffeescript,coq,css,dart,dhall,\
    diff,docker,ebnf,elixir,elm,erlang,f#,flow,fortran,gherkin,glsl,go,graphql,groovy,haskell,hcl,html,idris,\
    java,javascript,json,julia,kotlin,latex,less,lisp,livescript,llvm ir,lua,makefile,markdown,markup,matlab,\
    mathematica,mermaid,nix,notion formula,objective-c,ocaml,pascal,perl,php,plain text,powershell,prolog,\
    protobuf,purescript,python,r,racket,reason,ruby,rust,sass,scala,scheme,scss,shell,smalltalk,solidity,sql,\
    swift,toml,typescript,vb.net,verilog,vhdl,visual basic,webassembly,xml,yaml,java/c/c++/c#";

/// A member that is neither text nor children, as it is kept.
pub fn other_member(name: &str, at: &At<'_>) -> Result<Value, Refusal> {
    Ok(match name {
        "color" => json!(colour(at)?),
        "icon" => icons::icon(at)?.unwrap_or_default(),
        "url" => json!(at.words(TEXT)?),
        "expression" => json!(at.words(EQUATION)?),
        "language" => json!(at.one_of(&LANGUAGES.split(',').collect::<Vec<_>>())?),
        "external" => {
            at.members(&["url"])?;
            json!({"url": at.need("url")?.words(TEXT)?})
        }
        "table_width" => {
            let width = at.value.as_u64().filter(|it| (1..=SHORT as u64).contains(it));
            json!(width.ok_or_else(|| at.wrong("should be a number from 1"))?)
        }
        "page_id" | "database_id" => json!(at.id()?),
        "type" => json!(at.words(SHORT)?),
        _ => json!(at.flag()?),
    })
}

/// What a block shows where nothing was said.
pub fn usual(kind: &str) -> Map<String, Value> {
    let value = match kind {
        "paragraph" | "callout" => json!({"color": "default", "icon": null}),
        "heading_1" | "heading_2" | "heading_3" | "heading_4" => json!({"color": "default", "is_toggleable": false}),
        "to_do" => json!({"color": "default", "checked": false}),
        "bulleted_list_item" | "numbered_list_item" | "quote" | "toggle" | "table_of_contents" => {
            json!({"color": "default"})
        }
        "table" => json!({"has_column_header": false, "has_row_header": false}),
        "image" => json!({"type": "external"}),
        _ => json!({}),
    };
    value.as_object().cloned().unwrap_or_default()
}
