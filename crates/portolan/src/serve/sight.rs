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
        let sees = |process: &Process| match self.viewer {
            Viewer::Everything => true,
            Viewer::User(uid) => process.user.uid == uid,
            Viewer::Nobody => false,
        };
        self.survey.ownership.narrowed(sockets, sees)
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
