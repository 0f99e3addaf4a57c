//! What a recorder does for one client, on a thread of the client's own.

use std::time::Duration;

use log::{Change, Viewer};

use super::audience::Told;
use super::frame::{FrameError, LARGEST_REQUEST};
use super::message::{Reply, Request};
use super::service::Service;
use super::wire::Wire;

/// Answers a client until it goes, or says nothing for too long.
pub(super) fn serve(service: &Service, wire: &Wire, viewer: Viewer) {
    let mut nice = false;
    loop {
        let request = match wire.receive(LARGEST_REQUEST, TO_ASK) {
            Ok(frame) => Request::from_frame(&frame),
            Err(FrameError::Gone | FrameError::Io(_)) => return,
            Err(error) => return turn_away(wire, &error.to_string()),
        };
        // Whoever asks first of all what is so now is in a hurry, and soon told.
        if !nice && !matches!(request, Some(Request::Held(..))) {
            nice = be_nice();
        }
        let reply = match request {
            None => return turn_away(wire, "it does not know what was asked"),
            Some(Request::Watch) => return watch(service, wire, viewer),
            Some(request) => service.reply(request, viewer),
        };
        let Some(frame) = reply else { return turn_away(wire, "it is ending") };
        let Some(_room) = service.room(frame.body.len(), viewer) else {
            return turn_away(
                wire,
                "others have not read what they asked for yet; try again later",
            );
        };
        if wire.send(&frame, TO_READ).is_err() {
            return;
        }
        nice = nice || be_nice();
    }
}

/// From now on recording comes first: Linux has this for a thread.
fn be_nice() -> bool {
    rustix::process::nice(NICER).is_ok()
}

/// Says no, and why; the client may not even read it.
pub(super) fn turn_away(wire: &Wire, why: &str) {
    let _heard_or_not = wire.send(&Reply::Refused(why.to_owned()).to_frame(), TO_BE_TOLD);
}

/// Tells a client what happens until it goes.
fn watch(service: &Service, wire: &Wire, viewer: Viewer) {
    let ear = service.audience.join();
    // Tells the client that it is heard, so that it knows from when on it misses nothing.
    let mut told = Some(Told::nothing());
    while let Some(Told { missed, changes }) = told {
        if missed > 0 && wire.send(&Reply::Missed(missed).to_frame(), TO_GO_ON).is_err() {
            return;
        }
        let seen = changes.iter().map(|change| seen_by(viewer, change)).collect();
        if wire.send(&Reply::Changes(seen).to_frame(), TO_GO_ON).is_err() {
            return;
        }
        told = ear.hear();
    }
}

/// A change, as `viewer` may know it.
fn seen_by(viewer: Viewer, change: &Change) -> Change {
    Change { tenure: change.tenure.clone().as_seen_by(viewer), at: change.at, verb: change.verb }
}

/// How much less of the processor than the recorder a client gets, where both want it.
const NICER: i32 = 10;

/// How long a client has to ask, from one answer to the end of the next question.
const TO_ASK: Duration = Duration::from_secs(10);

/// How long a client has to read an answer.
const TO_READ: Duration = Duration::from_secs(30);

/// How long one who is turned away has to take the reason.
const TO_BE_TOLD: Duration = Duration::from_millis(50);

/// How long one who watches may look away; somebody reads its output in a pager, perhaps.
const TO_GO_ON: Duration = Duration::from_secs(3600);
