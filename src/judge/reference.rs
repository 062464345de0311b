//! The reference implementation as one that answers cases.
//!
//! It turns the inputs of [`ops`](crate::vectors::ops) into calls of [`crate::format`] and what these return into the canonical outputs.
//! The generator of the cases does not use it: what a case expects comes from how its input was built.

use std::{collections::BTreeMap, io, ops::ControlFlow};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::drafts;
use crate::{
    format::{
        Digest, Extent, Finding, Findings, Limits, Position, annotations, estargz,
        footer::{self, Layout},
        frames::{Decoder, Walker},
        layer::{self, Source},
        range::ReadAt as _,
        tar::{Scanner, Tree},
        tarsplit, toc,
        writer::{Options, Writer, Written},
    },
    rules::Rule,
    vectors::{
        bytes::{Bytes, Decimal},
        ops::{
            AnnotationsInput, AnnotationsOutput, AssembleInput, DecompressInput, DisassembleAnswer, EStargzFooterInput,
            EStargzFooterOutput, EStargzLayoutOutput, EStargzTocInput, EStargzTocOutput, EntryOutput, FooterInput,
            FooterOutput, IndexOutput, LayerIndexInput, LayerIndexOutput, LayoutOutput, Op, PositionOutput,
            ReconstructInput, ReconstructOutput, TarInput, TarOutput, TarSplitEntryOutput, TarSplitFileOutput,
            TarSplitInput, TarSplitOutput, TocInput, TocOutput, TreeOutput, WriteAnswer,
        },
    },
};

/// What the reference answers to an input.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It is accepted, with this output.
    Accept(Value),
    /// It is refused, the first broken rule first. None are listed where a rule's verdict is switched off.
    Reject(Vec<Finding>),
    /// It is left to a plain full download.
    Decline(Finding),
}

/// Answers a case, with the verdict of some rules switched off.
///
/// # Errors
///
/// The input is not one of the operation's, in a sentence.
pub fn answer(op: Op, input: Value, skipped: &[Rule]) -> Result<Answer, String> {
    let mut findings = Findings::skipping(skipped);
    let output = match op {
        Op::FooterParse => to_value(footer(read(input)?, &mut findings)?),
        Op::AnnotationsParse => to_value(annotations(&read(input)?, &mut findings)),
        Op::TocParse => to_value(toc(read(input)?, &mut findings)?),
        Op::TarSplitParse => to_value(tar_split(read(input)?, &mut findings)?),
        Op::TarSplitAssemble => to_value(assemble(read(input)?, &mut findings)?),
        Op::LayerDecompress => to_value(decompress(read(input)?, &mut findings)?),
        Op::LayerIndex => to_value(index(read(input)?, &mut findings)?),
        Op::LayerReconstruct => to_value(reconstruct(read(input)?, &mut findings)?),
        Op::TarSplitDisassemble => to_value(disassemble(&read(input)?, &mut findings)?),
        Op::LayerWrite => to_value(write(&read(input)?, &mut findings)?),
        Op::EStargzFooter => to_value(estargz_footer(&read(input)?, &mut findings)?),
        Op::EStargzToc => to_value(estargz_toc(&read(input)?, &mut findings)?),
        Op::TarList => to_value(list(&read(input)?, &mut findings)?),
        Op::DraftSentinel => to_value(drafts::sentinel(&read(input)?, &mut findings)?),
    }?;
    Ok(match (findings.list(), output) {
        ([], Some(output)) => Answer::Accept(output),
        ([only], _) if only.rule == Rule::NoTarSplit => Answer::Decline(only.clone()),
        (found, _) => Answer::Reject(found.to_vec()),
    })
}

fn read<I: DeserializeOwned>(input: Value) -> Result<I, String> {
    serde_json::from_value(input).map_err(|error| format!("the input is not one of the operation's: {error}"))
}

fn to_value<O: Serialize>(output: Option<O>) -> Result<Option<Value>, String> {
    output
        .map(serde_json::to_value)
        .transpose()
        .map_err(|error| error.to_string())
}

fn decode(bytes: &Bytes) -> Result<Vec<u8>, String> {
    // Over the protocol all bytes are inline.
    bytes.decode(&|_| None).map_err(|error| error.to_string())
}

fn footer(input: FooterInput, findings: &mut Findings) -> Result<Option<FooterOutput>, String> {
    let tail = decode(&input.tail)?;
    Ok(
        footer::parse(&tail, input.blob_size.0, findings).map(|footer| FooterOutput {
            layout: match footer.layout {
                Layout::V40 => LayoutOutput::V40,
                Layout::V56 => LayoutOutput::V56,
                Layout::V64 => LayoutOutput::V64,
            },
            toc: position(footer.toc),
            tar_split: footer.tar_split.map(position),
        }),
    )
}

