//! The operations, one row each: everything that treats operations alike asks for what is here.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    AnnotationsInput, AnnotationsOutput, AssembleInput, DecompressInput, EStargzFooterInput, EStargzFooterOutput,
    EStargzTocInput, EStargzTocOutput, FooterInput, FooterOutput, ImageInput, ImageOutput, Input, LayerIndexInput,
    LayerIndexOutput, ReconstructInput, ReconstructOutput, TarInput, TarOutput, TarSplitInput, TarSplitOutput,
    TocInput, TocOutput, TreeOutput,
};
use crate::vectors::layer_format::LayerFormat;

/// An operation, as a type that its input and output belong to.
pub trait Operation {
    /// Which one it is.
    const OP: Op;
    /// The name in case files and in the protocol.
    const NAME: &'static str;
    /// What an input is called in a sentence.
    const NOUN: &'static str;
    /// What a case asks about.
    type Input: Input + Serialize + DeserializeOwned;
    /// What a case expects of those who accept.
    type Output: Serialize + DeserializeOwned;
    /// The field of the input with most of its bytes, and what they are; none of an input without bytes.
    const SUBJECT: Option<Subject>;
    /// The dialects in which the operation means something.
    const FORMS: &'static [LayerFormat];
    /// The rules that an implementation of it checks: groups such as `FTR`, and single rules; `!` takes one out of its group.
    const RULES: &'static str;
    /// Operations that read a part of what this one reads, and whose cases so test the same checks.
    const PARTS: &'static [Op];
    /// Whether two outputs can differ and both be right, so that the reference reads them back.
    const IS_READ_BACK: bool;
}

/// Something to do with the types of an operation.
pub trait Task {
    /// What comes of it.
    type Done;

    /// Does it.
    fn on<O: Operation>(self) -> Self::Done;
}

/// The bytes that an input is mostly made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The field of the input.
    pub field: &'static str,
    /// What the bytes are.
    pub content: Content,
}

/// What bytes of an input are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The end of a zstd:chunked blob.
    Footer,
    /// The end of an eStargz blob.
    EStargzFooter,
    /// A TOC in JSON.
    Toc,
    /// A tar-split in JSON lines.
    TarSplit,
    /// A tar.
    Tar,
    /// A blob.
    Blob,
}

impl Content {
    /// What the bytes are called in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Footer | Self::EStargzFooter => "footer",
            Self::Toc => "TOC",
            Self::TarSplit => "tar-split",
            Self::Tar => "tar",
            Self::Blob => "blob",
        }
    }

    /// The name of a file that has them.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Footer | Self::EStargzFooter => "tail.bin",
            Self::Toc => "toc.json",
            Self::TarSplit => "tar-split.json",
            Self::Tar => "layer.tar",
            Self::Blob => "layer.tar.zst",
        }
    }
}

const fn subject(field: &'static str, content: Content) -> Option<Subject> {
    Some(Subject { field, content })
}

const ESTARGZ: &[LayerFormat] = &[LayerFormat::EStargz];
const CHUNKED: &[LayerFormat] = &[
    LayerFormat::G1,
    LayerFormat::G2,
    LayerFormat::G3,
    LayerFormat::G4,
    LayerFormat::G5,
];
const WITH_TAR_SPLIT: &[LayerFormat] = &[LayerFormat::G3, LayerFormat::G4, LayerFormat::G5];

