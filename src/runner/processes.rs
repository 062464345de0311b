//! What Linux tells of processes: which started which, and what they use.
//!
//! A limit on address space does not do: programs in Go reserve far more than they use. So what is resident is looked at
//! while an answer is waited for. Where there is no `/proc` nothing is known, and no limit but that of time applies.

use std::{collections::BTreeSet, fs, path::PathBuf, time::Duration};

/// Ticks in a second of processor time, as `/proc/PID/stat` counts. Linux shows programs this number whatever its own is.
const TICKS: u64 = 100;

/// Which processes count together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Together {
    /// All that descend from this one, without it.
    Below(i32),
    /// All of this process group.
    Group(i32),
}

/// What processes that still run use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// Bytes of memory that are resident, of all together.
    pub(super) resident: u64,
    /// Most bytes that were resident for each at any time, added up.
    pub(super) peak: u64,
    /// Processor time since each started, of all together, and of those they started and waited for.
    pub(super) processor: Duration,
    /// The longest time for which one thread could have run and had no processor.
    pub(super) waited: Duration,
}

impl Usage {
    /// Whether anything is known of it.
    pub(super) fn is_known(&self) -> bool {
        *self != Self::default()
    }
}

/// One process in `/proc/PID/stat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Process {
    pid: i32,
    parent: i32,
    group: i32,
    is_zombie: bool,
    ticks: u64,
}

impl Process {
    /// Reads the fields after the name, which is in brackets and may have any characters.
    fn parse(stat: &str) -> Option<Self> {
        let (pid, _) = stat.split_once(' ')?;
        let (_, fields) = stat.rsplit_once(')')?;
        let mut fields = fields.split_whitespace();
        let state = fields.next()?;
        let parent = fields.next()?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        // The times of user and system, its own and then of what it waited for, are fields 14 to 17.
        let times = fields.skip(8).take(4).filter_map(|field| field.parse::<u64>().ok());
        Some(Self {
            pid: pid.parse().ok()?,
            parent,
            group,
            is_zombie: matches!(state, "Z" | "X"),
            ticks: times.fold(0, u64::saturating_add),
        })
    }
}

/// Every process that runs.
fn all() -> Vec<Process> {
    let Ok(folders) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    folders
        .flatten()
        .filter(|folder| {
            folder
                .file_name()
                .as_encoded_bytes()
                .first()
                .is_some_and(u8::is_ascii_digit)
        })
        .filter_map(|folder| Process::parse(&fs::read_to_string(folder.path().join("stat")).ok()?))
        .collect()
}

fn chosen(together: Together) -> Vec<Process> {
    let all = all();
    match together {
        Together::Group(group) => all.into_iter().filter(|process| process.group == group).collect(),
        Together::Below(root) => {
            let mut found = BTreeSet::from([root]);
            loop {
                let before = found.len();
                found.extend(
                    all.iter()
                        .filter(|process| found.contains(&process.parent))
                        .map(|process| process.pid)
                        .collect::<Vec<_>>(),
                );
                if found.len() == before {
                    break;
                }
            }
            let below = |process: &Process| process.pid != root && found.contains(&process.pid);
            all.into_iter().filter(below).collect()
        }
    }
}

/// The numbers of these processes, without those that have ended and were not yet collected.
pub(super) fn running(together: Together) -> Vec<i32> {
    let running = chosen(together).into_iter().filter(|process| !process.is_zombie);
    running.map(|process| process.pid).collect()
}

/// The numbers of the processes that this one started or inherited.
pub(super) fn children(parent: i32) -> Vec<i32> {
    let children = all().into_iter().filter(|process| process.parent == parent);
    children.map(|process| process.pid).collect()
}

/// What these processes use.
pub(super) fn usage(together: Together) -> Usage {
    let mut usage = Usage::default();
    let mut ticks = 0_u64;
    for process in chosen(together) {
        ticks = ticks.saturating_add(process.ticks);
        let folder = PathBuf::from(format!("/proc/{}", process.pid));
        let status = fs::read_to_string(folder.join("status")).unwrap_or_default();
        usage.resident = usage.resident.saturating_add(bytes_of("VmRSS:", &status));
        usage.peak = usage.peak.saturating_add(bytes_of("VmHWM:", &status));
        for thread in fs::read_dir(folder.join("task")).into_iter().flatten().flatten() {
            let waited = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
            usage.waited = usage.waited.max(waited_of(&waited));
        }
    }
    let second = ticks.checked_div(TICKS).unwrap_or_default();
    let rest = ticks.checked_rem(TICKS).unwrap_or_default();
    usage.processor =
        Duration::from_secs(second).saturating_add(Duration::from_millis(rest.saturating_mul(1000 / TICKS)));
    usage
}

/// A field of `/proc/PID/status` in KiB; 0 if it is not there, as for a process that has ended.
fn bytes_of(field: &str, status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default().saturating_mul(1024)
}

/// The second field of `/proc/PID/task/TID/schedstat`: nanoseconds of waiting for a processor.
fn waited_of(schedstat: &str) -> Duration {
    let nanos = schedstat.split_whitespace().nth(1).and_then(|field| field.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::{process, time::Duration};

    use super::{Process, Together, bytes_of, children, running, usage, waited_of};

    #[test]
    fn what_linux_tells() {
        let stat = "12 (a) b) S 1 34 35 0 -1 4194560 6 7 8 9 150 50 3 4 20 0 1";
        let expected = Process {
            pid: 12,
            parent: 1,
            group: 34,
            is_zombie: false,
            ticks: 207,
        };
        assert_eq!(Process::parse(stat), Some(expected));
        assert!(Process::parse("12 (a) Z 1 34").unwrap().is_zombie);
        assert_eq!(Process::parse("12 (a"), None);
        assert_eq!(bytes_of("VmRSS:", "Name:\ta\nVmRSS:\t    2048 kB\n"), 2 << 20);
        assert_eq!(bytes_of("VmRSS:", "Name:\ta\n"), 0);
        assert_eq!(waited_of("5000 1500 3\n"), Duration::from_nanos(1500));
        assert_eq!(waited_of(""), Duration::ZERO);
    }

    #[test]
    fn a_child_is_below_its_parent() {
        let own = i32::try_from(process::id()).unwrap();
        let mut child = process::Command::new("sleep").arg("100").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        assert!(children(own).contains(&pid));
        assert!(running(Together::Below(own)).contains(&pid));
        assert!(!running(Together::Below(own)).contains(&own));
        assert!(usage(Together::Below(own)).peak > 0);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!running(Together::Below(own)).contains(&pid));
        assert_eq!(usage(Together::Group(i32::MAX)), usage(Together::Below(i32::MAX)));
    }
}
