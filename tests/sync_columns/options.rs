//! Names of options, and what happens when Jira renames one (S18, S34).

use jira_notion_gateway::notion::property::{OPTION_UNITS, OptionSchema};
use jira_notion_gateway::notion::rich_text::Color;
use jira_notion_gateway::notion::told::OptionState;
use jira_notion_gateway::sync::cell::Choice;
use jira_notion_gateway::sync::options::{Missing, NewOption, OptionMap};
use proptest::prelude::*;

fn choice(id: &str, name: &str) -> Choice {
    Choice { id: id.to_owned(), name: name.to_owned(), color: Color::Default }
}

fn new(map: &OptionMap, choices: &[Choice]) -> Vec<NewOption> {
    match map.missing("c", choices) {
        Missing::Options(new) => new,
        Missing::TooMany(count) => panic!("{count}"),
    }
}

fn make(map: &mut OptionMap, choices: &[Choice]) -> Vec<String> {
    let new = new(map, choices);
    let names = new.iter().map(|it| it.name.clone()).collect();
    for (number, option) in new.into_iter().enumerate() {
        let id = format!("o-{}-{number}", option.id);
        map.made("c", option, id);
    }
    names
}

#[test]
fn names_follow_notions_rules() {
    for (name, expected) in [
        (" a,b ".to_owned(), "a;b".to_owned()),
        ("e\u{301}".to_owned(), "é".to_owned()),
        ("x".repeat(140), "x".repeat(100)),
        (format!("{}😀", "x".repeat(99)), "x".repeat(99)),
        ("\u{200b}\u{202e} ".to_owned(), "7".to_owned()),
        ("a\nb\u{7}".to_owned(), "a b".to_owned()),
    ] {
        assert_eq!(new(&OptionMap::default(), &[choice("7", &name)])[0].name, expected, "{name:?}");
    }
}

#[test]
fn a_clash_gets_the_id_of_jira_behind_it() {
    let mut map = OptionMap::default();
    assert_eq!(
        make(&mut map, &[choice("1", "Bug"), choice("2", "bug"), choice("3", "BUG")]),
        ["Bug", "bug (2)", "BUG (3)"]
    );
    assert_eq!(make(&mut map, &[choice("4", "buG"), choice("1", "Bug")]), ["buG (4)"]);
    // Labels are their own ids.
    let mut labels = OptionMap::default();
    assert_eq!(make(&mut labels, &["BUG", "Bug", "bug"].map(|it| choice(it, it))), ["BUG", "Bug (Bug)", "bug (bug 2)"]);
    let long = [choice("1", &"x".repeat(100)), choice("2", &"X".repeat(100))];
    assert_eq!(make(&mut OptionMap::default(), &long)[1], format!("{} (2)", "X".repeat(96)));
}

#[test]
fn what_is_there_is_not_made_again_and_is_always_in_the_full_list() {
    let mut map = OptionMap::default();
    let choices = [choice("1", "To Do"), choice("2", "Done")];
    make(&mut map, &choices);
    assert_eq!(new(&map, &choices), []);
    let more = new(&map, &[choice("3", "Next")]);
    let kept = |id: &str| OptionSchema::Kept { id: id.to_owned() };
    let added = OptionSchema::New { name: "Next".to_owned(), color: Color::Default };
    assert_eq!(map.schema("c", &more).unwrap(), [kept("o-1-0"), kept("o-2-1"), added]);
    assert_eq!(map.option("c", "2"), Some("o-2-1"));
    assert_eq!((map.option("c", "3"), map.option("d", "2")), (None, None));
}

#[test]
fn a_renamed_choice_gets_a_new_option_and_the_old_one_stays_until_its_rows_are_written() {
    let mut map = OptionMap::default();
    make(&mut map, &[choice("1", "Open"), choice("2", "Done")]);
    let renamed = new(&map, &[choice("1", "To Do")]);
    assert!(renamed[0].renamed && renamed.len() == 1);
    map.made("c", renamed[0].clone(), "o-new");
    assert_eq!(map.option("c", "1"), Some("o-new"));
    assert_eq!(map.with_retired(), ["c"]);
    assert_eq!(map.schema("c", &[]).unwrap().len(), 3);
    map.drop_retired("c");
    assert_eq!(map.with_retired(), Vec::<String>::new());
    assert_eq!(map.schema("c", &[]).unwrap().len(), 2);
    // Two that change their names: neither can have the other's as long as it is there.
    let swapped = new(&map, &[choice("1", "Done"), choice("2", "To Do")]);
    assert_eq!(swapped.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["Done (1)", "To Do (2)"]);
}

