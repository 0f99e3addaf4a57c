//! A process whose connects are timed.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use sockets::{PortSettings, Source};

use crate::way::{Connected, Way, stream_socket, xorshift};
use crate::{Failure, raise_descriptor_limit};

/// The process.
pub(crate) struct Timed {
    mode: String,
    server: SocketAddrV4,
    samples: usize,
    ports: PortSettings,
    way: Way,
}

impl Timed {
    /// What connects in one of `way::MODES`, and says it is of `mode`.
    pub(crate) fn new(mode: &str, way: &str, port: u16, samples: usize) -> Result<Timed, Failure> {
        Ok(Timed {
            mode: mode.into(),
            server: SocketAddrV4::new(Ipv4Addr::LOCALHOST, port),
            samples,
            ports: sockets::host().port_settings()?,
            way: Way::new(way)?,
        })
    }

    /// Measures each time a line comes, which says how full the range is.
    pub(crate) fn run(&mut self) -> Result<(), Failure> {
        for share in io::stdin().lines() {
            self.measure(share?.parse()?);
        }
        Ok(())
    }

    /// Connects, and says how long that took.
    fn connect(&mut self, tries: &mut u32) -> Result<(Connected, Duration), Failure> {
        let socket = stream_socket().expect("a descriptor is free");
        rustix::net::sockopt::set_socket_linger(&socket, Some(Duration::ZERO))
            .expect("every socket can linger");
        let begun = Instant::now();
        let connected = self.way.connect(socket, self.server, &self.ports, tries)?;
        Ok((connected, begun.elapsed()))
    }

    /// Holds connections, then closes one and connects again, so many times.
    pub(crate) fn churn(&mut self, hold: usize, times: usize) -> Result<(), Failure> {
        raise_descriptor_limit()?;
        let (mut held, mut took, mut failed) = (Vec::with_capacity(hold), Vec::new(), 0);
        let mut state = u64::from(std::process::id()) | 1 << 32;
        for _ in 0..hold + times {
            if held.len() == hold {
                xorshift(&mut state);
                held.swap_remove(usize::try_from(state % u64::try_from(hold)?)?);
            }
            match self.connect(&mut 0) {
                Ok((connected, time)) => {
                    held.push(connected);
                    took.push(time);
                }
                Err(_) => failed += 1,
            }
        }
        // Of the time in which it was full alone.
        self.print(1.0, took.split_off(hold.min(took.len())), failed, 0);
        Ok(())
    }

    fn measure(&mut self, share: f64) {
        let (mut times, mut failed, mut tries) = (Vec::with_capacity(self.samples), 0, 0);
        for _ in 0..self.samples {
            match self.connect(&mut tries) {
                Ok((_connected, took)) => times.push(took),
                Err(_) => failed += 1,
            }
        }
        self.print(share, times, failed, tries);
    }

    fn print(&self, share: f64, mut times: Vec<Duration>, failed: u32, tries: u32) {
        times.sort_unstable();
        let us = |index: usize| times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1e6);
        let connects = times.len();
        let tries = match self.way {
            Way::Dialer(_) => "null".to_owned(),
            _ => format!("{:.1}", f64::from(tries) / self.samples.max(1) as f64),
        };
        println!(
            "{{\"mode\":\"{}\",\"fill\":{share:.4},\"connects\":{connects},\"failed\":{failed},\
             \"tries_per_connect\":{tries},\"us_median\":{:.1},\"us_p99\":{:.1},\"us_max\":{:.1}}}",
            self.mode,
            us(connects / 2),
            us(connects * 99 / 100),
            us(connects.saturating_sub(1)),
        );
    }
}
