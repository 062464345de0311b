//! Changes of data, tar-split and payloads of a layer of zstd:chunked.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{
    Built,
    Change::Layer,
    Edits, Row,
    index::other,
    leads::{all, field},
    pick, row,
};
use crate::{
    forge::{
        Edit,
        dialect::{Facts, facts},
        edit::Field,
        tarsplit::{Line, document},
        zstd::{self, Frame},
    },
    rules::Rule,
};

/// A change of name, size and payload of a line.
type OfFile = fn(&mut Vec<u8>, &mut u64, &mut Option<Vec<u8>>) -> Option<()>;

impl Built<'_> {
    pub(super) const fn facts(&self) -> Facts {
        facts(self.parts.plan.dialect)
    }

    /// Bytes of the payload of the footer.
    pub(super) const fn footer_size(&self) -> usize {
        self.placed.footer.size
    }

    pub(super) fn has_tar_split(&self) -> bool {
        self.facts().tar_split
    }

    /// The tar-split with another list of lines.
    fn lines(&self, change: impl FnOnce(&mut Vec<Line>) -> Option<()>) -> Edits {
        let mut lines = self.parts.tar_split.clone();
        self.has_tar_split().then(|| change(&mut lines))??;
        let text = document(&lines);
        Some(vec![Edit::TarSplit(Box::new(Edit::Become(text.as_str().into())))])
    }

    /// The tar-split with a change of the line of an entry, of one with content where that matters.
    fn file(&self, which: usize, with_content: bool, change: OfFile) -> Edits {
        let at = self.files(which, with_content)?;
        self.lines(|lines| match lines.get_mut(at)? {
            Line::File { name, size, payload } => change(name, size, payload),
            Line::Segment(_) => None,
        })
    }

    fn files(&self, which: usize, with_content: bool) -> Option<usize> {
        let has_content = |name: &[u8]| {
            let planned = self.parts.plan.entries.iter().find(|entry| entry.name == name);
            planned.is_some_and(|entry| !entry.content.is_empty())
        };
        let places: Vec<usize> = (0..self.parts.tar_split.len())
            .filter(|&at| match &self.parts.tar_split[at] {
                Line::Segment(_) => false,
                Line::File { name, .. } => !with_content || has_content(name),
            })
            .collect();
        Some(*pick(&places, which)?.0)
    }

    /// The tar-split with a change of the JSON of one of the lines of entries.
    fn line(&self, which: usize, change: fn(&str, &Line) -> Vec<Edit>) -> Edits {
        let at = self.files(which, false).filter(|_| self.has_tar_split())?;
        let edits = change(&format!("/{at}"), self.parts.tar_split.get(at)?);
        Some(edits.into_iter().map(|edit| Edit::TarSplit(Box::new(edit))).collect())
    }
}

fn data(bytes: &[u8]) -> Edits {
    Some(vec![Edit::Data(Box::new(Edit::Append(bytes.into())))])
}

fn frame(change: fn(&mut Frame)) -> Edits {
    let mut frame = Frame::of(b"more");
    change(&mut frame);
    data(&frame.encode())
}

