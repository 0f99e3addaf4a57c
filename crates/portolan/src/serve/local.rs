//! [`web::Machine`] by what the commands ask: the card, the list, the recorder and its store.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use registry::{Port, Proto};
use web::{
    ChartNow, DoctorNow, JsonAsked, LeasesNow, ListAsked, ListNow, Look, Machine, Moment, News,
    PortAsked, PortNow, RoomNow, StateCount, Timeline, TimelineAsked, Trouble, Viewer,
};

use super::kept::Kept;
use super::past::{self, Pasts};
use super::{Sight, Surveyor, answers, chart, doctor, happened, leases, room, viewers};
use crate::commands::card;
use crate::commands::doctor::Diagnosis;
use crate::commands::lease::Leases;
use crate::netns;

/// This machine.
#[derive(Debug)]
pub(crate) struct Local {
    dir: Option<PathBuf>,
    surveyor: Surveyor,
    pasts: Pasts,
    rooms: Kept<Viewer, room::Seen>,
    diagnoses: Kept<Viewer, Diagnosis>,
}

impl Local {
    /// This machine, whose recorder keeps its store in `dir`, if that is not the default one.
    pub(crate) fn new(dir: Option<PathBuf>) -> Local {
        Local {
            pasts: Pasts::new(dir.clone()),
            dir,
            surveyor: Surveyor::default(),
            rooms: Kept::at_most(VIEWERS),
            diagnoses: Kept::at_most(VIEWERS),
        }
    }

    /// All sockets, as `viewer` sees them.
    pub(super) fn sight(&self, viewer: Viewer) -> Result<Sight, Trouble> {
        Ok(Sight { survey: self.surveyor.survey()?, viewer })
    }

    /// How much room there is, as `viewer` sees it.
    pub(super) fn rooms(&self, viewer: Viewer) -> Result<Arc<room::Seen>, Trouble> {
        let look = || room::look(viewer, self.dir(), &self.pasts);
        self.rooms.get(viewer, A_MOMENT, look).map_err(failed)
    }

    /// What the doctor tells `viewer`.
    pub(super) fn diagnosis(&self, viewer: Viewer) -> Result<Arc<Diagnosis>, Trouble> {
        let look = || doctor::look(viewer, self.dir());
        self.diagnoses.get(viewer, A_MOMENT, look).map_err(failed)
    }

    /// The leases, as `viewer` sees them.
    pub(super) fn leased(viewer: Viewer) -> Result<Leases, Trouble> {
        leases::look(viewer).map_err(failed)
    }

    /// Where the recorder keeps its store, if that is not the default place.
    pub(super) fn dir(&self) -> Option<&Path> {
        self.dir.as_deref()
    }
}

impl Machine for Local {
    fn port(&self, asked: PortAsked, viewer: Viewer) -> Result<PortNow, Trouble> {
        card::port_now(&self.sight(viewer)?, asked).map_err(failed)
    }

    fn timeline(&self, asked: &TimelineAsked, viewer: Viewer) -> Result<Timeline, Trouble> {
        let question = past::question(asked, netns::own().ok());
        let known = self.pasts.ask(&question, A_MOMENT, format!("{asked:?}")).map_err(failed)?;
        Ok(past::timeline(asked.span, &known, viewer))
    }

    fn chart(&self, at: Option<Moment>, viewer: Viewer) -> Result<ChartNow, Trouble> {
        let sight = self.sight(viewer)?;
        let hour = chart::hour_to(at.unwrap_or(sight.survey.at), netns::own().ok());
        let (age, same) = match at {
            Some(at) => (FOR_LONG, format!("hour to {}", at.0)),
            None => (LATELY, "the last hour".to_owned()),
        };
        let hour = self.pasts.ask(&hour, age, same);
        match at {
            Some(at) => Ok(chart::then(&sight, at, &*hour.map_err(failed)?)),
            None => Ok(chart::now(&sight, hour.ok().as_deref())),
        }
    }

    fn list(&self, asked: &ListAsked, viewer: Viewer) -> Result<ListNow, Trouble> {
        answers::list(&self.sight(viewer)?, asked)
    }

    fn room(&self, viewer: Viewer) -> Result<RoomNow, Trouble> {
        Ok(room::view(&*self.rooms(viewer)?))
    }

    fn doctor(&self, viewer: Viewer) -> Result<DoctorNow, Trouble> {
        Ok(doctor::view(&*self.diagnosis(viewer)?, viewer))
    }

    fn leases(&self, viewer: Viewer) -> Result<LeasesNow, Trouble> {
        Ok(leases::view(&Local::leased(viewer)?))
    }

    fn json(&self, asked: &JsonAsked, viewer: Viewer) -> Result<Vec<u8>, Trouble> {
        if !answers::may_ask(asked, viewer) {
            return Err(Trouble::NotForYou);
        }
        answers::json(self, asked, viewer)
    }

    fn look(&self) -> Result<Look, Trouble> {
        self.surveyor.look()
    }

    fn follow(&self, tell: &mut dyn FnMut(News) -> ControlFlow<()>) -> Result<(), Trouble> {
        happened::follow(self.dir(), tell).map_err(failed)
    }

    fn census(&self) -> Result<Vec<StateCount>, Trouble> {
        let survey = self.surveyor.survey()?;
        let mut counts: BTreeMap<(Proto, &'static str), usize> = BTreeMap::new();
        for socket in survey.sockets.iter().filter(|socket| socket.local.port != Port::NONE) {
            *counts.entry((socket.proto, socket.state.name())).or_default() += 1;
        }
        let count = |((proto, state), sockets)| StateCount { proto, state, sockets };
        Ok(counts.into_iter().map(count).collect())
    }

    fn viewer_at(&self, ours: SocketAddr, theirs: SocketAddr) -> Viewer {
        viewers::at(ours, theirs)
    }

    fn viewer_of(&self, uid: u32) -> Viewer {
        viewers::of_user(uid)
    }
}

/// Why the machine could not answer.
pub(super) fn failed(error: anyhow::Error) -> Trouble {
    Trouble::Failed(crate::report::on_one_line(&format!("{error:#}")))
}

/// For how many viewers a look at everything is kept.
const VIEWERS: usize = 64;
/// How old the past of a port may be.
const A_MOMENT: Duration = Duration::from_secs(1);
/// How old that of all ports may be, up to now.
const LATELY: Duration = Duration::from_secs(15);
/// And up to a moment that has been.
const FOR_LONG: Duration = Duration::from_secs(60);
