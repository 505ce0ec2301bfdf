//! `openclawssy serve`

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::{Exit, Installation};
use crate::{Parts, leptos_options, router};

pub(crate) async fn run(installation: Installation) -> anyhow::Result<Exit> {
    let leptos = leptos_options()?;
    let addr = installation.addr.unwrap_or(leptos.site_addr);
    let store = installation.store().await?;
    let engine = installation.engine(store.clone())?;
    let listener = TcpListener::bind(addr)
        .await
        .with_context(|| format!("{addr} cannot be listened on; choose another with --addr"))?;
    let addr = listener.local_addr()?;
    engine.listens_on(addr.port());
    engine.start().await?;
    let parts =
        Parts { engine: engine.clone(), leptos, public_url: installation.public_url.clone() };
    let service = router(parts).into_make_service_with_connect_info::<SocketAddr>();
    // Small frames of a stream must go out when they are written.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    eprintln!("Openclawssy is at {}", address(addr));
    let stopping = {
        let engine = engine.clone();
        async move { engine.stopping().await }
    };
    let serving = tokio::spawn(async move {
        axum::serve(listener, service).with_graceful_shutdown(stopping).await
    });
    stop_signal().await?;
    tracing::info!("stopping: no new work, steps under way get a moment");
    // Asking the engine to stop ends the streams, and with them the connections
    // that would otherwise never end.
    engine.stop().await;
    tokio::select! {
        result = serving => result??,
        // A client that neither reads nor leaves does not keep us.
        () = tokio::time::sleep(std::time::Duration::from_secs(2)) => {}
    }
    store.close().await?;
    tracing::info!("stopped");
    Ok(Exit::Done)
}

async fn stop_signal() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        result = tokio::signal::ctrl_c() => result?,
    }
    Ok(())
}

/// The address as a person opens it.
fn address(addr: SocketAddr) -> String {
    let any = addr.ip().is_unspecified();
    let ip = if any { Ipv4Addr::LOCALHOST.into() } else { addr.ip() };
    format!("http://{}", SocketAddr::new(ip, addr.port()))
}
