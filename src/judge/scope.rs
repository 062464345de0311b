//! Who checks what: the rules that each operation checks, and the classes of implementations.
//!
//! Chapter 18 of `docs/spec.md` is made of these tables. Tests compare them with the cases and with what the reference reports.

use std::collections::BTreeSet;

use crate::{
    rules::Rule,
    vectors::{Op, Set},
};

impl Op {
    /// The rules that an implementation of the operation checks.
    pub fn rules(self) -> BTreeSet<Rule> {
        let mut rules = BTreeSet::new();
        for word in self.checked().split(' ') {
            if let Some(excluded) = word.strip_prefix('!') {
                rules.retain(|rule: &Rule| rule.id() != excluded);
            } else {
                let all = Rule::ALL.iter().chain(Rule::DRAFTS);
                rules.extend(all.filter(|rule| rule.id().starts_with(word)));
            }
        }
        rules
    }
}

/// Whether the cases test that an operation checks a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tested {
    /// The operation has cases that break the rule, or leave it to a choice.
    Here,
    /// An operation that reads a part of the same input has.
    InPart(Op),
    /// No operation has.
    Nowhere,
}

/// Whether the cases of this set test that the operation checks the rule.
pub fn tested(set: &Set, op: Op, rule: Rule) -> Tested {
    let is_asked = |of: Op| {
        set.entries().iter().any(|entry| {
            entry.op == of && entry.case.expect.verdict() != "valid" && entry.case.rules.first() == Some(&rule)
        })
    };
    if is_asked(op) {
        return Tested::Here;
    }
    let part = op.parts().iter().copied().find(|&part| is_asked(part));
    part.map_or(Tested::Nowhere, Tested::InPart)
}

/// A kind of implementation, as its users think of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Decompresses the blob.
    PlainReader,
    /// Lists what the layer has.
    InspectingReader,
    /// Fetches the ranges of files, and rebuilds the tar.
    PartialReader,
    /// Writes layers.
    Writer,
}

impl Class {
    /// Every class.
    pub const ALL: &'static [Self] = &[
        Self::PlainReader,
        Self::InspectingReader,
        Self::PartialReader,
        Self::Writer,
    ];

    /// The name in the specification.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PlainReader => "plain reader",
            Self::InspectingReader => "inspecting reader",
            Self::PartialReader => "partial reader",
            Self::Writer => "writer",
        }
    }

    /// The operations that test an implementation of the class.
    pub const fn operations(self) -> &'static [Op] {
        match self {
            Self::PlainReader => &[Op::LayerDecompress, Op::TarList],
            Self::InspectingReader => &[
                Op::FooterParse,
                Op::AnnotationsParse,
                Op::TocParse,
                Op::LayerIndex,
                Op::EStargzFooter,
                Op::EStargzToc,
            ],
            Self::PartialReader => &[
                Op::FooterParse,
                Op::AnnotationsParse,
                Op::TocParse,
                Op::TarSplitParse,
                Op::TarSplitAssemble,
                Op::LayerIndex,
                Op::LayerReconstruct,
                Op::EStargzFooter,
                Op::EStargzToc,
            ],
            Self::Writer => &[Op::LayerWrite, Op::TarSplitDisassemble],
        }
    }

    /// The rules of the class, of those that bind writers and of all. What a writer emits passes the rules that bind it, whether
    /// or not it can check them in what it is given.
    pub fn rules(self, bind_writers: &BTreeSet<Rule>) -> BTreeSet<Rule> {
        let mut rules: BTreeSet<Rule> = self.operations().iter().flat_map(|op| op.rules()).collect();
        match self {
            // A plain reader that is given the DiffID compares it, and may be given a blob in gzip.
            Self::PlainReader => rules.extend([Rule::DiffId, Rule::EStargzMembers]),
            Self::Writer => rules.extend(bind_writers),
            Self::InspectingReader | Self::PartialReader => {}
        }
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::{Op, Rule};

    #[test]
    fn every_word_of_the_table_is_a_group_or_a_rule() {
        for &op in Op::ALL {
            for word in op.checked().split(' ').map(|word| word.trim_start_matches('!')) {
                let is_group = word.len() == 3 && Rule::ALL.iter().any(|rule| rule.id().starts_with(word));
                assert!(is_group || word.parse::<Rule>().is_ok(), "{op}: {word}");
            }
        }
    }
}
