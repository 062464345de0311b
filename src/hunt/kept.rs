//! Hunts that are kept: going on where one ended, parts that run apart, and what earlier hunts have seen.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Disagreement, Group, Options, Report};

/// Most parts of a hunt.
const MOST: u64 = 1000;

/// One of the parts into which the changed inputs of a hunt are cut. The cases are asked for in each part, since they show what is
/// known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// From 1.
    number: u64,
    of: u64,
}

impl Part {
    /// All inputs.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// Whether the changed input of this number is in this part.
    pub const fn has(self, run: u64) -> bool {
        run % self.of == self.number - 1
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').map(|(number, of)| (number.parse(), of.parse()));
        match numbers {
            Some((Ok(number), Ok(of))) if (1..=of).contains(&number) && of <= MOST => Ok(Self { number, of }),
            _ => Err(format!(
                "expected a part and the number of parts, such as 1/3, of at most {MOST}"
            )),
        }
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Which inputs of a hunt were asked for. They are not asked for in order, as several are asked for at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// All inputs before this one.
    next: u64,
    /// And these.
    beyond: std::collections::BTreeSet<u64>,
}

impl Progress {
    /// The first input that was not asked for.
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// Whether the input was asked for.
    pub fn has(&self, index: u64) -> bool {
        index < self.next || self.beyond.contains(&index)
    }

    /// The input is asked for, or in another part.
    pub(super) fn add(&mut self, index: u64) {
        self.beyond.insert(index);
        while self.beyond.remove(&self.next) {
            self.next += 1;
        }
    }
}

impl Report {
    /// Whether a hunt with these options in these cases goes on where this one ended.
    ///
    /// # Errors
    ///
    /// How it is another hunt, in a sentence.
    pub(super) fn check(&self, begun: &Self, options: &Options) -> Result<(), String> {
        let differs = |what: &str, found: &dyn fmt::Debug, expected: &dyn fmt::Debug| {
            Err(format!(
                "the kept hunt is another one: {what} {found:?}, expected {expected:?}"
            ))
        };
        match self {
            _ if self.implementations != begun.implementations => {
                differs("implementations", &self.implementations, &begun.implementations)
            }
            _ if self.ops != begun.ops => differs("operations", &self.ops, &begun.ops),
            _ if self.set != begun.set => differs("digest of the cases", &self.set, &begun.set),
            _ if self.seed != options.seed => differs("seed", &self.seed, &options.seed),
            _ if self.fine != options.fine => differs("--fine", &self.fine, &options.fine),
            _ if self.parts != [options.part] || self.progress.is_none() => {
                let parts: Vec<String> = self.parts.iter().map(Part::to_string).collect();
                differs("parts", &parts.join(", "), &options.part.to_string())
            }
            _ => Ok(()),
        }
    }

