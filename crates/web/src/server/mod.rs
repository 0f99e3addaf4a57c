//! Listening, and answering whoever connects: so many at once, each within a time. Where all places
//! are taken, the connection that has been silent longest makes room: one that holds a stream keeps
//! its place.

mod crowd;
mod entrance;
mod patient;
mod tls;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::watch;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::State;
use crowd::Crowd;
pub(crate) use crowd::Seat;
use entrance::Caller;
pub use entrance::{Entrance, Listener};
use patient::Patient;
pub use tls::{Tls, TlsError};

/// Answers on `listener` until `told`; what is being answered then is answered, and streams end.
///
/// # Errors
/// [`io::Error`] if connections can no longer be taken.
pub async fn serve(
    listener: Listener,
    entrance: Entrance,
    state: State,
    told: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let (end, ending) = watch::channel(false);
    let state = state.ending_with(ending.clone());
    let house = Arc::new(House { router: crate::router(state.clone()), state, entrance, ending });
    let crowd = Crowd::new(CONNECTIONS);
    let taking = async {
        loop {
            match listener.accept().await {
                Ok((stream, caller)) => {
                    let Some(seat) = crowd.seat().await else { continue };
                    tokio::spawn(house.clone().attend(stream, caller, seat));
                }
                // Too many descriptors, or a client that has gone: neither ends the service.
                Err(error) if is_passing(&error) => tokio::time::sleep(BREATH).await,
                Err(error) => return error,
            }
        }
    };
    let failed = tokio::select! {
        error = taking => Some(error),
        () = told => None,
    };
    drop(listener);
    end.send_replace(true);
    let _all_or_not = timeout(FAREWELL, crowd.dispersed()).await;
    failed.map_or(Ok(()), Err)
}

/// What all connections share.
#[derive(Debug)]
struct House {
    router: Router,
    state: State,
    entrance: Entrance,
    ending: watch::Receiver<bool>,
}

impl House {
    /// Answers one who connected until they go, are silent for too long, or it ends.
    async fn attend(self: Arc<Self>, stream: entrance::Stream, caller: Caller, seat: Arc<Seat>) {
        let room = seat.clone();
        tokio::select! {
            () = self.answer(stream, caller, seat) => {}
            () = room.asked_to_leave() => {}
        }
    }

    async fn answer(&self, stream: entrance::Stream, caller: Caller, seat: Arc<Seat>) {
        let Ok(Some(stream)) = timeout(TO_GREET, self.entrance.let_in(stream)).await else {
            return;
        };
        let viewer = caller.viewer(&self.state).await;
        let (router, theirs) = (self.router.clone(), seat.clone());
        let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(viewer);
            request.extensions_mut().insert(theirs.clone());
            let router = router.clone();
            async move {
                Ok::<_, Infallible>(router.oneshot(request).await.unwrap_or_else(|e| match e {}))
            }
        });
        let io = TokioIo::new(Patient::new(stream, TO_READ, seat));
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(TO_ASK)
            .max_headers(HEADERS)
            .max_buf_size(HEADER_BYTES)
            .serve_connection(io, service);
        let mut connection = std::pin::pin!(connection);
        let mut ending = self.ending.clone();
        tokio::select! {
            _done_or_broken = connection.as_mut() => return,
            _ = ending.wait_for(|ending| *ending) => connection.as_mut().graceful_shutdown(),
        }
        let _done_or_broken = connection.await;
    }
}

/// Whether a failure to take a connection may pass.
fn is_passing(error: &io::Error) -> bool {
    const EMFILE: i32 = 24;
    const ENFILE: i32 = 23;
    let kind = error.kind();
    matches!(error.raw_os_error(), Some(EMFILE | ENFILE))
        || matches!(kind, io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
        || kind == io::ErrorKind::Interrupted
}

/// How many connections there are at once.
const CONNECTIONS: usize = 2048;
/// How many lines a request has at most before its body, and how many bytes.
const HEADERS: usize = 64;
const HEADER_BYTES: usize = 16 << 10;
/// How long a client has to send a request, from one answer to the end of the next one's head.
const TO_ASK: Duration = Duration::from_secs(10);
/// How long it may leave what it is sent unread.
const TO_READ: Duration = Duration::from_secs(10);
/// How long it has to agree on TLS.
const TO_GREET: Duration = Duration::from_secs(5);
/// How long answers under way are waited for at the end.
const FAREWELL: Duration = Duration::from_secs(5);
/// How long to wait where there are no descriptors.
const BREATH: Duration = Duration::from_millis(50);
