//! Compiles `src/linux/object.rs` to a shared object of its own, which the crate takes in whole: it
//! has no standard library, does not unwind, and is loaded into other people's programs.

use std::env;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=src/linux");
    println!("cargo:rerun-if-env-changed=RUSTC_LINKER");
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os != "linux") {
        return;
    }
    let set = |name: &str| env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"));
    let object = PathBuf::from(set("OUT_DIR")).join("preload.so");
    let mut rustc = Command::new(set("RUSTC"));
    rustc.args(["--edition=2024", "--crate-name=portolan_preload", "--crate-type=cdylib"]);
    rustc.args(["-Copt-level=s", "-Cpanic=abort", "-Cstrip=symbols", "-Clink-arg=-nostartfiles"]);
    rustc.args([
        "--target",
        &set("TARGET"),
        "-Crelocation-model=pic",
        "-Ctarget-feature=-crt-static",
    ]);
    if let Ok(linker) = env::var("RUSTC_LINKER") {
        rustc.arg(format!("-Clinker={linker}"));
    }
    let status = rustc.arg("-o").arg(object).arg("src/linux/object.rs").status();
    if !status.as_ref().is_ok_and(std::process::ExitStatus::success) {
        eprintln!("preload: src/linux/object.rs does not compile: {status:?}");
        std::process::exit(1);
    }
}
