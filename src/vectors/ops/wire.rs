//! Inputs as the protocol sends them: all bytes in base64.

use super::{
    AnnotationsInput, AssembleInput, Bytes, BytesError, DecompressInput, EStargzFooterInput, EStargzTocInput,
    FileInput, FooterInput, Input, LayerIndexInput, ReconstructInput, TarInput, TarSplitInput, TocInput,
};

fn wire(bytes: &Bytes, blob: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Bytes, BytesError> {
    Ok(Bytes::base64(&bytes.decode(blob)?))
}

impl Input for FooterInput {
    fn for_wire(&self, blob: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Self, BytesError> {
        Ok(Self {
            tail: wire(&self.tail, blob)?,
            blob_size: self.blob_size,
        })
    }
}

impl Input for AnnotationsInput {
    fn for_wire(&self, _: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Self, BytesError> {
        Ok(self.clone())
    }
}

impl Input for TocInput {
    fn for_wire(&self, blob: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Self, BytesError> {
        Ok(Self {
            json: wire(&self.json, blob)?,
            dialect: self.dialect,
        })
    }
}

impl Input for TarSplitInput {
    fn for_wire(&self, blob: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Self, BytesError> {
        Ok(Self {
            json: wire(&self.json, blob)?,
        })
    }
}

impl Input for AssembleInput {
    fn for_wire(&self, blob: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Self, BytesError> {
        let file = |file: &FileInput| {
            Ok(FileInput {
                name: wire(&file.name, blob)?,
                content: wire(&file.content, blob)?,
            })
        };
        Ok(Self {
            tar_split: wire(&self.tar_split, blob)?,
            files: self.files.iter().map(file).collect::<Result<_, _>>()?,
        })
    }
}

impl Input for EStargzFooterInput {
    fn for_wire(&self, blob: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Self, BytesError> {
        Ok(Self {
            tail: wire(&self.tail, blob)?,
            blob_size: self.blob_size,
        })
    }
}

impl Input for EStargzTocInput {
    fn for_wire(&self, blob: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Self, BytesError> {
        Ok(Self {
            json: wire(&self.json, blob)?,
        })
    }
}

impl Input for TarInput {
    fn for_wire(&self, blob: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Self, BytesError> {
        Ok(Self {
            tar: wire(&self.tar, blob)?,
        })
    }
}

impl Input for DecompressInput {
    fn for_wire(&self, blob: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Self, BytesError> {
        Ok(Self {
            blob: wire(&self.blob, blob)?,
        })
    }
}

impl Input for LayerIndexInput {
    fn for_wire(&self, blob: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Self, BytesError> {
        Ok(Self {
            blob: wire(&self.blob, blob)?,
            annotations: self.annotations.clone(),
        })
    }
}

impl Input for ReconstructInput {
    fn for_wire(&self, blob: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Self, BytesError> {
        Ok(Self {
            blob: wire(&self.blob, blob)?,
            annotations: self.annotations.clone(),
            diff_id: self.diff_id.clone(),
        })
    }
}
