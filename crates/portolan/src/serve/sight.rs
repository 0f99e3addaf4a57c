//! A survey as one viewer may see it: a [`Source`] that the commands ask as they ask the kernel.

use std::sync::Arc;

use registry::{Port, Proto};
use sockets::{
    BindPremises, BindTrial, Error, Ownership, PortSettings, Ports, Process, Query, Search,
    Snapshot, Socket, Source,
};
use web::Viewer;

use super::Survey;
use crate::host::host;

/// What one viewer sees of a survey.
#[derive(Debug)]
pub(super) struct Sight {
    pub(super) survey: Arc<Survey>,
    pub(super) viewer: Viewer,
}

impl Sight {
    /// What is known of the owners of `sockets`.
    pub(super) fn ownership(&self, sockets: &[Socket]) -> Ownership {
        self.survey.ownership.narrowed(sockets, |process| sees(self.viewer, process))
    }

    /// The sockets that may be asked for: those of the port, where it is one.
    fn candidates(&self, ports: Ports) -> Vec<&Socket> {
        let all = &self.survey.sockets;
        let (Ports::Either(range) | Ports::Local(range) | Ports::Remote(range)) = ports else {
            return all.iter().collect();
        };
        if range.count() > 1 {
            return all.iter().collect();
        }
        let there = self.survey.by_port.get(&range.first()).map(Vec::as_slice).unwrap_or_default();
        there.iter().map(|at| &all[*at as usize]).collect()
    }
}

/// Whether `viewer` may see the name and arguments of `process`.
pub(super) fn sees(viewer: Viewer, process: &Process) -> bool {
    match viewer {
        Viewer::Everything => true,
        Viewer::User(uid) => process.user.uid == uid,
        Viewer::Nobody => false,
    }
}

/// The machine as one viewer may see it, looked at anew each time.
#[derive(Debug)]
pub(super) struct Eyes(pub(super) Viewer);

impl Source for Eyes {
    fn sockets(&self, query: &Query) -> Result<Snapshot, Error> {
        host().sockets(query)
    }

    fn owners(&self, sockets: &[Socket], search: Search) -> Ownership {
        host().owners(sockets, search).narrowed(sockets, |process| sees(self.0, process))
    }

    fn port_settings(&self) -> Result<PortSettings, Error> {
        host().port_settings()
    }

    /// None, as [`Sight`] has it.
    fn try_binds(&self, _: Port, _: &[Proto]) -> Vec<BindTrial> {
        Vec::new()
    }
}

impl Source for Sight {
    fn sockets(&self, query: &Query) -> Result<Snapshot, Error> {
        let candidates = self.candidates(query.ports).into_iter();
        Ok(Snapshot {
            sockets: candidates.filter(|socket| query.matches(socket)).cloned().collect(),
            netns: self.survey.netns.clone(),
            notes: self.survey.notes.clone(),
        })
    }

    fn owners(&self, sockets: &[Socket], _: Search) -> Ownership {
        self.ownership(sockets)
    }

    fn port_settings(&self) -> Result<PortSettings, Error> {
        match &self.survey.settings {
            Ok(settings) => Ok(settings.clone()),
            Err(_) => host().port_settings(),
        }
    }

    /// None: a look at a page must not take a port from anybody.
    fn try_binds(&self, _: Port, _: &[Proto]) -> Vec<BindTrial> {
        Vec::new()
    }

    fn bind_premises(&self) -> BindPremises {
        self.survey.premises.clone()
    }
}
