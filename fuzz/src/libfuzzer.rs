//! libFuzzer on the target that the environment names in `FUZZ_TARGET`; see `fuzz/run`.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use portolan_fuzz::{Target, target};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
    target(&name).expect("FUZZ_TARGET names a target that there is")
});

fuzz_target!(|data: &[u8]| (TARGET.run)(data));
