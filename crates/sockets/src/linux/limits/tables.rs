//! Numbers by name, as `/proc/net/netstat` and `/proc/net/sockstat` have them (`proc_pid_net(5)`).

/// The count called `name` of a table that has its names in one line and its numbers in the next, both
/// behind `table`: `TcpExt: SyncookiesSent …`, `TcpExt: 0 …`.
pub(crate) fn named_count(text: &[u8], table: &[u8], name: &[u8]) -> Option<u64> {
    let mut lines = text.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(table));
    let (names, numbers) = (words(lines.next()?), words(lines.next()?));
    let (_, number) = names.zip(numbers).find(|(found, _)| *found == name)?;
    parse(number)
}

/// The number behind `name` in the line that begins with `table`: `TCP: inuse 5 orphan 0 tw 3 …`.
pub(crate) fn pairs(text: &[u8], table: &[u8], name: &[u8]) -> Option<u64> {
    let line = text.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(table))?;
    let mut words = words(line);
    while let (Some(found), Some(number)) = (words.next(), words.next()) {
        if found == name {
            return parse(number);
        }
    }
    None
}

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

fn parse(digits: &[u8]) -> Option<u64> {
    let text = str::from_utf8(digits).ok()?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NETSTAT: &[u8] = b"TcpExt: SyncookiesSent ListenOverflows ListenDrops\n\
        TcpExt: 0 12 132\nIpExt: InNoRoutes\nIpExt: 7\n";

    #[test]
    fn counts_stand_under_their_names() {
        let count = |name: &[u8]| named_count(NETSTAT, b"TcpExt:", name);
        assert_eq!((count(b"ListenOverflows"), count(b"ListenDrops")), (Some(12), Some(132)));
        assert_eq!(count(b"InNoRoutes"), None);
        assert_eq!(named_count(NETSTAT, b"IpExt:", b"InNoRoutes"), Some(7));
        assert_eq!(named_count(b"TcpExt: A B\nTcpExt: 1\n", b"TcpExt:", b"B"), None);
        assert_eq!(named_count(b"TcpExt: A\nTcpExt: -1\n", b"TcpExt:", b"A"), None);
        assert_eq!(named_count(b"TcpExt: A\n", b"TcpExt:", b"A"), None);
    }

    #[test]
    fn numbers_stand_behind_their_names() {
        let text = b"sockets: used 23\nTCP: inuse 1 orphan 0 tw 3 alloc 1 mem 250\nTCP6: inuse 9\n";
        assert_eq!(pairs(text, b"TCP:", b"tw"), Some(3));
        assert_eq!(pairs(text, b"TCP6:", b"inuse"), Some(9));
        assert_eq!((pairs(text, b"TCP6:", b"tw"), pairs(b"TCP: tw", b"TCP:", b"tw")), (None, None));
    }
}
