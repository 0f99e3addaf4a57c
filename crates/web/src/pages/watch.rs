//! `/watch`: binds, connects, accepts and closes as they happen.

use std::sync::Arc;

use askama::Template;
use axum::extract;
use axum::response::{IntoResponse, Response};
use registry::Target;
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;

use crate::live::{Heard, stream};
use crate::page::{Caller, Frame, Lenient, fragment, page};
use crate::{Happened, Happening, News, State, Trouble};

/// Which ports to show.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    port: String,
}

#[derive(Template)]
#[template(path = "watch.html")]
struct WatchPage {
    frame: Frame,
    port: String,
    wrong: Option<String>,
    last: HappeningsPart,
}

/// What happened, a row each, the newest first.
#[derive(Template)]
#[template(path = "watch/rows.html")]
struct HappeningsPart {
    frame: Frame,
    happenings: Vec<Happening>,
}

impl Asked {
    /// The ports, where some are asked for.
    pub(crate) fn target(&self) -> Result<Option<Target>, Trouble> {
        if self.port.trim().is_empty() {
            return Ok(None);
        }
        let read = self.port.parse::<Target>();
        read.map(Some).map_err(|error| Trouble::Asked(error.to_string()))
    }
}

/// The page, with what happened last.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    frame: Frame,
    Lenient(asked): Lenient<Asked>,
) -> Response {
    drop(state.happenings());
    let target = asked.target();
    let wrong = target.as_ref().err().map(ToString::to_string);
    let target = target.unwrap_or_default();
    let last = state.last_happened();
    let last = last.iter().filter(|one| is_meant(target.as_ref(), &***one));
    let happenings = last.map(|one| one.seen_by(frame.viewer)).collect();
    let part = HappeningsPart { frame: frame.clone(), happenings };
    page(&WatchPage { frame, port: asked.port, wrong, last: part })
}

/// Tells what happens.
pub(crate) async fn live(
    extract::State(state): extract::State<State>,
    frame: Frame,
    caller: Caller,
    Lenient(asked): Lenient<Asked>,
) -> Response {
    let target = match asked.target() {
        Ok(target) => target,
        Err(trouble) => return trouble.into_response(),
    };
    let mut heard = state.happenings();
    stream(&state, caller.seat, move |line| async move {
        loop {
            let told = match heard.recv().await {
                Ok(told) => told,
                Err(RecvError::Lagged(_)) => {
                    line.send("missed", &frame.locale.say("watch-missed")).await?;
                    continue;
                }
                Err(RecvError::Closed) => return Ok(()),
            };
            match &*told {
                Heard::News(News::Happened(all)) => {
                    let meant = all.iter().filter(|one| is_meant(target.as_ref(), &***one));
                    if let Some(rows) = rows(&frame, meant) {
                        line.send("happened", &rows).await?;
                    }
                }
                Heard::News(News::Missed(_)) => {
                    line.send("missed", &frame.locale.say("watch-missed")).await?;
                }
                // Why, the operator is told by the API. The page asks again, and what happens is then
                // followed anew.
                Heard::Trouble(_) => {
                    line.send("trouble", &frame.locale.say("watch-lost")).await?;
                    return Ok(());
                }
            }
        }
    })
    .into_response()
}

/// Whether a port of what happened is among those asked for.
pub(crate) fn is_meant(target: Option<&Target>, happened: &dyn Happened) -> bool {
    let Some(target) = target else { return true };
    let (own, far) = happened.ports();
    target.contains(own) || far.is_some_and(|port| target.contains(port))
}

/// The newest of what happened, as rows; `None` where it was nothing.
fn rows<'a>(
    frame: &Frame,
    happened: impl DoubleEndedIterator<Item = &'a Arc<dyn Happened>>,
) -> Option<String> {
    let happenings: Vec<Happening> =
        happened.rev().take(ROWS).map(|one| one.seen_by(frame.viewer)).collect();
    let part = HappeningsPart { frame: frame.clone(), happenings };
    (!part.happenings.is_empty()).then(|| fragment(&part).ok())?
}

/// Nobody reads more at once.
const ROWS: usize = 100;

#[cfg(test)]
mod tests {
    use registry::{Port, Proto};

    use super::*;
    use crate::theme::Theme;
    use crate::{Language, Locale, Moment, Outcome, Viewer};

    #[test]
    fn how_it_ended_is_told_in_the_readers_language() {
        let happening = Happening {
            at: Moment(0),
            verb: "close",
            proto: Proto::Tcp,
            port: Port(22),
            ends: "127.0.0.1:22".to_owned(),
            owner: "sshd (7)".to_owned(),
            user: "root".to_owned(),
            outcome: Some(Outcome { ended: "time-wait", lasted: "10.4s".to_owned() }),
        };
        let rows = |language| {
            let locale = Locale::of(language);
            let frame =
                Frame { locale, viewer: Viewer::Nobody, theme: Theme::System, query: "".into() };
            let part = HappeningsPart { frame, happenings: vec![happening.clone()] };
            fragment(&part).unwrap()
        };
        let told = "closed, TIME-WAIT · <bdi dir=\"ltr\" class=\"number\">10.4s</bdi>";
        assert!(rows(Language::English).contains(told), "{}", rows(Language::English));
        let urdu = rows(Language::Urdu);
        assert!(urdu.contains("10.4s") && !urdu.contains("closed"), "{urdu}");
    }
}
