//! `portolan serve`: the chart, and a page for every port, in a browser.

mod place;

use std::fs::OpenOptions;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::{fs, io};

use anyhow::{Context, bail, ensure};
use tokio::net::{TcpListener, UnixListener};
use tokio::signal::unix::{SignalKind, signal};
use web::{Access, Entrance, FeedbackError, Listener, State, Tls, Token, Votes};

use crate::args::{Listen, ServeArgs};
use crate::exit::Exit;
use crate::report;
use crate::serve::Local;

pub(crate) use place::feedback_file;

/// Serves until it is told to end.
pub(crate) fn run(args: &ServeArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    if let Some(file) = &args.make_token {
        return make_token(file, out);
    }
    let (entrance, access) = (entrance(args)?, access(args)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .max_blocking_threads(BLOCKING)
        .enable_all()
        .build()
        .context("no threads could be started")?;
    raise_descriptors();
    runtime.block_on(serve(args, entrance, access))?;
    // A look that is under way is nobody's any more.
    runtime.shutdown_background();
    Ok(Exit::Answered)
}

/// Writes the hash of a new token into `file`, which nobody else may read, and prints the token.
fn make_token(file: &Path, out: &mut impl Write) -> anyhow::Result<Exit> {
    let (token, hash) = Token::make()?;
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let mut opened = created.with_context(|| format!("{} could not be made", file.display()))?;
    writeln!(opened, "{hash}")?;
    writeln!(out, "{token}")?;
    report::line(format_args!(
        "portolan: this is the token; {} has its hash alone, and it is not shown again",
        file.display()
    ));
    Ok(Exit::Answered)
}

/// Who may come: where others than this machine's users can, those with a token over TLS.
fn access(args: &ServeArgs) -> anyhow::Result<Access> {
    let here = match &args.listen {
        Listen::Unix(_) => true,
        Listen::Tcp(addr) => addr.ip().is_loopback(),
    };
    if let Some(file) = &args.token_file {
        let safe = here || args.behind_proxy || args.tls_cert.is_some();
        ensure!(
            safe,
            "--listen: {}, so it takes --tls-cert and --tls-key, or --behind-proxy",
            afar(args)
        );
        return Ok(Access::with_token(Token::read(file)?).named(args.host.clone()));
    }
    ensure!(
        here,
        "--listen: {}, so it takes --token-file FILE (made by --make-token FILE), and --tls-cert and \
         --tls-key or --behind-proxy",
        afar(args)
    );
    Ok(Access::local().named(args.host.clone()))
}

fn afar(args: &ServeArgs) -> String {
    match &args.listen {
        Listen::Tcp(addr) => format!("others can reach {addr}"),
        Listen::Unix(path) => path.display().to_string(),
    }
}

fn entrance(args: &ServeArgs) -> anyhow::Result<Entrance> {
    Ok(match (&args.tls_cert, &args.tls_key) {
        (Some(cert), Some(key)) => Entrance::Tls(Tls::read(cert, key)?),
        _ => Entrance::Open,
    })
}

async fn serve(args: &ServeArgs, entrance: Entrance, access: Access) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let told = async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    };
    let machine = Local::new(args.dir.clone());
    let mut state = State::new(Arc::new(machine), access);
    match votes(args.feedback.as_deref()) {
        Ok(votes) => state = state.with_votes(votes),
        Err(error) if args.feedback.is_some() => return Err(error),
        Err(error) => report::notes(&[format!("readers are not asked what they think: {error:#}")]),
    }
    let listener = match &args.listen {
        Listen::Tcp(addr) => tcp(*addr, &entrance, args).await?,
        Listen::Unix(path) => unix(path)?,
    };
    let served = web::serve(listener, entrance, state, told).await;
    if let Listen::Unix(path) = &args.listen {
        let _gone_already = fs::remove_file(path);
    }
    Ok(served?)
}

/// What readers said, in the file that was named or ours. One that cannot be read keeps nobody from
/// the pages: it is said, and votes are refused.
fn votes(named: Option<&Path>) -> anyhow::Result<Votes> {
    let file = feedback_file(named)?;
    match Votes::open(&file) {
        Err(error @ FeedbackError::Database { .. }) => {
            report::notes(&[unread(error)]);
            Ok(Votes::unread(&file))
        }
        opened => Ok(opened?),
    }
}

