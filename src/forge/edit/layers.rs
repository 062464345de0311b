//! The edits that make a layer of another one whose plan is known.

use std::collections::BTreeMap;

use super::{Edit, Kind, between, between_annotations, described, described_annotations, edited};
use crate::forge::{
    frames::decode,
    layer::{Layer, Plan},
    sealed::{Part, Role, pieces},
};

/// Edits, and what each does in the words of the format.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Difference {
    pub(crate) edits: Vec<Edit>,
    pub(crate) sentences: Vec<String>,
}

/// More edits than these, or longer ones, say no more than the bytes that they make.
const MOST: usize = 2;
const MOST_BYTES: usize = 64;
/// Longer than a digest of SHA-512.
const LONGEST: usize = 160;
/// As long as an entry of an output.
const LONGEST_NEW: usize = 320;

impl Difference {
    /// The edits that make some bytes of others.
    pub(crate) fn of(part: &str, before: &[u8], after: &[u8], kind: Kind) -> Self {
        let edits = between(before, after, kind);
        Self {
            sentences: described(part, before, &edits, kind),
            edits,
        }
    }

    /// The edits that make some annotations of others.
    pub(crate) fn of_annotations(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Self {
        let edits = between_annotations(before, after);
        Self {
            sentences: described_annotations(before, &edits),
            edits,
        }
    }

    /// Whether it is easier to read than what it makes.
    pub(crate) fn is_short(&self) -> bool {
        let is_short = |edit: &Edit| match edit {
            Edit::Splice { insert, .. } => insert.bytes().len() <= MOST_BYTES,
            Edit::Set { to, .. } => to.to_string().len() <= LONGEST,
            Edit::Insert { value, .. } => value.to_string().len() <= LONGEST_NEW,
            Edit::Raw { to: text, .. } | Edit::Annotate { value: text, .. } => text.len() <= LONGEST,
            _ => true,
        };
        self.edits.len() <= MOST && self.edits.iter().all(is_short)
    }

    /// Adds edits of a stage of a layer; none if it is too long then.
    fn add(&mut self, other: Self, stage: fn(Box<Edit>) -> Edit) -> Option<()> {
        let is_short = other.is_short() && self.edits.len() + other.edits.len() <= MOST;
        self.edits
            .extend(other.edits.into_iter().map(|edit| stage(Box::new(edit))));
        self.sentences.extend(other.sentences);
        is_short.then_some(())
    }
}

/// A stage at which the bytes of a layer are edited: what the part is called, what it is made of, the edit of it, and its bytes.
type Stage = (
    &'static str,
    Kind,
    fn(Box<Edit>) -> Edit,
    fn(&Taken<'_>) -> Option<Vec<u8>>,
);

/// All of them, in the order in which a layer is made.
const STAGES: [Stage; 8] = [
    ("frames of the tar", Kind::Bytes, Edit::Data, |taken| whole(taken.data)),
    ("tar-split", Kind::Lines, Edit::TarSplit, |taken| text(taken.tar_split)),
    ("compressed tar-split", Kind::Bytes, Edit::TarSplitPayload, |taken| {
        payload(taken.tar_split)
    }),
    ("TOC", Kind::Json, Edit::Toc, |taken| text(taken.toc)),
    ("compressed TOC", Kind::Bytes, Edit::TocPayload, |taken| {
        payload(taken.toc)
    }),
    ("frame of the TOC", Kind::Bytes, Edit::TocFrame, |taken| {
        whole(taken.toc)
    }),
    ("frame of the tar-split", Kind::Bytes, Edit::TarSplitFrame, |taken| {
        whole(taken.tar_split)
    }),
    ("footer", Kind::Footer, Edit::Footer, |taken| whole(taken.footer)),
];

/// Most bytes that a part of the index may decode to.
const LIMIT: u64 = 1 << 20;

/// A blob as the stages have it.
struct Taken<'a> {
    data: &'a [u8],
    /// The frame of the TOC.
    toc: &'a [u8],
    /// The frame of the tar-split, if there is one after that of the TOC.
    tar_split: &'a [u8],
    /// What follows.
    footer: &'a [u8],
}

impl<'a> Taken<'a> {
    fn of(blob: &'a [u8], annotations: &BTreeMap<String, String>) -> Option<Self> {
        let mut pieces = pieces(blob, annotations).into_iter().peekable();
        let toc = pieces.find(|piece| piece.role == Role::Part(Part::Toc))?;
        let tar_split = pieces.next_if(|piece| piece.role == Role::Part(Part::TarSplit));
        let tar_split = tar_split.map_or(&[][..], |piece| piece.bytes);
        let end = toc.offset + toc.bytes.len() + tar_split.len();
        Some(Self {
            data: blob.get(..toc.offset)?,
            toc: toc.bytes,
            tar_split,
            footer: blob.get(end..)?,
        })
    }

    /// Another blob, whose index is as long.
    fn of_another<'b>(&self, blob: &'b [u8]) -> Option<Taken<'b>> {
        let index = self.toc.len() + self.tar_split.len() + self.footer.len();
        let (data, rest) = blob.split_at(blob.len().checked_sub(index)?);
        let (toc, rest) = rest.split_at(self.toc.len());
        let (tar_split, footer) = rest.split_at(self.tar_split.len());
        Some(Taken {
            data,
            toc,
            tar_split,
            footer,
        })
    }
}

fn whole(bytes: &[u8]) -> Option<Vec<u8>> {
    Some(bytes.to_vec())
}

/// The payload of a skippable frame.
fn payload(frame: &[u8]) -> Option<Vec<u8>> {
    frame.get(8..).filter(|payload| !payload.is_empty()).map(<[u8]>::to_vec)
}

