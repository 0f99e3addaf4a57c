//! What happens, as the web is told of it: by the recorder that runs, else watched by ourselves.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use log::Change;
use registry::Port;
use sockets::Users;
use web::{Happened, Happening, News, Viewer};

use super::past;
use crate::args::SourceName;
use crate::commands::watch;
use crate::recorder::{self, Client};

/// A change of a tenure.
#[derive(Debug)]
struct Changed {
    change: Change,
    users: Arc<Users>,
}

impl Happened for Changed {
    fn ports(&self) -> (Port, Option<Port>) {
        let tenure = &self.change.tenure;
        (tenure.local.port, tenure.remote.map(|remote| remote.port))
    }

    fn seen_by(&self, viewer: Viewer) -> Happening {
        watch::happening(&self.as_known_to(viewer), &self.users)
    }

    fn json(&self, viewer: Viewer) -> String {
        watch::json_line(&self.as_known_to(viewer), &self.users)
    }
}

impl Changed {
    fn as_known_to(&self, viewer: Viewer) -> Change {
        let Change { at, verb, tenure } = &self.change;
        Change { at: *at, verb: *verb, tenure: tenure.clone().as_seen_by(past::viewer(viewer)) }
    }
}

/// Tells what happens until `tell` breaks off.
pub(super) fn follow(
    dir: Option<&Path>,
    tell: &mut dyn FnMut(News) -> ControlFlow<()>,
) -> anyhow::Result<()> {
    if let Some(client) = Client::connect(dir) {
        return from_recorder(client, tell);
    }
    let mut users = Arc::new(Users::load());
    watch::follow(SourceName::Auto, &mut |told| {
        tell(match told {
            watch::Told::Missed(count) => News::Missed(count),
            watch::Told::Changes(changes) => news(changes, &mut users),
        })
    })
}

fn from_recorder(
    client: Client,
    tell: &mut dyn FnMut(News) -> ControlFlow<()>,
) -> anyhow::Result<()> {
    let mut users = Arc::new(Users::load());
    let mut following = client.watch()?;
    loop {
        let told = if following.has_more_within(A_SECOND) {
            match following.next()? {
                None => anyhow::bail!("the recorder has ended"),
                Some(recorder::News::Changes(changes)) => news(changes, &mut users),
                Some(recorder::News::Missed(count)) => News::Missed(count),
            }
        } else {
            News::Happened(Vec::new())
        };
        if tell(told).is_break() {
            return Ok(());
        }
    }
}

fn news(changes: Vec<Change>, users: &mut Arc<Users>) -> News {
    // A user may have been added since.
    let known = |change: &Change| users.user(change.tenure.uid).name.is_some();
    if !changes.iter().all(known) {
        *users = Arc::new(Users::load());
    }
    let happened = |change| Arc::new(Changed { change, users: users.clone() }) as Arc<dyn Happened>;
    News::Happened(changes.into_iter().map(happened).collect())
}

/// `tell` is called at least so often.
const A_SECOND: Duration = Duration::from_secs(1);