fn position(position: Position) -> PositionOutput {
    PositionOutput {
        offset: Decimal(position.extent.offset()),
        length: Decimal(position.extent.length()),
        uncompressed: Decimal(position.uncompressed),
    }
}

fn annotations(input: &AnnotationsInput, findings: &mut Findings) -> Option<AnnotationsOutput> {
    let index = annotations::parse(&input.annotations, findings)?;
    Some(match index {
        annotations::NamedIndex::None => AnnotationsOutput {
            index: IndexOutput::None,
            toc_digest: None,
            toc: None,
            tar_split: None,
        },
        annotations::NamedIndex::EStargz(digest) => AnnotationsOutput {
            index: IndexOutput::EStargz,
            toc_digest: Some(digest.to_string()),
            toc: None,
            tar_split: None,
        },
        annotations::NamedIndex::ZstdChunked(index) => AnnotationsOutput {
            index: IndexOutput::ZstdChunked,
            toc_digest: Some(index.toc_digest.to_string()),
            toc: Some(position(index.toc)),
            tar_split: index.tar_split.map(position),
        },
    })
}

fn toc(input: TocInput, findings: &mut Findings) -> Result<Option<TocOutput>, String> {
    let json = decode(&input.json)?;
    Ok(toc::parse(&json, input.dialect, findings).map(|toc| TocOutput {
        tar_split_digest: toc.tar_split_digest.as_ref().map(Digest::to_string),
        entries: toc.entries.iter().map(EntryOutput::from).collect(),
    }))
}

fn tar_split(input: TarSplitInput, findings: &mut Findings) -> Result<Option<TarSplitOutput>, String> {
    let json = decode(&input.json)?;
    Ok(tarsplit::parse(&json, findings).map(|entries| TarSplitOutput {
        entries: entries.iter().filter_map(tar_split_entry).collect(),
    }))
}

fn tar_split_entry(entry: &tarsplit::Entry) -> Option<TarSplitEntryOutput> {
    match entry {
        tarsplit::Entry::Segment(segment) if segment.bytes.is_empty() => None,
        tarsplit::Entry::Segment(segment) => Some(TarSplitEntryOutput::Segment(STANDARD.encode(&segment.bytes))),
        tarsplit::Entry::Unusable(_) => None,
        tarsplit::Entry::File(file) => Some(TarSplitEntryOutput::File(TarSplitFileOutput {
            name: STANDARD.encode(&file.name),
            size: Decimal(file.size),
            crc64: file.crc.map(|crc| format!("{crc:016x}")),
        })),
    }
}

fn assemble(input: AssembleInput, findings: &mut Findings) -> Result<Option<TarOutput>, String> {
    let json = decode(&input.tar_split)?;
    let mut files = BTreeMap::new();
    for file in &input.files {
        files.insert(decode(&file.name)?, decode(&file.content)?);
    }
    let Some(entries) = tarsplit::parse(&json, findings) else {
        return Ok(None);
    };
    if !findings.is_empty() {
        return Ok(None);
    }
    let mut tar = Tar::new();
    tarsplit::assemble(&entries, &mut files, findings, &mut |bytes| tar.push(bytes));
    Ok(Some(tar.finish()))
}

fn decompress(input: DecompressInput, findings: &mut Findings) -> Result<Option<TarOutput>, String> {
    let blob = decode(&input.blob)?;
    decompress_blob(&blob, findings).map_err(|error| error.to_string())
}

fn decompress_blob(blob: &[u8], findings: &mut Findings) -> io::Result<Option<TarOutput>> {
    let Some(extent) = Extent::new(0, blob.size()) else {
        return Ok(None);
    };
    let mut tar = Tar::new();
    let mut decoder = Decoder::new(&Limits::default())?;
    let mut walker = Walker::new(&blob, extent);
    while let Some(frame) = walker.next_frame(findings)? {
        decoder.decode(&blob, &frame, findings, &mut |piece| {
            tar.push(piece);
            ControlFlow::Continue(())
        })?;
    }
    Ok(Some(tar.finish()))
}

