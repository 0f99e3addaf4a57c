//! The destinations of a dialer. Those that nothing is known of any more are dropped as new ones come.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::route::Route;

/// What is known of each destination.
#[derive(Debug, Default)]
pub(super) struct Routes {
    secret: RandomState,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    routes: HashMap<SocketAddr, Arc<Route>>,
    /// How many there may be before those not in use are dropped.
    limit: usize,
}

impl Routes {
    /// The one towards `destination`, which is canonical.
    pub(super) fn of(&self, destination: SocketAddr) -> Arc<Route> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(route) = known.routes.get(&destination) {
            return route.clone();
        }
        known.make_room();
        // Each destination begins with another source address.
        let turn = usize::from(u16::try_from(self.secret.hash_one(destination) >> 48).unwrap_or(0));
        let route = Arc::new(Route::new(destination, turn));
        known.routes.insert(destination, route.clone());
        route
    }

    /// What puts ports into an order that nobody can guess.
    pub(super) fn secret(&self) -> &RandomState {
        &self.secret
    }
}

impl Known {
    fn make_room(&mut self) {
        if self.routes.len() < self.limit.max(SMALL) {
            return;
        }
        // Whoever dials or holds a connection has the `Arc` too.
        self.routes.retain(|_, route| Arc::strong_count(route) > 1 || !route.is_idle());
        self.limit = 2 * self.routes.len();
    }
}

const SMALL: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn destination(index: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], index))
    }

    #[test]
    fn a_destination_has_one_route_and_idle_ones_go() {
        let routes = Routes::default();
        let kept = routes.of(destination(1));
        for index in 0..u16::MAX {
            routes.of(destination(index));
        }
        assert!(Arc::ptr_eq(&kept, &routes.of(destination(1))));
        assert!(routes.known.lock().unwrap().routes.len() <= SMALL);
    }

    #[test]
    fn destinations_begin_with_different_sources() {
        let routes = Routes::default();
        let settings = Arc::new(sockets::PortSettings {
            ephemeral: registry::PortRange::ALL,
            reserved: Vec::new(),
            unprivileged_start: registry::Port(0),
        });
        let turns = (1..=64).map(|index| routes.of(destination(index)).plan(4, &settings).turn);
        let mut seen = [0; 4];
        turns.for_each(|turn| seen[turn] += 1);
        assert!(seen.iter().all(|count| *count > 0), "64 destinations over 4 sources: {seen:?}");
    }
}
