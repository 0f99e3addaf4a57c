//! The functions of `include/portolan_lease.h`, which says what they do. Each trusts its caller as far as the
//! header says, checks the rest, and leaves a reason in words where it fails.

#![expect(unsafe_code, reason = "the callers are C programs: pointers come in and go out")]

use std::cell::RefCell;
use std::ffi::{CStr, CString, OsStr, c_char, c_int};
use std::os::fd::IntoRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use alloc::lease::Lease;
use registry::Port;

use super::wish::Wished;

/// `struct portolan_wish`.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct PortolanWish {
    size: usize,
    count: usize,
    block: u32,
    protos: u32,
    hold: u32,
    first: u16,
    last: u16,
    name: *const c_char,
    project: *const c_char,
}

/// `struct portolan_lease`, of which C programs see nothing.
#[derive(Debug)]
pub(crate) struct PortolanLease(Lease);

/// Takes a lease.
///
/// # Safety
/// `wish` is null or points to a `struct portolan_wish` whose strings are null or end in a NUL byte.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn portolan_lease_take(
    wish: *const PortolanWish,
) -> *mut PortolanLease {
    // SAFETY: as the caller promises.
    let taken = unsafe { wished(wish) }.and_then(|wished| wished.take());
    match taken {
        Ok(lease) => Box::into_raw(Box::new(PortolanLease(lease))),
        Err(why) => {
            fail(why);
            std::ptr::null_mut()
        }
    }
}

/// How many ports a lease has.
///
/// # Safety
/// `lease` is null or came from `portolan_lease_take` and was not released.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn portolan_lease_count(lease: *const PortolanLease) -> usize {
    // SAFETY: as the caller promises; nobody changes a lease's ports.
    unsafe { lease.as_ref() }.map_or(0, |lease| lease.0.ports().len())
}

/// One of its ports.
///
/// # Safety
/// `lease` is null or came from `portolan_lease_take` and was not released.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn portolan_lease_port(
    lease: *const PortolanLease,
    nth: usize,
) -> u16 {
    // SAFETY: as the caller promises; nobody changes a lease's ports.
    let port = unsafe { lease.as_ref() }.and_then(|lease| lease.0.ports().get(nth).copied());
    port.unwrap_or(Port::NONE).number()
}

/// Listens with the socket that held a port.
///
/// # Safety
/// `lease` is null or came from `portolan_lease_take`, was not released, and no other thread uses it.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn portolan_lease_listen(
    lease: *mut PortolanLease,
    port: u16,
) -> c_int {
    // SAFETY: as the caller promises.
    let listening = match unsafe { lease.as_mut() } {
        Some(lease) => {
            lease.0.listen(Port(port)).map_err(|error| format!("listen on {port}: {error}"))
        }
        None => Err("there is no lease".to_owned()),
    };
    listening.map_or_else(
        |why| {
            fail(why);
            -1
        },
        IntoRawFd::into_raw_fd,
    )
}

/// Lets go of the sockets.
///
/// # Safety
/// `lease` is null or came from `portolan_lease_take`, was not released, and no other thread uses it.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn portolan_lease_let_go(lease: *mut PortolanLease) {
    // SAFETY: as the caller promises.
    if let Some(lease) = unsafe { lease.as_mut() } {
        lease.0.let_go();
    }
}

/// Ends a lease.
///
/// # Safety
/// `lease` is null or came from `portolan_lease_take`, was not released, and nobody uses it any more.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn portolan_lease_release(lease: *mut PortolanLease) {
    if !lease.is_null() {
        // SAFETY: it came out of a Box there, and comes back once.
        drop(unsafe { Box::from_raw(lease) });
    }
}

/// Why the last call of this thread failed.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn portolan_lease_error() -> *const c_char {
    WHY.with_borrow(|why| why.as_ptr())
}

/// Reads what a program wishes for.
///
/// # Safety
/// As of [`portolan_lease_take`]; the strings outlive the result.
unsafe fn wished<'a>(wish: *const PortolanWish) -> Result<Wished<'a>, String> {
    if wish.is_null() {
        return Ok(Wished::default());
    }
    // SAFETY: it is not null; the size comes first in every version.
    let size = unsafe { (&raw const (*wish).size).read() };
    if size != size_of::<PortolanWish>() {
        return Err(format!(
            "size is {size}, and a struct portolan_wish of this library has {}",
            size_of::<PortolanWish>()
        ));
    }
    // SAFETY: it is not null, and as large as ours.
    let wish = unsafe { &*wish };
    // SAFETY: null, or a string, as the caller promises.
    let text =
        |string: *const c_char| unsafe { (!string.is_null()).then(|| CStr::from_ptr(string)) };
    let name =
        text(wish.name).map(|name| name.to_str().map_err(|_| "name is not UTF-8".to_owned()));
    let project = text(wish.project).map(|path| Path::new(OsStr::from_bytes(path.to_bytes())));
    let PortolanWish { count, block, protos, hold, first, last, .. } = *wish;
    Ok(Wished { count, block, protos, hold, first, last, name: name.transpose()?, project })
}

fn fail(why: String) {
    WHY.set(CString::new(why.replace('\0', "?")).expect("there is no NUL in it any more"));
}

thread_local! {
    static WHY: RefCell<CString> = RefCell::new(CString::default());
}
