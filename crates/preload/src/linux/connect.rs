//! `connect(2)` as programs call it, before the C library's.
//!
//! A TCP socket that has no `IP_LOCAL_PORT_RANGE` of its own gets one from the first port to the last.
//! The kernel takes of it what its own range has (Linux 6.3), so the range is what it was; but it looks
//! through it port by port (Linux 6.8), not through every second one first (ip(7),
//! `__inet_hash_connect`). Nothing else changes, nothing is kept, and nothing is done but system calls:
//! what a signal handler may call it may call after us too.

use core::ffi::{c_char, c_int, c_void};
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

type Connect = unsafe extern "C" fn(c_int, *const c_void, u32) -> c_int;

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, symbol: *const c_char) -> *mut c_void;
    fn getsockopt(fd: c_int, level: c_int, name: c_int, value: *mut c_void, len: *mut u32) -> c_int;
    fn setsockopt(fd: c_int, level: c_int, name: c_int, value: *const c_void, len: u32) -> c_int;
    fn __errno_location() -> *mut c_int;
}

/// Connects, as `connect(2)` does.
///
/// # Safety
/// That of `connect(2)`: it alone reads what `address` points to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn connect(fd: c_int, address: *const c_void, len: u32) -> c_int {
    // SAFETY: every thread has its own errno, for as long as it lives.
    let errno = unsafe { __errno_location() };
    // SAFETY: as above.
    let before = unsafe { *errno };
    widen(fd);
    let next = next();
    // SAFETY: as above.
    unsafe { *errno = before };
    let Some(next) = next else {
        // SAFETY: as above.
        unsafe { *errno = ENOSYS };
        return -1;
    };
    // SAFETY: the caller's own call, passed on.
    unsafe { next(fd, address, len) }
}

/// Has the kernel step by one for this socket, if nobody said where its port is to be.
fn widen(fd: c_int) {
    let is_tcp = option(fd, SOL_SOCKET, SO_PROTOCOL) == Some(IPPROTO_TCP);
    if is_tcp && option(fd, SOL_IP, IP_LOCAL_PORT_RANGE) == Some(0) {
        let every_port: u32 = 1 | 0xffff << 16;
        let value = ptr::from_ref(&every_port).cast();
        // SAFETY: the option's value is a u32, and lives as long as the call.
        unsafe { setsockopt(fd, SOL_IP, IP_LOCAL_PORT_RANGE, value, size_of::<u32>() as u32) };
    }
}

/// An option whose value is a number; `None` where the socket has no such option.
fn option(fd: c_int, level: c_int, name: c_int) -> Option<u32> {
    let (mut value, mut len) = (0_u32, size_of::<u32>() as u32);
    // SAFETY: both live as long as the call, and `len` is how long `value` is.
    let done =
        unsafe { getsockopt(fd, level, name, ptr::from_mut(&mut value).cast(), &raw mut len) };
    (done == 0 && len as usize == size_of::<u32>()).then_some(value)
}

/// Finds it when we are loaded: to look for a symbol waits while another thread loads a library, which may be waiting
/// for a connect.
#[used]
#[unsafe(link_section = ".init_array")]
static AT_LOAD: extern "C" fn() = at_load;

extern "C" fn at_load() {
    next();
}

/// The next library's `connect`: the C library's, or that of another that is preloaded after us.
fn next() -> Option<Connect> {
    static NEXT: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());
    let mut found = NEXT.load(Ordering::Relaxed);
    if found.is_null() {
        // SAFETY: RTLD_NEXT is a handle, and the name ends with a zero.
        found = unsafe { dlsym(RTLD_NEXT, c"connect".as_ptr()) };
        NEXT.store(found, Ordering::Relaxed);
    }
    // SAFETY: what libraries call connect has this type, or is not there: a null pointer is None.
    unsafe { core::mem::transmute::<*mut c_void, Option<Connect>>(found) }
}

const RTLD_NEXT: *mut c_void = ptr::without_provenance_mut(usize::MAX);
const SOL_IP: c_int = 0;
const SOL_SOCKET: c_int = 1;
const SO_PROTOCOL: c_int = 38;
const IP_LOCAL_PORT_RANGE: c_int = 51;
const IPPROTO_TCP: u32 = 6;
const ENOSYS: c_int = 38;
