//! The first bits of addresses.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The first bits of addresses of one family; those after them are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Prefix {
    is_v4: bool,
    /// IPv4: the lowest 32.
    bits: u128,
    length: u8,
}

impl Prefix {
    /// `None` if that is longer than an address.
    pub(super) fn new(address: IpAddr, length: u8) -> Option<Prefix> {
        let (is_v4, bits) = match address {
            IpAddr::V4(v4) => (true, u128::from(v4.to_bits())),
            IpAddr::V6(v6) => (false, v6.to_bits()),
        };
        let whole = Prefix { is_v4, bits, length: if is_v4 { 32 } else { 128 } };
        (length <= whole.length).then(|| whole.shortened(length))
    }

    pub(super) fn address(&self) -> IpAddr {
        if self.is_v4 {
            let bits = u32::try_from(self.bits).expect("an IPv4 address has 32 bits");
            return Ipv4Addr::from_bits(bits).into();
        }
        Ipv6Addr::from_bits(self.bits).into()
    }

    pub(super) fn length(&self) -> u8 {
        self.length
    }

    /// Whether it is all of an address.
    pub(super) fn is_one_address(&self) -> bool {
        self.length == self.width()
    }

    /// An address in it that is in no longer one of `all`; `None` where none is found in some tries.
    pub(super) fn only_in(&self, all: &BTreeSet<Prefix>) -> Option<IpAddr> {
        let hosts = u128::MAX.checked_shr(128 - u32::from(self.width() - self.length)).unwrap_or(0);
        // First those that are most like others: 1, 2, the middle; then some here and there.
        let spread = (1..TRIES).map(|turn| hosts / TRIES * turn + turn);
        let mut tries = [1, 2, hosts / 2].into_iter().chain(spread).chain([0, hosts]);
        tries.find_map(|host| {
            let whole = Prefix { bits: self.bits | (host & hosts), length: self.width(), ..*self };
            let longer =
                (self.length + 1..=self.width()).any(|n| all.contains(&whole.shortened(n)));
            (!longer).then(|| whole.address())
        })
    }

    fn shortened(&self, length: u8) -> Prefix {
        let gone = u32::from(self.width() - length);
        let mask = u128::MAX.checked_shl(gone).unwrap_or(0);
        Prefix { bits: self.bits & mask, length, ..*self }
    }

    fn width(&self) -> u8 {
        if self.is_v4 { 32 } else { 128 }
    }
}

const TRIES: u128 = 61;

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Prefix {
        let (address, length) = text.split_once('/').unwrap();
        Prefix::new(address.parse().unwrap(), length.parse().unwrap()).unwrap()
    }

    #[test]
    fn bits_behind_the_prefix_do_not_count() {
        assert_eq!(prefix("192.0.2.77/24"), prefix("192.0.2.0/24"));
        assert_eq!(prefix("0.0.0.0/0").address(), "0.0.0.0".parse::<IpAddr>().unwrap());
        assert_eq!(prefix("2001:db8::1/64").address(), "2001:db8::".parse::<IpAddr>().unwrap());
        assert_eq!(Prefix::new("192.0.2.0".parse().unwrap(), 33), None);
    }

    #[test]
    fn an_address_in_no_longer_prefix() {
        let all: BTreeSet<Prefix> =
            ["0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/8", "10.0.0.1/32", "::/0", "::1/128"]
                .map(prefix)
                .into();
        for one in &all {
            let found = one.only_in(&all).unwrap();
            let longest = all
                .iter()
                .filter(|other| other.is_v4 == one.is_v4)
                .filter(|other| Prefix::new(found, other.length) == Some(**other))
                .max_by_key(|other| other.length);
            assert_eq!(longest, Some(one), "{found}");
        }
        let halves: BTreeSet<Prefix> =
            ["10.0.0.0/30", "10.0.0.0/31", "10.0.0.2/31"].map(prefix).into();
        assert_eq!(prefix("10.0.0.0/30").only_in(&halves), None);
    }
}
