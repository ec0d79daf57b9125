//! Every row of the tables of §3.1 and §3.2, as Cloud and as Data Center write the value.

use jira_notion_gateway::jira::model::Field;
use jira_notion_gateway::notion::rich_text::Color;
use jira_notion_gateway::sync::cell::Cell;
use jira_notion_gateway::sync::cells::What;
use jira_notion_gateway::sync::columns::{self, Kind, Taken, Wish};
use serde_json::{Value, json};

use super::{P, cell, custom, occurring, plan, row, say, shown, system};

fn holds(cases: Vec<(Field, Value, &str)>) {
    for (field, value, expected) in cases {
        let (said, losses) = shown(&field, value.clone());
        assert_eq!(said, expected, "{field:?} {value}");
        assert!(losses.is_empty(), "{field:?} {value}: {losses:?}");
    }
}

#[test]
fn fields_of_jira_itself() {
    let status = json!({"id": "3", "name": "Working", "statusCategory": {"id": 4, "key": "indeterminate", "name": "Wird gemacht"}});
    holds(vec![
        (system("summary"), json!("  Login\nfails "), "title Login fails"),
        (system("issuekey"), Value::Null, "text ACME-1"),
        (system("status"), status, "select 3=Working"),
        (system("issuetype"), json!({"id": "10001", "name": "Task", "hierarchyLevel": 0}), "select 10001=Task"),
        (system("priority"), json!({"id": "3", "name": "Medium"}), "select 3=Medium"),
        (system("project"), json!({"id": "10000", "key": "ACME", "name": "Acme"}), "select 10000=Acme"),
        (system("resolution"), json!({"id": "1", "name": "Fixed"}), "select 1=Fixed"),
        (system("resolution"), Value::Null, "select -"),
        (system("security"), json!({"id": "10100", "name": "Staff only"}), "select 10100=Staff only"),
        (system("resolutiondate"), json!("2026-09-01T09:12:44.513+0200"), "date 2026-09-01T09:12:44.513+02:00"),
        (system("created"), json!("2020-01-08T11:33:26.000+0000"), "date 2020-01-08T11:33:26.000+00:00"),
        (system("updated"), json!("2020-01-08T11:33:26.000Z"), "date 2020-01-08T11:33:26.000+00:00"),
        (
            system("statuscategorychangedate"),
            json!("2020-06-19T14:31:18.514-0930"),
            "date 2020-06-19T14:31:18.514-09:30",
        ),
        (system("labels"), json!(["a", "b", "a"]), "multi a=a | b=b"),
        (system("labels"), json!([]), "multi "),
        (system("components"), json!([{"id": "1", "name": "Core"}]), "multi 1=Core"),
        (system("fixVersions"), json!([{"id": "7", "name": "1.0", "released": true}]), "multi 7=1.0"),
        (system("versions"), Value::Null, "multi "),
        (system("duedate"), json!("2026-10-15"), "date 2026-10-15"),
        (system("timeoriginalestimate"), json!(144_000), "number 40"),
        (system("timeestimate"), json!(5_400), "number 1.5"),
        (system("timespent"), json!(60), "number 0.0167"),
        (system("aggregatetimespent"), json!(3_600), "number 1"),
        (system("aggregatetimeestimate"), Value::Null, "number -"),
        (system("aggregatetimeoriginalestimate"), json!(0), "number 0"),
        (system("progress"), json!({"progress": 30, "total": 120, "percent": 25}), "number 0.25"),
        (system("aggregateprogress"), json!({"progress": 0, "total": 0}), "number -"),
        (system("workratio"), json!(-1), "number -"),
        (system("workratio"), json!(150), "number 1.5"),
        (system("votes"), json!({"votes": 2, "hasVoted": false}), "number 2"),
        (system("watches"), json!({"watchCount": 3}), "number 3"),
        (system("comment"), json!({"comments": [{}], "total": 31}), "number 31"),
        (system("attachment"), json!([{"id": "1"}, {"id": "2"}]), "number 2"),
        (system("environment"), json!("Linux *6*"), "text Linux **6**"),
    ]);
}

