//! Segments of TCP as nobody's kernel sent them.

use std::net::SocketAddrV4;

use rustix::net::{
    AddressFamily, SendFlags, SocketFlags, SocketType, ipproto, sendto, socket_with,
};

/// What is sent, from where it pretends to come to a socket of this host.
pub(super) struct Segment<'a> {
    pub(super) from: SocketAddrV4,
    pub(super) to: SocketAddrV4,
    pub(super) sequence: u32,
    pub(super) flags: u8,
    /// In whole words.
    pub(super) options: &'a [u8],
    pub(super) data: &'a [u8],
}

impl Segment<'_> {
    pub(super) fn send(&self) {
        let segment = self.with_checksum();
        let [from, to] = [self.from, self.to].map(|end| end.ip().octets());
        // The kernel fills in what is zero, and the checksum.
        let header = [0x45, 0, 0, 0, 0, 0, 0, 0, 64, 6, 0, 0];
        let packet = [&header[..], &from, &to, &segment].concat();
        let raw = socket_with(
            AddressFamily::INET,
            SocketType::RAW,
            SocketFlags::CLOEXEC,
            Some(ipproto::RAW),
        );
        sendto(raw.unwrap(), &packet, SendFlags::empty(), &self.to).unwrap();
    }

    fn with_checksum(&self) -> Vec<u8> {
        let words = u8::try_from(5 + self.options.len() / 4).unwrap();
        let mut segment = [
            &self.from.port().to_be_bytes()[..],
            &self.to.port().to_be_bytes(),
            &self.sequence.to_be_bytes(),
            &[0; 4],
            &[words << 4, self.flags, 0xff, 0xff, 0, 0, 0, 0],
            self.options,
            self.data,
        ]
        .concat();
        let len = u16::try_from(segment.len()).unwrap().to_be_bytes();
        let [from, to] = [self.from, self.to].map(|end| end.ip().octets());
        let summed = [&from[..], &to, &[0, 6], &len, &segment].concat();
        let word = |pair: &[u8]| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
        let sum = u16::try_from(summed.chunks(2).map(word).sum::<u32>() % 0xffff).unwrap();
        segment[16..18].copy_from_slice(&(!sum).to_be_bytes());
        segment
    }
}

pub(super) const SYN: u8 = 2;
pub(super) const RST: u8 = 4;
