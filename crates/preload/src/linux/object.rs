//! The shared object's root: what the C library's place in a program takes, without the standard one.

#![no_std]

mod connect;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // Nothing here panics.
    loop {
        core::hint::spin_loop();
    }
}
