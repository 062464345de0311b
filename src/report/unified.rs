//! Differences of two texts, line by line, as `diff -u` shows them.

use super::style::{BOLD, DIM, ERROR, GOOD, styled};

/// Lines around a change.
const AROUND: usize = 3;

/// Most lines of one difference that are shown.
const SHOWN: usize = 400;

/// Most lines that are taken out or put in before the rest is shown as replaced: the work is the square of it.
const EDITS: usize = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// In both, at these places.
    Both(usize, usize),
    Old(usize),
    New(usize),
}

/// How `new` differs from `old`, with the names of both; nothing if they are equal.
pub(crate) fn unified(old_name: &str, new_name: &str, old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let lines = lines(&old, &new);
    let changed: Vec<usize> = (0..lines.len())
        .filter(|&at| !matches!(lines.get(at), Some(Line::Both(..))))
        .collect();
    let Some(&first) = changed.first() else {
        return String::new();
    };
    let mut out = format!(
        "{}\n{}\n",
        styled(BOLD, format!("--- {old_name}")),
        styled(BOLD, format!("+++ {new_name}"))
    );
    let mut hunks: Vec<(usize, usize)> = vec![(first, first)];
    for &at in changed.get(1..).unwrap_or_default() {
        match hunks.last_mut() {
            Some((_, end)) if at - *end <= 2 * AROUND + 1 => *end = at,
            _ => hunks.push((at, at)),
        }
    }
    let mut shown = 0;
    for (start, end) in hunks {
        let from = start.saturating_sub(AROUND);
        let hunk = lines.get(from..lines.len().min(end + AROUND + 1)).unwrap_or_default();
        out += &format!("{}\n", styled(DIM, header(hunk)));
        for line in hunk {
            if shown == SHOWN {
                return out
                    + &format!(
                        "... the difference has {} changed lines, the first are shown\n",
                        changed.len()
                    );
            }
            shown += 1;
            let text = |lines: &[&str], at: usize| lines.get(at).copied().unwrap_or_default().to_owned();
            out += &match *line {
                Line::Both(at, _) => format!(" {}\n", text(&old, at)),
                Line::Old(at) => format!("{}\n", styled(ERROR, format!("-{}", text(&old, at)))),
                Line::New(at) => format!("{}\n", styled(GOOD, format!("+{}", text(&new, at)))),
            };
        }
    }
    out
}

/// Where a hunk is in both texts.
fn header(hunk: &[Line]) -> String {
    let range = |of: &dyn Fn(&Line) -> Option<usize>| {
        let places: Vec<usize> = hunk.iter().filter_map(of).collect();
        match places.first() {
            Some(first) => format!("{},{}", first + 1, places.len()),
            None => "0,0".to_owned(),
        }
    };
    let old = range(&|line| match line {
        Line::Both(at, _) | Line::Old(at) => Some(*at),
        Line::New(_) => None,
    });
    let new = range(&|line| match line {
        Line::Both(_, at) | Line::New(at) => Some(*at),
        Line::Old(_) => None,
    });
    format!("@@ -{old} +{new} @@")
}

/// The lines of both texts, those that are in both once (Myers, "An O(ND) Difference Algorithm").
fn lines(old: &[&str], new: &[&str]) -> Vec<Line> {
    let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
    let start = old.iter().zip(new).take_while(same).count();
    let (old_rest, new_rest) = (
        old.get(start..).unwrap_or_default(),
        new.get(start..).unwrap_or_default(),
    );
    let end = old_rest
        .iter()
        .rev()
        .zip(new_rest.iter().rev())
        .take_while(same)
        .count();
    let (old_end, new_end) = (old.len() - end, new.len() - end);
    let middle = edits(
        old.get(start..old_end).unwrap_or_default(),
        new.get(start..new_end).unwrap_or_default(),
    );
    let moved = |line: Line| match line {
        Line::Both(a, b) => Line::Both(a + start, b + start),
        Line::Old(at) => Line::Old(at + start),
        Line::New(at) => Line::New(at + start),
    };
    (0..start)
        .map(|at| Line::Both(at, at))
        .chain(middle.into_iter().map(moved))
        .chain((0..end).map(|at| Line::Both(old_end + at, new_end + at)))
        .collect()
}