fn index(input: LayerIndexInput, findings: &mut Findings) -> Result<Option<LayerIndexOutput>, String> {
    let blob = decode(&input.blob)?;
    let blob = blob.as_slice();
    let annotations = Some(&input.annotations).filter(|annotations| !annotations.is_empty());
    let source = Source {
        media_type: input.media_type.as_deref(),
        ..Source::new(&blob, annotations)
    };
    if estargz::is_gzip(&blob).map_err(|error| error.to_string())? {
        let index = estargz::load(&source, None, findings).map_err(|error| error.to_string())?;
        return Ok(index.map(|index| LayerIndexOutput {
            toc_digest: index.toc_digest.to_string(),
            entries: index.toc.entries.iter().map(EntryOutput::from).collect(),
        }));
    }
    let read = layer::read(&source, findings).map_err(|error| error.to_string())?;
    Ok(read.map(|read| LayerIndexOutput {
        toc_digest: read.index.toc_digest.to_string(),
        entries: read.index.toc.entries.iter().map(EntryOutput::from).collect(),
    }))
}

fn reconstruct(input: ReconstructInput, findings: &mut Findings) -> Result<Option<ReconstructOutput>, String> {
    let blob = decode(&input.blob)?;
    let blob = blob.as_slice();
    // An empty map is what a descriptor without annotations gives.
    let annotations = Some(&input.annotations).filter(|annotations| !annotations.is_empty());
    let source = Source {
        media_type: input.media_type.as_deref(),
        diff_id: diff_id(&input)?,
        ..Source::new(&blob, annotations)
    };
    let rebuilt = layer::reconstruct(&source, findings, &mut io::sink());
    let rebuilt = rebuilt.map_err(|error| error.to_string())?;
    Ok(rebuilt.map(|rebuilt| ReconstructOutput {
        toc_digest: rebuilt.toc_digest.to_string(),
        sha256: rebuilt.digest.hex(),
        size: Decimal(rebuilt.size),
    }))
}

/// The DiffID that a case tells.
fn diff_id(input: &ReconstructInput) -> Result<Option<Digest>, String> {
    let parse = |text: &String| text.parse().map_err(|_| format!("not a digest of sha256: {text:?}"));
    input.diff_id.as_ref().map(parse).transpose()
}

/// What `chunkproof verify` finds in the layer of a case of `layer/reconstruct`, with the verdict of some rules switched
/// off; nothing for cases of other operations.
///
/// # Errors
///
/// The input is not one of the operation's, in a sentence.
pub fn verify(op: Op, input: &Value, skipped: &[Rule]) -> Result<Vec<Finding>, String> {
    if op != Op::LayerReconstruct {
        return Ok(Vec::new());
    }
    let input: ReconstructInput = read(input.clone())?;
    let blob = decode(&input.blob)?;
    let blob = blob.as_slice();
    let annotations = Some(&input.annotations).filter(|annotations| !annotations.is_empty());
    let source = Source {
        media_type: input.media_type.as_deref(),
        diff_id: diff_id(&input)?,
        ..Source::new(&blob, annotations)
    };
    let mut findings = Findings::skipping(skipped);
    drop(layer::verify(&source, &mut findings).map_err(|error| error.to_string())?);
    Ok(findings.list().to_vec())
}

fn disassemble(input: &TarInput, findings: &mut Findings) -> Result<Option<DisassembleAnswer>, String> {
    let tar = decode(&input.tar)?;
    let mut json = Vec::new();
    let mut disassembler = tarsplit::Disassembler::new();
    disassembler.push(&tar, findings, &mut |line| json.extend_from_slice(line));
    disassembler.finish(findings, &mut |line| json.extend_from_slice(line));
    Ok(Some(DisassembleAnswer {
        tar_split: Bytes::base64(&json),
    }))
}

fn write(input: &TarInput, findings: &mut Findings) -> Result<Option<WriteAnswer>, String> {
    let tar = decode(&input.tar)?;
    let mut blob = Vec::new();
    let written = write_layer(&tar, &mut blob, findings).map_err(|error| error.to_string())?;
    Ok(written.map(|written| WriteAnswer {
        blob: Bytes::base64(&blob),
        annotations: written.annotations,
    }))
}

fn write_layer(tar: &[u8], blob: &mut Vec<u8>, findings: &mut Findings) -> io::Result<Option<Written>> {
    let mut writer = Writer::new(blob, Options::default())?;
    writer.push(tar, findings)?;
    writer.finish(findings)
}

fn estargz_footer(input: &EStargzFooterInput, findings: &mut Findings) -> Result<Option<EStargzFooterOutput>, String> {
    let tail = decode(&input.tail)?;
    let footer = estargz::parse_footer(&tail, input.blob_size.0, findings);
    Ok(footer.map(|footer| EStargzFooterOutput {
        layout: match footer.layout {
            estargz::Layout::EStargz => EStargzLayoutOutput::EStargz,
            estargz::Layout::Legacy => EStargzLayoutOutput::Legacy,
            estargz::Layout::External => EStargzLayoutOutput::External,
        },
        toc_offset: footer.toc.map(Decimal),
    }))
}

