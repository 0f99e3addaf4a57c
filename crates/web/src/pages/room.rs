//! `/room`: how many ports are taken towards each destination, live, and what else ends connections.

use std::time::Duration;

use askama::Template;
use axum::extract;
use axum::response::{IntoResponse, Response};

use crate::live::stream;
use crate::page::{Caller, Frame, fragment, page};
use crate::{
    DestinationView, FullIn, HolderView, LimitView, Rich, RoomNow, State, Trouble, UnservedView,
    Viewer,
};

#[derive(Template)]
#[template(path = "room.html")]
struct RoomPage {
    frame: Frame,
    now: NowPart,
}

/// What changes.
#[derive(Template)]
#[template(path = "room/now.html")]
struct NowPart {
    frame: Frame,
    room: Result<RoomNow, Trouble>,
}

impl NowPart {
    /// The holders that are told, and how many are not.
    fn holders<'a>(&self, destination: &&'a DestinationView) -> (&'a [HolderView], usize) {
        let told = destination.holders.len().min(HOLDERS);
        (&destination.holders[..told], destination.holders.len() - told)
    }

    /// The last hour as the points of lines, each without a gap in it; 100 wide, 20 high.
    fn hour(&self, destination: &&DestinationView) -> Vec<String> {
        let points = &destination.hour;
        let step = 100.0 / f64::from(u32::try_from(points.len()).unwrap_or(1).max(2) - 1);
        let point = |(at, taken): (u32, u32), aside: f64| {
            let share = f64::from(taken) / f64::from(destination.of.max(1));
            let x = f64::from(at) * step + aside;
            format!("{x:.1},{:.1}", 20.0 - share.min(1.0) * 19.0)
        };
        let known: Vec<Option<(u32, u32)>> =
            (0..).zip(points).map(|(at, taken)| taken.map(|taken| (at, taken))).collect();
        let lines = known.split(Option::is_none).filter(|line| !line.is_empty());
        let line = |line: &[Option<(u32, u32)>]| {
            let mut all: Vec<String> = line.iter().flatten().map(|it| point(*it, 0.0)).collect();
            // A line of one point would not be seen.
            if let [Some(one)] = line {
                all.insert(0, point(*one, -step / 2.0));
            }
            all.join(" ")
        };
        lines.map(line).collect()
    }

    /// The last hour in words.
    fn hour_told(&self, destination: &&DestinationView) -> String {
        let known = || destination.hour.iter().flatten();
        let Some((least, most)) = known().min().zip(known().max()) else {
            return self.frame.locale.say("room-unrecorded").into_owned();
        };
        let args = [("least", (*least as usize).into()), ("most", (*most as usize).into())];
        self.frame.locale.text("room-hour", &args).into_owned()
    }

    fn open(&self, room: &&RoomNow) -> Rich<'static> {
        let args = [
            ("open", (room.open as usize).into()),
            ("all", (room.range.count() as usize).into()),
            ("range", room.range.into()),
        ];
        Rich(self.frame.locale.text("room-open", &args))
    }

    fn unserved(&self, it: &&UnservedView) -> Rich<'static> {
        let args = [
            ("count", usize::try_from(it.count).unwrap_or(usize::MAX).into()),
            ("source", it.source.as_str().into()),
            ("remote", it.remote.as_str().into()),
        ];
        Rich(self.frame.locale.text("room-unserved", &args).into_owned().into())
    }

    fn taken(&self, destination: &&DestinationView) -> Rich<'static> {
        self.of(destination.taken.into(), destination.of.into())
    }

    fn used(&self, limit: &&LimitView) -> Rich<'static> {
        match limit.of {
            Some(of) => self.of(limit.used, of),
            None => Rich(
                self.frame.locale.count(usize::try_from(limit.used).unwrap_or(usize::MAX)).into(),
            ),
        }
    }

    fn of(&self, used: u64, of: u64) -> Rich<'static> {
        let count = |it: u64| usize::try_from(it).unwrap_or(usize::MAX);
        let args = [("taken", count(used).into()), ("of", count(of).into())];
        Rich(self.frame.locale.text("room-of", &args))
    }

    /// Whether connect() is slow towards somewhere.
    fn is_past(&self, room: &&RoomNow) -> bool {
        room.destinations.iter().any(|it| it.cliff == "past")
    }

    /// How worrying a share is, as a class.
    fn class(&self, share: &f64, cliff: &str) -> &'static str {
        match cliff {
            _ if *share >= 0.9 => "bad",
            "past" => "bad",
            _ if *share >= 0.4 => "odd",
            _ => "good",
        }
    }
}

/// How long the bar of a share is, in hundredths: what is not empty shows.
fn bar(share: &f64) -> String {
    let least = if *share > 0.0 { 1.0 } else { 0.0 };
    format!("{:.1}", (share.clamp(0.0, 1.0) * 100.0).max(least))
}

/// The page.
pub(crate) async fn show(extract::State(state): extract::State<State>, frame: Frame) -> Response {
    let room = ask(&state, frame.viewer).await;
    page(&RoomPage { frame: frame.clone(), now: NowPart { frame, room } })
}

/// Tells how it changes.
pub(crate) async fn live(
    extract::State(state): extract::State<State>,
    frame: Frame,
    caller: Caller,
) -> Response {
    let told = state.clone();
    stream(&told, caller.seat, move |line| async move {
        let mut shown = String::new();
        loop {
            let room = ask(&state, frame.viewer).await;
            line.show("room", fragment(&NowPart { frame: frame.clone(), room }), &mut shown)
                .await?;
            // Rates and times change by themselves.
            tokio::time::sleep(PAUSE).await;
        }
    })
    .into_response()
}

async fn ask(state: &State, viewer: Viewer) -> Result<RoomNow, Trouble> {
    state.search(move |machine| machine.room(viewer)).await
}

/// How many holders of a destination are told.
const HOLDERS: usize = 3;
const PAUSE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_empty_shows() {
        assert_eq!([0.0, 0.0001, 0.5, 7.0].map(|it| bar(&it)), ["0.0", "1.0", "50.0", "100.0"]);
    }
}
