//! The picture of the README: `GATEWAY_SCREENSHOT=docs/preview.png cargo test --test all browser::screenshot`.

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::json;

use super::{Scene, Script};
use crate::world::demo::Ports;

/// A pasted link with its mention and its card.
#[tokio::test]
async fn a_picture_for_the_readme() {
    let path = std::env::var("GATEWAY_SCREENSHOT").ok();
    // A picture to keep shows the port of the demo.
    let acme = if path.is_some() { 8081 } else { 0 };
    let Some(scene) = Scene::with(Script::On, Ports { acme, ..Ports::default() }, &[]).await else { return };
    let scene = scene.connect().await;
    let browser = &scene.browser;
    browser.size(832, 800, 2).await;
    browser.scheme("light").await;
    browser.goto(&scene.about("/", &scene.demo.acme.at("/browse/OPS-7"))).await;
    browser.see(".card").await;
    let bottom = "return Math.ceil(document.querySelector('.card').getBoundingClientRect().bottom + 24)";
    let bottom = browser.run(bottom).await;
    let clip = json!({"x": 0, "y": 0, "width": 832, "height": bottom, "scale": 1});
    let picture = browser.chrome("Page.captureScreenshot", json!({"clip": clip, "captureBeyondViewport": true})).await;
    let picture = BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
    assert!(picture.starts_with(b"\x89PNG") && picture.len() < 300 * 1024, "{} bytes", picture.len());
    if let Some(path) = path {
        std::fs::write(path, picture).unwrap();
    }
    scene.browser.close().await;
}