macro_rules! operations {
    ($(
        $(#[doc = $doc:literal])+
        $op:ident $name:literal $noun:literal, $input:ty => $output:ty, $subject:expr, $forms:expr,
        $rules:literal, [$($part:ident),*] $(, $read_back:ident)?;
    )+ drafts: $(
        $(#[doc = $draft_doc:literal])+
        $draft:ident $draft_name:literal $draft_noun:literal, $draft_input:ty => $draft_output:ty, $draft_subject:expr,
        $draft_forms:expr, $draft_rules:literal;
    )+) => {
        /// An operation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum Op {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $op,)+
            // The schemas are those of the released set.
            $($(#[doc = $draft_doc])+ #[serde(rename = $draft_name)] #[schemars(skip)] $draft,)+
        }

        $(
            $(#[doc = $doc])+
            #[derive(Debug)]
            pub(super) struct $op;

            impl Operation for $op {
                const OP: Op = Op::$op;
                const NAME: &'static str = $name;
                const NOUN: &'static str = $noun;
                type Input = $input;
                type Output = $output;
                const SUBJECT: Option<Subject> = $subject;
                const FORMS: &'static [LayerFormat] = $forms;
                const RULES: &'static str = $rules;
                const PARTS: &'static [Op] = &[$(Op::$part),*];
                const IS_READ_BACK: bool = operations!(@$($read_back)?);
            }
        )+

        $(
            $(#[doc = $draft_doc])+
            #[derive(Debug)]
            pub(super) struct $draft;

            impl Operation for $draft {
                const OP: Op = Op::$draft;
                const NAME: &'static str = $draft_name;
                const NOUN: &'static str = $draft_noun;
                type Input = $draft_input;
                type Output = $draft_output;
                const SUBJECT: Option<Subject> = $draft_subject;
                const FORMS: &'static [LayerFormat] = $draft_forms;
                const RULES: &'static str = $draft_rules;
                const PARTS: &'static [Op] = &[];
                const IS_READ_BACK: bool = false;
            }
        )+

        impl Op {
            /// Every operation of the released set.
            pub const ALL: &'static [Self] = &[$(Self::$op),+];

            /// The operations of drafts, whose names begin with `draft/`.
            pub const DRAFTS: &'static [Self] = &[$(Self::$draft),+];

            /// Does something with the types of this operation.
            pub fn with<T: Task>(self, task: T) -> T::Done {
                match self {
                    $(Self::$op => task.on::<$op>(),)+
                    $(Self::$draft => task.on::<$draft>(),)+
                }
            }

            operations!(@facts $($op)+ $($draft)+);
        }
    };
    (@) => { false };
    (@read_back) => { true };
    (@facts $($op:ident)+) => {
        /// The name in case files and in the protocol.
        pub const fn name(self) -> &'static str {
            match self {
                $(Self::$op => $op::NAME,)+
            }
        }

        /// What an input is called in a sentence.
        pub const fn noun(self) -> &'static str {
            match self {
                $(Self::$op => $op::NOUN,)+
            }
        }

        /// The field of the input with most of its bytes, and what they are; none of an input without bytes.
        pub const fn subject(self) -> Option<Subject> {
            match self {
                $(Self::$op => $op::SUBJECT,)+
            }
        }

        /// The dialects in which the operation means something.
        pub const fn forms(self) -> &'static [LayerFormat] {
            match self {
                $(Self::$op => $op::FORMS,)+
            }
        }

        /// The rules that an implementation checks, as [`Operation::RULES`] has them.
        pub const fn checked(self) -> &'static str {
            match self {
                $(Self::$op => $op::RULES,)+
            }
        }

        /// Operations whose cases test checks of this one.
        pub const fn parts(self) -> &'static [Self] {
            match self {
                $(Self::$op => $op::PARTS,)+
            }
        }

        /// Whether the reference reads outputs back.
        pub const fn is_read_back(self) -> bool {
            match self {
                $(Self::$op => $op::IS_READ_BACK,)+
            }
        }
    };
}

