//! The operations with their types.

use serde::{Serialize, de::DeserializeOwned};

use crate::{cases::Case, types::*};

/// Something that an implementation can be asked for.
pub trait Operation {
    /// The name in case files.
    const NAME: &'static str;
    /// The input.
    type Input: DeserializeOwned;
    /// What those who accept answer.
    type Output: Serialize + DeserializeOwned;

    /// The cases of the operation in the order of their ids.
    fn cases() -> &'static [Case] {
        crate::cases(Self::NAME)
    }

    /// The input of a case. Large ones are made anew each time.
    ///
    /// # Errors
    ///
    /// What this version of the crate does not know.
    fn input(case: &Case) -> serde_json::Result<Self::Input> {
        <Self::Input as serde::Deserialize>::deserialize(&case.input)
    }

    /// The output that is right where a case is accepted; none of an invalid case. Further ones are in the readings of
    /// [`Expect`](crate::Expect).
    ///
    /// # Errors
    ///
    /// What this version of the crate does not know.
    fn output(case: &Case) -> serde_json::Result<Option<Self::Output>> {
        case.expect
            .output
            .as_ref()
            .map(<Self::Output as serde::Deserialize>::deserialize)
            .transpose()
    }
}

macro_rules! operations {
    ($($(#[doc = $doc:literal])+ $op:ident $name:literal $file:literal $input:ty => $output:ty;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug)]
            pub enum $op {}

            impl Operation for $op {
                const NAME: &'static str = $name;
                type Input = $input;
                type Output = $output;
            }
        )+

        /// The files of the operations, in the order of the set, in which choices are decided.
        pub(crate) const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../data/", $file, ".json")))),+];

        /// The names of the operations, in the order of the set.
        pub const OPS: &[&str] = &[$($name),+];

        #[cfg(test)]
        mod tests {
            use crate::judge::{difference, value};

            #[test]
            fn every_input_and_output_is_of_its_type() {
                $(
                    for case in <super::$op as super::Operation>::cases() {
                        <super::$op as super::Operation>::input(case).unwrap();
                        let output = <super::$op as super::Operation>::output(case).unwrap();
                        let written = output.map(|output| value(serde_json::to_value(output).unwrap()));
                        let expected = case.expect.output.clone().map(value);
                        if let (Some(written), Some(expected)) = (&written, &expected) {
                            assert_eq!(difference("", written, expected), None, "{}", case.id);
                        }
                        assert_eq!(written.is_some(), expected.is_some(), "{}", case.id);
                        for expected in case.expect.readings.values() {
                            type Output = <super::$op as super::Operation>::Output;
                            let output: Output = serde_json::from_value(expected.clone()).unwrap();
                            let written = value(serde_json::to_value(output).unwrap());
                            assert_eq!(difference("", &written, &value(expected.clone())), None, "{}", case.id);
                        }
                    }
                )+
            }
        }
    };
}

operations! {
    /// Read a footer from the end of a blob.
    FooterParse "footer/parse" "footer-parse" FooterInput => FooterOutput;
    /// Read the annotations of a layer's descriptor.
    AnnotationsParse "annotations/parse" "annotations-parse" AnnotationsInput => AnnotationsOutput;
    /// Read an uncompressed TOC.
    TocParse "toc/parse" "toc-parse" TocInput => TocOutput;
    /// Read an uncompressed tar-split.
    TarSplitParse "tarsplit/parse" "tarsplit-parse" TarSplitInput => TarSplitOutput;
    /// Assemble a tar from a tar-split and the content of its files.
    TarSplitAssemble "tarsplit/assemble" "tarsplit-assemble" AssembleInput => TarOutput;
    /// Make the tar-split of a tar. It is not compared with other bytes: assemble it, and answer with the tar that it gives.
    TarSplitDisassemble "tarsplit/disassemble" "tarsplit-disassemble" TarInput => TarOutput;
    /// Decompress a blob as any zstd decoder does.
    LayerDecompress "layer/decompress" "layer-decompress" DecompressInput => TarOutput;
    /// List the files that the index of a layer has, without reading data.
    LayerIndex "layer/index" "layer-index" IndexInput => IndexOutput;
    /// Rebuild the tar from TOC, tar-split and ranges alone.
    LayerReconstruct "layer/reconstruct" "layer-reconstruct" ReconstructInput => ReconstructOutput;
    /// Write a tar as a layer. It is not compared with other bytes: decode it, and answer with the tar that it gives.
    LayerWrite "layer/write" "layer-write" TarInput => TarOutput;
    /// Read the footer of an eStargz layer.
    EStargzFooter "estargz/footer" "estargz-footer" EStargzFooterInput => EStargzFooterOutput;
    /// Read an uncompressed TOC of eStargz.
    EStargzToc "estargz/toc" "estargz-toc" EStargzTocInput => EStargzTocOutput;
    /// Put together the tree that a tar describes.
    TarList "tar/list" "tar-list" TarInput => TreeOutput;
}
