//! What the token endpoint refuses, and how (RFC 6749 §2.3.1, §3.2, §5.2).

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{REDIRECT_URI, tokens};
use crate::notion::OUR_CLIENT;
use crate::notion::town::Town;
use crate::world::gateway::{Reply, client, reply};

type Fields = Vec<(&'static str, &'static str)>;

impl Town {
    fn at_token(&self) -> RequestBuilder {
        client().post(self.at("/notion/token"))
    }

    async fn form(&self, fields: &Fields) -> Reply {
        reply(self.at_token().form(fields)).await
    }

    async fn json(&self, body: &Value) -> Reply {
        reply(self.at_token().json(body)).await
    }
}

#[track_caller]
fn is_refused(answer: &Reply, error: &str, what: &str) {
    let status = if error == "invalid_client" { 401 } else { 400 };
    assert_eq!(answer.status, status, "{what}: {}", answer.text);
    let body = answer.json();
    assert_eq!(body["error"], error, "{what}: {body}");
    assert!(body["error_description"].as_str().is_some_and(|it| !it.is_empty()), "{what}: {body}");
    assert_eq!((answer.header("cache-control"), answer.header("content-type")), ("no-store", "application/json"));
    assert_eq!(answer.header("www-authenticate").starts_with("Basic"), status == 401, "{what}");
}

/// A request that is good but for its code, changed.
fn changed(change: impl FnOnce(&mut Fields)) -> Fields {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("code", "unknown"),
        ("redirect_uri", REDIRECT_URI),
        ("client_id", OUR_CLIENT.0),
        ("client_secret", OUR_CLIENT.1),
    ];
    change(&mut fields);
    fields
}

fn set(name: &'static str, value: &'static str) -> Fields {
    changed(|fields| fields.iter_mut().filter(|it| it.0 == name).for_each(|it| it.1 = value))
}

fn without(name: &'static str) -> Fields {
    changed(|fields| fields.retain(|it| it.0 != name))
}

#[tokio::test]
async fn every_fault_has_its_word() {
    let town = Town::start().await;
    let table = [
        (changed(|_| {}), "invalid_grant"),
        (changed(|fields| fields.push(("anything", "else"))), "invalid_grant"),
        (without("code"), "invalid_request"),
        (set("code", ""), "invalid_request"),
        (without("redirect_uri"), "invalid_request"),
        (without("grant_type"), "invalid_request"),
        (set("grant_type", "client_credentials"), "unsupported_grant_type"),
        (set("grant_type", "password"), "unsupported_grant_type"),
        (set("grant_type", "refresh_token"), "invalid_request"),
        (without("client_id"), "invalid_client"),
        (without("client_secret"), "invalid_client"),
        (set("client_id", "mRkZGFjm"), "invalid_client"),
        (set("client_secret", "ZGVmMjMz "), "invalid_client"),
        (set("client_secret", "ZGVmMjM"), "invalid_client"),
        // The pair that Notion gave to us is not the one that we gave to Notion.
        (changed(|fields| (fields[3].1, fields[4].1) = ("id-1234", "secret-1234")), "invalid_client"),
        (Vec::new(), "invalid_client"),
    ];
    for (fields, error) in &table {
        is_refused(&town.form(fields).await, error, &format!("{fields:?}"));
        let body = Value::Object(fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect());
        is_refused(&town.json(&body).await, error, &format!("as JSON: {body}"));
    }
    for name in ["grant_type", "code", "redirect_uri", "client_id", "client_secret", "anything"] {
        let twice = changed(|fields| {
            let again = fields.iter().find(|it| it.0 == name).copied().unwrap_or((name, "x"));
            fields.extend([again, again]);
        });
        is_refused(&town.form(&twice).await, "invalid_request", &format!("twice: {name}"));
    }
    for body in ["{", "[1", "{\"code\":"] {
        let request = town.at_token().header("content-type", "application/json").body(body);
        is_refused(&reply(request).await, "invalid_request", body);
    }
    for body in ["[]", "7", "null", "\"text\"", "{\"code\":{\"code\":{\"code\":{\"code\":{\"code\":\"x\"}}}}}"] {
        let request = town.at_token().header("content-type", "application/json").body(body);
        is_refused(&reply(request).await, "invalid_client", body);
    }
    assert_eq!(crate::oauth::seen::count(&town.gateway, "grant_tokens").await, 0);
}