pub(super) const ROWS: &[Row] = &[
    row("junk-after-the-data", Rule::FrameMagic, Layer(|_, _| data(b"junk"))),
    row(
        "frame-with-a-dictionary",
        Rule::FrameDictionary,
        Layer(|_, _| frame(|frame| frame.dictionary = Some(7))),
    ),
    row(
        "frame-with-a-window-of-256-mib",
        Rule::FrameWindow,
        Layer(|_, _| frame(|frame| frame.window = Some(18 << 3))),
    ),
    row(
        "another-checksum-of-a-frame",
        Rule::FrameChecksum,
        Layer(|layer, _| {
            let last = layer.parts.data.last().filter(|_| !layer.parts.plan.tar().is_empty())?;
            let insert = [last ^ 1].as_slice().into();
            let (at, remove) = (-1, 1);
            Some(vec![Edit::Data(Box::new(Edit::Splice { at, remove, insert }))])
        }),
    ),
    row(
        "frame-that-no-part-names",
        Rule::PlainTar,
        Layer(|layer, _| frame(|_| ()).filter(|_| layer.has_tar_split())),
    ),
    row(
        "byte-after-the-footer",
        Rule::FooterFrame,
        Layer(|_, _| Some(vec![Edit::Blob(Box::new(Edit::Append("\0".into())))])),
    ),
    row(
        "footer-that-is-cut",
        // The blob ends within its last frame, and so without a footer.
        Rule::FrameContent,
        Layer(|_, _| Some(vec![Edit::Blob(Box::new(Edit::Truncate(-1)))])),
    ),
    row(
        "another-digest-of-the-tar-split",
        Rule::TarSplitDigest,
        Layer(|layer, _| {
            let at = "/tarSplitDigest".to_owned();
            let value = json!(other());
            let edit = match (layer.facts().digest_in_toc, layer.footer_size()) {
                (true, _) => Edit::Set { at, to: value },
                (false, 64) => Edit::Insert { at, value },
                (false, _) => return None,
            };
            Some(vec![Edit::Toc(Box::new(edit))])
        }),
    ),
    row(
        "no-digest-of-the-tar-split",
        Rule::NoTarSplit,
        Layer(|layer, _| {
            let edit = Edit::Remove("/tarSplitDigest".to_owned());
            layer.facts().digest_in_toc.then(|| vec![Edit::Toc(Box::new(edit))])
        }),
    ),
    row(
        "longer-end-in-the-tar-split",
        Rule::PlainTar,
        Layer(|layer, _| {
            layer.lines(|lines| match lines.last_mut() {
                Some(Line::Segment(bytes)) if !layer.parts.plan.tail.is_empty() => {
                    bytes.extend([0; 512]);
                    Some(())
                }
                _ => None,
            })
        }),
    ),
    row(
        "another-crc",
        Rule::FileCrc,
        Layer(|layer, which| {
            layer.file(which, true, |_, _, payload| {
                *payload.as_mut()?.first_mut()? ^= 1;
                Some(())
            })
        }),
    ),
    row(
        "shorter-crc",
        Rule::TarSplitPayload,
        Layer(|layer, which| layer.file(which, true, |_, _, payload| payload.as_mut()?.pop().map(drop))),
    ),
    row(
        "another-size-in-the-tar-split",
        Rule::SegmentFile,
        Layer(|layer, which| {
            layer.file(which, false, |_, size, payload| {
                *size += 1;
                payload.get_or_insert_with(|| vec![0; 8]);
                Some(())
            })
        }),
    ),
    row(
        "another-name-in-the-tar-split",
        Rule::SegmentFile,
        Layer(|layer, which| {
            layer.file(which, false, |name, _, _| {
                name.push(b'x');
                Some(())
            })
        }),
    ),
    row(
        "line-left-out",
        Rule::SegmentFile,
        Layer(|layer, which| {
            let at = layer.files(which, false)?;
            layer.lines(|lines| (at < lines.len()).then(|| drop(lines.remove(at))))
        }),
    ),
    row(
        "line-twice",
        Rule::TarSplitUnique,
        Layer(|layer, which| {
            let at = layer.files(which, false)?;
            layer.lines(|lines| {
                let line = lines.get(at)?.clone();
                lines.insert(at, line);
                Some(())
            })
        }),
    ),
    row(
        "toc-that-is-not-compressed",
        Rule::IndexFrame,
        Layer(|layer, _| {
            let json = layer.placed.payloads.toc_json.as_str();
            Some(vec![Edit::TocPayload(Box::new(Edit::Become(json.into())))])
        }),
    ),
    row(
        "second-frame-of-the-toc",
        Rule::IndexFrames,
        Layer(|_, _| {
            let empty = zstd::frame(b"");
            Some(vec![Edit::TocPayload(Box::new(Edit::Append(empty.as_slice().into())))])
        }),
    ),
    row(
        "longer-toc-is-declared",
        Rule::IndexLength,
        Layer(|layer, _| {
            all([
                field(Field::TocUncompressed, layer.placed.toc.uncompressed + 1),
                layer.position(|toc| toc.uncompressed += 1),
            ])
        }),
    ),
    row(
        "longer-tar-split-is-declared",
        Rule::IndexLength,
        Layer(|layer, _| {
            // Of nothing, nothing can be declared, and only the last footer has the number.
            let declared = layer.placed.tar_split.uncompressed + 1;
            let of_footer = match layer.footer_size() {
                64 => field(Field::TarSplitUncompressed, declared),
                _ => Some(Vec::new()),
            };
            let of_footer = of_footer.filter(|_| !layer.placed.payloads.tar_split.is_empty());
            all([of_footer, layer.split_position(|split| split.uncompressed += 1)])
        }),
    ),
    row(
        "blank-line",
        Rule::TarSplitLines,
        Layer(|layer, _| {
            let edit = Edit::TarSplit(Box::new(Edit::Append("\n".into())));
            layer.has_tar_split().then(|| vec![edit])
        }),
    ),
    row(
        "another-type-of-a-line",
        Rule::TarSplitType,
        Layer(|layer, which| layer.line(which, |at, _| vec![raw(at, "type", "3")])),
    ),
    row(
        "another-position-of-a-line",
        Rule::TarSplitPosition,
        Layer(|layer, which| layer.line(which, |at, _| vec![raw(at, "position", "7777")])),
    ),
    row(
        "negative-size-in-the-tar-split",
        Rule::TarSplitSize,
        Layer(|layer, which| {
            layer.line(which, |at, line| match line {
                Line::File { size: 0, .. } => vec![Edit::Insert {
                    at: format!("{at}/size"),
                    value: json!(-1),
                }],
                _ => vec![raw(at, "size", "-1")],
            })
        }),
    ),
    row(
        "second-name-of-a-line",
        Rule::TarSplitTwoNames,
        Layer(|layer, which| layer.line(which, |at, _| vec![raw_name(at, b"\xff")])),
    ),
    row(
        "raw-name-that-is-utf-8",
        Rule::TarSplitRawName,
        Layer(|layer, which| {
            layer.line(which, |at, line| match line {
                Line::File { name, .. } => vec![Edit::Remove(format!("{at}/name")), raw_name(at, name)],
                Line::Segment(_) => Vec::new(),
            })
        }),
    ),
    row(
        "segment-that-is-cut",
        Rule::SegmentHeader,
        Layer(|layer, which| {
            layer.files(which, false)?;
            layer.lines(|lines| match lines.first_mut() {
                Some(Line::Segment(bytes)) => bytes.pop().map(drop),
                _ => None,
            })
        }),
    ),
    row(
        "frame-before-the-footer",
        Rule::FramesLast,
        Layer(|layer, _| {
            let empty = zstd::frame(b"");
            let edit = Edit::TarSplitFrame(Box::new(Edit::Append(empty.as_slice().into())));
            (layer.footer_size() == 56).then(|| vec![edit])
        }),
    ),
];

fn raw(line: &str, key: &str, to: &str) -> Edit {
    Edit::Raw {
        at: format!("{line}/{key}"),
        to: to.to_owned(),
    }
}

fn raw_name(line: &str, name: &[u8]) -> Edit {
    Edit::Insert {
        at: format!("{line}/name_raw"),
        value: STANDARD.encode(name).into(),
    }
}
