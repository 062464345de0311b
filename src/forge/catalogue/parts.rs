//! Changes of data, tar-split and payloads of a layer of zstd:chunked.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{
    Built, Edits, Row,
    index::other,
    leads::{all, field},
    of_layer, pick,
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
    of_layer("junk-after-the-data", Rule::FrameMagic, |_, _| data(b"junk")),
    of_layer("frame-with-a-dictionary", Rule::FrameDictionary, |_, _| {
        frame(|frame| frame.dictionary = Some(7))
    }),
    of_layer("frame-with-a-window-of-256-mib", Rule::FrameWindow, |_, _| {
        frame(|frame| frame.window = Some(18 << 3))
    }),
    of_layer("another-checksum-of-a-frame", Rule::FrameChecksum, |layer, _| {
        let last = layer.parts.data.last().filter(|_| !layer.parts.plan.tar().is_empty())?;
        let insert = [last ^ 1].as_slice().into();
        let (at, remove) = (-1, 1);
        Some(vec![Edit::Data(Box::new(Edit::Splice { at, remove, insert }))])
    }),
    of_layer("frame-that-no-part-names", Rule::PlainTar, |layer, _| {
        frame(|_| ()).filter(|_| layer.has_tar_split())
    }),
    of_layer("byte-after-the-footer", Rule::FooterFrame, |_, _| {
        Some(vec![Edit::Blob(Box::new(Edit::Append("\0".into())))])
    }),
    // The blob ends within its last frame, and so without a footer.
    of_layer("footer-that-is-cut", Rule::FrameContent, |_, _| {
        Some(vec![Edit::Blob(Box::new(Edit::Truncate(-1)))])
    }),
    of_layer("another-digest-of-the-tar-split", Rule::TarSplitDigest, |layer, _| {
        let at = "/tarSplitDigest".to_owned();
        let value = json!(other());
        let edit = match (layer.facts().digest_in_toc, layer.footer_size()) {
            (true, _) => Edit::Set { at, to: value },
            (false, 64) => Edit::Insert { at, value },
            (false, _) => return None,
        };
        Some(vec![Edit::Toc(Box::new(edit))])
    }),
    of_layer("no-digest-of-the-tar-split", Rule::NoTarSplit, |layer, _| {
        let edit = Edit::Remove("/tarSplitDigest".to_owned());
        layer.facts().digest_in_toc.then(|| vec![Edit::Toc(Box::new(edit))])
    }),
    of_layer("longer-end-in-the-tar-split", Rule::PlainTar, |layer, _| {
        layer.lines(|lines| match lines.last_mut() {
            Some(Line::Segment(bytes)) if !layer.parts.plan.tail.is_empty() => {
                bytes.extend([0; 512]);
                Some(())
            }
            _ => None,
        })
    }),
    of_layer("another-crc", Rule::FileCrc, |layer, which| {
        layer.file(which, true, |_, _, payload| {
            *payload.as_mut()?.first_mut()? ^= 1;
            Some(())
        })
    }),
    of_layer("shorter-crc", Rule::TarSplitPayload, |layer, which| {
        layer.file(which, true, |_, _, payload| payload.as_mut()?.pop().map(drop))
    }),
    of_layer("another-size-in-the-tar-split", Rule::SegmentFile, |layer, which| {
        layer.file(which, false, |_, size, payload| {
            *size += 1;
            payload.get_or_insert_with(|| vec![0; 8]);
            Some(())
        })
    }),
    of_layer("another-name-in-the-tar-split", Rule::SegmentFile, |layer, which| {
        layer.file(which, false, |name, _, _| {
            name.push(b'x');
            Some(())
        })
    }),
    of_layer("line-left-out", Rule::SegmentFile, |layer, which| {
        let at = layer.files(which, false)?;
        layer.lines(|lines| (at < lines.len()).then(|| drop(lines.remove(at))))
    }),
    of_layer("line-twice", Rule::TarSplitUnique, |layer, which| {
        let at = layer.files(which, false)?;
        layer.lines(|lines| {
            let line = lines.get(at)?.clone();
            lines.insert(at, line);
            Some(())
        })
    }),
    of_layer("toc-that-is-not-compressed", Rule::IndexFrame, |layer, _| {
        let json = layer.placed.payloads.toc_json.as_str();
        Some(vec![Edit::TocPayload(Box::new(Edit::Become(json.into())))])
    }),
    of_layer("second-frame-of-the-toc", Rule::IndexFrames, |_, _| {
        let empty = zstd::frame(b"");
        Some(vec![Edit::TocPayload(Box::new(Edit::Append(empty.as_slice().into())))])
    }),
    of_layer("longer-toc-is-declared", Rule::IndexLength, |layer, _| {
        all([
            field(Field::TocUncompressed, layer.placed.toc.uncompressed + 1),
            layer.position(|toc| toc.uncompressed += 1),
        ])
    }),
    of_layer("longer-tar-split-is-declared", Rule::IndexLength, |layer, _| {
        // Of nothing, nothing can be declared, and only the last footer has the number.
        let declared = layer.placed.tar_split.uncompressed + 1;
        let of_footer = match layer.footer_size() {
            64 => field(Field::TarSplitUncompressed, declared),
            _ => Some(Vec::new()),
        };
        let of_footer = of_footer.filter(|_| !layer.placed.payloads.tar_split.is_empty());
        all([of_footer, layer.split_position(|split| split.uncompressed += 1)])
    }),
    of_layer("blank-line", Rule::TarSplitLines, |layer, _| {
        let edit = Edit::TarSplit(Box::new(Edit::Append("\n".into())));
        layer.has_tar_split().then(|| vec![edit])
    }),
    of_layer("another-type-of-a-line", Rule::TarSplitType, |layer, which| {
        layer.line(which, |at, _| vec![raw(at, "type", "3")])
    }),
    of_layer("another-position-of-a-line", Rule::TarSplitPosition, |layer, which| {
        layer.line(which, |at, _| vec![raw(at, "position", "7777")])
    }),
    of_layer("negative-size-in-the-tar-split", Rule::TarSplitSize, |layer, which| {
        layer.line(which, |at, line| match line {
            Line::File { size: 0, .. } => vec![Edit::Insert {
                at: format!("{at}/size"),
                value: json!(-1),
            }],
            _ => vec![raw(at, "size", "-1")],
        })
    }),
    of_layer("second-name-of-a-line", Rule::TarSplitTwoNames, |layer, which| {
        layer.line(which, |at, _| vec![raw_name(at, b"\xff")])
    }),
    of_layer("raw-name-that-is-utf-8", Rule::TarSplitRawName, |layer, which| {
        layer.line(which, |at, line| match line {
            Line::File { name, .. } => vec![Edit::Remove(format!("{at}/name")), raw_name(at, name)],
            Line::Segment(_) => Vec::new(),
        })
    }),
    of_layer("segment-that-is-cut", Rule::SegmentHeader, |layer, which| {
        layer.files(which, false)?;
        layer.lines(|lines| match lines.first_mut() {
            Some(Line::Segment(bytes)) => bytes.pop().map(drop),
            _ => None,
        })
    }),
    of_layer("frame-before-the-footer", Rule::FramesLast, |layer, _| {
        let empty = zstd::frame(b"");
        let edit = Edit::TarSplitFrame(Box::new(Edit::Append(empty.as_slice().into())));
        (layer.footer_size() == 56).then(|| vec![edit])
    }),
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
