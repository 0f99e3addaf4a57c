//! One line of `/proc/PID/stat` (`proc_pid_stat(5)`), readable by everyone: the name, the parent
//! and the start of a process.

/// What of the line is of use here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stat {
    /// The name as the process set it: any bytes, parentheses and newlines too.
    pub(super) comm: Vec<u8>,
    pub(super) parent: u32,
    /// When it started, in clock ticks since boot.
    pub(super) start_ticks: u64,
    /// Whether it is one of the kernel's own threads.
    is_kernel: bool,
    /// Whether its first thread has exited.
    pub(super) is_zombie: bool,
    threads: u32,
}

impl Stat {
    /// Reads the line; `None` if it is none.
    ///
    /// The name stands in parentheses and may hold more of them, so it ends at the last one: no
    /// later field has any.
    pub(super) fn parse(line: &[u8]) -> Option<Stat> {
        let open = line.iter().position(|byte| *byte == b'(')?;
        let close = line.iter().rposition(|byte| *byte == b')')?;
        let comm = line.get(open + 1..close)?.to_vec();
        let fields: Vec<&[u8]> =
            line[close + 1..].split(u8::is_ascii_whitespace).filter(|f| !f.is_empty()).collect();
        // Fields are counted from 1 in the manual; the state is the third.
        let field = |at: usize| fields.get(at - 3).copied();
        Some(Stat {
            comm,
            parent: super::number(field(4)?)?,
            start_ticks: super::number(field(22)?)?,
            is_kernel: super::number::<u32>(field(9)?)? & PF_KTHREAD != 0,
            is_zombie: matches!(field(3)?, b"Z" | b"X" | b"x"),
            threads: super::number(field(20)?)?,
        })
    }

    /// What is left of a line that cannot be read; no parent is known.
    pub(super) fn told(comm: Vec<u8>, start_ticks: u64) -> Stat {
        Stat { comm, parent: 0, start_ticks, is_kernel: false, is_zombie: false, threads: 1 }
    }

    /// Whether a process can have no descriptors: the kernel's threads and those that exited. A
    /// zombie with more threads is one whose first thread is gone and whose others live.
    pub(super) fn holds_nothing(&self) -> bool {
        self.is_kernel || self.is_zombie && self.threads <= 1
    }
}

/// `PF_KTHREAD` of the kernel's `linux/sched.h`.
const PF_KTHREAD: u32 = 0x0020_0000;

#[cfg(test)]
mod tests {
    use super::*;

    /// A line with the name `comm`, in the state `state`.
    fn line(comm: &[u8], state: &str, flags: u32, threads: u32) -> Vec<u8> {
        let rest = format!(
            ") {state} 17 42 42 34816 42 {flags} 100 0 0 0 1 2 0 0 20 0 {threads} 0 8675309 5000 12 \
             18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
        );
        [b"42 (".as_slice(), comm, rest.as_bytes()].concat()
    }

    #[test]
    fn odd_names_are_read_whole() {
        for comm in [
            &b"bash"[..],
            b"a) R 1 (",
            b") ) (((",
            b"\x1b]0;pwned\x07",
            b"two\nlines\n",
            b"\xff\xfe\xc3(",
            b"               ",
            b"",
        ] {
            let stat = Stat::parse(&line(comm, "S", 4_194_304, 3)).unwrap();
            assert_eq!(stat.comm, comm, "{}", comm.escape_ascii());
            assert_eq!((stat.parent, stat.start_ticks), (17, 8_675_309));
            assert!(!stat.holds_nothing());
        }
    }

    #[test]
    fn kernel_threads_and_zombies_hold_nothing() {
        let holds_nothing = |state, flags, threads| {
            Stat::parse(&line(b"x", state, flags, threads)).unwrap().holds_nothing()
        };
        assert!(holds_nothing("I", 69_238_880, 1), "a kernel thread");
        assert!(holds_nothing("Z", 4_194_304, 1), "a zombie");
        assert!(!holds_nothing("Z", 4_194_304, 2), "a process whose first thread is gone");
        assert!(!holds_nothing("S", 4_194_304, 1), "a sleeper");
    }

    #[test]
    fn what_is_no_stat_line_is_refused() {
        let whole = line(b"cat", "R", 0, 1);
        let cut = whole.iter().position(|byte| *byte == b'8').unwrap();
        for text in
            [&b""[..], b"(", b")", b")(", b"1 (x)", b"1 (x) S", b"1 (x) S y z", &whole[..cut]]
        {
            assert_eq!(Stat::parse(text), None, "{}", text.escape_ascii());
        }
    }
}
