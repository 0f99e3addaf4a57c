//! Compiles every `src/bpf/NAME.bpf.c` with clang to `$OUT_DIR/NAME.bpf.o`, which the crate takes in
//! whole. No skeletons: their types borrow from one another, and an object alone can be owned.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use libbpf_cargo::SkeletonBuilder;

/// The clang that Debian 12 has comes first: what the programs are tested with.
const CLANGS: [&str; 7] =
    ["clang-14", "clang", "clang-19", "clang-18", "clang-17", "clang-16", "clang-15"];

fn main() {
    println!("cargo:rerun-if-changed=src/bpf");
    println!("cargo:rerun-if-env-changed=CLANG");
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os != "linux") {
        return;
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let programs = programs(Path::new("src/bpf"));
    if programs.is_empty() {
        return;
    }
    let clang = clang();
    for source in programs {
        let stem = source.file_name().and_then(|name| name.to_str()).expect("our names are ASCII");
        let built = SkeletonBuilder::new()
            .source(&source)
            .obj(out.join(stem.replace(".c", ".o")))
            .clang(&clang)
            .clang_args([
                "-I/usr/include/x86_64-linux-gnu",
                "-I/usr/include/aarch64-linux-gnu",
                "-mcpu=v3", // atomic operations that fetch: Linux 5.12, as the helpers we need
                "-Wall",
                "-Werror",
            ])
            .build();
        if let Err(error) = built {
            refuse(&format!("{} does not compile: {error:#}", source.display()));
        }
    }
}

/// The programs' sources, in order of name.
fn programs(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_program = |path: &PathBuf| path.to_string_lossy().ends_with(".bpf.c");
    let mut programs: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_program).collect();
    programs.sort();
    programs
}

/// `$CLANG`, or the first clang there is.
fn clang() -> String {
    let works = |name: &String| Command::new(name).arg("--version").output().is_ok();
    let named = env::var("CLANG").ok().into_iter();
    let found = named.chain(CLANGS.map(str::to_owned)).find(works);
    found.unwrap_or_else(|| {
        refuse(
            "the programs for the kernel need clang, and none was found: install it \
             (Debian: apt-get install clang-14), name it in CLANG, or build portolan with \
             --no-default-features, without them",
        )
    })
}

fn refuse(why: &str) -> ! {
    eprintln!("bpf: {why}");
    std::process::exit(1)
}
