//! The gateway beside two simulated Jiras, a simulated Atlassian and a simulated Notion, in one process and with nothing to configure:
//! `cargo run --release --example demo`.
#![expect(clippy::print_stdout, reason = "it tells a person what to do next")]

#[path = "../tests/world/mod.rs"]
mod world;

use std::io;

use jira_notion_gateway::clock::Clock;
use tokio::net::TcpListener;
use tokio::signal;
use world::demo::{Demo, Ports};
use world::samples::gallery::Gallery;

/// Where the gateway lives if nobody else does; the two Jiras, Atlassian's two hosts, the gallery and Notion have the ports
/// after it.
const PORT: u16 = 8080;

#[tokio::main]
async fn main() -> io::Result<()> {
    let listener = match TcpListener::bind(("127.0.0.1", PORT)).await {
        Ok(listener) => listener,
        Err(_) => TcpListener::bind(("127.0.0.1", 0)).await?,
    };
    let folder = tempfile::Builder::new().prefix("jira-notion-gateway-demo-").tempdir()?;
    let clock = Clock::system();
    let ports = Ports {
        acme: free(PORT + 1).await,
        plant: free(PORT + 2).await,
        atlassian: [free(PORT + 3).await, free(PORT + 4).await],
        notion: free(PORT + 6).await,
    };
    let demo = Demo::at_ports(&clock, ports).await;
    let gateway = demo.gateway(listener, folder, clock).await;
    let database = demo.connect_notion(&gateway).await;
    let gallery = Gallery::at_port(free(PORT + 5).await).await;

    println!("Demo. Everything is simulated: both Jiras and Notion, their people, their issues. They run in this");
    println!("process, nothing leaves this machine, and all of it is gone when you press Ctrl-C.");
    println!("\nOpen  {}  and paste a link, press Connect, then Authenticate: the Jira of", gateway.url);
    println!("the link asks you to log in and to allow it. Or choose another way there.\n");
    println!("{demo}");
    println!("Notion, simulated:  {}  Choose who you are, open the page, paste a link as a preview", demo.notion.url());
    println!("or a mention, press Connect to Jira, and allow it.\n");
    println!("A project as a database:  {database}");
    println!(
        "Connect Jira when asked, see the plan, press Create database, and watch its rows appear, here and in Notion's"
    );
    println!("page Release plan.\n");
    println!("Every kind of link in every state, as samples:  {}\n", gallery.url);

    stopped().await?;
    println!("\nStopped, and its data removed.");
    gateway.stop().await;
    Ok(())
}

/// The port if it is free, else 0.
async fn free(port: u16) -> u16 {
    TcpListener::bind(("127.0.0.1", port)).await.map_or(0, |_| port)
}

/// Ctrl-C, or SIGTERM from whatever started it.
async fn stopped() -> io::Result<()> {
    let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    tokio::select! {
        pressed = signal::ctrl_c() => pressed,
        _ = terminate.recv() => Ok(()),
    }
}
