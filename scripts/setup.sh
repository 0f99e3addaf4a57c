# shellcheck shell=sh
# What ./run, ./test, fuzz/run and bench/* share: finding cargo, and Debian packages.
# Sourced, with $root set to the checkout. Everything it says goes to stderr.

say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# die MESSAGE...: one line per argument, then exit 2, "error in use or environment".
die() {
	for line in "$@"; do say "$line"; done
	exit 2
}

# Puts cargo on the PATH, also in a shell that was open before Rust was installed.
find_cargo() {
	command -v cargo >/dev/null 2>&1 && return
	for bin in "${CARGO_HOME:+$CARGO_HOME/bin}" "${HOME:-}/.cargo/bin" /usr/local/cargo/bin; do
		if [ -x "$bin/cargo" ]; then
			PATH=$bin:$PATH
			export PATH
			return
		fi
	done
	die "Rust is missing; install it with: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
}

# Where cargo builds, as an absolute path: $CARGO_TARGET_DIR or target/ in the checkout.
find_target() {
	target=${CARGO_TARGET_DIR:-$root/target}
	case $target in
	/*) ;;
	*) target=$PWD/$target ;;
	esac
	CARGO_TARGET_DIR=$target
	export CARGO_TARGET_DIR
}

# need PACKAGE...: installs those Debian packages that are missing, or says how to.
need() {
	missing=
	for package in "$@"; do
		installed "$package" || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	command -v apt-get >/dev/null 2>&1 ||
		die "this needs what Debian calls:$missing; install them with your package manager"
	[ "$(id -u)" -eq 0 ] ||
		die "missing:$missing; run this, then try again: sudo apt-get install -y$missing"
	say "installing with apt-get:$missing"
	# shellcheck disable=SC2086 # a list of package names, split on purpose
	apt_install $missing ||
		die "apt-get could not install:$missing; see its message above"
}

installed() {
	case $(dpkg-query -W -f '${Status}' "$1" 2>/dev/null) in
	*' installed') return 0 ;;
	*) return 1 ;;
	esac
}

# The lists may be absent (a bare image) or old: refresh them only if the first try fails.
apt_install() {
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" \
		>/dev/null 2>&1 && return
	apt-get update -qq >&2 &&
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >&2
}

# Rust links with the C compiler and its libc: any that works will do, Debian's if there is none.
need_linker() {
	if command -v cc >/dev/null 2>&1 && [ -f "$(cc -print-file-name=crt1.o)" ]; then
		return
	fi
	need gcc libc6-dev
}

# What the programs for the kernel are built with: clang, and the libraries of libbpf.
need_bpf() {
	set -- make pkg-config libelf-dev zlib1g-dev
	for compiler in "${CLANG:-clang-14}" clang; do
		if command -v "$compiler" >/dev/null 2>&1; then
			need "$@"
			return
		fi
	done
	need "$@" clang-14
}

# fuzz/ is no part of the workspace but builds with the same versions of everything: it starts from
# the workspace's lock file, to which cargo adds libFuzzer.
lock_fuzz() {
	cp "$root/Cargo.lock" "$root/fuzz/Cargo.lock"
}

# nginx in the build directory, unless it is installed. As a package it would be started, and take port 80.
find_nginx() {
	command -v nginx >/dev/null 2>&1 && return
	[ ! -x "$target/nginx/usr/sbin/nginx" ] || return 0
	place=$(mktemp -d "${TMPDIR:-/tmp}/portolan-nginx.XXXXXX")
	if (cd "$place" && apt-get download -qq nginx >&2 && dpkg -x nginx_*.deb unpacked) &&
		"$place/unpacked/usr/sbin/nginx" -v 2>/dev/null; then
		rm -rf "$target/nginx"
		mkdir -p "$target"
		mv "$place/unpacked" "$target/nginx"
	fi
	rm -rf "$place"
	[ -x "$target/nginx/usr/sbin/nginx" ]
}

# Finds promtool, or installs Debian's prometheus, of which it is a part. Fails where it cannot be had; says why.
find_promtool() {
	command -v promtool >/dev/null 2>&1 && return 0
	if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ]; then
		say "installing with apt-get: prometheus"
		apt_install prometheus && return 0
	fi
	say "promtool cannot be had (apt-get install prometheus, as root)"
	return 1
}

# Sets $duckdb_python to a Python that has DuckDB, from PyPI into the build directory. Fails where it
# cannot be had; says why.
find_duckdb() {
	duckdb_python=$target/duckdb/bin/python
	[ ! -x "$duckdb_python" ] || return 0
	if python3 -m venv "$target/duckdb.new" >/dev/null 2>&1 &&
		"$target/duckdb.new/bin/python" -m pip install --quiet duckdb==2.0.0 pandas==3.1.1 pyarrow==26.0.1 pytz >/dev/null 2>&1; then
		rm -rf "$target/duckdb"
		mv "$target/duckdb.new" "$target/duckdb"
		return 0
	fi
	rm -rf "$target/duckdb.new"
	say "DuckDB cannot be had from PyPI (python3 -m venv, pip install duckdb)"
	return 1
}

# Sets $portpicker_python to a Python that has portpicker, Google's portserver and their tests' needs, from PyPI into
# the build directory, and $portpicker_source to their source. Fails where they cannot be had; says why.
find_portpicker() {
	portpicker_python=$target/portpicker/bin/python
	portpicker_source=$target/portpicker/portpicker-1.6.0
	[ ! -x "$portpicker_python" ] || [ ! -d "$portpicker_source" ] || return 0
	new=$target/portpicker.new
	if python3 -m venv "$new" >/dev/null 2>&1 &&
		"$new/bin/python" -m pip install --quiet portpicker==1.6.0 psutil >/dev/null 2>&1 &&
		"$new/bin/python" -m pip download --quiet --no-deps --no-binary :all: --dest "$new" portpicker==1.6.0 >/dev/null 2>&1 &&
		tar -C "$new" -xf "$new/portpicker-1.6.0.tar.gz"; then
		rm -rf "$target/portpicker"
		mv "$new" "$target/portpicker"
		return 0
	fi
	rm -rf "$new"
	say "portpicker cannot be had from PyPI (python3 -m venv, pip install portpicker)"
	return 1
}

# Puts npm's get-port into the build directory. Fails where it cannot be had.
find_get_port() {
	[ ! -d "$target/get-port/node_modules/get-port" ] || return 0
	command -v npm >/dev/null 2>&1 && command -v node >/dev/null 2>&1 &&
		mkdir -p "$target/get-port" &&
		npm install --silent --no-audit --no-fund --prefix "$target/get-port" get-port@7.1.0 >/dev/null 2>&1
}

# Sets $chromium to a browser, and puts what drives it (from npm) into the build directory. Fails where
# they cannot be had; says why.
find_browser() {
	chromium=$(command -v chromium) || try_apt chromium || return 1
	chromium=${chromium:-/usr/bin/chromium}
	command -v node >/dev/null && command -v npm >/dev/null || try_apt nodejs npm || return 1
	# For right-to-left pages and the faces: without them there would be boxes to look at.
	installed fonts-noto-core && installed fonts-noto-color-emoji || try_apt fonts-noto-core fonts-noto-color-emoji || return 1
	lock=crates/web/tests/browser/package-lock.json
	cmp -s "$root/$lock" "$target/browser/package-lock.json" && return
	rm -rf "$target/browser"
	mkdir -p "$target/browser"
	cp "$root/crates/web/tests/browser/package.json" "$target/browser/"
	if (cd "$target/browser" && cp "$root/$lock" . && npm ci --ignore-scripts --no-audit --no-fund --silent) >&2; then
		return
	fi
	rm -rf "$target/browser"
	say "what drives the browser cannot be had from npm (playwright-core, axe-core)"
	return 1
}

# Sets $schemathesis to the program, from PyPI into the build directory. Fails where it cannot be had.
find_schemathesis() {
	schemathesis=$target/schemathesis/bin/schemathesis
	[ ! -x "$schemathesis" ] || return 0
	rm -rf "$target/schemathesis"
	if python3 -m venv "$target/schemathesis" >/dev/null 2>&1 &&
		"$target/schemathesis/bin/python" -m pip install --quiet schemathesis==4.32.5 >/dev/null 2>&1; then
		return 0
	fi
	rm -rf "$target/schemathesis"
	say "schemathesis cannot be had from PyPI (python3 -m venv, pip install schemathesis)"
	return 1
}

# Installs Debian packages where that can be done; says why not.
try_apt() {
	if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ] && apt_install "$@"; then
		return 0
	fi
	say "missing: $*; as root: apt-get install -y $*"
	return 1
}
