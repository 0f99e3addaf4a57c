//! A stream of server-sent events (HTML Living Standard §9.2) to one client.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::wrappers::ReceiverStream;

use crate::server::Seat;
use crate::{State, Trouble};

/// The line to a client.
#[derive(Debug)]
pub(crate) struct Line {
    events: Sender<Result<Event, Infallible>>,
    _permit: OwnedSemaphorePermit,
}

/// The client has gone, does not read, or the service ends.
#[derive(Debug)]
pub(crate) struct HungUp;

impl Line {
    /// Sends an event; `data` may have several lines.
    pub(crate) async fn send(&self, event: &'static str, data: &str) -> Result<(), HungUp> {
        // A carriage return would end a line, and is in no text that is shown.
        let event = Event::default().event(event).data(data.replace('\r', ""));
        let sent = self.events.send_timeout(Ok(event), PATIENCE).await;
        sent.map_err(|_| HungUp)
    }

    /// Sends a part of a page if it is other than the one that was `shown` last; or why there is none.
    pub(crate) async fn show(
        &self,
        event: &'static str,
        part: Result<String, Trouble>,
        shown: &mut String,
    ) -> Result<(), HungUp> {
        match part {
            Ok(part) if part == *shown => Ok(()),
            Ok(part) => {
                self.send(event, &part).await?;
                *shown = part;
                Ok(())
            }
            Err(trouble) => self.send("trouble", &trouble.to_string()).await,
        }
    }
}

/// Answers with a stream that `talk` sends events on, until it ends. The client may be late by
/// some events; whoever talks keeps nothing for it beyond that.
pub(crate) fn stream<F>(
    state: &State,
    seat: Option<Arc<Seat>>,
    talk: impl FnOnce(Line) -> F,
) -> Response
where
    F: Future<Output = Result<(), HungUp>> + Send + 'static,
{
    let Some(permit) = state.stream_permit() else {
        let later = [(header::RETRY_AFTER, HeaderValue::from_static("10"))];
        let why = "as many streams are open as there may be: try again later\n";
        return (StatusCode::SERVICE_UNAVAILABLE, later, why).into_response();
    };
    let (events, received) = mpsc::channel(BEHIND);
    let gone = events.clone();
    let mut ending = state.ending();
    let talk = talk(Line { events, _permit: permit });
    let hold = seat.map(|seat| seat.hold());
    tokio::spawn(async move {
        let _hold = hold;
        tokio::select! {
            _ended = talk => {}
            () = gone.closed() => {}
            // Where nobody is there to say that it ends, as in tests of a router, it does not.
            Ok(_) = ending.wait_for(|ending| *ending) => {}
        }
    });
    let alive = KeepAlive::new().interval(ALIVE);
    Sse::new(ReceiverStream::new(received)).keep_alive(alive).into_response()
}

/// How many events wait for a client.
const BEHIND: usize = 4;
/// How long one waits for a place among them.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often something is sent, so that a connection that is dead is noticed.
const ALIVE: Duration = Duration::from_secs(15);
