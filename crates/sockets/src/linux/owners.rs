//! Finds the processes that hold sockets.

use crate::{Ownership, Search, Socket};

pub(super) fn find(_sockets: &[Socket], _search: Search) -> Ownership {
    Ownership::default()
}
