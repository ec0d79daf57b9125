//! A site's own authority and client certificate; five problems, five messages (paste-experience §5, R6, R7).

use std::sync::Arc;

use jira_notion_gateway::outbound::{Failure, Profile, ProfileError, TlsProblem, Url};
use rustls::ServerConfig;
use rustls::version::{TLS12, TLS13};
use tokio::io::AsyncWriteExt;
use tokio_rustls::TlsAcceptor;

use super::authority::{Authority, Pair, self_signed};
use super::server::{Server, finish, head, ok};
use super::{get, outbound};

async fn secure(config: ServerConfig) -> Server {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Server::start("127.0.0.1:0", move |stream| {
        let acceptor = acceptor.clone();
        async move {
            match acceptor.accept(stream).into_fallible().await {
                Err((_, stream)) => finish(stream).await,
                Ok(mut stream) => {
                    if head(&mut stream).await.is_empty() {
                        return;
                    }
                    let _gone = stream.write_all(&ok("", b"secret")).await;
                    let _gone = stream.shutdown().await;
                    finish(stream.into_inner().0).await;
                }
            }
        }
    })
    .await
}

async fn asked(server: &Server, profile: &Profile) -> Result<Vec<u8>, Failure> {
    let http = outbound("*.test").http(profile).unwrap();
    let url = server.url("jira.test").replace("http:", "https:");
    http.send(get(url)).await.map(|reply| reply.body)
}

fn trusting(authority: &Authority) -> Profile {
    Profile { ca_pem: Some(authority.pem()), ..Profile::default() }
}