#[test]
fn custom_fields_of_both_deployments() {
    let jira = |name: &str, kind: &str| custom(10_010, "F", &format!("{P}:{name}"), kind);
    let of = |schema: &str, kind: &str| custom(10_010, "F", schema, kind);
    let adf = json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [
        {"type": "text", "text": "See "}, {"type": "text", "text": "this", "marks": [{"type": "strong"}]}]}]});
    // Id, state, and the month in which it starts, if any.
    let cloud_sprints = |sprints: [(u32, &str, &str); 3]| {
        json!(sprints.map(|(id, state, day)| {
            let start = if day.is_empty() { String::new() } else { format!("2026-{day}-01T00:00:00.000Z") };
            json!({"id": id, "name": format!("S {id}"), "state": state, "startDate": start})
        }))
    };
    let sprint = |id: u32, state: &str, name: &str, end: &str| {
        format!(
            "com.atlassian.greenhopper.service.sprint.Sprint@1f[id={id},rapidViewId=5,state={state},name={name},startDate={end},endDate={end},completeDate=<null>,sequence={id},goal=]"
        )
    };
    let sprint_field = || of("com.pyxis.greenhopper.jira:gh-sprint", "array(string)");
    holds(vec![
        (jira("select", "option"), json!({"value": "Red", "id": "10010"}), "select 10010=Red"),
        (
            jira("select", "option"),
            json!({"self": "x/customFieldOption/1", "value": "Another"}),
            "select Another=Another",
        ),
        (jira("radiobuttons", "option"), json!({"value": "Yes", "id": "1", "disabled": false}), "select 1=Yes"),
        (
            jira("multiselect", "array(option)"),
            json!([{"value": "a", "id": "1"}, {"value": "b", "id": "2"}]),
            "multi 1=a | 2=b",
        ),
        (jira("multicheckboxes", "array(option)"), Value::Null, "multi "),
        (jira("labels", "array(string)"), json!(["x"]), "multi x=x"),
        (
            jira("cascadingselect", "option-with-child"),
            json!({"value": "A", "id": "1", "child": {"value": "B", "id": "2"}}),
            "select 1>2=A → B",
        ),
        (jira("cascadingselect", "option-with-child"), json!({"value": "A", "id": "1"}), "select 1=A"),
        (jira("textfield", "string"), json!("2026-10-15"), "text 2026-10-15"),
        (jira("readonlyfield", "string"), json!("x\ty"), "text x y"),
        (jira("textarea", "string"), adf, "text See **this**"),
        (jira("textarea", "string"), json!("See *this*"), "text See **this**"),
        (jira("url", "string"), json!("https://example.com/a?b=c"), "url https://example.com/a?b=c"),
        (jira("float", "number"), json!(3.0), "number 3"),
        (jira("float", "number"), json!("16"), "number 16"),
        (jira("importid", "number"), json!(12), "number 12"),
        (of("com.pyxis.greenhopper.jira:jsw-story-points", "number"), json!(0.5), "number 0.5"),
        (jira("datepicker", "date"), json!("2010-07-05"), "date 2010-07-05"),
        (jira("datetime", "datetime"), json!("2026-10-15T09:00:00.000+0545"), "date 2026-10-15T09:00:00.000+05:45"),
        (jira("userpicker", "user"), json!({"accountId": "acc-1", "displayName": "Ana"}), "people notion-1"),
        (
            jira("userpicker", "user"),
            json!({"name": "ben", "key": "JIRAUSER2", "displayName": "Ben"}),
            "people notion-2",
        ),
        (
            jira("multiuserpicker", "array(user)"),
            json!([{"accountId": "acc-1"}, {"key": "JIRAUSER2"}]),
            "people notion-1 notion-2",
        ),
        (
            jira("people", "array(user)"),
            json!([{"accountId": "acc-9", "emailAddress": "cleo@example.COM"}]),
            "people notion-3",
        ),
        (jira("grouppicker", "group"), json!({"name": "dev", "groupId": "g-1"}), "select g-1=dev"),
        (jira("grouppicker", "group"), json!({"name": "dev", "self": "x"}), "select dev=dev"),
        (jira("multigrouppicker", "array(group)"), json!([{"name": "dev"}]), "multi dev=dev"),
        (jira("project", "project"), json!({"id": "1", "key": "P", "name": "Pro"}), "select 1=Pro"),
        (jira("version", "version"), json!({"id": "2", "name": "v2"}), "select 2=v2"),
        (jira("multiversion", "array(version)"), json!([{"id": "2", "name": "v2"}]), "multi 2=v2"),
        (jira("atlassian-team", "team"), json!({"id": "t-9", "name": "Nine", "isShared": true}), "select t-9=Nine"),
        (jira("atlassian-team", "team"), json!("t-1"), "select t-1=Team One"),
        (
            of("com.atlassian.teams:rm-teams-custom-field-team", "any"),
            json!({"id": 7, "title": "Seven"}),
            "select 7=Seven",
        ),
        (
            sprint_field(),
            cloud_sprints([(1, "closed", "01"), (3, "future", "03"), (2, "active", "02")]),
            "select 2=S 2",
        ),
        (sprint_field(), cloud_sprints([(4, "future", "04"), (3, "future", "03"), (1, "closed", "")]), "select 3=S 3"),
        (
            sprint_field(),
            json!([
                sprint(2, "CLOSED", "Two", "2026-02-01T00:00:00.000Z"),
                sprint(1, "CLOSED", "One", "2026-01-01T00:00:00.000Z")
            ]),
            "select 2=Two",
        ),
        (sprint_field(), json!([sprint(5, "ACTIVE", "a=b, [c] d", "<null>")]), "select 5=a=b, [c] d"),
        (of("com.pyxis.greenhopper.jira:gh-epic-label", "string"), json!("Epic"), "text Epic"),
        (
            of("com.pyxis.greenhopper.jira:gh-epic-status", "option"),
            json!({"id": "1", "value": "To Do"}),
            "select 1=To Do",
        ),
        (of("com.pyxis.greenhopper.jira:gh-lexo-rank", "any"), json!("0|i0003r:"), "text 0|i0003r:"),
        (of("com.atlassian.jpo:jpo-custom-field-baseline-start", "date"), json!("2026-01-02"), "date 2026-01-02"),
        (of("com.atlassian.jpo:jpo-custom-field-baseline-end", "date"), json!("2026-01-03"), "date 2026-01-03"),
        (of("jira.polaris:rating", "number"), json!(4), "number 4"),
        (of("jira.polaris:slider", "number"), json!(40), "number 40"),
        (of("jira.polaris:formula", "number"), json!(1.25), "number 1.25"),
        (of("jira.polaris:reactions", "number"), json!(2), "number 2"),
        (of("jira.polaris:count-insights", "number"), json!(1), "number 1"),
        (of("jira.polaris:boolean", "number"), json!(1), "number 1"),
        (
            of("jira.polaris:interval", "string"),
            json!("{\"start\":\"2026-07-01\",\"end\":\"2026-09-30\"}"),
            "date 2026-07-01 to 2026-09-30",
        ),
        (of("jira.polaris:interval", "string"), json!({"start": "2026-07-01", "end": "2026-07-01"}), "date 2026-07-01"),
        (
            of("jira.polaris:interval", "string"),
            json!({"start": "2026-09-30", "end": "2026-07-01"}),
            "date 2026-07-01 to 2026-09-30",
        ),
        (of("jira.polaris:delivery-progress", "number"), json!({"value": "2 of 3"}), "text 2 of 3"),
        (of("jira.polaris:delivery-status", "number"), json!(7), "text 7"),
        (of("jira.polaris:atlassian-project", "array(any)"), json!([{"name": "Moon"}]), "text Moon"),
        (
            of("com.atlassian.servicedesk:vp-origin", "sd-customerrequesttype"),
            json!({"requestType": {"id": "11", "name": "Get help"}, "currentStatus": {}}),
            "select 11=Get help",
        ),
        (
            of("com.atlassian.servicedesk:vp-origin", "sd-customerrequesttype"),
            json!("itsd/uuid"),
            "select itsd/uuid=itsd/uuid",
        ),
        (
            of("com.atlassian.servicedesk:sd-customer-organizations", "array(sd-customerorganization)"),
            json!([{"id": "1", "name": "Org"}]),
            "multi 1=Org",
        ),
        (
            of("com.atlassian.servicedesk:sd-request-participants", "array(user)"),
            json!([{"accountId": "acc-1"}]),
            "people notion-1",
        ),
        (
            of("com.atlassian.servicedesk:sd-sla-field", "sd-servicelevelagreement"),
            json!({"ongoingCycle": {"breached": false, "breachTime": {"iso8601": "2026-05-03T10:00:00+0200"}}}),
            "text due 3 May 10:00",
        ),
        (
            of("com.atlassian.servicedesk:sd-sla-field", "sd-servicelevelagreement"),
            json!({"ongoingCycle": {"breached": true, "breachTime": {"iso8601": "2026-05-03T10:00:00+0200"}}}),
            "text breached",
        ),
        (
            of("com.atlassian.servicedesk:sd-sla-field", "sd-servicelevelagreement"),
            json!({"completedCycles": [{"breached": false}]}),
            "text met",
        ),
        (
            of("com.atlassian.servicedesk:sd-sla-field", "sd-servicelevelagreement"),
            json!({"completedCycles": []}),
            "text ",
        ),
        (
            of("com.atlassian.jira.plugins.cmdb:cmdb-object-cftype", "array(cmdb-object-field)"),
            json!([{"workspaceId": "w", "id": "w:12", "objectKey": "IT-12"}]),
            "text IT-12",
        ),
        (
            of("com.riadalabs.jira.plugins.insight:rlabs-customfield-default-object", "any"),
            json!(["Laptop (IT-12)"]),
            "text Laptop (IT-12)",
        ),
        (of("ari:cloud:ecosystem::extension/x/static/y", "number"), json!(5), "number 5"),
        (of("com.example.app:__score", "any"), json!({"deep": {"er": [1]}}), "text {\"deep\":{\"er\":[1]}}"),
        (
            of("com.atlassian.jira.ext.charting:firstresponsedate", "datetime"),
            json!("2019-07-30T11:02:24.312-0700"),
            "date 2019-07-30T11:02:24.312-07:00",
        ),
    ]);
}

