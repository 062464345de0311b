//! Rewrites a file: each site becomes its new text, in which parts of the old text stand, with the sites within them rewritten too.

use std::ops::Range;

use crate::Edit;

/// A part of the new text of a site.
pub(crate) enum Piece {
    New(String),
    /// Bytes of the old text.
    Old(Range<usize>),
}

/// A place that is rewritten. Two sites are apart, or one of them is within a piece of the other.
pub(crate) struct Site {
    /// The bytes of the old text that `pieces` replace; an empty range inserts.
    pub(crate) range: Range<usize>,
    /// Of two sites with one range, the one with the larger depth is within the other.
    pub(crate) depth: u8,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) mutants: Vec<u32>,
}

/// The new text, and which bytes of it are there for which mutants.
pub(crate) fn rewrite(text: &str, mut sites: Vec<Site>) -> (String, Vec<Edit>) {
    // What is inserted where another site begins is before it.
    sites.sort_by_key(|site| {
        (
            site.range.start,
            !site.range.is_empty(),
            usize::MAX - site.range.end,
            site.depth,
        )
    });
    let mut output = Output {
        text,
        new: String::new(),
        edits: Vec::new(),
    };
    output.copy(0..text.len(), &sites);
    (output.new, output.edits)
}

struct Output<'a> {
    text: &'a str,
    new: String,
    edits: Vec<Edit>,
}

impl Output<'_> {
    /// Copies bytes of the old text, of which `sites` are those within.
    fn copy(&mut self, range: Range<usize>, sites: &[Site]) {
        let mut at = range.start;
        let mut rest = sites;
        while let [site, after @ ..] = rest {
            if site.range.start < at || site.range.end > range.end {
                rest = after;
                continue;
            }
            self.new.push_str(&self.text[at..site.range.start]);
            let within = after
                .iter()
                .take_while(|next| next.range.start < site.range.end)
                .count();
            self.site(site, &after[..within]);
            at = site.range.end;
            rest = &after[within..];
        }
        self.new.push_str(&self.text[at..range.end]);
    }

    fn site(&mut self, site: &Site, within: &[Site]) {
        let start = self.new.len();
        for piece in &site.pieces {
            match piece {
                Piece::New(text) => self.new.push_str(text),
                Piece::Old(range) => self.copy(range.clone(), within),
            }
        }
        self.edits.push(Edit {
            start,
            end: self.new.len(),
            mutants: site.mutants.clone(),
        });
    }
}
