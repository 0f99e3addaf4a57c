//! What portolan runs in the kernel.
