//! Codes and refresh tokens that are shown twice: by crossing requests, after lost answers, by thieves.

use jiff::SignedDuration;
use tokio::task::JoinSet;

use super::{REDIRECT_URI, tokens};
use crate::notion::OUR_CLIENT;
use crate::notion::town::Town;
use crate::oauth::seen::count;
use crate::world::gateway::{Reply, client, reply};

/// Sends a token request twenty times at once.
async fn at_once(town: &Town, fields: &[(&str, &str)]) -> Vec<Reply> {
    let own = [("client_id", OUR_CLIENT.0), ("client_secret", OUR_CLIENT.1)];
    let mut sending = JoinSet::new();
    for _ in 0..20 {
        let request = client().post(town.at("/notion/token")).form(&[&own[..], fields].concat());
        sending.spawn(reply(request));
    }
    sending.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_many_show_at_once_leaves_no_good_token() {
    let town = Town::start().await;
    let code = town.code().await;
    let fields = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", REDIRECT_URI)];
    let answers = at_once(&town, &fields).await;
    let given: Vec<_> = answers.iter().filter(|it| it.status == 200).collect();
    assert!(given.len() <= 1, "{}", given.len());
    for answer in &answers {
        assert!(answer.status == 200 || answer.json()["error"] == "invalid_grant", "{}", answer.text);
    }
    for answer in given {
        assert!(!town.is_good(&tokens(answer).0).await, "whoever was first may be the thief");
    }
    assert_eq!(count(&town.gateway, "grant_tokens").await, 0);
    town.connect(town.nora, "ana").await;
    assert!(town.is_good(&town.held()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn renewals_that_cross_all_succeed_and_the_link_lives() {
    let town = Town::start().await;
    let (_, refresh) = tokens(&town.redeem(&town.code().await).await);
    let answers = at_once(&town, &[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await;
    let mut pairs: Vec<_> = answers.iter().map(tokens).collect();
    for (access, _) in &pairs {
        assert!(town.is_good(access).await);
    }
    // The answer that Notion kept goes on for days.
    let (_, mut refresh) = pairs.remove(7);
    for _ in 0..48 {
        town.later(SignedDuration::from_hours(1));
        let (access, new) = tokens(&town.renew(&refresh).await);
        assert!(town.is_good(&access).await);
        refresh = new;
    }
    let kept = pairs[0].1.clone();
    assert_eq!(town.renew(&kept).await.json()["error"], "invalid_grant", "nobody goes on with two");
    assert_eq!(town.renew(&refresh).await.json()["error"], "invalid_grant", "one of them was stolen");
}

#[tokio::test]
async fn an_answer_that_was_lost_does_not_break_the_link() {
    let town = Town::start().await;
    let (_, mut refresh) = tokens(&town.redeem(&town.code().await).await);
    for lost in 0..5 {
        town.later(SignedDuration::from_hours(1));
        for _ in 0..lost {
            tokens(&town.renew(&refresh).await);
            town.later(SignedDuration::from_hours(1));
        }
        let (access, new) = tokens(&town.renew(&refresh).await);
        assert!(town.is_good(&access).await);
        refresh = new;
    }
}

#[tokio::test]
async fn a_token_that_was_renewed_by_a_thief_ends_the_thiefs_tokens_too() {
    let town = Town::start().await;
    let (_, stolen) = tokens(&town.redeem(&town.code().await).await);
    let (own, refresh) = tokens(&town.renew(&stolen).await);
    let (thiefs, _) = tokens(&town.renew(&stolen).await);
    assert!(town.is_good(&own).await && town.is_good(&thiefs).await, "nobody can tell them apart yet");
    town.later(SignedDuration::from_mins(11));
    assert_eq!(town.renew(&stolen).await.json()["error"], "invalid_grant");
    for token in [&own, &thiefs] {
        assert!(!town.is_good(token).await);
    }
    assert_eq!(town.renew(&refresh).await.json()["error"], "invalid_grant");
    assert_eq!((count(&town.gateway, "grant_tokens").await, count(&town.gateway, "grants").await), (0, 1));
}
