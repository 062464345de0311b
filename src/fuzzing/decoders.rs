//! zstd frames, which two decoders have to read alike: libzstd as the reference uses it, and `ruzstd`, which is written
//! from the specification in another language.

use std::{cell::RefCell, io::Read as _, ops::ControlFlow};

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::format::{
    Extent, Findings, Limits,
    frames::{Decoded, Decoder, Frame, FrameHeader, FrameKind, Walker},
};

/// Most bytes of content that are compared.
const LIMIT: usize = 1 << 20;

thread_local! {
    /// Both decoders, which are large and can be used again.
    static DECODERS: RefCell<Option<(Decoder, FrameDecoder)>> = const { RefCell::new(None) };
}

/// What a decoder makes of a frame.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Content(Vec<u8>),
    Refused(String),
    /// More than is compared.
    Long,
}

/// Decodes the first frame of the input with both.
///
/// # Panics
///
/// On a disagreement that is not known, which is a finding for the fuzzer.
#[expect(clippy::panic, reason = "a panic is how a fuzz target reports a finding")]
pub fn run(bytes: &[u8]) {
    let mut findings = Findings::new();
    let blob = bytes;
    let Some(extent) = Extent::new(0, crate::forge::len(bytes)) else {
        return;
    };
    let Ok(Some(frame)) = Walker::new(&blob, extent).next_frame(&mut findings) else {
        return;
    };
    let FrameKind::Data(header) = frame.kind else { return };
    let result = DECODERS.with_borrow_mut(|decoders| {
        let (ours, theirs) = match decoders {
            Some(decoders) => decoders,
            None => decoders.insert((Decoder::new(&Limits::default()).ok()?, FrameDecoder::new())),
        };
        Some((reference(ours, bytes, &frame), other(theirs, bytes, &frame, header)))
    });
    match result {
        Some((ours, theirs)) if !agree(&ours, &theirs, header) => {
            panic!("libzstd: {}, ruzstd: {}", shown(&ours), shown(&theirs))
        }
        _ => {}
    }
}

