//! How much memory a group of processes uses, as Linux tells it.
//!
//! A limit on address space does not do: programs in Go reserve far more than they use. So what is resident is looked at
//! while an answer is waited for. Where there is no `/proc` nothing is known, and no limit holds.

use std::fs;

/// Bytes of memory that are resident for all processes of a group together; 0 where that is not known.
pub(super) fn resident(group: i32) -> u64 {
    sum(group, "VmRSS:")
}

/// Most bytes of memory that were resident at any time for each process of a group that is still there, added up; 0 where
/// that is not known.
pub(super) fn peak(group: i32) -> u64 {
    sum(group, "VmHWM:")
}

fn sum(group: i32, field: &str) -> u64 {
    let Ok(processes) = fs::read_dir("/proc") else {
        return 0;
    };
    processes
        .flatten()
        .filter_map(|process| {
            let folder = process.path();
            let stat = fs::read_to_string(folder.join("stat")).ok()?;
            if group_of(&stat)? != group {
                return None;
            }
            bytes_of(field, &fs::read_to_string(folder.join("status")).ok()?)
        })
        .fold(0, u64::saturating_add)
}

/// The process group in `/proc/PID/stat`: the third field behind the name, which stands in brackets and may hold any.
fn group_of(stat: &str) -> Option<i32> {
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(2)?.parse().ok()
}

/// A field of `/proc/PID/status` in KiB.
fn bytes_of(field: &str, status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::{bytes_of, group_of, peak, resident};

    #[test]
    fn what_linux_tells() {
        assert_eq!(group_of("12 (a) b) S 1 34 34 0 -1"), Some(34));
        assert_eq!(group_of("12 (a"), None);
        assert_eq!(bytes_of("VmRSS:", "Name:\ta\nVmRSS:\t    2048 kB\n"), Some(2 << 20));
        assert_eq!(bytes_of("VmRSS:", "Name:\ta\n"), None);
    }

    #[test]
    fn this_process_uses_some() {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
        let group = group_of(&stat).unwrap();
        assert!(resident(group) > 1 << 20);
        assert!(peak(group) > 1 << 20);
        assert_eq!(resident(i32::MAX), 0);
    }
}
