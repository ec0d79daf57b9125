//! What Notion does when people paste, look, remove, connect and disconnect (notion-link-preview §4).

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::stand_in::{StandIn, back, bearer, error, title, titled, uri};
use super::{Alone, alone, parameter};
use crate::world::gateway::reply;
use crate::world::jira::exchange::Answer;
use crate::world::notion::{As, DeletedToken, Exchange, PageId, RedirectUri, Strictness, UnfurlDelete};

const OPS_7: &str = "https://jira.example.com/browse/OPS-7";

struct Desk {
    it: Alone,
    gateway: StandIn,
    page: PageId,
}

async fn desk() -> Desk {
    let it = alone().await;
    let gateway = StandIn::start(&it.notion).await;
    let page = it.notion.add_page(it.notion.user(it.nora).workspace, "Plan");
    Desk { it, gateway, page }
}

impl Desk {
    async fn connect(&self, key: &str) -> crate::world::notion::ConnectionId {
        self.gateway.connect(&self.it.notion, self.it.nora, key).await.unwrap()
    }

    async fn paste(&self, uri: &str) -> crate::world::notion::Rendered {
        self.it.notion.paste(self.it.nora, self.page, uri, As::Preview).await.unwrap()
    }

    fn asked(&self) -> Vec<Exchange> {
        self.it.notion.sent("POST", "/notion/unfurl")
    }

    async fn push(&self, token: &str, body: &Value) -> u16 {
        let request = self.it.request(Method::PATCH, "/v1/external/object").bearer_auth(token).json(body);
        reply(request.header("notion-version", "2021-08-16")).await.status.as_u16()
    }
}

#[tokio::test]
async fn what_was_pasted_first_is_filled_in_after_connecting() {
    let desk = desk().await;
    let waiting = desk.paste(OPS_7).await;
    assert_eq!((waiting.title(), waiting.connect.as_deref()), ("OPS-7", Some("Connect to Jira")));
    let connection = desk.connect("A1").await;
    let shown = &desk.it.notion.rendered(desk.page)[0];
    assert_eq!((shown.title(), shown.is_placeholder), ("Login fails on Safari", false));
    let token = &desk.it.notion.sent("POST", "/notion/token")[0];
    assert_eq!(
        token.body,
        "code=our+code&grant_type=authorization_code&client_id=mRkZGFjM&client_secret=ZGVmMjMz&\
         redirect_uri=https%3A%2F%2Fwww.notion.so%2Fexternalintegrationauthcallback"
    );
    assert_eq!(token.header("content-type"), Some("application/x-www-form-urlencoded"));
    let unfurl = &desk.asked()[0];
    assert_eq!(unfurl.body, format!("{{\"uri\":\"{OPS_7}\"}}"));
    assert_eq!(unfurl.header("authorization"), Some("Bearer ours"));
    assert_eq!(desk.it.notion.connections(desk.it.nora)[0].id, connection);
    assert!(desk.it.notion.refusals().is_empty());
}

#[tokio::test]
async fn a_refusal_is_read_by_the_person() {
    let desk = desk().await;
    let (notion, nora) = (&desk.it.notion, desk.it.nora);
    for (answer, words) in [
        (&[("error", "access_denied")][..], "Access was denied."),
        (&[("error", "access_denied"), ("error_description", "Ask Ana first.")], "Ask Ana first."),
        (&[("error", "out_of_tea")], "An unknown error occurred."),
        (&[], "An unknown error occurred."),
    ] {
        let url = notion.begin_connect(nora);
        assert_eq!(notion.land(nora, &back(&url, answer)).await, Err(words.to_owned()));
        assert!(notion.land(nora, &back(&url, answer)).await.is_err(), "an attempt ends once");
    }
    // The samples of the documents have no state beside an error.
    let url = notion.begin_connect(nora);
    let stateless = format!("{}?error=access_denied", parameter(&url, "redirect_uri"));
    assert_eq!(notion.land(nora, &stateless).await, Err("Access was denied.".to_owned()));
    assert!(notion.connections(nora).is_empty() && notion.log().is_empty());
}

