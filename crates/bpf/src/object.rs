//! An object file of ours on its way into the kernel.

use std::path::Path;

use libbpf_rs::{Object, ObjectBuilder, OpenObject};

use crate::Error;

/// Bytes of an object file that was compiled with the crate, where ELF readers want them.
#[repr(C, align(8))]
#[derive(Debug)]
pub(crate) struct Carried<T: ?Sized>(pub(crate) T);

/// Takes in `$OUT_DIR/NAME.bpf.o`.
macro_rules! carried {
    ($name:literal) => {{
        static OBJECT: &$crate::object::Carried<[u8]> = &$crate::object::Carried(*include_bytes!(
            concat!(env!("OUT_DIR"), "/", $name, ".bpf.o")
        ));
        &OBJECT.0
    }};
}
pub(crate) use carried;

/// Reads an object file; what it holds can be changed before [`load`].
///
/// # Errors
/// [`Error::NoTypes`] and [`Error::Load`].
pub(crate) fn open(what: &'static str, object: &[u8]) -> Result<OpenObject, Error> {
    if !Path::new("/sys/kernel/btf/vmlinux").exists() {
        return Err(Error::NoTypes);
    }
    // Otherwise libbpf tells the whole story of a refusal on stderr.
    libbpf_rs::set_print(None);
    ObjectBuilder::default().open_memory(object).map_err(|source| Error::Load { what, source })
}

/// Puts an object's maps and programs into the kernel.
///
/// # Errors
/// [`Error::Load`].
pub(crate) fn load(what: &'static str, object: OpenObject) -> Result<Object, Error> {
    object.load().map_err(|source| Error::Load { what, source })
}
