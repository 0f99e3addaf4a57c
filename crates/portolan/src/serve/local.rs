//! [`web::Machine`] by what the commands ask: the card, the list, the recorder and its store.

use std::path::PathBuf;

use registry::Port;
use sockets::{Query, Source};
use web::{
    ChartNow, Held, Machine, Moment, PortAsked, PortNow, Role, Timeline, TimelineAsked, Told,
    Trouble, Viewer,
};

use crate::commands::card;
use crate::recorder::Recalled;

/// This machine.
#[derive(Debug)]
pub(crate) struct Local {
    dir: Option<PathBuf>,
}

impl Local {
    /// This machine, whose recorder keeps its store in `dir`, if that is not the default one.
    pub(crate) fn new(dir: Option<PathBuf>) -> Local {
        Local { dir }
    }
}

impl Machine for Local {
    fn port(&self, asked: PortAsked, _viewer: Viewer) -> Result<PortNow, Trouble> {
        let source = Recalled::new(crate::host::host(), self.dir.clone());
        card::port_now(&source, asked).map_err(failed)
    }

    fn timeline(&self, asked: &TimelineAsked, _viewer: Viewer) -> Result<Timeline, Trouble> {
        let span = asked.span;
        let told = Told::Unrecorded;
        Ok(Timeline { span, told, spells: vec![], more: false, gaps: vec![], since: None })
    }

    fn chart(&self, _at: Option<Moment>, _viewer: Viewer) -> Result<ChartNow, Trouble> {
        let host = crate::host::host();
        let snapshot = host.sockets(&Query::default()).map_err(|error| failed(error.into()))?;
        let mut ports: Vec<(Port, registry::Proto)> = snapshot
            .sockets
            .iter()
            .filter(|s| s.state == sockets::State::Listen)
            .map(|s| (s.local.port, s.proto))
            .collect();
        ports.sort();
        ports.dedup();
        let held = ports.into_iter().map(|(port, proto)| Held {
            port,
            proto,
            role: Role::Listens,
            sockets: 1,
            who: String::new(),
        });
        Ok(ChartNow {
            at: Moment::now(),
            held: held.collect(),
            recent: vec![],
            ephemeral: host.port_settings().ok().map(|settings| settings.ephemeral),
            reserved: vec![],
            told: Told::Unrecorded,
            since: None,
            gaps: vec![],
        })
    }

    fn look(&self) -> Result<u64, Trouble> {
        Ok(0)
    }
}

fn failed(error: anyhow::Error) -> Trouble {
    Trouble::Failed(format!("{error:#}"))
}
