//! What can go wrong when programs are put into the kernel.

/// A failure to run a program in the kernel. Lacking a part that is not essential is no error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The kernel does not describe its types, so programs cannot be fitted to it.
    #[error(
        "could not find the kernel's type information at /sys/kernel/btf/vmlinux: it was built \
         without CONFIG_DEBUG_INFO_BTF"
    )]
    NoTypes,
    /// A program or one of its maps was refused: for want of privilege, or by an old kernel.
    #[error("could not load the {what} into the kernel")]
    Load {
        /// Which one: "recorder".
        what: &'static str,
        /// What the kernel said.
        source: libbpf_rs::Error,
    },
    /// A loaded program could not be put in its place.
    #[error("could not attach the program {program} to the kernel")]
    Attach {
        /// Its name in the source.
        program: String,
        /// What the kernel said.
        source: libbpf_rs::Error,
    },
}
