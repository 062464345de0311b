//! The tree that a reader of tars creates, as output of `tar/list`, and what an implementation cannot show of it.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

use crate::{
    format::{
        tar::{Node, NodeKind, Tree},
        time::Timestamp,
    },
    vectors::bytes::Decimal,
};

/// Output of `tar/list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TreeOutput {
    /// What the tree has in the end, in the order of the bytes of the paths, each path once.
    #[serde(deserialize_with = "in_order")]
    pub entries: Vec<TreeEntryOutput>,
}

/// What a path of the tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NodeTypeOutput {
    /// A regular file.
    Reg,
    /// A directory.
    Dir,
    /// A symbolic link.
    Symlink,
    /// A character device.
    Char,
    /// A block device.
    Block,
    /// A named pipe.
    Fifo,
}

/// The times of a tree in the notation of JSON Schema.
const SECONDS: &str = r"^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\.[0-9]{0,8}[1-9])$";

/// One path of the tree. A hard link is what its target is when the link is made, with the target's content and metadata.
/// Directories that the tar does not name are not listed.
///
/// Fields that do not apply are absent. So are those that the handshake declares under `lacks`, or they are ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TreeEntryOutput {
    /// The path from the root, as padded standard base64 of its bytes: no leading or trailing slash, no empty, `.` or `..`
    /// component. That of the root itself is empty.
    pub path: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: NodeTypeOutput,
    /// The size of a regular file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Decimal<u64>>,
    /// The sha256 of the content of a regular file, 64 lower-case hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The target of a symbolic link, as padded standard base64 of its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Permission bits with setuid, setgid and sticky bit. A symbolic link has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Decimal<i64>>,
    /// Owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<Decimal<i64>>,
    /// Group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gid: Option<Decimal<i64>>,
    /// Modification time: seconds since 1970 in decimal, with a fraction of at most nine digits without trailing zeros.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = SECONDS))]
    pub mtime: Option<String>,
    /// Major number of a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dev_major: Option<Decimal<i64>>,
    /// Minor number of a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dev_minor: Option<Decimal<i64>>,
    /// Extended attributes: name to value, both as padded standard base64 of their bytes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub xattrs: BTreeMap<String, String>,
}

fn in_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<TreeEntryOutput>, D::Error> {
    let entries: Vec<TreeEntryOutput> = Vec::deserialize(deserializer)?;
    let mut before: Option<Vec<u8>> = None;
    for entry in &entries {
        let path = STANDARD.decode(&entry.path).map_err(D::Error::custom)?;
        if before.as_ref().is_some_and(|before| *before >= path) {
            let path = path.escape_ascii();
            return Err(D::Error::custom(format!(
                "the path {path} is not after the one before it, expected paths in the order of their bytes, each once"
            )));
        }
        before = Some(path);
    }
    Ok(entries)
}

/// The tree as an output.
impl From<&Tree> for TreeOutput {
    fn from(tree: &Tree) -> Self {
        Self {
            entries: tree
                .listed()
                .map(|(path, node)| TreeEntryOutput::new(&path, node))
                .collect(),
        }
    }
}

impl TreeEntryOutput {
    fn new(path: &[u8], node: &Node) -> Self {
        let mut output = Self {
            path: STANDARD.encode(path),
            kind: NodeTypeOutput::Reg,
            size: None,
            sha256: None,
            link: None,
            mode: Some(Decimal(node.mode)),
            uid: Some(Decimal(node.uid)),
            gid: Some(Decimal(node.gid)),
            mtime: node.modtime.map(seconds),
            dev_major: None,
            dev_minor: None,
            xattrs: node
                .xattrs
                .iter()
                .map(|(name, value)| (STANDARD.encode(name), STANDARD.encode(value)))
                .collect(),
        };
        output.kind = match &node.kind {
            NodeKind::File { size, digest } => {
                output.size = Some(Decimal(*size));
                output.sha256 = Some(digest.hex());
                NodeTypeOutput::Reg
            }
            NodeKind::Directory => NodeTypeOutput::Dir,
            NodeKind::Symlink { target } => {
                output.link = Some(STANDARD.encode(target));
                output.mode = None;
                NodeTypeOutput::Symlink
            }
            NodeKind::Device { is_block, major, minor } => {
                output.dev_major = Some(Decimal(*major));
                output.dev_minor = Some(Decimal(*minor));
                if *is_block {
                    NodeTypeOutput::Block
                } else {
                    NodeTypeOutput::Char
                }
            }
            NodeKind::Fifo => NodeTypeOutput::Fifo,
        };
        output
    }
}