fn reference(decoder: &mut Decoder, bytes: &[u8], frame: &Frame) -> Outcome {
    let mut findings = Findings::new();
    let mut content = Vec::new();
    let decoded = decoder.decode(&bytes, frame, &mut findings, &mut |piece| {
        content.extend_from_slice(piece);
        if content.len() > LIMIT {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    match decoded {
        Ok(Decoded::Whole) => Outcome::Content(content),
        Ok(Decoded::Stopped) => Outcome::Long,
        Ok(Decoded::Broken) | Err(_) => {
            Outcome::Refused(findings.list().first().map_or_else(String::new, ToString::to_string))
        }
    }
}

/// As a careful user of `ruzstd` uses it: the checksum and the content size are left to its caller.
fn other(decoder: &mut FrameDecoder, bytes: &[u8], frame: &Frame, header: FrameHeader) -> Outcome {
    let end = usize::try_from(frame.extent.end()).unwrap_or(usize::MAX);
    let mut source = bytes.get(..end).unwrap_or(bytes);
    if let Err(error) = decoder.reset(&mut source) {
        return Outcome::Refused(error.to_string());
    }
    let mut content = Vec::new();
    while !decoder.is_finished() {
        if let Err(error) = decoder.decode_blocks(&mut source, BlockDecodingStrategy::UptoBlocks(1)) {
            return Outcome::Refused(error.to_string());
        }
        if let Err(error) = decoder.by_ref().read_to_end(&mut content) {
            return Outcome::Refused(error.to_string());
        }
        if content.len() > LIMIT {
            return Outcome::Long;
        }
    }
    if let Err(error) = decoder.by_ref().read_to_end(&mut content) {
        return Outcome::Refused(error.to_string());
    }
    if decoder
        .get_checksum_from_data()
        .is_some_and(|found| Some(found) != decoder.get_calculated_checksum())
    {
        return Outcome::Refused("the checksum is not that of the content".to_owned());
    }
    if header
        .content_size
        .is_some_and(|size| size != crate::forge::len(&content))
    {
        return Outcome::Refused("the content is not as long as the header says".to_owned());
    }
    Outcome::Content(content)
}

/// Whether the two agree, or differ in a known way.
fn agree(ours: &Outcome, theirs: &Outcome, header: FrameHeader) -> bool {
    match (ours, theirs) {
        (Outcome::Content(ours), Outcome::Content(theirs)) => ours == theirs,
        (Outcome::Long, _) | (_, Outcome::Long) | (Outcome::Refused(_), Outcome::Refused(_)) => true,
        (Outcome::Refused(why), Outcome::Content(_)) => is_known(STRICTER, why, header),
        (Outcome::Content(_), Outcome::Refused(why)) => is_known(LAXER, why, header),
    }
}

/// A difference by what the one who refuses says, and the reason for it.
type Known = (&'static str, &'static str);

/// What libzstd refuses and `ruzstd` does not.
const STRICTER: &[Known] = &[
    (
        "FRM-04",
        "a dictionary id of 0 in four bytes is none for both, any other is refused by the reference before it is looked for",
    ),
    (
        "the compressed data of the frame is damaged",
        "ruzstd ignores reserved bits (adapters/ruzstd/expected.toml)",
    ),
    (
        "a block of the frame decodes to more than its window or header allows",
        "ruzstd does not compare a block with the largest size (adapters/ruzstd/expected.toml)",
    ),
];

/// What libzstd takes and `ruzstd` does not.
const LAXER: &[Known] = &[(
    "LiteralsSectionParseError(GetBitsError(NotEnoughRemaining",
    "a compressed block of no bytes, which cannot hold its literals section, is an empty block for libzstd",
)];

fn is_known(list: &[Known], why: &str, _: FrameHeader) -> bool {
    list.iter().any(|(text, _)| why.contains(text))
}

fn shown(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Content(content) => format!(
            "{} bytes, {}",
            content.len(),
            content.get(..content.len().min(32)).unwrap_or(&[]).escape_ascii()
        ),
        Outcome::Refused(why) => format!("refused: {why}"),
        Outcome::Long => "much".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Decoder, Extent, Findings, FrameDecoder, FrameKind, Limits, Outcome, Walker, agree, other, reference, run,
    };
    use crate::forge::{EditInPlace as _, blocks, zstd::Frame};

    /// What both make of a frame.
    fn both(bytes: &[u8]) -> (Outcome, Outcome) {
        let extent = Extent::new(0, crate::forge::len(bytes)).unwrap();
        let frame = Walker::new(&bytes, extent)
            .next_frame(&mut Findings::new())
            .unwrap()
            .unwrap();
        let FrameKind::Data(header) = frame.kind else {
            panic!("a skippable frame");
        };
        (
            reference(&mut Decoder::new(&Limits::default()).unwrap(), bytes, &frame),
            other(&mut FrameDecoder::new(), bytes, &frame, header),
        )
    }

    /// Both decoders are really asked, see checksums and content sizes, and decode by themselves.
    #[test]
    fn both_decode() {
        let content = b"0123456789".repeat(100);
        let right = Frame::of(&content);
        let expected = Outcome::Content(content.clone());
        assert_eq!(both(&right.encode()), (expected, Outcome::Content(content)));
        let sum = right.clone().edit(|frame| frame.checksum = Some(1));
        let size = right.edit(|frame| {
            frame.content_size = Some(999);
            frame.window = Some(10 << 3);
        });
        for wrong in [sum, size] {
            let (ours, theirs) = both(&wrong.encode());
            assert!(matches!((ours, theirs), (Outcome::Refused(_), Outcome::Refused(_))));
        }
        assert_eq!(
            both(blocks::TINY_TABLE).1,
            Outcome::Content(blocks::TINY_TABLE_CONTENT.to_vec())
        );
        run(blocks::TINY_TABLE);
    }

    #[test]
    fn other_contents_are_a_finding() {
        let header = {
            let bytes = Frame::of(b"a").encode();
            let bytes = bytes.as_slice();
            let extent = Extent::new(0, crate::forge::len(bytes)).unwrap();
            let frame = Walker::new(&bytes, extent).next_frame(&mut Findings::new()).unwrap();
            match frame.map(|frame| frame.kind) {
                Some(FrameKind::Data(header)) => header,
                other => panic!("{other:?}"),
            }
        };
        let content = |text: &str| Outcome::Content(text.into());
        let refused = || Outcome::Refused("anything".to_owned());
        assert!(agree(&content("a"), &content("a"), header));
        assert!(agree(&refused(), &refused(), header));
        assert!(!agree(&content("a"), &content("b"), header));
        assert!(!agree(&content("a"), &refused(), header));
        assert!(!agree(&refused(), &content("a"), header));
    }
}
