//! Whose clock runs otherwise: the profile of whoever reads Jira may be in any zone, also while its clocks are set
//! forward or back. What changes near the edge of a cycle is seen in the next one, and no day is shifted (S2, S51).

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::World;
use crate::world::jira::{Custom, MORNING, fields};
use crate::world::{Issue, Personality};

/// The zone of the profile, and an instant in the middle of the cycles.
const WHERE_AND_WHEN: [(&str, &str); 5] = [
    ("Pacific/Pago_Pago", MORNING),
    ("Asia/Kathmandu", MORNING),
    ("Pacific/Kiritimati", MORNING),
    // Half past two never comes.
    ("Europe/Berlin", "2026-03-29T01:00:00Z"),
    // Half past two comes twice.
    ("Europe/Berlin", "2026-10-25T01:00:00Z"),
];
/// Not a divisor of an hour, so that the cycles begin at all kinds of minutes.
const CYCLE: SignedDuration = SignedDuration::from_mins(13);
const SECOND: SignedDuration = SignedDuration::from_secs(1);

async fn world(personality: Personality, zone: &str, middle: Timestamp) -> World {
    let began = middle - CYCLE * 2;
    // Jira writes instants by the clock of whoever asks.
    let offset = TimeZone::get(zone).unwrap().to_offset(began);
    let world = World::of(Personality { zone: offset, ..personality.now(began) }).await;
    world.jira.change_person("ana", |ana| zone.clone_into(&mut ana.time_zone));
    // On Data Center, changes of one minute that fill more than a page are read by a literal in the profile's zone.
    world.jira.set_page_rows(3);
    for at in 1..=8 {
        // Changed at all hours of a day, due on all days of a month.
        let then = began - SignedDuration::from_hours(at * 3 + 20);
        let due = then.to_zoned(TimeZone::UTC).date();
        let mut issue = Issue::new(&format!("OPS-{at}"), "x").created(then).updated(then).due(due);
        issue.custom = vec![(fields::LAUNCH, Custom::Day(due)), (fields::FREEZE, Custom::Instant(then))];
        world.jira.add_issue(issue);
    }
    world
}

#[tokio::test]
async fn no_zone_hides_a_change_or_shifts_a_day() {
    for (zone, middle) in WHERE_AND_WHEN {
        for personality in [Personality::cloud(), Personality::data_center()] {
            let is_cloud = personality.is_cloud();
            let world = world(personality, zone, middle.parse().unwrap()).await;
            world.synced().await;
            for cycle in 0..4 {
                let edit = |key: &str| world.jira.edit_issue(key, |issue| issue.summary = format!("Edit {cycle}"));
                // Right after the run before this one.
                world.pass(SECOND);
                edit("OPS-1");
                world.pass(CYCLE / 2);
                // More than a page in a minute.
                ["OPS-2", "OPS-3", "OPS-4", "OPS-5", "OPS-6"].into_iter().for_each(edit);
                world.pass(CYCLE / 2 - SECOND * 2);
                // Right before the run.
                edit("OPS-7");
                world.pass(SECOND);
                world.run().await;
                let now = world.jira.now();
                for at in 1..=7 {
                    let summary = world.row(&format!("OPS-{at}")).text("Summary");
                    assert_eq!(summary, format!("Edit {cycle}"), "OPS-{at}, {zone} at {now}, cloud {is_cloud}");
                }
            }
            assert_days(&world);
            if !is_cloud {
                let asked = world.jira.log().into_iter().map(|it| it.asked);
                let jql = asked.filter_map(|it| serde_json::from_slice::<Value>(&it.body).ok());
                let jql: Vec<String> = jql.filter_map(|it| Some(it["jql"].as_str()?.to_owned())).collect();
                assert!(jql.iter().any(|it| it.contains("updated >= \"2026/")), "no literal in the zone: {jql:?}");
            }
        }
    }
}

/// Days and instants stand in Notion as Jira wrote them.
fn assert_days(world: &World) {
    let zone: Offset = world.jira.personality().zone;
    for issue in world.jira.issues() {
        let row = world.row(&issue.key);
        let due = issue.due.unwrap().to_string();
        assert_eq!((row.text("Due date"), row.text("Launch")), (due.clone(), due), "{}", issue.key);
        let freeze =
            issue.custom.iter().find_map(|(_, value)| if let Custom::Instant(at) = value { Some(*at) } else { None });
        for (column, at) in [("Created", issue.created), ("Updated", issue.updated), ("Code freeze", freeze.unwrap())] {
            let local = at.to_zoned(TimeZone::fixed(zone)).strftime("%Y-%m-%dT%H:%M:00.000%:z").to_string();
            assert_eq!(row.text(column), local, "{column} of {}", issue.key);
        }
    }
}
