//! What could not be read of an entry.
//!
//! A value that breaks a rule is reported once, where it is read. A comparison with the zero that the entry has in its
//! place would only report it again, as something else.

/// A part of an entry of a TOC, of a tar or of a tar-split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// Its name.
    Name,
    /// The target of a link.
    LinkName,
    /// Its mode bits.
    Mode,
    /// The length of its content.
    Size,
    /// The number of its owner.
    Uid,
    /// The number of its group.
    Gid,
    /// The time of modification.
    ModTime,
    /// The time of the last access.
    AccessTime,
    /// The time of the last change of status.
    ChangeTime,
    /// The major number of a device.
    DevMajor,
    /// The minor number of a device.
    DevMinor,
    /// Its extended attributes.
    Xattrs,
    /// Where its content is in the blob.
    Ranges,
}

/// The parts of an entry that break a rule, which has been reported. Nothing is concluded from their values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unread(u16);

impl Unread {
    /// Every part.
    pub const ALL: Self = Self(u16::MAX);

    /// Notes that this part could not be read.
    pub const fn note(&mut self, part: Part) {
        self.0 |= Self::bit(part);
    }

    /// Whether this part could not be read.
    pub const fn has(self, part: Part) -> bool {
        self.0 & Self::bit(part) != 0
    }

    /// What could not be read of either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn bit(part: Part) -> u16 {
        1 << match part {
            Part::Name => 0,
            Part::LinkName => 1,
            Part::Mode => 2,
            Part::Size => 3,
            Part::Uid => 4,
            Part::Gid => 5,
            Part::ModTime => 6,
            Part::AccessTime => 7,
            Part::ChangeTime => 8,
            Part::DevMajor => 9,
            Part::DevMinor => 10,
            Part::Xattrs => 11,
            Part::Ranges => 12,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, Unread};

    #[test]
    fn what_either_could_not_read() {
        let of = |parts: &[Part]| {
            let mut unread = Unread::default();
            parts.iter().for_each(|&part| unread.note(part));
            unread
        };
        let both = of(&[Part::Name, Part::Mode]).or(of(&[Part::Mode, Part::Size]));
        for (part, expected) in [
            (Part::Name, true),
            (Part::Mode, true),
            (Part::Size, true),
            (Part::Uid, false),
        ] {
            assert_eq!(both.has(part), expected, "{part:?}");
        }
    }
}
