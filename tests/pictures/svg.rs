//! Drawings: what a hostile one leaves behind, and that no drawing at all leaves more than the lists allow.

use jira_notion_gateway::picture::{Format, Picture};
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

fn clean(text: &str) -> Option<String> {
    let picture = Picture::of(text.as_bytes().to_vec())?;
    assert_eq!(picture.format, Format::Svg);
    let out = String::from_utf8(picture.bytes).unwrap();
    allowed(&out);
    Some(out)
}

/// The drawing with this in it, and what is left of it.
fn inside(text: &str) -> Option<String> {
    let head = r#"<svg xmlns="http://www.w3.org/2000/svg">"#;
    let whole =
        format!(r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{text}</svg>"#);
    let out = clean(&whole)?;
    match out.strip_suffix("/>") {
        Some(_) => Some(String::new()),
        None => Some(out.strip_prefix(head).unwrap().strip_suffix("</svg>").unwrap().to_owned()),
    }
}

/// Written down here once more: what may be in a drawing that is shown.
const ELEMENTS: &str = "svg g defs title path rect circle ellipse line polyline polygon text tspan use clipPath mask \
                        linearGradient radialGradient stop";
const ATTRIBUTES: &str = "id href viewBox width height x y x1 y1 x2 y2 cx cy r rx ry fx fy d points offset transform \
                          gradientTransform gradientUnits spreadMethod clipPathUnits maskUnits maskContentUnits \
                          pathLength preserveAspectRatio dx dy textLength lengthAdjust fill fill-opacity fill-rule \
                          stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit \
                          stroke-dasharray stroke-dashoffset opacity color stop-color stop-opacity clip-path clip-rule \
                          mask display visibility font-family font-size font-weight font-style text-anchor \
                          dominant-baseline";

fn is_one_of(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|it| it == word)
}

/// Panics where a drawing holds anything else.
fn allowed(out: &str) {
    assert!(out.starts_with(r#"<svg xmlns="http://www.w3.org/2000/svg""#), "{out}");
    let mut reader = Reader::from_str(out);
    let mut depth = 0_i32;
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("{error}: {out}"));
        match &event {
            Event::Start(start) | Event::Empty(start) => {
                assert!(is_one_of(ELEMENTS, start.name().0), "{out}");
                for attribute in start.attributes() {
                    let attribute = attribute.unwrap_or_else(|error| panic!("{error}: {out}"));
                    let (name, value) = (attribute.key.0, &*attribute.value);
                    if name == "xmlns" {
                        assert_eq!((depth, value), (0, "http://www.w3.org/2000/svg"));
                        continue;
                    }
                    assert!(is_one_of(ATTRIBUTES, name), "{name} in {out}");
                    let lower = value.to_ascii_lowercase();
                    assert!(!lower.contains("url") || lower.starts_with("url(#"), "{out}");
                    assert!(name != "href" || value.starts_with('#'), "{out}");
                    assert!(!lower.contains(':') && !lower.contains("//") && !lower.contains('&'), "{out}");
                }
            }
            Event::Text(_) | Event::End(_) | Event::GeneralRef(_) | Event::Eof => {}
            other => panic!("{other:?} in {out}"),
        }
        depth += match event {
            Event::Start(_) => 1,
            Event::End(_) => -1,
            Event::Eof => break,
            _ => 0,
        };
    }
    assert_eq!(depth, 0, "{out}");
}

