//! What `who` was asked, read from its arguments: the question to the log, and how to say again
//! what it was.

use std::ffi::OsStr;

use anyhow::bail;
use jiff::Zoned;
use log::{Moment, Question, Remote};
use registry::{Proto, Target};

use crate::args::WhoArgs;
use crate::filter::EndFilter;
use crate::label;
use crate::when::{When, moment, zoned};

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Inquiry {
    /// The port, where one was given.
    pub(super) target: Option<Target>,
    /// What to ask the log.
    pub(super) question: Question,
    /// About which time.
    pub(super) span: Span,
    /// What was taken where an argument left it open.
    pub(super) remarks: Vec<String>,
    /// When it was asked, and in which zone.
    pub(super) now: Zoned,
}

/// The time that was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// One moment, as precisely as it was written.
    At,
    /// From one moment on, or between two.
    Between,
    /// Everything there are records of, or all of it up to a moment.
    Ever,
}

impl Inquiry {
    /// Reads `args` now.
    pub(crate) fn of(args: &WhoArgs) -> anyhow::Result<Inquiry> {
        Inquiry::new(args, crate::time::now())
    }

    /// Reads `args` at the moment `now`.
    pub(super) fn new(args: &WhoArgs, now: Zoned) -> anyhow::Result<Inquiry> {
        let target = args.target.as_deref().map(port).transpose()?;
        let mut inquiry = Inquiry {
            target,
            question: Question::between(Moment(0), moment(now.timestamp())),
            span: Span::Ever,
            remarks: Vec::new(),
            now,
        };
        inquiry.read_time(args)?;
        inquiry.read_filters(args)?;
        let timed = args.at.is_some() || args.from.is_some() || args.to.is_some();
        if inquiry.target.is_none() && !timed && !inquiry.is_narrow() {
            bail!(
                "who held what? give a PORT, a time (--at) or a filter (--process): \
                 portolan who 60440 --at 14:03:11"
            );
        }
        Ok(inquiry)
    }

    /// Whether anything less than everything is asked for, the time aside.
    fn is_narrow(&self) -> bool {
        let question = &self.question;
        let all = Question::between(question.from, question.until);
        *question != Question { most: question.most, ..all }
    }

    /// Whether only some tenures of a port are asked for.
    pub(super) fn filters(&self) -> bool {
        let ports = self.target.as_ref().map(|target| (target.ports.clone(), target.proto));
        let (ports, proto) = ports.unwrap_or_default();
        let unfiltered =
            Question { ports, proto, ..Question::between(self.question.from, self.question.until) };
        self.question != Question { most: self.question.most, ..unfiltered }
    }

    /// Whether binds of ours are no answer: where nobody asks for processes.
    pub(super) fn leaves_trials_out(&self) -> bool {
        self.question.names.is_empty() && self.question.pids.is_empty()
    }

    /// Says that so many of them were left out.
    pub(super) fn remark_on_trials(&mut self, trials: usize) {
        if trials > 0 {
            let binds = label::count(trials, "short bind");
            self.remarks.push(format!(
                "{binds} by portolan itself, to see whether a port is free, left out: --process \
                 portolan shows those"
            ));
        }
    }

    fn read_time(&mut self, args: &WhoArgs) -> anyhow::Result<()> {
        let read = |option, text: &Option<_>| text.as_deref().map(|text| self.when(option, text));
        let at = read("--at", &args.at).transpose()?;
        let from = read("--from", &args.from).transpose()?;
        let to = read("--to", &args.to).transpose()?;
        let now = self.question.until;
        if let (Some(from), Some(to)) = (&from, &to)
            && from.first > to.last
        {
            bail!(
                "--from is {} and lies after --to, which is {}",
                self.full(from.first),
                self.full(to.first)
            );
        }
        for (option, when) in [("--at", &at), ("--from", &from)] {
            if let Some(when) = when.as_ref().filter(|when| when.first > now) {
                let (then, now) = (self.full(when.first), self.full(now));
                bail!("{option} is {then} and still to come: it is {now}");
            }
        }
        if let Some(first) = at.as_ref().or(from.as_ref()) {
            self.question.from = first.first;
            self.span = if at.is_some() { Span::At } else { Span::Between };
        }
        if let Some(last) = at.as_ref().or(to.as_ref()) {
            self.question.until = last.last.min(now);
        }
        self.remarks =
            [at, from, to].into_iter().flatten().filter_map(|when| when.remark).collect();
        Ok(())
    }

    fn when(&self, option: &str, text: &OsStr) -> anyhow::Result<When> {
        When::parse(&text.to_string_lossy(), &self.now)
            .map_err(|error| anyhow::anyhow!("{option}: {error}"))
    }

    /// A moment with its date, to the second.
    fn full(&self, moment: Moment) -> String {
        zoned(moment, &self.now).strftime("%F %T").to_string()
    }

    fn read_filters(&mut self, args: &WhoArgs) -> anyhow::Result<()> {
        let question = &mut self.question;
        if let Some(target) = &self.target {
            question.ports.clone_from(&target.ports);
            question.proto = target.proto;
        }
        for end in &args.remote {
            question.remotes.extend(remotes(end, &mut question.proto)?);
        }
        question.netns = args.netns.as_ref().map(|netns| netns.id()).transpose()?;
        question.pids.clone_from(&args.pid);
        question.names = args.process.iter().map(|name| name.clone().into_bytes()).collect();
        question.uids.clone_from(&args.user);
        question.units = args.unit.iter().flat_map(|unit| unit_names(unit)).collect();
        question.containers.clone_from(&args.container);
        question.most = args.limit.0;
        if let Some(host) = self.target.as_ref().and_then(|target| target.host.as_ref()) {
            self.remarks.push(format!(
                "{host} was not looked at: this is about every address of this machine"
            ));
        }
        Ok(())
    }
}