#[tokio::test]
async fn an_answer_belongs_to_the_browser_that_began() {
    let desk = desk().await;
    let (notion, nora) = (&desk.it.notion, desk.it.nora);
    let mallory = notion.add_user(notion.user(nora).workspace, "Mallory", "mallory@acme.example");
    notion.begin_connect(mallory);
    let url = notion.begin_connect(nora);
    let answer = back(&url, &[("code", "our code")]);
    assert_eq!(notion.land(mallory, &answer).await, Err("This is not an answer to what you began here.".into()));
    let elsewhere = answer.replace("www.notion.so", "notion.so.evil.com");
    assert!(notion.land(nora, &elsewhere).await.unwrap_err().contains("is not where Notion waits"));
    let words = "The integration did not exchange the code of Notion.";
    assert_eq!(notion.land(nora, &answer).await, Err(words.into()));
}

#[tokio::test]
async fn an_answer_of_the_token_url_that_is_not_right_connects_nobody() {
    let desk = desk().await;
    for (answer, words) in [
        (Answer::json(400, &json!({"error": "invalid_grant"})), "answered 400"),
        (Answer::ok(&json!({"token_type": "bearer"})), "access_token"),
        (Answer::ok(&json!({"access_token": "T", "token_type": "mac"})), "token_type"),
        (Answer::ok(&json!({"access_token": "T", "expires_in": "3600"})), "expires_in"),
        (Answer::ok(&json!({"access_token": "T", "refresh_token": "R"})), "expires_in is required"),
        (Answer::text(200, "access_token=T"), "JSON"),
    ] {
        desk.gateway.on("POST /notion/token", move |_| answer.clone());
        let error = desk.gateway.connect(&desk.it.notion, desk.it.nora, "A1").await.unwrap_err();
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(desk.it.notion.refusals().len(), 6);
    desk.it.notion.switch(|switches| switches.strictness = Strictness::Lenient);
    desk.gateway.on("POST /notion/token", |_| Answer::ok(&json!({"access_token": "T", "refresh_token": "R"})));
    desk.connect("A1").await;
}

#[tokio::test]
async fn a_token_is_renewed_lazily_and_what_is_left_out_stays() {
    let desk = desk().await;
    let first = json!({"access_token": "first", "refresh_token": "R", "expires_in": 60});
    desk.gateway.on("POST /notion/token", move |_| Answer::ok(&first));
    desk.connect("A1").await;
    desk.gateway.on("POST /notion/token", |_| Answer::ok(&json!({"access_token": "second"})));
    desk.it.later(SignedDuration::from_secs(60));
    desk.paste(OPS_7).await;
    assert_eq!(desk.it.notion.sent("POST", "/notion/token").len(), 1, "not yet");
    desk.it.later(SignedDuration::from_secs(1));
    desk.paste(OPS_7).await;
    let renewed = &desk.it.notion.sent("POST", "/notion/token")[1];
    assert!(renewed.body.starts_with("grant_type=refresh_token&refresh_token=R&client_id="), "{}", renewed.body);
    assert_eq!(desk.asked().last().unwrap().header("authorization"), Some("Bearer second"));
    let held = &desk.it.notion.connections(desk.it.nora)[0];
    assert_eq!((held.refresh_token.as_deref(), held.expires_in), (Some("R"), Some(60)));
    // Refused, nobody is asked any more.
    desk.gateway.on("POST /notion/token", |_| Answer::json(400, &json!({"error": "invalid_grant"})));
    desk.it.later(SignedDuration::from_secs(61));
    assert_eq!(desk.paste(OPS_7).await.message(), Some("Access denied"));
    assert_eq!(desk.asked().len(), 2);
}

#[tokio::test]
async fn a_401_makes_notion_renew_only_with_the_switch() {
    let desk = desk().await;
    let tokens = json!({"access_token": "first", "refresh_token": "R", "expires_in": 60});
    desk.gateway.on("POST /notion/token", move |_| Answer::ok(&tokens));
    desk.connect("A1").await;
    desk.gateway.on("POST /notion/token", |_| Answer::ok(&json!({"access_token": "second"})));
    desk.gateway.on("POST /notion/unfurl", |asked| match bearer(asked) {
        "second" => Answer::ok(&titled(&uri(asked), "Seen")),
        _ => Answer::json(401, &json!({"error": {"status": 401, "message": "Who are you?"}})),
    });
    let denied = desk.paste(OPS_7).await;
    assert_eq!((denied.message(), denied.error.unwrap().message.as_str()), (Some("Access denied"), "Who are you?"));
    desk.it.notion.switch(|switches| switches.refresh_on_401 = true);
    assert_eq!(desk.paste(OPS_7).await.title(), "Seen");
}

#[tokio::test]
async fn each_account_is_tried_until_one_succeeds() {
    let desk = desk().await;
    let mut count = 0;
    desk.gateway.on("POST /notion/token", move |_| {
        count += 1;
        Answer::ok(&json!({"access_token": format!("ours {count}")}))
    });
    desk.gateway.on("POST /notion/unfurl", |asked| match bearer(asked) {
        "ours 2" if uri(asked) == OPS_7 => Answer::ok(&titled(&uri(asked), "Seen by the second")),
        _ => Answer::ok(&error(&uri(asked), 404, "Content not found")),
    });
    desk.connect("A1").await;
    desk.connect("A2").await;
    assert_eq!(desk.paste(OPS_7).await.title(), "Seen by the second");
    assert_eq!(desk.asked().len(), 2);
    assert_eq!(desk.paste("https://jira.example.com/browse/HR-1").await.message(), Some("Content not found"));
    // The same account again is the same row, with new tokens.
    desk.connect("A1").await;
    let tokens: Vec<_> = desk.it.notion.connections(desk.it.nora).into_iter().map(|it| it.access_token).collect();
    assert_eq!(tokens, ["ours 3", "ours 2"]);
}

#[tokio::test]
async fn an_answer_that_is_not_right_shows_an_error_and_is_recorded() {
    let desk = desk().await;
    desk.connect("A1").await;
    for (answer, words) in [
        (Answer::ok(&titled("https://jira.example.com/browse/OPS-8", "Other")), "body.uri is not the uri"),
        (Answer::ok(&json!({"uri": OPS_7, "operations": []})), "not empty"),
        (Answer::text(200, &titled(OPS_7, "Text").to_string()), "not application/json"),
        (Answer::text(200, "<html>"), "should be an object"),
    ] {
        desk.it.notion.clear_log();
        desk.gateway.on("POST /notion/unfurl", move |_| answer.clone());
        assert_eq!(desk.paste(OPS_7).await.message(), Some("Can't load preview"));
        let refusals = desk.it.notion.refusals();
        assert!(refusals.len() == 1 && refusals[0].contains(words), "{refusals:?}");
    }
    // An error under another status is what integrations in production send.
    desk.gateway.on("POST /notion/unfurl", |asked| Answer::json(404, &error(&uri(asked), 404, "Content not found")));
    desk.it.notion.clear_log();
    assert_eq!(desk.paste(OPS_7).await.message(), Some("Content not found"));
    assert!(desk.it.notion.refusals().is_empty());
}

#[tokio::test]
async fn a_push_replaces_what_is_shown() {
    let desk = desk().await;
    let connection = desk.connect("A1").await;
    desk.paste(OPS_7).await;
    let token = desk.it.notion.notion_token(connection).unwrap();
    let shown = || desk.it.notion.rendered(desk.page).remove(0);
    let (content, gone) = (titled(OPS_7, "Changed"), error(OPS_7, 404, "Content not found"));
    assert_eq!(desk.push(&token, &content).await, 200);
    assert_eq!((shown().title(), shown().message()), ("Changed", None));
    assert_eq!(desk.push(&token, &gone).await, 200);
    assert_eq!((shown().title(), shown().message()), ("", Some("Content not found")));
    let mut both = content.clone();
    both["operations"].as_array_mut().unwrap().push(gone["operations"][0].clone());
    assert_eq!(desk.push(&token, &both).await, 200);
    assert_eq!((shown().title(), shown().message()), ("Changed", Some("Content not found")));
    // As the documents have it: a push without a developer.
    let short = json!({"uri": OPS_7, "operations": [{"path": ["attributes"], "set": [title("Short")]}]});
    assert_eq!(desk.push(&token, &short).await, 200);
    assert_eq!((shown().title(), shown().message()), ("Short", None));
    // In another workspace the same person's token changes nothing here.
    let other = desk.it.notion.add_workspace("Beta");
    let nora = desk.it.notion.join(desk.it.nora, other);
    let there = desk.gateway.connect(&desk.it.notion, nora, "A1").await.unwrap();
    let foreign = desk.it.notion.notion_token(there).unwrap();
    assert_eq!(desk.push(&foreign, &content).await, 404);
    assert_eq!(shown().title(), "Short");
}

#[tokio::test]
async fn the_gateway_is_told_when_the_last_preview_is_gone() {
    let desk = desk().await;
    desk.connect("A1").await;
    for (way, body, query, proves) in [
        (UnfurlDelete::UriAndBearer, format!("{{\"uri\":\"{OPS_7}\"}}"), false, true),
        (UnfurlDelete::Query, String::new(), true, true),
        (UnfurlDelete::Empty, String::new(), false, true),
        (UnfurlDelete::NoAuth, format!("{{\"uri\":\"{OPS_7}\"}}"), false, false),
    ] {
        desk.it.notion.switch(|switches| switches.unfurl_delete = way);
        desk.it.notion.clear_log();
        let second = desk.it.notion.add_page(desk.it.notion.user(desk.it.nora).workspace, "Other");
        let (first, again) = (desk.paste(OPS_7).await.id, desk.paste(OPS_7).await.id);
        let mention = desk.it.notion.paste(desk.it.nora, second, OPS_7, As::Mention).await.unwrap().id;
        let told = || desk.it.notion.sent("DELETE", "/notion/unfurl");
        for id in [first, mention] {
            desk.it.notion.remove_preview(id).await;
            assert!(told().is_empty(), "{way:?}: another one is left");
        }
        desk.it.notion.remove_preview(again).await;
        desk.it.notion.remove_preview(again).await;
        let [told] = &told()[..] else { panic!("{way:?}: {:?}", told()) };
        assert_eq!(
            (&told.body, told.target.contains("?uri=https%3A"), told.header("authorization").is_some()),
            (&body, query, proves)
        );
    }
}

#[tokio::test]
async fn disconnecting_ends_notions_tokens_and_tells_the_gateway() {
    let desk = desk().await;
    for (way, words) in [
        (DeletedToken::AccessToken, &["{\"access_token\":\"ours\"}"][..]),
        (DeletedToken::Account, &["\"external_account\":{", "\"key\":\"A1\"", "\"bot_id\":\"", "\"workspace_id\":\""]),
        (DeletedToken::Empty, &[""]),
    ] {
        desk.it.notion.switch(|switches| switches.deleted_token = way);
        desk.it.notion.clear_log();
        let connection = desk.connect("A1").await;
        desk.paste(OPS_7).await;
        let token = desk.it.notion.notion_token(connection).unwrap();
        assert_eq!(desk.push(&token, &titled(OPS_7, "Changed")).await, 200);
        desk.it.notion.disconnect(desk.it.nora, connection).await;
        desk.it.notion.disconnect(desk.it.nora, connection).await;
        assert_eq!(desk.push(&token, &titled(OPS_7, "Again")).await, 401);
        let [told] = &desk.it.notion.sent("DELETE", "/notion/deleted-token")[..] else { panic!("{way:?}") };
        assert!(words.iter().all(|it| told.body.contains(it)) && (way != DeletedToken::Empty) != told.body.is_empty());
        assert_eq!(desk.it.notion.rendered(desk.page)[0].title(), "Changed", "previews stay");
    }
}

#[tokio::test]
async fn to_look_at_a_page_is_to_ask_again() {
    let desk = desk().await;
    desk.connect("A1").await;
    desk.paste(OPS_7).await;
    desk.paste(OPS_7).await;
    desk.it.notion.clear_log();
    desk.gateway.on("POST /notion/unfurl", |asked| Answer::ok(&titled(&uri(asked), "Changed")));
    let shown = desk.it.notion.visit(desk.it.nora, desk.page).await;
    assert!(shown.len() == 2 && shown.iter().all(|it| it.title() == "Changed"));
    assert_eq!(desk.asked().len(), 1, "one link, once");
    // Somebody without a connection sees the same, and nobody is asked.
    let omar = desk.it.notion.add_user(desk.it.notion.user(desk.it.nora).workspace, "Omar", "omar@acme.example");
    assert_eq!(desk.it.notion.visit(omar, desk.page).await[0].title(), "Changed");
    assert_eq!(desk.asked().len(), 1);
    // Somebody without rights leaves it as it is.
    desk.gateway.connect(&desk.it.notion, omar, "A2").await.unwrap();
    desk.gateway.on("POST /notion/unfurl", |asked| Answer::ok(&error(&uri(asked), 404, "Content not found")));
    assert_eq!(desk.it.notion.visit(omar, desk.page).await[0].title(), "Changed");
    desk.it.notion.switch(|switches| switches.strangers_failure_shows = true);
    assert_eq!(desk.it.notion.visit(omar, desk.page).await[0].message(), Some("Content not found"));
    // A copy elsewhere begins anew.
    let beta = desk.it.notion.join(omar, desk.it.notion.add_workspace("Beta"));
    let copy = desk.it.notion.duplicate(desk.page, beta);
    assert!(desk.it.notion.rendered(copy).iter().all(|it| it.is_placeholder && it.title() == "OPS-7"));
}

#[tokio::test]
async fn every_spelling_of_the_redirect_uri() {
    let desk = desk().await;
    let own = format!("{}/externalintegrationauthcallback", desk.it.notion.url());
    let documented = "https://notion.so/externalIntegrationAuthCallback";
    for (spelling, at_authorize, at_token) in [
        (RedirectUri::Documented, documented, documented),
        (RedirectUri::SchemelessAtToken, documented, "notion.so/externalIntegrationAuthCallback"),
        (
            RedirectUri::NotionCom,
            "https://www.notion.com/externalintegrationauthcallback",
            "https://www.notion.com/externalintegrationauthcallback",
        ),
        (RedirectUri::Loopback, &own, &own),
        (
            RedirectUri::Exactly("https://app.notion.com/x".into()),
            "https://app.notion.com/x",
            "https://app.notion.com/x",
        ),
    ] {
        desk.it.notion.switch(|switches| switches.redirect_uri = spelling);
        assert_eq!(parameter(&desk.it.notion.begin_connect(desk.it.nora), "redirect_uri"), at_authorize);
        desk.it.notion.clear_log();
        desk.connect("A1").await;
        let sent = desk.it.notion.sent("POST", "/notion/token").remove(0).body;
        let fields: Vec<_> = url::form_urlencoded::parse(sent.as_bytes()).into_owned().collect();
        assert!(fields.contains(&("redirect_uri".into(), at_token.into())), "{sent}");
    }
}