#[test]
fn the_status_category_goes_by_its_key_and_the_colours_by_the_category() {
    let planned = plan(&[system("status")]);
    for (category, expected, colour) in [
        (json!({"id": 2, "key": "new", "name": "Zu erledigen"}), "select new=To Do", Color::Gray),
        (json!({"id": 4, "key": "indeterminate", "name": "Done"}), "select indeterminate=In Progress", Color::Blue),
        (json!({"id": 3, "name": "x"}), "select done=Done", Color::Green),
        (json!({"id": 1, "key": "undefined", "name": "Done"}), "select -", Color::Default),
    ] {
        let row = row(&planned, json!({"status": {"id": "1", "name": "Done", "statusCategory": category}}));
        assert_eq!(say(cell(&row, "status_category")), expected);
        let Cell::Select(Some(status)) = cell(&row, "status") else { panic!("a status") };
        assert_eq!(status.color, colour);
    }
}

#[test]
fn what_is_absent_null_or_empty_empties_its_cell() {
    let fields =
        ["summary", "status", "assignee", "labels", "duedate", "progress", "environment", "issuelinks", "votes"];
    let planned = plan(&fields.map(system));
    let absent = row(&planned, json!({}));
    for empty in [Value::Null, json!(""), json!([]), json!({}), json!("  ")] {
        let fields: serde_json::Map<String, Value> =
            fields.iter().map(|id| ((*id).to_owned(), empty.clone())).collect();
        let row = row(&planned, fields.into());
        assert_eq!(row.cells, absent.cells, "{empty}");
        assert!(row.losses.is_empty(), "{empty} {:?}", row.losses);
    }
    let written: Vec<&str> = absent.cells.iter().map(|(key, _)| key.as_str()).collect();
    assert!(written.contains(&"assignee:text") && written.contains(&"parent") && !written.contains(&"children"));
}

