//! The media type of the layer's descriptor, compared with the compression of the blob.

use std::{fmt, io};

use super::Source;
use crate::{
    format::{
        Excerpt, Findings, Place, Region,
        frames::{SKIPPABLE_FIRST, SKIPPABLE_LAST, ZSTD_MAGIC},
        range::ReadAt,
    },
    rules::Rule,
};

/// How the tar of a layer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, of which eStargz is a kind.
    Gzip,
    /// zstd, of which zstd:chunked is a kind.
    Zstd,
}

impl Compression {
    /// The compression that a media type names; none if it is not one of a layer.
    ///
    /// Besides the types of the OCI image specification these are Docker's, the one for zstd that BuildKit writes among
    /// them. Of other types the structured suffix counts, as in `application/vnd.example+zstd`.
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        Some(match media_type {
            "application/vnd.oci.image.layer.v1.tar"
            | "application/vnd.oci.image.layer.nondistributable.v1.tar"
            | "application/vnd.docker.image.rootfs.diff.tar"
            | "application/vnd.docker.image.rootfs.foreign.diff.tar" => Self::None,
            "application/vnd.docker.image.rootfs.diff.tar.gzip"
            | "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" => Self::Gzip,
            "application/vnd.docker.image.rootfs.diff.tar.zstd" => Self::Zstd,
            other => match other.rsplit_once('+')?.1 {
                "gzip" => Self::Gzip,
                "zstd" => Self::Zstd,
                _ => return None,
            },
        })
    }

    /// The compression that the beginning of a blob shows; none if it shows nothing that is known.
    ///
    /// # Errors
    ///
    /// The blob cannot be read.
    pub fn of_blob(blob: &dyn ReadAt) -> io::Result<Option<Self>> {
        let mut block = [0; 512];
        let length = blob.size().min(512);
        let length = usize::try_from(length).unwrap_or_default();
        let Some(start) = block.get_mut(..length) else {
            return Ok(None);
        };
        blob.read_exact_at(start, 0)?;
        let is_tar =
            length == block.len() && (block.get(257..262) == Some(b"ustar") || block.iter().all(|&byte| byte == 0));
        let [a, b, c, d, ..] = block;
        Ok(match (u32::from_le_bytes([a, b, c, d]), [a, b]) {
            (ZSTD_MAGIC | SKIPPABLE_FIRST..=SKIPPABLE_LAST, _) => Some(Self::Zstd),
            (_, [0x1f, 0x8b]) => Some(Self::Gzip),
            _ => is_tar.then_some(Self::None),
        })
    }

    /// The media type that the OCI image specification has for such a layer.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::None => "application/vnd.oci.image.layer.v1.tar",
            Self::Gzip => "application/vnd.oci.image.layer.v1.tar+gzip",
            Self::Zstd => "application/vnd.oci.image.layer.v1.tar+zstd",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no compression",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        })
    }
}

/// Compares the media type, where it is known, with the blob.
///
/// Rule: LYR-10. It comes first: where the blob is not what the descriptor says, everything else follows from that.
///
/// # Errors
///
/// The blob cannot be read.
pub fn check_media_type(source: &Source<'_>, findings: &mut Findings) -> io::Result<()> {
    let Some(media_type) = source.media_type else {
        return Ok(());
    };
    let Some(found) = Compression::of_blob(source.blob)? else {
        return Ok(());
    };
    let named = Compression::of_media_type(media_type);
    if named != Some(found) {
        let shown = Excerpt(media_type);
        let names = named.map_or_else(|| "is not that of a layer".to_owned(), |named| format!("names {named}"));
        let is = match found {
            Compression::None => "is not compressed".to_owned(),
            Compression::Gzip | Compression::Zstd => format!("is compressed with {found}"),
        };
        let detail = format!(
            "the media type {shown} {names}, but the blob {is}; expected {}",
            found.media_type()
        );
        findings.report(Rule::MediaType, Place::Whole(Region::Descriptor), detail);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Compression;

    #[test]
    fn media_types_name_a_compression() {
        let oci = "application/vnd.oci.image.layer";
        let docker = "application/vnd.docker.image.rootfs";
        for (media_type, expected) in [
            (format!("{oci}.v1.tar"), Some(Compression::None)),
            (format!("{oci}.v1.tar+gzip"), Some(Compression::Gzip)),
            (format!("{oci}.v1.tar+zstd"), Some(Compression::Zstd)),
            (format!("{oci}.nondistributable.v1.tar"), Some(Compression::None)),
            (format!("{oci}.nondistributable.v1.tar+gzip"), Some(Compression::Gzip)),
            (format!("{oci}.nondistributable.v1.tar+zstd"), Some(Compression::Zstd)),
            (format!("{docker}.diff.tar"), Some(Compression::None)),
            (format!("{docker}.diff.tar.gzip"), Some(Compression::Gzip)),
            (format!("{docker}.diff.tar.zstd"), Some(Compression::Zstd)),
            (format!("{docker}.foreign.diff.tar.gzip"), Some(Compression::Gzip)),
            ("application/vnd.example+zstd".to_owned(), Some(Compression::Zstd)),
            (format!("{oci}.v1.tar+zstd+encrypted"), None),
            (format!("{oci}.v1.tar+ZSTD"), None),
            (format!("{oci}.v1.tar+zstd "), None),
            ("application/octet-stream".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(Compression::of_media_type(&media_type), expected, "{media_type}");
        }
    }

    #[test]
    fn blobs_show_their_compression() {
        let tar = |magic: &[u8]| {
            let mut block = vec![b'a'; 1024];
            block[257..257 + magic.len()].copy_from_slice(magic);
            block
        };
        for (blob, expected) in [
            (b"\x28\xb5\x2f\xfd".to_vec(), Some(Compression::Zstd)),
            (b"\x50\x2a\x4d\x18".to_vec(), Some(Compression::Zstd)),
            (b"\x5f\x2a\x4d\x18".to_vec(), Some(Compression::Zstd)),
            (b"\x60\x2a\x4d\x18".to_vec(), None),
            (b"\x1f\x8b".to_vec(), Some(Compression::Gzip)),
            (b"\x1f".to_vec(), None),
            (tar(b"ustar\0"), Some(Compression::None)),
            (tar(b"other"), None),
            (vec![0; 1024], Some(Compression::None)),
            (vec![0; 511], None),
            (Vec::new(), None),
        ] {
            assert_eq!(Compression::of_blob(&blob.as_slice()).unwrap(), expected, "{blob:?}");
        }
    }
}
