//! `/chart/live`: that the chart changed, whenever it does. What it is then is asked for as ever, so
//! that all who look at once get what was drawn once.

use std::time::Duration;

use axum::extract;
use axum::response::Response;
use tokio::sync::broadcast::error::RecvError;

use crate::State;
use crate::live::stream;
use crate::page::Caller;

/// Tells that the chart changed.
pub(crate) async fn live(extract::State(state): extract::State<State>, caller: Caller) -> Response {
    let mut changes = state.changes();
    stream(&state, caller.seat, move |line| async move {
        loop {
            match changes.recv().await {
                Ok(look) => line.send("changed", &look.version.to_string()).await?,
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Ok(()),
            }
            tokio::time::sleep(PAUSE).await;
        }
    })
}

/// A chart of thousands of connections changes all the time; nobody sees more.
const PAUSE: Duration = Duration::from_millis(300);