#[test]
fn a_choice_that_gets_its_old_name_back_gets_its_old_option() {
    let mut map = OptionMap::default();
    make(&mut map, &[choice("1", "Open"), choice("2", "Done")]);
    let renamed = new(&map, &[choice("1", "To Do")]);
    map.made("c", renamed[0].clone(), "o-new");
    let back = [choice("1", "Open")];
    map.revive("c", &back);
    assert_eq!(new(&map, &back), []);
    assert_eq!(map.option("c", "1"), Some("o-1-0"));
    assert_eq!(map.schema("c", &[]).unwrap().len(), 3, "the one between waits for its rows");
    // Somebody else's old name is not taken.
    map.revive("c", &[choice("2", "To Do")]);
    assert_eq!(map.option("c", "2"), Some("o-new"), "an option that nobody means any more may have any choice");
}

#[test]
fn an_option_that_somebody_removed_is_made_again() {
    let mut map = OptionMap::default();
    make(&mut map, &[choice("1", "Open"), choice("2", "Done")]);
    map.forget("c", |option| option == "o-2-1");
    assert_eq!(make(&mut map, &[choice("1", "Open"), choice("2", "Done")]), ["Open"]);
}

#[test]
fn options_are_compared_by_their_ids() {
    let mut map = OptionMap::default();
    make(&mut map, &[choice("1", "Open"), choice("2", "Done"), choice("3", "Shut")]);
    let renamed = new(&map, &[choice("3", "Closed")]);
    map.made("c", renamed[0].clone(), "o-new");
    let there = |ids: &[&str]| -> Vec<OptionState> {
        ids.iter()
            .map(|id| OptionState { id: (*id).to_owned(), name: "whatever its person calls it".to_owned() })
            .collect()
    };
    let all = there(&["o-1-0", "o-2-1", "o-3-2", "o-new", "their own"]);
    assert!(!map.compare("c", &all) && !map.compare("of text", &[]) && map.take_lost().is_empty());
    assert!(map.compare("c", &there(&["o-2-1", "o-new"])));
    assert_eq!(map.schema("c", &[]).unwrap().len(), 2, "neither the lost one nor the old one");
    let lost = map.take_lost();
    assert_eq!(lost["c"].iter().collect::<Vec<_>>(), ["1"], "no row is to hold the old one");
    assert!(map.take_lost().is_empty() && !map.compare("c", &there(&["o-2-1", "o-new"])));
}

#[test]
fn more_than_a_thousand_values_are_no_options() {
    let choices = |numbers: std::ops::Range<u32>| {
        numbers.map(|number| choice(&number.to_string(), &format!("v{number}"))).collect::<Vec<_>>()
    };
    let mut map = OptionMap::default();
    assert_eq!(make(&mut map, &choices(0..1_000)).len(), 1_000);
    assert_eq!(map.missing("c", &choices(990..1_001)), Missing::TooMany(1_001));
    assert_eq!(map.missing("c", &choices(0..1_000)), Missing::Options(Vec::new()));
}

#[test]
fn the_map_is_kept_as_json() {
    let mut map = OptionMap::default();
    make(&mut map, &[choice("1", "Open"), choice("2", "Done")]);
    let renamed = new(&map, &[choice("1", "To Do")]);
    map.made("c", renamed[0].clone(), "o-new");
    assert_eq!(serde_json::from_str::<OptionMap>(&serde_json::to_string(&map).unwrap()).unwrap(), map);
}

proptest! {
    #[test]
    fn every_option_obeys_notion_and_equals_no_other(
        rounds in prop::collection::vec(prop::collection::vec(("[a-c]{1,2}|,|.{0,130}", "[a-cA-C]{0,2}|,|.{0,130}"), 1..12), 1..4),
    ) {
        let mut map = OptionMap::default();
        let mut names = std::collections::HashSet::new();
        for round in rounds {
            let choices: Vec<Choice> = round.iter().map(|(id, name)| choice(id, name)).collect();
            for name in make(&mut map, &choices) {
                prop_assert!(!name.trim().is_empty() && name.trim() == name, "{:?}", name);
                prop_assert!(!name.contains(',') && !name.chars().any(char::is_control));
                prop_assert!(name.encode_utf16().count() <= OPTION_UNITS, "{}", name);
                prop_assert!(names.insert(name.to_lowercase()), "{} twice", name);
            }
            prop_assert!(new(&map, &choices).iter().all(|it| choices.iter().filter(|other| other.id == it.id).count() > 1));
        }
    }
}
