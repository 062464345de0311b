//! The reference implementation of this crate.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Builtin;
use crate::{
    format::{
        Dialect, Findings, Position, annotations,
        annotations::Index,
        footer,
        footer::{Footer, Layout},
    },
    runner::protocol::{Answer, Decision, Hello, Rejection},
    vectors::{
        Bytes, Choice, Decimal, Op,
        ops::{
            AnnotationsInput, AnnotationsOutput, FooterInput, FooterOutput, IndexOutput, LayoutOutput, PositionOutput,
        },
    },
};

/// How the reference decides what the format leaves open, where its operations show it.
const CHOICES: &[(Choice, Decision)] = &[
    (Choice::V56Footer, Decision::Accept),
    (Choice::DigestAlgorithm, Decision::Reject),
];

pub(super) struct Reference;

impl Builtin for Reference {
    fn hello(&self) -> Hello {
        Hello {
            name: "reference".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: "rust".to_owned(),
            ops: vec![Op::FooterParse, Op::AnnotationsParse],
            dialects: Dialect::ALL.to_vec(),
            choices: CHOICES.iter().copied().collect(),
        }
    }

    fn answer(&self, op: Op, input: Value) -> Answer {
        let answer = match op {
            Op::FooterParse => footer_parse(input),
            Op::AnnotationsParse => annotations_parse(input),
            Op::TocParse | Op::TarSplitParse | Op::TarSplitAssemble | Op::LayerDecompress | Op::LayerReconstruct => {
                return Answer::Unsupported(format!("the reference has no {op}"));
            }
        };
        answer.unwrap_or_else(|refusal| refusal)
    }
}

fn footer_parse(input: Value) -> Result<Answer, Answer> {
    let input: FooterInput = parse(input)?;
    let tail = decode(&input.tail)?;
    let mut findings = Findings::new();
    let footer = footer::parse(&tail, input.blob_size.0, &mut findings);
    let Footer { layout, toc, tar_split } = checked(findings, footer)?;
    accept(FooterOutput {
        layout: match layout {
            Layout::V40 => LayoutOutput::V40,
            Layout::V56 => LayoutOutput::V56,
            Layout::V64 => LayoutOutput::V64,
        },
        toc: position(toc),
        tar_split: tar_split.map(position),
    })
}

fn annotations_parse(input: Value) -> Result<Answer, Answer> {
    let input: AnnotationsInput = parse(input)?;
    let mut findings = Findings::new();
    let index = annotations::parse(&input.annotations, &mut findings);
    accept(match checked(findings, index)? {
        Index::None => AnnotationsOutput {
            index: IndexOutput::None,
            toc_digest: None,
            toc: None,
            tar_split: None,
        },
        Index::ZstdChunked(index) => AnnotationsOutput {
            index: IndexOutput::ZstdChunked,
            toc_digest: Some(index.toc_digest.to_string()),
            toc: Some(position(index.toc)),
            tar_split: index.tar_split.map(position),
        },
        Index::EStargz(digest) => AnnotationsOutput {
            index: IndexOutput::EStargz,
            toc_digest: Some(digest.to_string()),
            toc: None,
            tar_split: None,
        },
    })
}

fn position(position: Position) -> PositionOutput {
    PositionOutput {
        offset: Decimal(position.extent.offset()),
        length: Decimal(position.extent.length()),
        uncompressed: Decimal(position.uncompressed),
    }
}

/// The value, or the rejection that its first finding is.
fn checked<T>(findings: Findings, value: Option<T>) -> Result<T, Answer> {
    findings.into_result(value).map_err(|finding| match finding {
        Some(finding) => Answer::Reject(Rejection {
            message: format!("{}: {}", finding.place, finding.detail),
            rule: Some(finding.rule.id().to_owned()),
        }),
        None => Answer::reject("nothing could be made out"),
    })
}

fn accept<T: serde::Serialize>(output: T) -> Result<Answer, Answer> {
    serde_json::to_value(output)
        .map(Answer::Accept)
        .map_err(|error| Answer::reject(error.to_string()))
}

fn parse<T: DeserializeOwned>(input: Value) -> Result<T, Answer> {
    serde_json::from_value(input)
        .map_err(|error| Answer::Unsupported(format!("the input is not that of the operation: {error}")))
}

fn decode(bytes: &Bytes) -> Result<Vec<u8>, Answer> {
    bytes
        .decode(&|_| None)
        .map_err(|error| Answer::Unsupported(format!("the input is not that of the operation: {error}")))
}
