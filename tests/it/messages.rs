//! The messages of findings, in one snapshot per operation, so that a change of their wording is reviewed.
//!
//! Each line is what the reference says first of a case that it does not accept. That it says the right rule is the
//! matter of `reference.rs`.

use chunkproof::judge::reference::{Answer, answer, verify};
use chunkproof::vectors::{Expect, Op, Set, SetEntry};

/// Cases of an operation that the reference may refuse.
fn refusable(set: &Set, op: Op) -> impl Iterator<Item = &SetEntry> {
    set.entries()
        .iter()
        .filter(move |entry| entry.op == op && !matches!(entry.case.expect, Expect::Valid { .. }))
}

/// A line for each case of the operation that is not accepted: `id: RULE place: message`.
fn messages(op: Op) -> String {
    let set = Set::embedded().unwrap();
    let mut text = String::new();
    for entry in refusable(&set, op) {
        let id = &entry.case.id;
        let input = set.wire_input(entry).unwrap();
        text += &match answer(op, input, &[]).unwrap() {
            Answer::Accept(_) => continue,
            Answer::Reject(findings) => format!("{id}: {}\n", findings.first().unwrap()),
            Answer::Decline(finding) => format!("{id}: declined: {finding}\n"),
        };
    }
    text
}

macro_rules! messages {
    ($($name:ident: $op:expr;)*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!($op.file_stem(), messages($op));
            }
        )*

        #[test]
        fn every_operation_has_its_messages() {
            assert_eq!([$($op),*].as_slice(), Op::ALL);
        }
    };
}

messages! {
    footer_parse: Op::FooterParse;
    annotations_parse: Op::AnnotationsParse;
    toc_parse: Op::TocParse;
    tarsplit_parse: Op::TarSplitParse;
    tarsplit_assemble: Op::TarSplitAssemble;
    tarsplit_disassemble: Op::TarSplitDisassemble;
    layer_decompress: Op::LayerDecompress;
    layer_index: Op::LayerIndex;
    layer_reconstruct: Op::LayerReconstruct;
    layer_write: Op::LayerWrite;
    estargz_footer: Op::EStargzFooter;
    estargz_toc: Op::EStargzToc;
    tar_list: Op::TarList;
}

/// What `chunkproof verify` says of the layers of `layer/reconstruct`, with everything that follows from one mistake.
#[test]
fn verify_of_layers() {
    let set = Set::embedded().unwrap();
    let mut text = String::new();
    for entry in refusable(&set, Op::LayerReconstruct) {
        let input = set.wire_input(entry).unwrap();
        let findings = verify(entry.op, &input, &[]).unwrap();
        if findings.is_empty() {
            continue;
        }
        text += &format!("{}\n", entry.case.id);
        for finding in findings {
            text += &format!("  {finding}\n");
        }
    }
    insta::assert_snapshot!("verify", text);
}
