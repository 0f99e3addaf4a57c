//! The two settings that make the range, `ip_local_port_range` and `ip_local_reserved_ports`
//! (`ip-sysctl.rst`), of the namespace of the thread that asks; written together or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use registry::{Port, PortRange};
use serde::{Deserialize, Serialize};
use sockets::{PortSettings, Source};

/// What the two are set to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settings {
    first: u16,
    last: u16,
    reserved: Vec<(u16, u16)>,
}

impl Settings {
    /// A range, and what of it and beside it is reserved.
    pub(super) fn new(range: PortRange, reserved: &[PortRange]) -> Settings {
        let ends = |one: &PortRange| (one.first().number(), one.last().number());
        let (first, last) = ends(&range);
        Settings { first, last, reserved: merged(reserved).iter().map(ends).collect() }
    }

    /// Those of this namespace.
    pub(super) fn read() -> anyhow::Result<Settings> {
        let PortSettings { ephemeral, reserved, .. } =
            sockets::host().port_settings().context("the port settings could not be read")?;
        Ok(Settings::new(ephemeral, &reserved))
    }

    /// The range.
    pub(super) fn range(&self) -> PortRange {
        PortRange::new(Port(self.first.min(self.last)), Port(self.last)).unwrap_or(Port(1).into())
    }

    /// What is reserved.
    pub(super) fn reserved(&self) -> Vec<PortRange> {
        let range = |(first, last): &(u16, u16)| PortRange::new(Port(*first), Port(*last));
        self.reserved.iter().filter_map(range).collect()
    }

    /// The list as the kernel reads it.
    pub(super) fn list(&self) -> String {
        self.reserved().iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }

    /// As the lines of a file of `sysctl.d(5)`.
    pub(super) fn sysctl_lines(&self) -> String {
        format!(
            "net.ipv4.ip_local_port_range = {} {}\nnet.ipv4.ip_local_reserved_ports = {}\n",
            self.first,
            self.last,
            self.list()
        )
    }

    /// Sets both, as seen by every connect in between: what either wants reserved is. If it does not
    /// come to what was asked for, the settings before are put back.
    pub(super) fn apply(&self) -> anyhow::Result<()> {
        let before = Settings::read()?;
        let both = Settings::new(self.range(), &[self.reserved(), before.reserved()].concat());
        let steps = both
            .write_reserved()
            .and_then(|()| self.write_range())
            .and_then(|()| self.write_reserved())
            .and_then(|()| self.check());
        let Err(error) = steps else { return Ok(()) };
        let back = before.restore();
        match back {
            Ok(()) => Err(error.context("nothing was changed")),
            Err(worse) => Err(error.context(format!("and it could not be undone: {worse:#}"))),
        }
    }

    fn check(&self) -> anyhow::Result<()> {
        let now = Settings::read()?;
        if now.range() != self.range() {
            bail!("the kernel has {} afterwards, not {}", now.range(), self.range());
        }
        if now != *self {
            bail!("the kernel has other ports in net.ipv4.ip_local_reserved_ports afterwards");
        }
        Ok(())
    }

    /// Puts these back; what could not be changed need not be.
    fn restore(&self) -> anyhow::Result<()> {
        let now = Settings::read()?;
        if now.range() != self.range() {
            self.write_range()?;
        }
        if now.reserved != self.reserved {
            self.write_reserved()?;
        }
        Ok(())
    }

    fn write_range(&self) -> anyhow::Result<()> {
        write("ip_local_port_range", &format!("{} {}", self.first, self.last))
    }

    /// An empty list takes a newline: writing nothing changes nothing.
    fn write_reserved(&self) -> anyhow::Result<()> {
        write("ip_local_reserved_ports", &format!("{}\n", self.list()))
    }
}

fn write(name: &str, value: &str) -> anyhow::Result<()> {
    let path = Path::new("/proc/sys/net/ipv4").join(name);
    fs::write(&path, value)
        .with_context(|| format!("{} could not be set to '{}'", path.display(), value.trim()))
}

/// The same ports in as few ranges as can be, in order, as the kernel lists them.
fn merged(ranges: &[PortRange]) -> Vec<PortRange> {
    let mut sorted = ranges.to_vec();
    sorted.sort_by_key(|range| range.first());
    let mut merged: Vec<PortRange> = Vec::new();
    for range in sorted {
        match merged.last_mut() {
            Some(last)
                if u32::from(range.first().number()) <= u32::from(last.last().number()) + 1 =>
            {
                let end = last.last().max(range.last());
                *last = PortRange::new(last.first(), end).unwrap_or(*last);
            }
            _ => merged.push(range),
        }
    }
    merged
}

/// The file of `sysctl.d(5)` that the next boot reads.
pub(super) fn sysctl_file(dir: &Path) -> PathBuf {
    dir.join("60-portolan-range.conf")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: u16, last: u16) -> PortRange {
        PortRange::new(Port(first), Port(last)).unwrap()
    }

    #[test]
    fn reserved_ports_are_listed_as_the_kernel_does() {
        let reserved = [range(50, 60), range(8, 8), range(9, 10), range(55, 70), range(72, 72)];
        let settings = Settings::new(range(40000, 50000), &reserved);
        assert_eq!(settings.list(), "8-10,50-70,72");
        assert_eq!(
            settings.sysctl_lines(),
            "net.ipv4.ip_local_port_range = 40000 50000\n\
             net.ipv4.ip_local_reserved_ports = 8-10,50-70,72\n"
        );
        assert_eq!(Settings::new(settings.range(), &settings.reserved()), settings);
    }

    #[test]
    fn a_list_may_reach_the_last_port() {
        let settings = Settings::new(range(1, 2), &[range(65535, 65535), range(60000, 65535)]);
        assert_eq!(settings.list(), "60000-65535");
    }
}
