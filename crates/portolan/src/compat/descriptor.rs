//! Descriptors that a recorder did not tell: it knows who holds a socket, not under which number.

use std::fs;

use sockets::{Held, Holder};

/// The holders of the socket `inode`, each with its descriptor; one whose descriptor cannot be found
/// any more is left out, as the tools would leave it out.
pub(super) fn known(holders: Vec<Holder<'_>>, inode: u64) -> Vec<Holder<'_>> {
    holders
        .into_iter()
        .filter_map(|holder| match holder.fd {
            Held::UNKNOWN_FD => Some(Holder { fd: find(holder.process.pid.0, inode)?, ..holder }),
            _ => Some(holder),
        })
        .collect()
}

/// The descriptor of process `pid` for the socket `inode`.
fn find(pid: u32, inode: u64) -> Option<u32> {
    let wanted = format!("socket:[{inode}]");
    let open = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.flatten();
    let mut held = open.filter(|entry| {
        fs::read_link(entry.path()).is_ok_and(|link| link.as_os_str() == wanted.as_str())
    });
    held.next()?.file_name().to_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn a_descriptor_is_found_by_its_socket() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let fd = listener.as_raw_fd();
        let inode = fs::metadata(format!("/proc/self/fd/{fd}")).unwrap().ino();
        assert_eq!(find(std::process::id(), inode), u32::try_from(fd).ok());
        assert_eq!(find(std::process::id(), u64::MAX), None);
    }
}
