//! A machine that is made up: nginx listens on 127.0.0.1:8080, nobody on anything else.

use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;

use registry::{Port, PortRange, Proto};
use web::{
    Access, ChartNow, DoctorNow, JsonAsked, LeasesNow, ListAsked, ListNow, Look, Machine, Moment,
    News, PortAsked, PortNow, PortSettings, Printed, Role, RoomNow, SocketView, State, StateCount,
    Timeline, TimelineAsked, Told, Trouble, Viewer, Who,
};

/// The machine.
#[derive(Debug)]
pub(crate) struct Harbour;

impl Harbour {
    /// A service that tells of it to this machine alone.
    pub(crate) fn state() -> State {
        State::new(Arc::new(Harbour), Access::local())
    }
}

/// What Linux lends out unless it is told otherwise.
fn ephemeral() -> PortRange {
    PortRange::new(Port(32768), Port(60999)).unwrap()
}

fn listener(port: Port) -> SocketView {
    SocketView {
        role: Role::Listens,
        proto: Proto::Tcp,
        state: "LISTEN",
        local: format!("127.0.0.1:{port}"),
        remote: None,
        remote_port: None,
        local_port: port,
        who: Who::Known(vec!["<script>alert(1)</script> (812)".to_owned()]),
        user: "root".to_owned(),
        place: "nginx.service".to_owned(),
    }
}

impl Machine for Harbour {
    fn port(&self, asked: PortAsked, _: Viewer) -> Result<PortNow, Trouble> {
        let held = asked.port == Port(8080);
        Ok(PortNow {
            asked,
            settings: Some(PortSettings {
                ephemeral: ephemeral(),
                handed_out: ephemeral().contains(asked.port),
                reserved: false,
                unprivileged_start: Port(1024),
            }),
            sockets: held.then(|| listener(asked.port)).into_iter().collect(),
            processes: Vec::new(),
            binds: Vec::new(),
            notes: Vec::new(),
            printed: Printed {
                portolan: "what portolan would print\n".to_owned(),
                ss: "what ss would print\n".to_owned(),
                lsof: String::new(),
            },
        })
    }

    fn timeline(&self, asked: &TimelineAsked, _: Viewer) -> Result<Timeline, Trouble> {
        if let Some(timeline) = crate::recorded::timeline(asked) {
            return Ok(timeline);
        }
        Ok(Timeline {
            span: asked.span,
            told: Told::Unrecorded,
            spells: Vec::new(),
            more: false,
            gaps: Vec::new(),
            since: None,
        })
    }

    fn chart(&self, at: Option<Moment>, _: Viewer) -> Result<ChartNow, Trouble> {
        Ok(crate::recorded::chart(at))
    }

    fn list(&self, _: &ListAsked, _: Viewer) -> Result<ListNow, Trouble> {
        Err(Trouble::NotForYou)
    }

    fn room(&self, _: Viewer) -> Result<RoomNow, Trouble> {
        Ok(crate::ashore::room())
    }

    fn doctor(&self, _: Viewer) -> Result<DoctorNow, Trouble> {
        Ok(crate::ashore::doctor())
    }

    fn leases(&self, _: Viewer) -> Result<LeasesNow, Trouble> {
        Ok(crate::ashore::leases())
    }

    fn json(&self, _: &JsonAsked, _: Viewer) -> Result<Vec<u8>, Trouble> {
        Err(Trouble::NotForYou)
    }

    fn look(&self) -> Result<Look, Trouble> {
        Err(Trouble::NotForYou)
    }

    fn follow(&self, _: &mut dyn FnMut(News) -> ControlFlow<()>) -> Result<(), Trouble> {
        Err(Trouble::NotForYou)
    }

    fn census(&self) -> Result<Vec<StateCount>, Trouble> {
        Ok(Vec::new())
    }

    fn viewer_at(&self, _: SocketAddr, _: SocketAddr) -> Viewer {
        Viewer::Everything
    }

    fn viewer_of(&self, _: u32) -> Viewer {
        Viewer::Everything
    }
}