#[test]
fn a_usual_icon_stays_as_it_looks() {
    let icon = r##"<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!-- Generator: Sketch 3.5.2 -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg width="16px" height="16px" viewBox="0 0 16 16" version="1.1" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:sketch="http://www.bohemiancoding.com/sketch/ns">
<title>bug</title><desc>Created with Sketch.</desc>
<defs><linearGradient id="g-1" x1="0%" y1="0%"><stop stop-color="#0052CC" offset="18%"/><stop style="stop-color:#2684FF;stop-opacity:1" offset="100%"/></linearGradient><path id="a" d="M0 0h16v16H0z"/></defs>
<g id="Page-1" stroke="none" fill-rule="evenodd" sketch:type="MSPage" style="enable-background:new 0 0 16 16; fill: rgb(0, 82, 204)">
<mask id="b" fill="#fff"><use xlink:href="#a"/></mask><path d="M1,1 L9.5,2e-3z" fill="url(#g-1)" mask="url(#b)" transform="translate(1.000000, 1) rotate(-45)"/>
<text x="8" y="12" text-anchor="middle" font-size="9">A &amp; B &#x41;</text></g></svg>"##;
    let expected = r##"<svg xmlns="http://www.w3.org/2000/svg" width="16px" height="16px" viewBox="0 0 16 16"><title>bug</title><defs><linearGradient id="g-1" x1="0%" y1="0%"><stop stop-color="#0052CC" offset="18%"/><stop stop-opacity="1" stop-color="#2684FF" offset="100%"/></linearGradient><path id="a" d="M0 0h16v16H0z"/></defs><g fill="rgb(0, 82, 204)" id="Page-1" stroke="none" fill-rule="evenodd"><mask id="b" fill="#fff"><use href="#a"/></mask><path d="M1,1 L9.5,2e-3z" fill="url(#g-1)" mask="url(#b)" transform="translate(1.000000, 1) rotate(-45)"/><text x="8" y="12" text-anchor="middle" font-size="9">A &amp; B A</text></g></svg>"##;
    assert_eq!(clean(icon).as_deref(), Some(expected));
    assert_eq!(clean(expected).as_deref(), Some(expected), "what was cleaned stays so");
    assert_eq!(clean(&format!("\u{feff}{icon}")).as_deref(), Some(expected));
}