#[test]
fn a_value_of_another_type_is_reported_and_the_row_goes_on() {
    let jira = |name: &str, kind: &str| custom(10_010, "F", &format!("{P}:{name}"), kind);
    for (field, value, expected, words) in [
        (jira("float", "number"), json!("many"), "number -", "many"),
        (jira("float", "number"), json!({"value": "Red"}), "number -", "Red"),
        (jira("datepicker", "date"), json!("next week"), "date -", "next week"),
        (jira("datepicker", "date"), json!(7), "date -", "7"),
        (jira("datetime", "datetime"), json!("Tue Jul 30 22:06:22 UTC 2019"), "date -", "Tue Jul 30 22:06:22 UTC 2019"),
        (jira("select", "option"), json!({"odd": 1}), "select -", "{\"odd\":1}"),
        (jira("multiselect", "array(option)"), json!([{"id": "1", "value": "a"}, true]), "multi 1=a", "Yes"),
        (jira("userpicker", "user"), json!(7), "people ", "7"),
        (jira("url", "string"), json!("javascript:alert(1)"), "url -", "javascript:alert(1)"),
        (jira("textfield", "string"), json!({"value": "Red"}), "text Red", "Red"),
        (jira("textarea", "string"), json!(["a", "b"]), "text a, b", "a, b"),
        (system("progress"), json!({"odd": 1}), "number -", "{\"odd\":1}"),
        (system("votes"), json!({"odd": 1}), "number -", "{\"odd\":1}"),
        (system("summary"), json!({"name": "Ana"}), "title Ana", "Ana"),
        (custom(10_010, "F", "jira.polaris:interval", "string"), json!("soon"), "date -", "soon"),
        (custom(10_010, "F", "com.pyxis.greenhopper.jira:gh-sprint", "array(json)"), json!(["x"]), "select -", "x"),
        (custom(10_010, "F", "com.atlassian.servicedesk:sd-sla-field", "any"), json!("x"), "text ", "x"),
    ] {
        let (said, losses) = shown(&field, value.clone());
        assert_eq!(said, expected, "{field:?} {value}");
        assert_eq!(losses.len(), 1, "{field:?} {value} {losses:?}");
        assert_eq!((losses[0].what, losses[0].words.as_str()), (What::Shape, words), "{field:?} {value}");
    }
}