    /// Marks the disagreements that an earlier hunt has seen, under the name of its file.
    ///
    /// # Errors
    ///
    /// A hunt of other implementations, whose answers are not comparable, in a sentence. Versions may differ.
    pub fn mark_seen(&mut self, earlier: &Self, file: &str) -> Result<(), String> {
        let names = |report: &Self| -> Vec<String> {
            let name = |named: &String| {
                named
                    .rsplit_once(' ')
                    .map_or(named.as_str(), |(name, _)| name)
                    .to_owned()
            };
            report.implementations.iter().map(name).collect()
        };
        let (found, expected) = (names(earlier), names(self));
        if found != expected {
            return Err(format!(
                "the hunt is of {}, expected one of {}",
                found.join(", "),
                expected.join(", ")
            ));
        }
        let known: Vec<&Group> = earlier.disagreements.iter().map(|seen| &seen.group).collect();
        for disagreement in &mut self.disagreements {
            if disagreement.seen.is_none() && known.contains(&&disagreement.group) {
                disagreement.seen = Some(file.to_owned());
            }
        }
        Ok(())
    }
}

/// One report of the parts of a hunt. It is that of a hunt of all inputs.
///
/// # Errors
///
/// Parts of different hunts, or one that is there twice, in a sentence.
pub fn merge(reports: Vec<Report>) -> Result<Report, String> {
    let mut reports = reports.into_iter();
    let mut merged = reports.next().ok_or("there is no part")?;
    for part in reports {
        let is_same = merged.implementations == part.implementations
            && merged.ops == part.ops
            && merged.set == part.set
            && (merged.seed, merged.fine) == (part.seed, part.fine);
        if !is_same {
            return Err(
                "the parts are of different hunts: implementations, operations, cases, seed and --fine have to agree"
                    .into(),
            );
        }
        for &other in &part.parts {
            let is_of = merged.parts.iter().all(|own| own.of == other.of);
            if merged.parts.contains(&other) || !is_of {
                return Err(format!(
                    "the part {other} does not go with the part {}",
                    merged.parts[0]
                ));
            }
            merged.parts.push(other);
        }
        merged.parts.sort_unstable();
        merged.progress = None;
        merged.runs += part.runs;
        merged.is_incomplete |= part.is_incomplete;
        let mut groups: BTreeMap<Group, Disagreement> = by_group(merged.disagreements);
        for (group, found) in by_group(part.disagreements) {
            match groups.remove(&group) {
                Some(known) => groups.insert(group, join(known, found)),
                None => groups.insert(group, found),
            };
        }
        merged.disagreements = groups.into_values().collect();
    }
    merged.mark_composed();
    Ok(merged)
}

fn by_group(disagreements: Vec<Disagreement>) -> BTreeMap<Group, Disagreement> {
    let keyed = disagreements.into_iter();
    keyed.map(|found| (found.group.clone(), found)).collect()
}

/// The same disagreement in two parts, both of which asked for the cases.
fn join(a: Disagreement, b: Disagreement) -> Disagreement {
    let of_cases = a.of_cases.max(b.of_cases);
    let count = a.count - a.of_cases + b.count - b.of_cases + of_cases;
    let known = a.known.clone().or_else(|| b.known.clone());
    let first = if b.order < a.order { b } else { a };
    Disagreement {
        count,
        of_cases,
        known,
        ..first
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::{super::Example, Part, Progress, merge};
    use crate::{
        hunt::{Disagreement, Group, Report, Verdict},
        vectors::Op,
    };

    #[test]
    fn every_input_is_in_one_part() {
        let parts = ["1/3", "2/3", "3/3"].map(|text| text.parse::<Part>().unwrap());
        for run in 0..20 {
            assert_eq!(parts.iter().filter(|part| part.has(run)).count(), 1, "{run}");
            assert!(Part::WHOLE.has(run));
        }
        for wrong in ["", "1", "0/3", "4/3", "1/1001", "a/b"] {
            assert!(wrong.parse::<Part>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn inputs_are_counted_whatever_their_order() {
        let mut progress = Progress::default();
        for (index, next) in [(0, 1), (2, 1), (4, 1), (1, 3), (3, 5)] {
            progress.add(index);
            assert_eq!(progress.next(), next);
        }
        progress.add(7);
        assert_eq!(
            [4, 5, 6, 7].map(|index| progress.has(index)),
            [true, false, false, true]
        );
    }

    pub(in crate::hunt) fn found(rule: &str, count: u64, of_cases: u64, order: u64) -> Disagreement {
        Disagreement {
            group: Group {
                op: Op::FooterParse,
                rule: rule.to_owned(),
                answers: vec![Verdict::Refuse, Verdict::Accept(0)],
                place: String::new(),
                detail: String::new(),
                failure: String::new(),
            },
            count,
            of_cases,
            known: None,
            rules: Vec::new(),
            order: (1, 1, order),
            example: Example {
                input: json!({"number": order}),
                from: "footer/v64".parse().unwrap(),
                dialects: Vec::new(),
                run: Some(order),
            },
            is_smaller: true,
            seen: None,
            composed: BTreeSet::new(),
        }
    }

    pub(in crate::hunt) fn report(part: &str, disagreements: Vec<Disagreement>) -> Report {
        Report {
            implementations: vec!["a 1".to_owned(), "b 1".to_owned()],
            ops: vec![Op::FooterParse],
            set: "sha256:".to_owned(),
            seed: 7,
            fine: false,
            parts: vec![part.parse().unwrap()],
            progress: Some(Progress::default()),
            cases: 3,
            runs: 10,
            is_incomplete: false,
            disagreements,
        }
    }

    #[test]
    fn parts_make_the_whole() {
        let parts = vec![
            report("2/2", vec![found("FTR-02", 5, 2, 9), found("FTR-03", 1, 0, 4)]),
            report("1/2", vec![found("FTR-02", 4, 2, 8)]),
        ];
        let merged = merge(parts.clone()).unwrap();
        assert_eq!((merged.runs, merged.cases, merged.parts.len()), (20, 3, 2));
        let counts: Vec<(u64, u64)> = merged.disagreements.iter().map(|d| (d.count, d.order.2)).collect();
        assert_eq!(
            counts,
            [(7, 8), (1, 4)],
            "cases count once, and the smallest example stays"
        );
        for (change, expected) in [
            (report("1/2", Vec::new()), "does not go with"),
            (report("1/3", Vec::new()), "does not go with"),
            (
                Report {
                    seed: 8,
                    ..report("2/2", Vec::new())
                },
                "different hunts",
            ),
        ] {
            let error = merge(vec![parts[1].clone(), change]).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        assert!(merge(Vec::new()).is_err());
    }

    #[test]
    fn an_earlier_hunt_has_seen_the_same_groups_of_the_same_implementations() {
        let mut earlier = report("1/1", vec![found("FTR-02", 1, 0, 1)]);
        earlier.implementations[1] = "b 2".to_owned();
        let mut later = report("1/1", vec![found("FTR-02", 9, 0, 3), found("FTR-03", 1, 0, 4)]);
        later.mark_seen(&earlier, "kept.json").unwrap();
        let new: Vec<bool> = later.disagreements.iter().map(Disagreement::is_new).collect();
        assert_eq!(new, [false, true]);
        earlier.implementations[1] = "c 1".to_owned();
        let error = later.mark_seen(&earlier, "kept.json").unwrap_err();
        assert_eq!(error, "the hunt is of a, c, expected one of a, b");
    }
}