/// The shortest way from one list to the other, or, if it is long, that which replaces everything.
fn edits(old: &[&str], new: &[&str]) -> Vec<Line> {
    let replaced = || {
        let old = (0..old.len()).map(Line::Old);
        old.chain((0..new.len()).map(Line::New)).collect()
    };
    // How far each diagonal gets with so many edits, by the number of edits: the diagonal is `x - y` and begins at `-edits`.
    let mut reached: Vec<Vec<usize>> = Vec::new();
    for edits in 0..=EDITS.min(old.len() + new.len()) {
        let before = reached.last();
        let mut row = Vec::with_capacity(edits + 1);
        for step in 0..=edits {
            // One edit more moves to a diagonal beside one of those before: from above with a line of the new text, from the
            // left without one of the old.
            let above = before.and_then(|row| row.get(step)).copied();
            let left = step.checked_sub(1).and_then(|step| before?.get(step).map(|x| x + 1));
            let mut x = above.max(left).unwrap_or(0);
            let y_of = |x: usize| (x + edits).checked_sub(2 * step);
            while let Some(y) = y_of(x)
                && x < old.len()
                && old.get(x) == new.get(y)
            {
                x += 1;
            }
            row.push(x);
            if x >= old.len() && y_of(x).is_some_and(|y| y >= new.len()) {
                reached.push(row);
                return walk_back(&reached, old.len(), new.len());
            }
        }
        reached.push(row);
    }
    replaced()
}

/// The way that led to the end.
fn walk_back(reached: &[Vec<usize>], old: usize, new: usize) -> Vec<Line> {
    let (mut x, mut y) = (old, new);
    let mut lines = Vec::new();
    for edits in (0..reached.len()).rev() {
        // The diagonal, counted from the lowest one.
        let Some(step) = (x + edits).checked_sub(y).map(|twice| twice / 2) else {
            break;
        };
        let before = edits.checked_sub(1).and_then(|edits| reached.get(edits));
        let above = before.and_then(|row| row.get(step)).copied();
        let left = step.checked_sub(1).and_then(|step| before?.get(step).map(|x| x + 1));
        let begin = above.max(left).unwrap_or(0);
        while x > begin {
            x -= 1;
            y = y.saturating_sub(1);
            lines.push(Line::Both(x, y));
        }
        match (above, left) {
            (None, None) => {}
            (above, left) if above >= left => {
                y = y.saturating_sub(1);
                lines.push(Line::New(y));
            }
            _ => {
                x = x.saturating_sub(1);
                lines.push(Line::Old(x));
            }
        }
    }
    lines.reverse();
    lines
}

#[cfg(test)]
mod tests {
    use super::{Line, edits, lines, unified};

    /// Both texts come back from the lines, and no line is kept that need not be.
    #[test]
    fn the_way_gives_both_texts() {
        for (old, new, changes) in [
            ("", "", 0),
            ("a", "a", 0),
            ("", "ab", 2),
            ("ab", "", 2),
            ("abc", "abd", 2),
            ("abcabba", "cbabac", 5),
            ("xaxbxc", "abc", 3),
            ("abcd", "bcde", 2),
            ("aaaa", "aa", 2),
        ] {
            let split = |text: &'static str| text.split("").filter(|part| !part.is_empty()).collect::<Vec<_>>();
            let (from, to) = (split(old), split(new));
            for lines in [lines(&from, &to), edits(&from, &to)] {
                let (mut a, mut b, mut changed) = (String::new(), String::new(), 0);
                for line in lines {
                    match line {
                        Line::Both(x, y) => {
                            assert_eq!(from[x], to[y]);
                            a += from[x];
                            b += to[y];
                        }
                        Line::Old(x) => a += from[x],
                        Line::New(y) => b += to[y],
                    }
                    changed += usize::from(!matches!(line, Line::Both(..)));
                }
                assert_eq!((a.as_str(), b.as_str(), changed), (old, new, changes), "{old} {new}");
            }
        }
    }

    #[test]
    fn changes_are_shown_with_what_is_around_them() {
        let old: String = (1..=20).map(|number| format!("{number}\n")).collect();
        let new = old.replace("\n9\n", "\nnine\n").replace("20\n", "");
        let text = anstream::adapter::strip_str(&unified("a", "b", &old, &new)).to_string();
        assert_eq!(
            text,
            "--- a\n+++ b\n@@ -6,7 +6,7 @@\n 6\n 7\n 8\n-9\n+nine\n 10\n 11\n 12\n@@ -17,4 +17,3 @@\n 17\n 18\n 19\n-20\n"
        );
        assert_eq!(unified("a", "b", &old, &old), "");
    }

    #[test]
    fn texts_that_have_nothing_in_common_are_replaced() {
        let text = |letter: char| {
            (0..2000)
                .map(|number| format!("{letter}{number}\n"))
                .collect::<String>()
        };
        let shown = unified("a", "b", &text('a'), &text('b'));
        assert!(
            shown.lines().count() < 410 && shown.contains("4000 changed lines"),
            "{shown}"
        );
    }
}