#[tokio::test]
async fn a_client_may_show_its_secret_in_one_of_two_ways() {
    let town = Town::start().await;
    let (id, secret) = OUR_CLIENT;
    let bare = changed(|fields| fields.truncate(3));
    let basic = |id: &str, secret: &str| town.at_token().basic_auth(id, Some(secret));
    is_refused(&reply(basic(id, secret).form(&bare)).await, "invalid_grant", "the client is known");
    is_refused(&reply(basic("mRkZGF%6aM", secret).form(&bare)).await, "invalid_grant", "encoded, as the RFC has it");
    is_refused(&reply(basic(id, secret).form(&without("client_secret"))).await, "invalid_grant", "its id twice");
    is_refused(&reply(basic(id, "wrong").form(&bare)).await, "invalid_client", "wrong");
    is_refused(&reply(basic("other", secret).form(&without("client_secret"))).await, "invalid_client", "other id");
    is_refused(&reply(basic(id, secret).form(&changed(|_| {}))).await, "invalid_request", "both ways");
    for odd in ["Basic", "Basic !", "Basic bm8tY29sb24="] {
        let request = town.at_token().header("authorization", odd).form(&bare);
        let error = if odd == "Basic" { "invalid_client" } else { "invalid_request" };
        is_refused(&reply(request).await, error, odd);
    }
    let bearer = town.at_token().bearer_auth(secret).form(&bare);
    is_refused(&reply(bearer).await, "invalid_client", "a bearer token is no client's secret");
    // Addresses are written down on the way: nothing of this is read from them (RFC 6749 §2.3.1).
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(changed(|_| {})).finish();
    let request = client().post(town.at(&format!("/notion/token?{query}")));
    is_refused(&reply(request).await, "invalid_client", "in the query");
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let answer = reply(client().request(method, town.at(&format!("/notion/token?{query}")))).await;
        assert_eq!(answer.status, 405);
    }
}

#[tokio::test]
async fn a_body_beyond_all_measure_is_not_read() {
    let town = Town::start().await;
    let answer = reply(town.at_token().form(&[("code", "x".repeat(2 << 20))])).await;
    is_refused(&answer, "invalid_request", "two megabytes");
    let many: Vec<_> = (0..10_000).map(|number| (format!("field{number}"), "x")).collect();
    is_refused(&reply(town.at_token().form(&many)).await, "invalid_client", "ten thousand fields");
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let request = town.at_token().header("content-type", "application/json").body(deep);
    is_refused(&reply(request).await, "invalid_request", "a hundred thousand levels");
}

#[tokio::test]
async fn tokens_come_in_each_of_the_ways() {
    let town = Town::start().await;
    let (id, secret) = OUR_CLIENT;
    let mut refresh = String::new();
    for way in ["form", "JSON", "basic"] {
        let code = town.code().await;
        let body = json!({"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI,
            "client_id": id, "client_secret": secret});
        let answer = match way {
            "form" => town.redeem(&code).await,
            "JSON" => town.json(&body).await,
            _ => {
                let fields = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", REDIRECT_URI)];
                reply(town.at_token().basic_auth(id, Some(secret)).form(&fields)).await
            }
        };
        let (access, new) = tokens(&answer);
        assert!(town.is_good(&access).await, "{way}");
        let body = answer.json();
        assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("bearer"), &json!(3600)));
        assert_eq!((answer.header("cache-control"), body.as_object().unwrap().len()), ("no-store", 4));
        refresh = new;
    }
    // Neither kind does for the other, nor Notion's own code for ours.
    let (access, new) = tokens(&town.renew(&refresh).await);
    for wrong in [&*access, "", "jnr_0000000000000000000000000000000000000000000", "unknown"] {
        let error = if wrong.is_empty() { "invalid_request" } else { "invalid_grant" };
        is_refused(&town.renew(wrong).await, error, wrong);
    }
    for wrong in [&access, &new] {
        is_refused(&town.redeem(wrong).await, "invalid_grant", "a token is no code");
    }
    assert!(town.is_good(&access).await && !town.is_good(&new).await);
}
