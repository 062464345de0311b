//! The payloads of TOC and tar-split: zstd frames of their own inside skippable frames.
//!
//! A payload is small in the blob and large in memory, and its declared lengths are whatever its writer claims. So the
//! limit is applied to the declared lengths before anything is read, memory grows with what is really decoded, and
//! decoding stops one byte past the declared length.

use std::io;

use super::{
    Extent, Findings, Limits, Place, Position, Region,
    frames::{Decoder, Frame, FrameKind, Progress, Step, Walker},
    range::ReadAt,
};
use crate::rules::Rule;

/// Refuses a payload whose declared lengths pass the limit, in bytes.
///
/// Rule: IDX-01.
pub fn check_limit(region: Region, position: Position, limit: u64, findings: &mut Findings) -> bool {
    let largest = position.extent.length().max(position.uncompressed);
    if largest > limit {
        findings.report(
            Rule::IndexLimit,
            Place::Whole(region),
            format!("the declared length is {largest} bytes, expected at most {limit}"),
        );
        return false;
    }
    true
}

/// Decompresses the payload of a TOC or tar-split, which declares to decode to `declared` bytes.
///
/// The payload is decoded twice: a first time to learn how long it really is, so that nothing is allocated for one that
/// claims too much or too little. The caller has applied [`check_limit`]. Rules: IDX-02 to IDX-04. An empty payload that
/// declares nothing is empty.
///
/// # Errors
///
/// libzstd cannot be set up, or there is no memory for the document.
pub fn decompress(
    region: Region,
    payload: &[u8],
    declared: u64,
    limits: &Limits,
    findings: &mut Findings,
) -> io::Result<Option<Vec<u8>>> {
    let Some(length) = stream(region, &payload, declared, limits, findings, &mut |_| true)? else {
        return Ok(None);
    };
    let mut out = Vec::new();
    out.try_reserve_exact(usize::try_from(length).unwrap_or(usize::MAX))?;
    let mut pieces = Pieces::new(&payload, limits)?;
    while let Some(piece) = pieces.next_piece()? {
        out.extend_from_slice(piece);
    }
    Ok(Some(out))
}

/// Gives what a payload decodes to in pieces, until the sink returns false, and then how many bytes they have; none if the payload
/// is not to be read, and the pieces are not to be used.
///
/// What is wrong with a payload of which the sink wants no more is not reported.
///
/// Rules: IDX-02 to IDX-04.
pub(super) fn stream(
    region: Region,
    payload: &dyn ReadAt,
    declared: u64,
    limits: &Limits,
    findings: &mut Findings,
    sink: &mut dyn FnMut(&[u8]) -> bool,
) -> io::Result<Option<u64>> {
    if payload.size() == 0 && declared == 0 {
        return Ok(Some(0));
    }
    let mut length = 0u64;
    let mut pieces = Pieces::new(payload, limits)?;
    while let Some(piece) = pieces.next_piece()? {
        length = length.saturating_add(piece.size());
        if length > declared {
            break;
        }
        if !sink(piece) {
            return Ok(None);
        }
    }
    let Pieces {
        frames,
        findings: inner,
        ..
    } = pieces;
    if let Some(finding) = inner.list().first() {
        // A window that is too large for this reader is not a frame that does not decode.
        let rule = match finding.rule {
            Rule::FrameWindow => Rule::FrameWindow,
            _ => Rule::IndexFrame,
        };
        let detail = match finding.rule {
            Rule::FrameWindow => finding.detail.clone(),
            _ => format!("the payload does not decode: {}", finding.detail),
        };
        findings.report(rule, Place::Whole(region), detail);
        return Ok(None);
    }
    let is_skippable = |frame: &Frame| matches!(frame.kind, FrameKind::Skippable { .. });
    let Some((first, further)) = frames.split_first().filter(|_| !frames.iter().all(is_skippable)) else {
        findings.report(
            Rule::IndexFrame,
            Place::Whole(region),
            "the payload has no zstd frame, expected one",
        );
        return Ok(None);
    };
    let odd = if is_skippable(first) {
        Some(first)
    } else {
        further.first()
    };
    if let Some(frame) = odd {
        findings.report(
            Rule::IndexFrames,
            Place::Whole(region),
            format!(
                "another frame at byte {} of the payload, expected one zstd frame",
                frame.extent.offset()
            ),
        );
    }
    let mut report = |found: &str| {
        findings.report(
            Rule::IndexLength,
            Place::Whole(region),
            format!("the payload decodes to {found} bytes, expected the declared {declared}"),
        );
    };
    if length > declared {
        report(&format!("more than {declared}"));
        return Ok(None);
    }
    if length < declared {
        report(&length.to_string());
    }
    Ok(Some(length))
}

