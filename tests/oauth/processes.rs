//! Several processes, and processes that die: a grant outlives them.

use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use jira_notion_gateway::clock::Clock;

use super::town::Town;
use crate::cli::Serving;
use crate::world::FakeJira;
use crate::world::gateway::Api;

/// Long enough ago that an access token of then has ended.
const AGO: SignedDuration = SignedDuration::from_hours(3);

/// Ana connected a Jira some hours ago, at a gateway that has stopped.
struct Left {
    town: Town,
    token: String,
    folder: PathBuf,
    flags: Vec<String>,
}

impl Left {
    async fn behind(pick: fn(&Town) -> &FakeJira) -> Self {
        let now = Clock::system().now();
        let mut town = Town::at(now - AGO).await;
        let api = town.api_of_ana(pick(&town)).await;
        assert_eq!(api.one(&pick(&town).at("/browse/OPS-7")).await["state"], "ready");
        // Everything else goes on to the present; the database keeps what it was told then.
        town.atlassian.set_time(now);
        for jira in [&town.acme, &town.beta, &town.plant, &town.old] {
            jira.set_time(now);
        }
        let folder = town.gateway.folder.path().to_owned();
        // The redirect URL stays the registered one: Data Center holds a renewal against it.
        let flags = [
            "--config",
            "gateway.toml",
            "--data-dir",
            "data",
            "--listen",
            "127.0.0.1:0",
            "--public-url",
            &town.gateway.url,
        ]
        .map(str::to_owned);
        town.gateway.halt().await;
        Self { token: api.token, folder, flags: flags.into(), town }
    }

    fn start(&self) -> (Serving, Api) {
        let flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        let serving = Serving::start(Path::new(&self.folder), &flags);
        let api = serving.api(&self.token);
        (serving, api)
    }
}

async fn many(api: &Api, links: Vec<String>) -> Vec<serde_json::Value> {
    let readers: Vec<_> = links
        .into_iter()
        .map(|link| {
            let api = api.clone();
            tokio::spawn(async move { api.one(&link).await })
        })
        .collect();
    let mut answers = Vec::new();
    for reader in readers {
        answers.push(reader.await.unwrap());
    }
    answers
}

async fn two_processes_renew_once(pick: fn(&Town) -> &FakeJira, refreshes: fn(&Town) -> (usize, usize)) {
    let left = Left::behind(pick).await;
    let (first, second) = (left.start(), left.start());
    let links = || vec![pick(&left.town).at("/browse/OPS-7"); 50];
    let (one, other) = tokio::join!(many(&first.1, links()), many(&second.1, links()));
    for answer in one.into_iter().chain(other) {
        assert_eq!((&answer["state"], &answer["stale"]), (&"ready".into(), &false.into()), "{answer}");
    }
    assert_eq!(refreshes(&left.town), (1, 0), "renewed once, and no old token was shown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_renew_a_cloud_grant_once() {
    let refreshes = |town: &Town| {
        let counts = town.atlassian.counts().token;
        (counts.refreshes, counts.refused_refreshes)
    };
    two_processes_renew_once(|town| &town.acme, refreshes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_renew_a_grant_of_a_data_center_once() {
    let refreshes = |town: &Town| {
        let counts = town.plant.oauth2_counts();
        (counts.refreshes, counts.refused_refreshes)
    };
    two_processes_renew_once(|town| &town.plant, refreshes).await;
}

/// Where a process is when it dies.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The provider has not been asked yet.
    Asking,
    /// It has given a new pair, and its answer is on the way.
    Given,
    /// The answer is out; so many milliseconds later.
    After(u64),
    /// The link has been answered.
    Answered,
}

/// 10 lives each at 5 desks: between asking and using, 50 deaths, and no grant is lost while the leeway lasts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_step_of_a_renewal_no_grant_is_lost() {
    let steps = [
        Step::Asking,
        Step::Given,
        Step::After(0),
        Step::After(1),
        Step::After(2),
        Step::Answered,
        Step::After(4),
        Step::After(8),
        Step::After(16),
        Step::After(32),
    ];
    let desks: Vec<_> = (0..5)
        .map(|desk| {
            let steps = steps.map(|step| match step {
                Step::After(millis) => Step::After(millis + desk),
                other => other,
            });
            tokio::spawn(async move {
                let left = Left::behind(|town| &town.acme).await;
                for step in steps {
                    die(&left, step).await;
                }
                left.town.atlassian.counts().token
            })
        })
        .collect();
    let mut deaths = 0;
    for desk in desks {
        let counts = desk.await.unwrap();
        assert_eq!(counts.refused_refreshes, 0, "no refresh token was shown beyond its leeway");
        assert!(counts.refreshes >= steps.len(), "{counts:?}");
        deaths += steps.len();
    }
    assert_eq!(deaths, 50);
}

/// One death, and the life after it: the link is there.
async fn die(left: &Left, step: Step) {
    let link = left.town.acme.at("/browse/OPS-7");
    // Jira ends the access token early, as it does when the clock has moved on.
    left.town.atlassian.advance(SignedDuration::from_mins(61));
    let (serving, api) = left.start();
    let gate = match step {
        Step::Asking => Some(left.town.atlassian.hold_token_requests()),
        Step::Given | Step::After(_) => Some(left.town.atlassian.hold_token_answers()),
        Step::Answered => None,
    };
    let reader = {
        let (api, link) = (api.clone(), link.clone());
        tokio::spawn(async move { api.get_one(&link, &[]).await })
    };
    match (gate, step) {
        (Some(gate), Step::After(millis)) => {
            gate.wait_for(1).await;
            gate.open();
            // Death has no better clock than the wall's: these are the steps that nothing outside can see.
            tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
        }
        (Some(gate), _) => gate.wait_for(1).await,
        (None, _) => assert_eq!({ reader.await.unwrap().status }, 200),
    }
    serving.kill();
    left.town.atlassian.heal();
    let (_serving, api) = left.start();
    let answer = api.one(&link).await;
    assert_eq!((&answer["state"], &answer["stale"]), (&"ready".into(), &false.into()), "{step:?}: {answer}");
}