fn estargz_toc(input: &EStargzTocInput, findings: &mut Findings) -> Result<Option<EStargzTocOutput>, String> {
    let json = decode(&input.json)?;
    Ok(estargz::parse_toc(&json, findings).map(|(toc, _)| EStargzTocOutput {
        entries: toc.entries.iter().map(EntryOutput::from).collect(),
    }))
}

fn list(input: &TarInput, findings: &mut Findings) -> Result<Option<TreeOutput>, String> {
    let tar = decode(&input.tar)?;
    let (mut scanner, mut tree) = (Scanner::new(), Tree::new());
    // What no tree can be made of is worth reporting only in a tar that can be read.
    let mut of_tree = Findings::like(findings);
    let goes_on = scanner.push(&tar, findings, &mut |event| tree.take(event, &mut of_tree));
    if goes_on {
        scanner.finish(findings);
    }
    if findings.is_empty() {
        findings.merge(of_tree);
    }
    Ok(Some(TreeOutput::from(&tree)))
}

/// A tar of which only digest and size are kept.
struct Tar {
    hasher: Sha256,
    size: u64,
}

impl Tar {
    fn new() -> Self {
        Self {
            hasher: Sha256::new(),
            size: 0,
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size = self.size.saturating_add(bytes.size());
    }

    fn finish(self) -> TarOutput {
        TarOutput {
            sha256: Digest::from_hasher(self.hasher).hex(),
            size: Decimal(self.size),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Answer, answer, verify};
    use crate::{
        forge::{
            EditInPlace as _, SKIPPABLE,
            layer::Plan,
            skippable,
            tar::{self, TarEntry},
        },
        format::Dialect,
        rules::Rule,
        vectors::{Bytes, ops::Op},
    };

    /// A footer of 56 bytes does not name the tar-split, so that a gap before it breaks no other rule, and no operation looks there.
    #[test]
    fn verify_alone_sees_a_frame_before_a_footer_of_56_bytes() {
        let placed = Plan::new(Dialect::G3, vec![TarEntry::file("a", "content\n")])
            .parts()
            .payloads()
            .place();
        let layer = placed
            .edit(|placed| placed.tar_split_frame.extend(skippable(SKIPPABLE, b"skip me")))
            .layer();
        let input = json!({"blob": Bytes::base64(&layer.blob), "annotations": layer.annotations});
        for op in [Op::LayerIndex, Op::LayerReconstruct] {
            let given = answer(op, input.clone(), &[]).unwrap();
            assert!(matches!(given, Answer::Accept(_)), "{op}: {given:?}");
        }
        let found = verify(Op::LayerReconstruct, &input, &[]).unwrap();
        let rules: Vec<Rule> = found.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, [Rule::FramesLast]);
    }

    /// In g1 and g2 only plain decoding shows the end of the tar, which no operation asks for.
    #[test]
    fn verify_sees_the_end_of_the_tar_in_every_dialect() {
        let extension = tar::extension_of(b'x', &tar::record("path", b"lost"));
        let global = tar::extension_of(b'g', &tar::record("comment", b"0123456789abcdef"));
        let end = tar::end;
        for (name, tail, is_whole) in [
            ("end", end(), true),
            ("nothing", vec![], true),
            ("extension", extension.clone(), false),
            ("short padding of an extension", extension[..600].to_vec(), false),
            ("extension and end", [extension, end()].concat(), false),
            ("half a header", vec![b'x'; 300], false),
            ("global header", [global.clone(), end()].concat(), true),
            ("short padding of a global header", global[..600].to_vec(), true),
            ("half a global header", global[..520].to_vec(), false),
        ] {
            for &dialect in Dialect::ALL {
                // With a tar-split a global header needs its own file entry, which the cases have.
                if name.contains("global") && dialect.has_tar_split() && is_whole {
                    continue;
                }
                let layer = Plan::new(dialect, vec![TarEntry::file("a", "content\n")])
                    .edit(|plan| plan.tail.clone_from(&tail))
                    .layer();
                let input = json!({"blob": Bytes::base64(&layer.blob), "annotations": layer.annotations});
                let found = verify(Op::LayerReconstruct, &input, &[]).unwrap();
                let rules: Vec<Rule> = found.iter().map(|finding| finding.rule).collect();
                let expected: &[Rule] = if is_whole { &[] } else { &[Rule::TarTruncated] };
                assert_eq!(rules.first(), expected.first(), "{name} in {dialect}: {found:?}");
                assert!(
                    rules.iter().all(|&rule| rule == Rule::TarTruncated),
                    "{name} in {dialect}: {found:?}"
                );
            }
        }
    }
}