fn port(text: &OsStr) -> anyhow::Result<Target> {
    let target = crate::usage::target(text)?;
    match target.proto {
        None | Some(Proto::Tcp | Proto::Udp) => Ok(target),
        Some(proto) => bail!("{proto} is not recorded: the protocols are tcp and udp"),
    }
}

/// The far ends that `end` stands for; a protocol in it is that of the whole question.
fn remotes(end: &EndFilter, proto: &mut Option<Proto>) -> anyhow::Result<Vec<Remote>> {
    if end.has_device() {
        bail!("--remote: devices are not recorded");
    }
    let wanted = end.ports().and_then(|ports| ports.proto);
    match (*proto, wanted) {
        (Some(one), Some(other)) if one != other => {
            bail!("--remote: a socket is not of {one} and {other} at once")
        }
        _ => *proto = proto.or(wanted),
    }
    let anywhere = || vec![None];
    let nets: Vec<_> = end.networks().iter().copied().map(Some).collect();
    let ports = end.ports().map(|ports| ports.ports.iter().copied().map(Some).collect());
    let ports: Vec<_> = ports.unwrap_or_else(anywhere);
    let nets = if nets.is_empty() { vec![None] } else { nets };
    let pair = |net| ports.iter().map(move |ports| Remote { net, ports: *ports });
    Ok(nets.into_iter().flat_map(pair).collect())
}

/// The names that `unit` may stand for.
fn unit_names(unit: &str) -> Vec<String> {
    let mut names = vec![unit.to_owned()];
    if !unit.contains('.') {
        names.push(format!("{unit}.service"));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inquiry(words: &str) -> Result<Inquiry, String> {
        let args = WhoArgs::of_words(words)?;
        let now = "2026-11-23T15:00:00+01:00[Europe/Berlin]".parse().unwrap();
        Inquiry::new(&args, now).map_err(|error| format!("{error:#}"))
    }

    /// The two ends of the time asked about, in seconds before now.
    fn ends(words: &str) -> (i64, i64) {
        let question = inquiry(words).unwrap().question;
        let now = 1_795_442_400_000_000_000;
        ((now - question.from.0) / 1_000_000_000, (now - question.until.0) / 1_000_000_000)
    }

    #[test]
    fn a_time_is_all_of_what_was_written() {
        assert_eq!(ends("60440 --at 14:00:00"), (3600, 3599));
        assert_eq!(ends("60440 --at 14:00"), (3600, 3540));
        assert_eq!(ends("60440 --from 14:00 --to 14:10"), (3600, 2940));
        assert_eq!(ends("60440 --from -10m"), (600, 0));
        assert_eq!(ends("60440 --at 15:00"), (0, 0));
        assert_eq!(ends("60440 --at 15:01"), (86_340, 86_280));
        assert_eq!(ends("60440").1, 0);
        assert_eq!(inquiry("60440").unwrap().question.from, Moment(0));
    }

    #[test]
    fn times_that_cannot_be_meant_are_told_in_a_line() {
        for (words, told) in [
            ("60440 --at tomorrow", "still to come"),
            ("60440 --from 2026-11-24_10:00", "still to come: it is 2026-11-23 15:00:00"),
            ("60440 --from 14:10 --to 14:00", "--from is 2026-11-23 14:10:00 and lies after --to"),
            ("60440 --at noonish", "--at: cannot read 'noonish' as a time"),
            ("60440 --at 14:00 --from 13:00", "cannot be used with"),
            ("", "give a PORT, a time (--at) or a filter"),
            ("--limit 3", "give a PORT"),
            ("60440/sctp", "sctp is not recorded"),
            ("60440/udp --remote :53/tcp", "not of udp and tcp at once"),
            ("60440 --remote *%eth0", "devices are not recorded"),
            ("60440 --limit 0", "a number from 1 on, or all"),
        ] {
            let error = inquiry(words).unwrap_err();
            assert!(error.contains(told), "{words}: {error}");
        }
    }

    #[test]
    fn trials_are_left_out_where_nobody_asks_for_processes() {
        assert!(inquiry("60440 --user root").unwrap().leaves_trials_out());
        assert!(!inquiry("60440 --process portolan").unwrap().leaves_trials_out());
        assert!(!inquiry("60440 --pid 7").unwrap().leaves_trials_out());
        let mut inquiry = inquiry("60440").unwrap();
        inquiry.remark_on_trials(0);
        assert!(inquiry.remarks.is_empty());
        inquiry.remark_on_trials(2);
        assert!(inquiry.remarks[0].starts_with("2 short binds by portolan itself"));
    }

    #[test]
    fn filters_become_conditions() {
        let words = "--process curl,wget --pid 7 --user root --unit nginx --container 4f \
                     --remote 10.0.0.0/8:443,localhost --limit all --netns 5";
        let question = inquiry(words).unwrap().question;
        assert_eq!(question.names, [b"curl".to_vec(), b"wget".to_vec()]);
        assert_eq!((question.pids, question.uids), (vec![7], vec![0]));
        assert_eq!(question.units, ["nginx", "nginx.service"]);
        assert_eq!(question.remotes.len(), 3);
        assert_eq!(question.most, usize::MAX);
        assert_eq!(question.netns, Some(sockets::NetnsId(5)));
        assert_eq!(inquiry("443,8000-8100/tcp").unwrap().question.ports.len(), 2);
        assert_eq!(inquiry("--remote :53/udp").unwrap().question.proto, Some(Proto::Udp));
    }
}
