//! The bytes of inputs, brought into another notation.

use super::{
    AnnotationsInput, AssembleInput, BlobInput, Bytes, BytesError, DecompressInput, EStargzFooterInput,
    EStargzTocInput, FileInput, FooterInput, ImageInput, Input, LayerIndexInput, ReconstructInput, TarInput,
    TarSplitInput, TocInput,
};

/// What is made of bytes.
type Change<'a> = &'a mut dyn FnMut(&Bytes) -> Result<Bytes, BytesError>;

impl Input for FooterInput {
    fn with_bytes(&self, change: Change<'_>) -> Result<Self, BytesError> {
        Ok(Self {
            tail: change(&self.tail)?,
            blob_size: self.blob_size,
        })
    }
}

impl Input for AnnotationsInput {
    fn with_bytes(&self, _: Change<'_>) -> Result<Self, BytesError> {
        Ok(self.clone())
    }
}

impl Input for TocInput {
    fn with_bytes(&self, change: Change<'_>) -> Result<Self, BytesError> {
        Ok(Self {
            json: change(&self.json)?,
            dialect: self.dialect,
        })
    }
}

impl Input for TarSplitInput {
    fn with_bytes(&self, change: Change<'_>) -> Result<Self, BytesError> {
        Ok(Self {
            json: change(&self.json)?,
        })
    }
}

impl Input for AssembleInput {
    fn with_bytes(&self, change: Change<'_>) -> Result<Self, BytesError> {
        let mut file = |file: &FileInput| {
            Ok(FileInput {
                name: change(&file.name)?,
                content: change(&file.content)?,
            })
        };
        let files = self.files.iter().map(&mut file).collect::<Result<_, _>>()?;
        Ok(Self {
            tar_split: change(&self.tar_split)?,
            files,
        })
    }
}

impl Input for EStargzFooterInput {
    fn with_bytes(&self, change: Change<'_>) -> Result<Self, BytesError> {
        Ok(Self {
            tail: change(&self.tail)?,
            blob_size: self.blob_size,
        })
    }
}

impl Input for EStargzTocInput {
    fn with_bytes(&self, change: Change<'_>) -> Result<Self, BytesError> {
        Ok(Self {
            json: change(&self.json)?,
        })
    }
}

impl Input for TarInput {
    fn with_bytes(&self, change: Change<'_>) -> Result<Self, BytesError> {
        Ok(Self {
            tar: change(&self.tar)?,
        })
    }
}

impl Input for DecompressInput {
    fn with_bytes(&self, change: Change<'_>) -> Result<Self, BytesError> {
        Ok(Self {
            blob: change(&self.blob)?,
        })
    }
}

impl Input for LayerIndexInput {
    fn with_bytes(&self, change: Change<'_>) -> Result<Self, BytesError> {
        Ok(Self {
            blob: change(&self.blob)?,
            annotations: self.annotations.clone(),
            media_type: self.media_type.clone(),
        })
    }
}

impl Input for ReconstructInput {
    fn with_bytes(&self, change: Change<'_>) -> Result<Self, BytesError> {
        Ok(Self {
            blob: change(&self.blob)?,
            annotations: self.annotations.clone(),
            media_type: self.media_type.clone(),
            diff_id: self.diff_id.clone(),
        })
    }
}

impl Input for ImageInput {
    fn with_bytes(&self, change: Change<'_>) -> Result<Self, BytesError> {
        let root = change(&self.root)?;
        let mut blob = |blob: &BlobInput| {
            Ok(BlobInput {
                digest: blob.digest.clone(),
                content: change(&blob.content)?,
            })
        };
        let blobs = self.blobs.iter().map(&mut blob).collect::<Result<_, _>>()?;
        Ok(Self { root, blobs })
    }
}