/// The time in decimal seconds.
fn seconds(time: Timestamp) -> String {
    let (seconds, nanos) = (time.seconds(), time.nanos());
    if nanos == 0 {
        return seconds.to_string();
    }
    // A quarter after -2 is -1.75.
    let (sign, whole, nanos) = if seconds < 0 {
        (
            "-",
            seconds.saturating_add(1).unsigned_abs(),
            1_000_000_000_u32.saturating_sub(nanos),
        )
    } else {
        ("", seconds.unsigned_abs(), nanos)
    };
    let digits = format!("{nanos:09}");
    format!("{sign}{whole}.{}", digits.trim_end_matches('0'))
}

/// What an implementation cannot show of a tree. Path, type, size and digest are what the operation is about and can be lacking in
/// no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Lack {
    /// Permission bits.
    Mode,
    /// Owner and group.
    Owner,
    /// Modification times.
    Mtime,
    /// Fractions of modification times: the whole second before counts.
    MtimeFraction,
    /// Devices: entries that are one are not compared.
    Devices,
    /// Extended attributes.
    Xattrs,
}

impl Lack {
    /// The name in the handshake.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mode => "mode",
            Self::Owner => "owner",
            Self::Mtime => "mtime",
            Self::MtimeFraction => "mtime-fraction",
            Self::Devices => "devices",
            Self::Xattrs => "xattrs",
        }
    }

    /// Takes from a tree what is not shown of it.
    pub fn remove_from(self, tree: &mut Value) {
        let Some(entries) = tree.get_mut("entries").and_then(Value::as_array_mut) else {
            return;
        };
        if self == Self::Devices {
            entries.retain(|entry| entry["type"] != "char" && entry["type"] != "block");
        }
        for entry in entries.iter_mut().filter_map(Value::as_object_mut) {
            match self {
                Self::Mode => drop(entry.remove("mode")),
                Self::Owner => ["uid", "gid"].into_iter().for_each(|field| drop(entry.remove(field))),
                Self::Mtime => drop(entry.remove("mtime")),
                Self::MtimeFraction => {
                    if let Some(Value::String(time)) = entry.get_mut("mtime") {
                        *time = whole(time);
                    }
                }
                Self::Devices => {}
                Self::Xattrs => drop(entry.remove("xattrs")),
            }
        }
    }
}

/// The whole second before a time, or at it.
fn whole(time: &str) -> String {
    let Some((seconds, _)) = time.split_once('.') else {
        return time.to_owned();
    };
    match seconds.strip_prefix('-').map(str::parse::<i64>) {
        Some(Ok(seconds)) => seconds.saturating_neg().saturating_sub(1).to_string(),
        _ => seconds.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Lack, TreeOutput, seconds, whole};
    use crate::format::time::Timestamp;

    #[test]
    fn times_are_decimal_seconds() {
        for (at, nanos, expected, floor) in [
            (0, 0, "0", "0"),
            (1, 500_000_000, "1.5", "1"),
            (-2, 750_000_000, "-1.25", "-2"),
            (-1, 500_000_000, "-0.5", "-1"),
            (-1, 0, "-1", "-1"),
            (i64::MIN, 0, "-9223372036854775808", "-9223372036854775808"),
        ] {
            let text = seconds(Timestamp::from_unix(at, nanos).unwrap());
            assert_eq!((text.as_str(), whole(&text).as_str()), (expected, floor));
        }
    }

    #[test]
    fn paths_are_in_order_and_each_is_there_once() {
        let tree = |paths: &[&str]| {
            let entries: Vec<Value> = paths.iter().map(|path| json!({"path": path, "type": "dir"})).collect();
            serde_json::from_value::<TreeOutput>(json!({"entries": entries})).map(drop)
        };
        // `a`, `a/b`, `b`, and `b` again in another spelling.
        assert!(tree(&["YQ==", "YS9i", "Yg=="]).is_ok());
        for paths in [&["Yg==", "YQ=="][..], &["YQ==", "YQ=="], &["YQ"]] {
            assert!(tree(paths).is_err(), "{paths:?}");
        }
    }

    #[test]
    fn what_is_lacking_is_taken_out() {
        let tree = || {
            json!({"entries": [
                {"path": "", "type": "dir", "mode": "1", "uid": "2", "gid": "3", "mtime": "-0.5", "xattrs": {"YQ==": ""}},
                {"path": "YQ==", "type": "char", "dev_major": "1", "dev_minor": "2"},
            ]})
        };
        for (lack, field) in [
            (Lack::Mode, "mode"),
            (Lack::Owner, "uid"),
            (Lack::Mtime, "mtime"),
            (Lack::Xattrs, "xattrs"),
        ] {
            let mut without = tree();
            lack.remove_from(&mut without);
            assert!(without["entries"][0].get(field).is_none(), "{field}");
            assert_eq!(without["entries"][1], tree()["entries"][1]);
        }
        let mut without = tree();
        Lack::MtimeFraction.remove_from(&mut without);
        assert_eq!(without["entries"][0]["mtime"], "-1");
        Lack::Devices.remove_from(&mut without);
        assert_eq!(without["entries"].as_array().unwrap().len(), 1);
    }
}
