//! The public figures of a destination against the sockets that exist.

use alloc::dialer::{Dialer, Settings};

use crate::namespace::with_ports;
use crate::server::{listen, tracking};

#[test]
fn the_fill_counts_everybody() {
    with_ports((40000, 40031), || {
        let listener = listen("127.0.0.1:20000");
        let to = listener.local_addr().unwrap();
        let (ours, theirs) = (tracking(), Dialer::new(Settings::default()).unwrap());
        let _held: Vec<_> = (0..5).map(|_| ours.connect(to, None).unwrap()).collect();
        let _others: Vec<_> = (0..7).map(|_| theirs.connect(to, None).unwrap()).collect();
        let fill = ours.fill(to).unwrap();
        assert_eq!((fill.taken, fill.ours, fill.bound, fill.of), (12, 5, 0, 32));
        assert!((fill.share() - 0.375).abs() < 1e-9 && !fill.is_full());
        assert_eq!(fill.range.to_string(), "40000-40031");
    });
}
