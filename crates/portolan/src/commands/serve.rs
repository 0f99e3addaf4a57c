//! `portolan serve`: the chart, and a page for every port, in a browser.

use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::ServeArgs;
use crate::exit::Exit;
use crate::report;
use crate::serve::Local;

/// Serves until it is told to end.
pub(crate) fn run(args: &ServeArgs) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("no threads could be started")?;
    runtime.block_on(serve(args))?;
    Ok(Exit::Answered)
}

async fn serve(args: &ServeArgs) -> anyhow::Result<()> {
    anyhow::ensure!(
        args.listen.ip().is_loopback(),
        "--listen: {} is not an address of loopback",
        args.listen
    );
    let machine = Local::new(args.dir.clone());
    let router = web::router(web::State::new(Arc::new(machine)));
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}: see portolan {0}", args.listen))?;
    report::line(format_args!("portolan: serving http://{}/", listener.local_addr()?));
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let told = async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    };
    web::serve(listener, router, told).await?;
    Ok(())
}
