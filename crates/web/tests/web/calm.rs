//! A machine on which nothing ever happens, and a service that tells of it.

use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use web::{
    Access, ChartNow, DoctorNow, Entrance, JsonAsked, LeasesNow, ListAsked, ListNow, Listener,
    Look, Machine, Moment, News, PortAsked, PortNow, Printed, RoomNow, State, StateCount, Timeline,
    TimelineAsked, Told, Trouble, Viewer,
};

/// The machine.
#[derive(Debug)]
pub(crate) struct Calm;

impl Machine for Calm {
    fn port(&self, asked: PortAsked, _: Viewer) -> Result<PortNow, Trouble> {
        Ok(PortNow {
            asked,
            settings: None,
            sockets: Vec::new(),
            processes: Vec::new(),
            binds: Vec::new(),
            notes: Vec::new(),
            printed: Printed::default(),
        })
    }

    fn timeline(&self, asked: &TimelineAsked, _: Viewer) -> Result<Timeline, Trouble> {
        Ok(Timeline {
            span: asked.span,
            told: Told::Unrecorded,
            spells: Vec::new(),
            more: false,
            gaps: Vec::new(),
            since: None,
        })
    }

    fn chart(&self, _: Option<Moment>, _: Viewer) -> Result<ChartNow, Trouble> {
        Err(Trouble::Failed("the sea is hidden by fog".to_owned()))
    }

    fn list(&self, _: &ListAsked, _: Viewer) -> Result<ListNow, Trouble> {
        Ok(ListNow { sockets: Vec::new(), total: 0, hidden: false, notes: Vec::new() })
    }

    fn room(&self, _: Viewer) -> Result<RoomNow, Trouble> {
        Err(Trouble::NotForYou)
    }

    fn doctor(&self, _: Viewer) -> Result<DoctorNow, Trouble> {
        Err(Trouble::NotForYou)
    }

    fn leases(&self, _: Viewer) -> Result<LeasesNow, Trouble> {
        Err(Trouble::NotForYou)
    }

    fn json(&self, _: &JsonAsked, _: Viewer) -> Result<Vec<u8>, Trouble> {
        Ok(vec![b' '; 8 << 20])
    }

    fn look(&self) -> Result<Look, Trouble> {
        Ok(Look::default())
    }

    fn follow(&self, tell: &mut dyn FnMut(News) -> ControlFlow<()>) -> Result<(), Trouble> {
        while tell(News::Happened(Vec::new())).is_continue() {
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
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

/// Serves it behind `entrance` while `visit` visits the address that it is given.
pub(crate) fn serve<F: Future<Output = ()>>(
    entrance: Entrance,
    visit: impl FnOnce(SocketAddr) -> F,
) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (end, told) = oneshot::channel::<()>();
        let state = State::new(Arc::new(Calm), Access::local());
        let served = tokio::spawn(web::serve(Listener::Tcp(listener), entrance, state, async {
            let _ended_or_dropped = told.await;
        }));
        visit(addr).await;
        drop(end);
        let ended = tokio::time::timeout(Duration::from_secs(10), served).await;
        ended.expect("it ends when told").unwrap().unwrap();
    });
}