#[tokio::test]
async fn each_problem_has_its_own_message() {
    let ours = Authority::new("ours");
    let trusting_ours = trusting(&ours);
    let good = secure(ours.issue("jira.test").server()).await;
    assert_eq!(asked(&good, &trusting_ours).await, Ok(b"secret".to_vec()));

    let mut messages = std::collections::BTreeSet::new();
    let mut found = async |server: &Server, profile: &Profile, problem: TlsProblem| {
        let failure = asked(server, profile).await.unwrap_err();
        assert_eq!(failure, Failure::Tls(problem));
        messages.insert(failure.to_string());
    };
    found(&good, &Profile::default(), TlsProblem::UnknownIssuer).await;
    found(&good, &trusting(&Authority::new("others")), TlsProblem::UnknownIssuer).await;
    let first_of_may = TlsProblem::Expired { not_after: Some(1_619_827_200) };
    found(&secure(ours.expired("jira.test").server()).await, &trusting_ours, first_of_may).await;
    found(&secure(ours.future("jira.test").server()).await, &trusting_ours, TlsProblem::NotYetValid).await;
    found(&secure(ours.issue("wiki.test").server()).await, &trusting_ours, TlsProblem::WrongHost).await;
    for version in [&TLS12, &TLS13] {
        let picky = secure(ours.issue("jira.test").server_for(&ours, version)).await;
        found(&picky, &trusting_ours, TlsProblem::ClientCertificateWanted).await;
    }
    let plain = Server::start("127.0.0.1:0", |mut stream| async move {
        let _gone = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        finish(stream).await;
    })
    .await;
    found(&plain, &trusting_ours, TlsProblem::Other).await;
    messages.insert(Failure::Proxy.to_string());
    assert_eq!(messages.len(), 7);
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_it_is_set() {
    let (ours, clients) = (Authority::new("ours"), Authority::new("clients"));
    let with = |Pair { certificate, key }: Pair| Profile {
        client_cert_pem: Some(certificate.into_bytes()),
        client_key_pem: Some(key.into()),
        ..trusting(&ours)
    };
    for version in [&TLS12, &TLS13] {
        let picky = secure(ours.issue("jira.test").server_for(&clients, version)).await;
        assert_eq!(asked(&picky, &with(clients.issue("gateway.test"))).await, Ok(b"secret".to_vec()));
        let strange = with(Authority::new("others").issue("gateway.test"));
        let refused = Failure::Tls(TlsProblem::ClientCertificateWanted);
        assert_eq!(asked(&picky, &strange).await, Err(refused));
    }
    let page =
        b"<html><center><h1>400 Bad Request</h1></center><center>No required SSL certificate was sent</center></html>";
    let answer = format!("HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\n\r\n", page.len());
    let nginx = Server::answering([answer.as_bytes(), page].concat()).await;
    let http = outbound("*.test").http(&Profile::default()).unwrap();
    let failure = http.send(get(nginx.url("jira.test"))).await.unwrap_err();
    assert_eq!(failure, Failure::Tls(TlsProblem::ClientCertificateWanted));
}

#[tokio::test]
async fn a_self_signed_certificate_can_be_its_own_authority() {
    let alone = self_signed("jira.test");
    let server = secure(alone.server()).await;
    let unknown = Failure::Tls(TlsProblem::UnknownIssuer);
    assert_eq!(asked(&server, &Profile::default()).await, Err(unknown.clone()));
    assert_eq!(asked(&server, &trusting(&Authority::new("others"))).await, Err(unknown.clone()));
    let pinned = Profile { ca_pem: Some(alone.certificate.clone().into_bytes()), ..Profile::default() };
    assert_eq!(asked(&server, &pinned).await, Ok(b"secret".to_vec()));

    // Only that very certificate, and only for its own name.
    assert_eq!(asked(&secure(self_signed("jira.test").server()).await, &pinned).await, Err(unknown));
    let elsewhere = self_signed("wiki.test");
    let server = secure(elsewhere.server()).await;
    let pinned = Profile { ca_pem: Some(elsewhere.certificate.into_bytes()), ..Profile::default() };
    assert_eq!(asked(&server, &pinned).await, Err(Failure::Tls(TlsProblem::WrongHost)));
}

#[test]
fn a_wrong_profile_names_what_is_wrong() {
    let authority = Authority::new("ours");
    let (one, two) = (authority.issue("a.test"), authority.issue("b.test"));
    let certificate = || Some(one.certificate.clone().into_bytes());
    let url = |text: &str| Some(Url::parse(text).unwrap());
    let nothing = Profile::default;
    let table = [
        (Profile { ca_pem: Some(Vec::new()), ..nothing() }, ProfileError::Ca),
        (Profile { ca_pem: Some(one.key.clone().into_bytes()), ..nothing() }, ProfileError::Ca),
        (
            Profile {
                ca_pem: Some(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----".into()),
                ..nothing()
            },
            ProfileError::Ca,
        ),
        (Profile { client_cert_pem: certificate(), ..nothing() }, ProfileError::ClientPair),
        (Profile { client_key_pem: Some(one.key.clone().into()), ..nothing() }, ProfileError::ClientPair),
        (
            Profile { client_cert_pem: certificate(), client_key_pem: Some("x".into()), ..nothing() },
            ProfileError::ClientKey,
        ),
        (
            Profile { client_cert_pem: Some(b"x".into()), client_key_pem: Some(one.key.clone().into()), ..nothing() },
            ProfileError::ClientCertificate,
        ),
        (
            Profile { client_cert_pem: certificate(), client_key_pem: Some(two.key.into()), ..nothing() },
            ProfileError::ClientMismatch,
        ),
        (Profile { proxy: url("socks5://proxy.test"), ..nothing() }, ProfileError::Proxy),
    ];
    let outbound = outbound("");
    for (profile, error) in table {
        assert_eq!(outbound.http(&profile).unwrap_err(), error, "{profile:?}");
        assert_eq!(outbound.operator(&profile).unwrap_err(), error, "{profile:?}");
    }
    let secret = Profile { client_key_pem: Some("KEY".into()), proxy: url("http://ana:pass@proxy.test"), ..nothing() };
    let debug = format!("{secret:?}");
    assert!(!debug.contains("KEY") && !debug.contains("pass"), "{debug}");
}
