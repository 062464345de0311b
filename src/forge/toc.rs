//! TOCs.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::{tar::TarEntry, tarsplit::go_string};

/// How a writer lays a TOC out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// containers/storage v1.31 to v1.37: every number and time, and `chunkDigest` beside `digest`.
    Full,
    /// containers/storage v1.38 to v1.54: zeros are left out, except for times.
    ZeroTimes,
    /// containers/storage from v1.55 on: zeros are left out.
    Plain,
    /// stargz-snapshotter: indented, no end offsets.
    Stargz,
}

/// An entry of a TOC. A zero or an empty text is one that is left out, except in the full style.
#[derive(Clone, Default)]
pub(crate) struct TocEntry {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) link: String,
    pub(crate) mode: u64,
    pub(crate) size: u64,
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    pub(crate) modtime: String,
    pub(crate) accesstime: String,
    pub(crate) changetime: String,
    pub(crate) dev: (u64, u64),
    pub(crate) xattrs: Vec<(String, Vec<u8>)>,
    pub(crate) digest: String,
    pub(crate) offset: u64,
    pub(crate) inner_offset: u64,
    pub(crate) end_offset: u64,
    pub(crate) chunk_size: u64,
    pub(crate) chunk_offset: u64,
    pub(crate) chunk_digest: String,
    pub(crate) chunk_type: String,
}

impl TocEntry {
    /// The entry of a tar entry, without its ranges.
    pub(crate) fn of(entry: &TarEntry) -> Self {
        let kind = match entry.flag {
            b'1' => "hardlink",
            b'2' => "symlink",
            b'3' => "char",
            b'4' => "block",
            b'5' => "dir",
            b'6' => "fifo",
            _ => "reg",
        };
        Self {
            kind: kind.to_owned(),
            name: String::from_utf8_lossy(&entry.name).into_owned(),
            link: String::from_utf8_lossy(&entry.link).into_owned(),
            mode: entry.mode,
            size: entry.size(),
            uid: entry.uid,
            gid: entry.gid,
            modtime: rfc3339(entry.mtime),
            dev: entry.dev,
            xattrs: entry.xattrs.clone(),
            ..Self::default()
        }
    }

    fn json(&self, style: Style) -> String {
        let full = style == Style::Full;
        let mut object = Object::default();
        object.text("type", &self.kind);
        object.text("name", &self.name);
        object.text("linkName", &self.link);
        object.number("mode", self.mode, full);
        if self.kind != "chunk" {
            object.number("size", self.size, full);
            object.number("uid", self.uid, full);
            object.number("gid", self.gid, full);
            object.text("modtime", &self.modtime);
            if matches!(style, Style::Full | Style::ZeroTimes) {
                object.text("accesstime", "0001-01-01T00:00:00Z");
                object.text("changetime", "0001-01-01T00:00:00Z");
            } else {
                object.text("accesstime", &self.accesstime);
                object.text("changetime", &self.changetime);
            }
            object.number("devMajor", self.dev.0, full);
            object.number("devMinor", self.dev.1, full);
        }
        object.xattrs(&self.xattrs);
        object.text("digest", &self.digest);
        object.number("offset", self.offset, false);
        object.number("innerOffset", self.inner_offset, false);
        object.number("endOffset", self.end_offset, false);
        object.number("chunkSize", self.chunk_size, false);
        object.number("chunkOffset", self.chunk_offset, false);
        object.text("chunkDigest", &self.chunk_digest);
        object.text("chunkType", &self.chunk_type);
        object.finish()
    }
}

/// A JSON object whose keys stay in the order in which they were added.
#[derive(Default)]
struct Object(Vec<String>);

impl Object {
    fn text(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.0.push(format!("\"{key}\":{}", go_string(value)));
        }
    }

    fn number(&mut self, key: &str, value: u64, always: bool) {
        if always || value != 0 {
            self.0.push(format!("\"{key}\":{value}"));
        }
    }

    fn xattrs(&mut self, xattrs: &[(String, Vec<u8>)]) {
        let mut inner = Self::default();
        for (key, value) in xattrs {
            inner
                .0
                .push(format!("{}:\"{}\"", go_string(key), STANDARD.encode(value)));
        }
        if !inner.0.is_empty() {
            self.0.push(format!("\"xattrs\":{}", inner.finish()));
        }
    }

    fn finish(self) -> String {
        format!("{{{}}}", self.0.join(","))
    }
}

/// The whole document.
pub(crate) fn document(style: Style, entries: &[TocEntry], tar_split_digest: Option<&str>) -> String {
    let entries: Vec<String> = entries.iter().map(|entry| entry.json(style)).collect();
    let digest = tar_split_digest.map_or_else(String::new, |digest| format!(",\"tarSplitDigest\":\"{digest}\""));
    let json = format!("{{\"version\":1,\"entries\":[{}]{digest}}}", entries.join(","));
    if style != Style::Stargz {
        return json;
    }
    // What was just written parses; serde_json sorts the keys, which is one order as good as another.
    serde_json::from_str::<Value>(&json)
        .map(|value| format!("{value:#}\n"))
        .unwrap_or_default()
}

/// Seconds since 1970 as a time in UTC.
pub(crate) fn rfc3339(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Days since 1 March of year 0, in eras of 400 years.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = (
        400 * era + year + u64::from(month > 9),
        if month > 9 { month - 9 } else { month + 3 },
    );
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn times() {
        for (seconds, time) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_700_000_000, "2023-11-14T22:13:20Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(seconds), time);
        }
    }
}
