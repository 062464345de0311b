//! Points in headers, as the [`Scanner`](super::super::Scanner) reads them.

use super::{
    super::{Entry, pax::Records, scanner::Pending},
    Point,
    records::{self, Extended},
};

/// The points in the headers since the last entry, and what is known of the headers before.
#[derive(Debug, Default)]
pub(in crate::format::tar) struct Extensions {
    points: Vec<Point>,
    /// Whether a PAX header was in the tar, global or not.
    has_pax: bool,
    /// What a global header ended since the last entry.
    ended: Option<Ended>,
}

/// The extension headers that a global header ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// A PAX header among them.
    Pax,
    /// None but long names.
    Long,
}

impl Extensions {
    /// Takes the header of an extension, which has its own name and times for itself.
    pub(in crate::format::tar) fn header(&mut self, header: &Entry) {
        if header.points.contains(&Point::ChecksumRest) {
            Point::ChecksumRest.add_to(&mut self.points);
        }
    }

    /// Takes a PAX header after the records of those before it.
    pub(in crate::format::tar) fn pax(&mut self, before: &Records) {
        self.has_pax = true;
        if !before.is_empty() {
            Point::PaxHeadersRepeated.add_to(&mut self.points);
        }
    }

    /// Takes a GNU long name or link target after the one before it. `empty` is the point of one without text.
    pub(in crate::format::tar) fn long(&mut self, before: &[u8], text: &[u8], empty: Point) {
        if text.is_empty() {
            empty.add_to(&mut self.points);
        } else if !before.is_empty() && before != text {
            Point::NamesRepeated.add_to(&mut self.points);
        }
    }

    /// The points of a global header with these records, which ends what the extension headers before it say.
    pub(in crate::format::tar) fn global(&mut self, records: &Records, pending: &Pending) -> Vec<Point> {
        self.has_pax = true;
        if !pending.records.is_empty() {
            self.ended = Some(Ended::Pax);
        } else if !pending.long_name.is_empty() || !pending.long_link.is_empty() {
            self.ended = self.ended.or(Some(Ended::Long));
        }
        let mut points = std::mem::take(&mut self.points);
        records::of_global(records, &mut points);
        points
    }

    /// Adds the points of an entry's headers. `size` is the one in its own header; its name is not replaced yet.
    pub(in crate::format::tar) fn entry(&mut self, entry: &mut Entry, size: i64, pending: &Pending) {
        let Pending {
            records,
            long_name,
            long_link,
            ..
        } = pending;
        let mut points = std::mem::take(&mut self.points);
        for point in std::mem::take(&mut entry.points) {
            point.add_to(&mut points);
        }
        let is_renamed = !long_name.is_empty() || records.get(b"path").is_some_and(|path| !path.is_empty());
        points.retain(|&point| !(is_renamed && matches!(point, Point::GnuPrefix | Point::StarPrefix)));
        for (long, key) in [(long_name, b"path".as_slice()), (long_link, b"linkpath")] {
            let record = records.get(key).unwrap_or_default();
            if !long.is_empty() && !record.is_empty() && long != record {
                Point::TwoNames.add_to(&mut points);
            }
        }
        let header = Extended {
            name: &entry.name,
            size,
        };
        records::of_entry(records, &header, &mut points);
        match (self.ended.take(), records.is_empty()) {
            (Some(Ended::Pax), false) => Point::GlobalBetweenTwo.add_to(&mut points),
            (Some(_), _) => Point::GlobalBetween.add_to(&mut points),
            (None, _) => {}
        }
        entry.points = points;
    }

    /// Adds the points that depend on what headers and records say together.
    pub(in crate::format::tar) fn complete(&self, entry: &mut Entry) {
        if entry.typeflag == b'1' && entry.size > 0 && self.has_pax {
            Point::LinkBody.add_to(&mut entry.points);
        }
        if matches!(entry.typeflag, b'0' | b'7') && entry.name.ends_with(b"/") {
            Point::SlashFile.add_to(&mut entry.points);
        }
    }
}
