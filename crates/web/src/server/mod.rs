//! Listening, and answering whoever connects.

use std::future::Future;
use std::io;

use axum::Router;
use tokio::net::TcpListener;

/// Answers on `listener` until `told`; what is being answered then is answered.
///
/// # Errors
/// [`io::Error`] if connections can no longer be taken.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    told: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(told).await
}