/// What the payload decodes to.
fn text(frame: &[u8]) -> Option<Vec<u8>> {
    decode(&payload(frame)?, LIMIT)
}

/// The few edits that make this layer of that of the plan; none if it takes more.
pub(crate) fn between_layers(plan: &Plan, blob: &[u8], annotations: &BTreeMap<String, String>) -> Option<Difference> {
    let layer = plan.layer();
    let base = Taken::of(&layer.blob, &layer.annotations)?;
    // What looks like the parts of the index may be something else.
    let readings = [Taken::of(blob, annotations), base.of_another(blob)];
    readings
        .into_iter()
        .flatten()
        .filter_map(|wanted| by_stages(plan, &base, &wanted, annotations))
        .find(|difference| edited(plan, &difference.edits).is_ok_and(|layer| layer.blob == blob))
        .or_else(|| of_finished(&layer, blob, annotations))
}

fn by_stages(
    plan: &Plan,
    base: &Taken<'_>,
    wanted: &Taken<'_>,
    annotations: &BTreeMap<String, String>,
) -> Option<Difference> {
    let mut difference = Difference::default();
    let mut layer = plan.layer();
    for (part, kind, edit, bytes) in STAGES {
        let taken = Taken::of(&layer.blob, &layer.annotations).or_else(|| base.of_another(&layer.blob))?;
        if let (Some(before), Some(after)) = (bytes(&taken), bytes(wanted))
            && before != after
        {
            let other = Difference::of(part, &before, &after, kind);
            difference.add(other, edit)?;
            layer = edited(plan, &difference.edits).ok()?;
        }
    }
    let other = Difference::of_annotations(&layer.annotations, annotations);
    difference.add(other, Edit::Annotations)?;
    Some(difference)
}

/// Edits of the finished layer, as of a blob that is cut off.
fn of_finished(layer: &Layer, blob: &[u8], annotations: &BTreeMap<String, String>) -> Option<Difference> {
    let mut difference = Difference::default();
    let other = Difference::of_annotations(&layer.annotations, annotations);
    difference.add(other, Edit::Annotations)?;
    let other = Difference::of("blob", &layer.blob, blob, Kind::Bytes);
    difference.add(other, Edit::Blob)?;
    Some(difference)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Difference, between_layers};
    use crate::{
        forge::{Edit, edited, layer::Plan, tar::TarEntry},
        format::Dialect,
    };

    fn plan() -> Plan {
        Plan::new(
            Dialect::G5,
            vec![TarEntry::dir("d/"), TarEntry::file("d/f", b"content")],
        )
    }

    fn found(edits: &Value) -> Option<Difference> {
        let edits: Vec<Edit> = serde_json::from_value(edits.clone()).unwrap();
        let layer = edited(&plan(), &edits).unwrap();
        between_layers(&plan(), &layer.blob, &layer.annotations)
    }

    #[test]
    fn edits_of_each_stage_are_found_again() {
        let position = "io.github.containers.zstd-chunked.manifest-position";
        for (edits, sentence) in [
            (
                json!([{"toc": {"set": {"at": "/entries/1/mode", "to": 511}}}]),
                "TOC /entries/1/mode: 511 in place of 420",
            ),
            (
                json!([{"toc": {"remove": "/entries/0"}}]),
                "TOC /entries/0: {\"type\":\"dir\",\"name\":\"d/\",\"mode\":493,\"modtime\":\"2023-11-14T2... is left out",
            ),
            (
                json!([{"tar-split": {"set": {"at": "/1/type", "to": 7}}}]),
                "tar-split /1/type: 7 in place of 1",
            ),
            (
                json!([{"footer": {"field": {"name": "type", "to": "3"}}}]),
                "footer type: 3 in place of 1",
            ),
            (
                json!([{"toc-frame": {"splice": {"at": 3, "remove": 1, "insert": "x"}}}]),
                "`x` in place of `18` at byte 3 of the frame of the TOC",
            ),
            (
                json!([{"annotations": {"strip": position}}]),
                "annotation io.github.containers.zstd-chunked.manifest-position is left out",
            ),
            (
                json!([{"data": {"splice": {"at": 0, "insert": "x"}}}]),
                "`x` is added at byte 0 of the frames of the tar",
            ),
            (
                json!([{"toc": {"set": {"at": "/version", "to": 2}}}, {"annotations": {"strip": position}}]),
                "TOC /version: 2 in place of 1; \
                 annotation io.github.containers.zstd-chunked.manifest-position is left out",
            ),
        ] {
            let difference = found(&edits).expect(sentence);
            assert_eq!(difference.sentences.join("; "), sentence);
            assert_eq!(json!(difference.edits), edits, "{sentence}");
        }
        let cut = found(&json!([{"blob": {"truncate": 30}}])).unwrap();
        assert_eq!(cut.edits.len(), 1, "{cut:?}");
        assert!(cut.sentences[0].contains("left out at byte 30 of the blob"), "{cut:?}");
        assert_eq!(found(&json!([])), Some(Difference::default()));
    }

    #[test]
    fn what_takes_many_edits_is_not_described() {
        let many = json!([
            {"toc": {"set": {"at": "/version", "to": 2}}},
            {"toc": {"set": {"at": "/entries/0/mode", "to": 1}}},
            {"toc": {"set": {"at": "/entries/1/mode", "to": 1}}},
        ]);
        assert_eq!(found(&many), None);
        let long = "x".repeat(1000);
        assert_eq!(found(&json!([{"data": {"splice": {"at": 0, "insert": long}}}])), None);
    }
}