operations! {
    /// Read a footer from the end of a blob.
    FooterParse "footer/parse" "footer", FooterInput => FooterOutput, subject("tail", Content::Footer), CHUNKED,
        "FTR IDX-01", [];

    /// Read the annotations of a layer's descriptor.
    AnnotationsParse "annotations/parse" "annotations", AnnotationsInput => AnnotationsOutput, None, LayerFormat::ALL,
        "ANN IDX-01", [];

    /// Read an uncompressed TOC.
    TocParse "toc/parse" "TOC", TocInput => TocOutput, subject("json", Content::Toc), CHUNKED,
        "JSN TOC !TOC-01 ANN-08 DAT-06", [EStargzToc];

    /// Read an uncompressed tar-split.
    TarSplitParse "tarsplit/parse" "tar-split", TarSplitInput => TarSplitOutput, subject("json", Content::TarSplit),
        WITH_TAR_SPLIT, "JSN TSP", [];

    /// Put a tar together from an uncompressed tar-split and the content of its files.
    TarSplitAssemble "tarsplit/assemble" "tar-split", AssembleInput => TarOutput, subject("tar_split", Content::TarSplit),
        WITH_TAR_SPLIT, "JSN TSP ASM", [TarSplitParse];

    /// Take a tar apart into its tar-split.
    TarSplitDisassemble "tarsplit/disassemble" "tar", TarInput => TarOutput, subject("tar", Content::Tar), WITH_TAR_SPLIT,
        "TAR !TAR-07 !TAR-08 TSP-05 TOC-10 SEG-03 CMP-01", [], read_back;

    /// Decompress a blob as any zstd decoder does.
    LayerDecompress "layer/decompress" "blob", DecompressInput => TarOutput, subject("blob", Content::Blob), CHUNKED,
        "FRM", [];

    /// List the files that the index of a layer has, without reading data.
    LayerIndex "layer/index" "layer", LayerIndexInput => LayerIndexOutput, subject("blob", Content::Blob), LayerFormat::ALL,
        "FTR ANN FRM-03 FRM-04 FRM-05 IDX JSN TOC TSP TAR !TAR-07 !TAR-08 SEG LYR DAT-06 CMP-01 CMP-02 CMP-05 DAT-03 ESG",
        [FooterParse, AnnotationsParse, TocParse, TarSplitParse, TarSplitDisassemble, LayerDecompress, LayerReconstruct,
            EStargzFooter, EStargzToc];

    /// Rebuild the tar from TOC, tar-split and ranges alone.
    LayerReconstruct "layer/reconstruct" "layer", ReconstructInput => ReconstructOutput, subject("blob", Content::Blob),
        CHUNKED, "FTR ANN FRM IDX JSN TOC TSP ASM TAR !TAR-07 !TAR-08 SEG LYR DAT CMP ESG-05",
        [FooterParse, AnnotationsParse, TocParse, TarSplitParse, TarSplitAssemble, TarSplitDisassemble, LayerDecompress,
            LayerIndex, EStargzToc];

    /// Write a tar as a layer.
    LayerWrite "layer/write" "tar", TarInput => TarOutput, subject("tar", Content::Tar), CHUNKED,
        "TAR !TAR-07 !TAR-08 TSP-05 JSN-01 TOC-04 TOC-06 TOC-07 TOC-10 TOC-18 SEG-03 CMP-01", [TarSplitDisassemble, TocParse], read_back;

    /// Read the footer of an eStargz layer.
    EStargzFooter "estargz/footer" "footer of eStargz", EStargzFooterInput => EStargzFooterOutput,
        subject("tail", Content::EStargzFooter), ESTARGZ, "ESG-01 ESG-02 ESG-03", [];

    /// Read an uncompressed TOC of eStargz.
    EStargzToc "estargz/toc" "TOC of eStargz", EStargzTocInput => EStargzTocOutput, subject("json", Content::Toc), ESTARGZ,
        "JSN TOC !TOC-01 !TOC-07 ANN-08 ESG-05 ESG-07 ESG-08", [TocParse, LayerIndex];

    /// List the tree that a reader of tars creates.
    TarList "tar/list" "tar", TarInput => TreeOutput, subject("tar", Content::Tar), CHUNKED, "TAR", [];

    drafts:

    /// Pull an image as a reader that knows the sentinel.
    DraftSentinel "draft/sentinel" "image", ImageInput => ImageOutput, None, CHUNKED, "XSN";
}

impl Op {
    /// The stem of the file under `vectors/` that holds the operation's cases.
    pub fn file_stem(self) -> String {
        self.name().replace('/', "-")
    }

    /// Whether the operation is one of a draft, which an implementation is asked for only if somebody wants drafts.
    pub fn is_draft(self) -> bool {
        Self::DRAFTS.contains(&self)
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Op {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let mut all = Self::ALL.iter().chain(Self::DRAFTS).copied();
        all.find(|op| op.name() == name).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|op| op.name()).collect();
            format!("no operation is called {name:?}; there are {}", known.join(", "))
        })
    }
}