/// What is wrong with a file of votes, and what helps.
fn unread(error: FeedbackError) -> String {
    let what = anyhow::Error::from(error);
    format!(
        "{what:#}: no vote is kept until it can be; if it is broken, move it away: another is made"
    )
}

async fn tcp(addr: SocketAddr, entrance: &Entrance, args: &ServeArgs) -> anyhow::Result<Listener> {
    let listener = TcpListener::bind(addr).await;
    let listener = listener.map_err(|error| {
        let why = refused(addr, error.kind());
        anyhow::Error::from(error).context(why)
    })?;
    let addr = listener.local_addr()?;
    let scheme = if matches!(entrance, Entrance::Tls(_)) { "https" } else { "http" };
    let url = format!("{scheme}://{addr}/");
    report::line(format_args!("portolan: serving {url}"));
    if args.open {
        open(&url);
    }
    Ok(Listener::Tcp(listener))
}

/// What keeps us from listening on `addr`, and what helps.
fn refused(addr: SocketAddr, why: io::ErrorKind) -> String {
    let port = addr.port();
    match why {
        io::ErrorKind::AddrInUse => {
            format!("cannot listen on {addr}; who has the port: portolan {port}")
        }
        io::ErrorKind::PermissionDenied => format!(
            "cannot listen on {addr}: port {port} takes CAP_NET_BIND_SERVICE, one from 1024 on does not"
        ),
        _ => format!("cannot listen on {addr}"),
    }
}

/// Listens on a socket that everybody may connect to: the kernel says who does.
fn unix(path: &Path) -> anyhow::Result<Listener> {
    if std::os::unix::net::UnixStream::connect(path).is_ok() {
        bail!("somebody listens on {} already", path.display());
    }
    if fs::symlink_metadata(path).is_ok_and(|it| is_socket(&it)) {
        fs::remove_file(path).with_context(|| format!("cannot replace {}", path.display()))?;
    }
    let failed = || format!("cannot listen on {}", path.display());
    let listener = UnixListener::bind(path).with_context(failed)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o666)).with_context(failed)?;
    report::line(format_args!("portolan: serving on the socket {}", path.display()));
    Ok(Listener::Unix(listener))
}

fn is_socket(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_socket(&metadata.file_type())
}

/// Opens `url` in the browser of the desktop, if there is one.
fn open(url: &str) {
    let silent = |mut command: Command| {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    };
    let mut command = Command::new("xdg-open");
    command.arg(url);
    if let Err(error) = silent(command) {
        report::notes(&[format!("no browser was opened (xdg-open: {error}): open {url} yourself")]);
    }
}

/// Raises the limit on descriptors to what we may: every reader takes one.
fn raise_descriptors() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _or_fewer_readers: io::Result<()> =
        setrlimit(Resource::Nofile, limit).map_err(io::Error::from);
}

/// One for each of the machine's two processors would leave none to those it tells of.
const THREADS: usize = 2;
/// Looks and searches that wait for the kernel or the disk.
const BLOCKING: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_that_cannot_be_read_keep_nobody_from_the_pages() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("feedback.redb");
        fs::write(&file, "half a database").unwrap();
        assert!(votes(Some(&file)).is_ok());
        let said = unread(Votes::open(&file).unwrap_err());
        assert!(said.contains("feedback.redb") && said.contains("move it away"), "{said}");
    }

    #[test]
    fn it_is_said_what_helps_where_nobody_can_listen() {
        let addr: SocketAddr = "127.0.0.1:80".parse().unwrap();
        let taken = refused(addr, io::ErrorKind::AddrInUse);
        assert!(taken.contains("portolan 80") && !taken.contains("CAP_"), "{taken}");
        let denied = refused(addr, io::ErrorKind::PermissionDenied);
        assert!(denied.contains("CAP_NET_BIND_SERVICE") && !denied.contains("who"), "{denied}");
        let absent = refused(addr, io::ErrorKind::AddrNotAvailable);
        assert_eq!(absent, "cannot listen on 127.0.0.1:80");
    }
}
