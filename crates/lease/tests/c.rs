//! The header and the library, used by a C program.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where cargo put the library: beside this test, or one up.
fn library() -> PathBuf {
    let deps = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let places = [deps.clone(), deps.parent().unwrap().to_owned()];
    places.into_iter().find(|place| place.join("libportolan_lease.so").exists()).unwrap()
}

#[test]
fn a_c_program_leases_ports() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = library();
    let compiled = Command::new("cc")
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-D_GNU_SOURCE"])
        .arg(own.join("tests/program.c"))
        .arg("-I")
        .arg(own.join("include"))
        .arg("-L")
        .arg(&library)
        .args(["-lportolan_lease", "-o"])
        .arg(&program)
        .status();
    assert!(compiled.unwrap().success());
    let output = Command::new(&program)
        .env("LD_LIBRARY_PATH", &library)
        .env("XDG_STATE_HOME", folder.path())
        .current_dir(&folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.ends_with("done\n"), "{said}{complained}");
}