/// Data Center may tell a number alone, and no name when it is asked for one.
#[test]
fn a_team_without_a_name_is_told() {
    let field = custom(10_010, "Team", "com.atlassian.teams:rm-teams-custom-field-team", "any");
    let (said, losses) = shown(&field, json!("7"));
    assert_eq!(said, "select 7=7");
    assert_eq!((losses.len(), losses[0].what, losses[0].words.as_str()), (1, What::TeamName, "7"));
}

#[test]
fn dates_are_not_moved_by_any_zone() {
    let day = custom(1, "D", &format!("{P}:datepicker"), "date");
    for value in ["2026-03-29", "2026-03-29T23:30:00.000-1100", "2026-03-29T00:30:00.000+1400"] {
        assert_eq!(shown(&day, json!(value)).0, "date 2026-03-29");
    }
    for (offset, expected) in
        [("-1100", "-11:00"), ("+0545", "+05:45"), ("+1400", "+14:00"), ("+0000", "+00:00"), ("+02", "+02:00")]
    {
        let (said, _) = shown(&system("created"), json!(format!("2026-03-29T02:30:00.000{offset}")));
        assert_eq!(said, format!("date 2026-03-29T02:30:00.000{expected}"));
    }
    for no_date in
        ["2026-02-30", "26-02-03", "-2026-02-03", "2026-1-1", "2026-03-29T25:00:00.000+0000", "2026-03-29T02:30:00"]
    {
        assert_eq!(shown(&system("created"), json!(no_date)).0, "date -", "{no_date}");
    }
}

#[test]
fn wishes_change_what_a_column_is() {
    let fields = [system("status"), custom(10_020, "Sprint", "com.pyxis.greenhopper.jira:gh-sprint", "array(json)")];
    let wish = Wish { all_sprints: true, status_as_status: true, ..Wish::default() };
    let planned = columns::plan(&fields, &occurring(&fields), &Taken::default(), &wish);
    assert_eq!(planned.column("status").unwrap().kind, Kind::Status);
    let sprints = json!([{"id": 1, "name": "One", "state": "closed"}, {"id": 2, "name": "Two", "state": "active"}]);
    let row = row(&planned, json!({"customfield_10020": sprints}));
    assert_eq!(say(cell(&row, "customfield_10020")), "multi 1=One | 2=Two");
}

#[test]
fn a_crowded_column_is_text() {
    let fields = [system("labels"), system("resolution")];
    let mut occurring = occurring(&fields);
    occurring.crowded = ["labels".to_owned(), "resolution".to_owned()].into();
    let planned = columns::plan(&fields, &occurring, &Taken::default(), &Wish::default());
    let row = row(&planned, json!({"labels": ["a", "b,c"], "resolution": {"id": "1", "name": "Fixed"}}));
    assert_eq!(say(cell(&row, "labels")), "text a, b,c");
    assert_eq!(say(cell(&row, "resolution")), "text Fixed");
}