/// What a payload decodes to, piece by piece.
pub(super) struct Pieces<'a> {
    payload: &'a dyn ReadAt,
    walker: Walker<'a>,
    decoder: Decoder,
    /// How far the current frame is decoded.
    progress: Option<Progress>,
    /// The first two frames: a data frame among them if there is one.
    frames: Vec<Frame>,
    /// Why nothing follows, if a frame is broken.
    findings: Findings,
}

impl<'a> Pieces<'a> {
    /// Makes ready to decode all frames of a payload, in order.
    pub(super) fn new(payload: &'a dyn ReadAt, limits: &Limits) -> io::Result<Self> {
        let extent = Extent::new(0, payload.size()).unwrap_or_else(|| Extent::empty(0));
        Ok(Self {
            payload,
            walker: Walker::new(payload, extent),
            decoder: Decoder::new(limits)?,
            progress: None,
            frames: Vec::new(),
            findings: Findings::new(),
        })
    }

    /// The next piece; none after the last one, and after what comes before a broken frame.
    pub(super) fn next_piece(&mut self) -> io::Result<Option<&[u8]>> {
        while self.findings.is_empty() {
            let Some(progress) = &mut self.progress else {
                let Some(frame) = self.walker.next_frame(&mut self.findings)? else {
                    break;
                };
                self.note(frame);
                self.progress = self.decoder.begin(&frame, &mut self.findings)?;
                continue;
            };
            match self.decoder.step(self.payload, progress, &mut self.findings)? {
                Step::Piece => return Ok(self.progress.as_ref().map(|progress| self.decoder.piece(progress))),
                Step::End(_) => self.progress = None,
            }
        }
        Ok(None)
    }

    fn note(&mut self, frame: Frame) {
        let is_data = |frame: &Frame| matches!(frame.kind, FrameKind::Data(_));
        if self.frames.len() < 2 {
            self.frames.push(frame);
        } else if is_data(&frame)
            && let Some(last) = self.frames.last_mut().filter(|last| !is_data(last))
        {
            *last = frame;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Findings, Limits, Region, Rule, decompress};

    fn rules(payload: &[u8], declared: u64) -> Vec<Rule> {
        let mut findings = Findings::new();
        decompress(Region::Toc, payload, declared, &Limits::default(), &mut findings).unwrap();
        findings.list().iter().map(|finding| finding.rule).collect()
    }

    fn compressed(content: &[u8]) -> Vec<u8> {
        zstd::stream::encode_all(content, 3).unwrap()
    }

    #[test]
    fn rules_of_payloads() {
        let one = compressed(b"{}");
        let two = [compressed(b"{"), compressed(b"}")].concat();
        let skippable = [one.as_slice(), b"\x50\x2a\x4d\x18\0\0\0\0"].concat();
        let bomb = compressed(&vec![b' '; 1 << 24]);
        let cases: &[(&[u8], u64, &[Rule])] = &[
            (&one, 2, &[]),
            (b"", 0, &[]),
            (&compressed(b""), 0, &[]),
            (&one, 0, &[Rule::IndexLength]),
            (&one, 1, &[Rule::IndexLength]),
            (&one, 3, &[Rule::IndexLength]),
            (&bomb, 1, &[Rule::IndexLength]),
            (&two, 2, &[Rule::IndexFrames]),
            (&skippable, 2, &[Rule::IndexFrames]),
            (b"{}", 2, &[Rule::IndexFrame]),
            (b"{\"version\":1}", 13, &[Rule::IndexFrame]),
            (b"", 2, &[Rule::IndexFrame]),
            // A window of 256 MiB.
            (b"\x28\xb5\x2f\xfd\0\x90\x01\0\0", 0, &[Rule::FrameWindow]),
            (b"\x50\x2a\x4d\x18\0\0\0\0", 0, &[Rule::IndexFrame]),
            (b"\x50\x2a\x4d\x18\0\0\0\0", 2, &[Rule::IndexFrame]),
            (&one[..one.len() - 1], 2, &[Rule::IndexFrame]),
        ];
        for &(payload, declared, expected) in cases {
            assert_eq!(
                rules(payload, declared),
                expected,
                "{} declared {declared}",
                payload.escape_ascii()
            );
        }
    }
}