#[test]
fn the_classes_of_drawing_programs_become_attributes() {
    let sheet = r#"<style type="text/css">
        .st0{fill:#EA7D24;}
        .st1, .st2 { opacity: .5; fill: url(https://evil.example/x) }
        .st2{fill:none;stroke:red;behavior:url(x)}
    </style>"#;
    let table = [
        ("<path class='st0' d='M0 0'/>", r##"<path fill="#EA7D24" d="M0 0"/>"##),
        ("<path class='st1'/>", r#"<path opacity=".5"/>"#),
        ("<path class=' st2\tst0 '/>", r##"<path stroke="red" fill="none" opacity=".5"/>"##),
        ("<path class='st0' fill='blue'/>", r##"<path fill="#EA7D24"/>"##),
        ("<path class='st0' style='fill:green;fill:lime'/>", r#"<path fill="lime"/>"#),
        ("<path class='other ST0 .st0'/>", "<path/>"),
    ];
    for (text, expected) in table {
        assert_eq!(inside(&format!("{sheet}{text}")).as_deref(), Some(expected), "{text}");
    }
    assert_eq!(inside("<style><![CDATA[.a{fill:red}]]></style><g class='a'/>").as_deref(), Some(r#"<g fill="red"/>"#));
    assert_eq!(inside("<style/><style></style><g><style>.a{}</style></g>").as_deref(), Some("<g></g>"));
    assert_eq!(inside("<script><style>*{}</style></script>").as_deref(), Some(""), "what is left out is not read");
}

#[test]
fn what_could_do_something_is_left_out() {
    let left = [
        ("<script>alert(1)</script>", ""),
        ("<script xlink:href='https://evil.example/x.js'/>", ""),
        ("<SCRIPT>alert(1)</SCRIPT>", ""),
        ("<svg:script xmlns:svg='http://www.w3.org/2000/svg'>alert(1)</svg:script>", ""),
        ("<g onload='alert(1)' onclick='alert(1)' ONLOAD='x'><path d='M0 0'/></g>", r#"<g><path d="M0 0"/></g>"#),
        ("<foreignObject><iframe src='https://evil.example'/><path d='M0 0'/></foreignObject>", ""),
        ("<image href='https://evil.example/x.png' width='1'/>", ""),
        ("<feImage href='https://evil.example/x.png'/><filter id='f'><feImage/></filter>", ""),
        ("<a href='javascript:alert(1)'><path d='M0 0'/></a>", ""),
        ("<a xlink:href='https://evil.example'><text>x</text></a>", ""),
        ("<use href='https://evil.example/x.svg#a'/>", "<use/>"),
        ("<use xlink:href='data:image/svg+xml;base64,PHN2Zz4='/>", "<use/>"),
        ("<use href='#a' xlink:href='https://evil.example/x.svg#a'/>", r##"<use href="#a"/>"##),
        ("<use href='#a b'/><use href='#'/>", "<use/><use/>"),
        ("<path fill='url(https://evil.example/x.svg#a)'/>", "<path/>"),
        ("<path fill='URL(#a)'/><path fill=' url( #a )'/><path d='url(#a)'/>", "<path/><path/><path/>"),
        ("<path fill='url(#a) url(https://evil.example)'/>", "<path/>"),
        ("<path style='fill:url(https://evil.example/x)'/>", "<path/>"),
        (
            "<path style='background:url(//evil.example);behavior:url(x);-moz-binding:url(x);fill:red'/>",
            r#"<path fill="red"/>"#,
        ),
        (
            "<path style='fill:expression(alert(1));@import \"x\";opacity:1'/>",
            r#"<path opacity="1" fill="expression(alert(1))"/>"#,
        ),
        ("<path style='fill:re\\64'/><path style='fill:\"x\"'/>", "<path/><path/>"),
        ("<animate attributeName='href' to='javascript:alert(1)'/><set attributeName='onload' to='x'/>", ""),
        ("<animateTransform/><animateMotion><mpath/></animateMotion>", ""),
        ("<handler xmlns='http://www.w3.org/2001/xml-events'>alert(1)</handler><listener/>", ""),
        ("<metadata><rdf:RDF xmlns:rdf='x'><path d='M0 0'/></rdf:RDF></metadata>", ""),
        ("<g xmlns='http://www.w3.org/1999/xhtml'><iframe/><body onload='x'/></g>", "<g></g>"),
        ("<html:img xmlns:html='http://www.w3.org/1999/xhtml' src='x' onerror='alert(1)'/>", ""),
        ("<switch><path d='M0 0'/></switch><view/><marker/><pattern/><symbol/><cursor/><font/><video/><audio/>", ""),
        ("<path xml:base='https://evil.example/' xml:space='preserve' class='x' data-x='1' tabindex='0'/>", "<path/>"),
        (
            "<linearGradient href='#a' gradientUnits='userSpaceOnUse'><animate/><path/><stop/></linearGradient><stop/>",
            r##"<linearGradient href="#a" gradientUnits="userSpaceOnUse"><stop/></linearGradient>"##,
        ),
        ("<!-- <script>alert(1)</script> --><?xml-stylesheet href='https://evil.example/x.css'?>", ""),
        (
            "<title>&lt;script&gt;</title><text><![CDATA[<script>]]></text>",
            "<title>&lt;script&gt;</title><text>&lt;script&gt;</text>",
        ),
        ("<text font-family='x\" onload=\"y'>a</text>", "<text>a</text>"),
        ("<path d='M0 0&#10;&quot;&gt;'/><path d='M0&#x20;0'/>", r#"<path/><path d="M0 0"/>"#),
        ("<path id='a\"b'/><path id='x&lt;'/><path id=''/>", "<path/><path/><path/>"),
        ("text <g>here</g> <desc>and <b>there</b></desc>", "<g></g>"),
    ];
    for (text, expected) in left {
        assert_eq!(inside(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn what_cannot_be_drawn_harmlessly_is_no_picture() {
    let deep = |depth: usize| format!("{}{}", "<g>".repeat(depth), "</g>".repeat(depth));
    let copies = |count: usize| "<use href='#a'/>".repeat(count);
    let svg = |text: &str| format!(r#"<svg xmlns="http://www.w3.org/2000/svg">{text}</svg>"#);
    for text in [
        String::new(),
        "x".to_owned(),
        "<!DOCTYPE html><html><body><svg xmlns='http://www.w3.org/2000/svg'/></body></html>".to_owned(),
        "<html><svg></svg></html>".to_owned(),
        "<g/>".to_owned(),
        "<svg>".to_owned(),
        "<svg></g>".to_owned(),
        "<svg/><svg/>".to_owned(),
        "<svg/>text".to_owned(),
        "text<svg/>".to_owned(),
        "<svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>".to_owned(),
        "<!DOCTYPE svg [<!ENTITY x \"<script/>\">]><svg>&x;</svg>".to_owned(),
        "<!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><svg><text>&x;</text></svg>".to_owned(),
        "<!DOCTYPE svg [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]><svg/>".to_owned(),
        svg("<text>&unknown;</text>"),
        svg("<path d='&unknown;'/>"),
        svg("<path d='a' d='b'/>"),
        svg("<style>*{fill:url(https://evil.example)}</style>"),
        svg("<style>@import 'https://evil.example/x.css';</style>"),
        svg("<style>.a{fill:red}</style><style>path{fill:red}</style>"),
        svg("<style>.a .b{fill:red}</style>"),
        svg("<style>.a:hover{fill:red}</style>"),
        svg("<style>.a{fill:red}/*</style>"),
        svg("<style>.a{fill:red</style>"),
        svg("<style><path/></style>"),
        svg(&format!("<style>{}</style>", ".a{}".repeat(201))),
        "<style/>".to_owned(),
        svg("<path d='M0 0'"),
        svg(&deep(32)),
        svg(&copies(9)),
        svg(&"<path mask='url(#m)' clip-path='url(#c)'/>".repeat(5)),
        svg(&"<g/>".repeat(2_000)),
        svg(&"<script/>".repeat(2_000)),
    ] {
        assert_eq!(clean(&text), None, "{text}");
    }
    assert!(clean(&svg(&deep(31))).is_some() && clean(&svg(&copies(8))).is_some());
    assert!(Picture::of(b"<svg xmlns=\"http://www.w3.org/2000/svg\"><text>\xff\xfe</text></svg>".to_vec()).is_none());
    let utf16: Vec<u8> = "<svg/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(Picture::of(utf16).is_none());
    // A side that is out of all measure is left to the page that shows it.
    let huge = clean(r#"<svg width="100000" height="1e9" viewBox="0 0 1 1"/>"#).unwrap();
    assert_eq!(huge, r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>"#);
}

/// Parts of drawings, good and bad, with room for anything.
fn part() -> impl Strategy<Value = String> {
    let names = "g|path|use|script|style|a|image|foreignObject|text|mask|linearGradient|stop|svg|animate|x:y|SCRIPT|[a-zA-Z:]{1,8}";
    let attributes = "href|xlink:href|style|onload|fill|d|id|mask|xmlns|class|viewBox|width|[a-zA-Z:-]{1,8}";
    let values = "#a|url\\(#a\\)|url\\(//x\\)|javascript:x|red|fill:url\\(x\\)|fill:red;onload:x|&lt;|&#x3a;|&x;|\\PC{0,12}|[ -~]{0,20}";
    let attribute =
        (attributes, values).prop_map(|(name, value)| format!(" {name}=\"{}\"", value.replace(['"', '<'], "")));
    let element = (names, proptest::collection::vec(attribute, 0..4), any::<bool>());
    let leaf = prop_oneof![
        element.clone().prop_map(|(name, attributes, _)| format!("<{name}{}/>", attributes.concat())),
        "\\PC{0,10}",
        Just("<!-- x -->".to_owned()),
        Just("<![CDATA[<script>]]>".to_owned()),
        Just("<?x y?>".to_owned()),
        Just("&amp;".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        (element.clone(), proptest::collection::vec(inner, 0..6)).prop_map(|((name, attributes, _), children)| {
            format!("<{name}{}>{}</{name}>", attributes.concat(), children.concat())
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    #[test]
    fn nothing_outside_of_the_lists_is_ever_left(parts in proptest::collection::vec(part(), 0..4)) {
        let text = format!(r#"<svg xmlns="http://www.w3.org/2000/svg">{}</svg>"#, parts.concat());
        if let Some(once) = clean(&text) {
            prop_assert_eq!(clean(&once), Some(once));
        }
    }

    #[test]
    fn no_bytes_at_all_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "<svg[ -~]{0,80}>\\PC{0,60}</svg>") {
        let _ = Picture::of(bytes);
        let _ = clean(&text);
    }
}
