//! Single changes of a layer, each with the rule that it breaks.

mod described;
mod placed;

use arbitrary::Arbitrary;

use self::described::{LineChange, ListedChange};
pub(super) use self::placed::{AnnotationChange, DocumentChange, FooterChange};
use super::plan::Recipe;
use crate::{
    forge::{
        layer::{Layer, Parts, Plan},
        tar::{self, Entry},
        zstd::Frame,
    },
    rules::Rule,
};

/// A change, by what is changed.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The tar, in data and index alike.
    Tar(TarChange),
    /// The data frames.
    Data(DataChange),
    /// What the TOC says.
    Listed(ListedChange),
    /// What the tar-split says.
    Line(LineChange),
    /// The documents of the index as texts, and their payloads.
    Document(DocumentChange),
    /// The footer.
    Footer(FooterChange),
    /// The annotations.
    Annotation(AnnotationChange),
}

/// A change of the tar.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TarChange {
    /// A block that is no header.
    Checksum,
    /// Letters in a number.
    Number,
    /// A PAX header that holds no record.
    Pax,
    /// Records of a sparse file.
    SparsePax,
    /// The type of a sparse file.
    SparseType,
    /// A second entry of one name.
    SameName,
}

/// A change of the data frames.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataChange {
    /// Bytes that are no frame.
    Junk,
    /// A frame that needs a dictionary.
    Dictionary,
    /// A frame with a window of 256 MiB.
    Window,
    /// Another checksum.
    Checksum,
    /// A frame that nothing in the index is about.
    More,
    /// Bytes after the footer.
    AfterFooter,
    /// A byte less of the footer.
    CutFooter,
}

impl Change {
    /// The layer with the change, and the rule that it breaks; none where there is nothing to change.
    pub(super) fn inflict(self, recipe: &Recipe, which: usize) -> Option<(Layer, Rule)> {
        let mut plan = recipe.plan.clone();
        let rule = match self {
            Self::Tar(change) => Some(change.inflict(&mut plan, which)?),
            _ => None,
        };
        let mut parts = recipe.parts_of(&plan);
        let rule = match self {
            Self::Data(change) => change.inflict(&mut parts).or(rule),
            Self::Listed(change) => Some(change.inflict(&mut parts, which)?),
            Self::Line(change) => Some(change.inflict(&mut parts, which)?),
            _ => rule,
        };
        let mut payloads = parts.payloads();
        let rule = match self {
            Self::Document(change) => Some(change.inflict(&mut payloads)?),
            _ => rule,
        };
        let mut placed = payloads.place();
        let rule = match self {
            Self::Footer(change) => Some(change.inflict(&mut placed, which)?),
            Self::Annotation(change) => Some(change.inflict(&mut placed)?),
            _ => rule,
        };
        let mut layer = placed.layer();
        let rule = match self {
            Self::Data(DataChange::AfterFooter) => {
                layer.blob.push(0);
                Some(Rule::FooterFrame)
            }
            Self::Data(DataChange::CutFooter) => {
                layer.blob.pop();
                // The blob ends within its last frame, and so without a footer.
                Some(Rule::FrameContent)
            }
            _ => rule,
        };
        Some((layer, rule?))
    }
}

/// One of several.
fn pick<T>(list: Vec<T>, which: usize) -> Option<T> {
    let at = which.checked_rem(list.len())?;
    list.into_iter().nth(at)
}

impl TarChange {
    pub(super) fn inflict(self, plan: &mut Plan, which: usize) -> Option<Rule> {
        if self == Self::SameName {
            let entry = pick(plan.entries.clone(), which).filter(|_| plan.dialect.has_tar_split())?;
            plan.entries.push(entry);
            return Some(Rule::EntryUnique);
        }
        let entry: &mut Entry = pick(plan.entries.iter_mut().collect(), which)?;
        match self {
            Self::Checksum => entry.before = vec![1; 512],
            Self::Number => entry.patches.push((100, b"zzzzzzz\0".to_vec())),
            Self::Pax => entry.before = tar::extension_of(b'x', b"no record"),
            Self::SparsePax if entry.flag == b'0' => {
                let records = [("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"0")];
                entry
                    .pax
                    .extend(records.map(|(key, value)| (key.to_owned(), value.to_vec())));
            }
            Self::SparseType if entry.flag == b'0' => {
                entry.gnu = true;
                entry.flag = b'S';
                entry.patches.clear();
            }
            Self::SparsePax | Self::SparseType | Self::SameName => return None,
        }
        Some(match self {
            Self::Checksum | Self::Number => Rule::TarHeader,
            Self::Pax => Rule::TarExtension,
            Self::SparsePax | Self::SparseType => Rule::TarSparse,
            Self::SameName => Rule::EntryUnique,
        })
    }
}

impl DataChange {
    fn inflict(self, parts: &mut Parts) -> Option<Rule> {
        let data = &mut parts.data;
        let mut frame = Frame::of(b"more");
        match self {
            Self::Junk => {
                data.extend(b"junk");
                Some(Rule::FrameMagic)
            }
            Self::Dictionary => {
                frame.dictionary = Some(7);
                data.extend(frame.encode());
                Some(Rule::FrameDictionary)
            }
            Self::Window => {
                frame.window = Some(18 << 3);
                data.extend(frame.encode());
                Some(Rule::FrameWindow)
            }
            Self::Checksum if !parts.plan.tar().is_empty() => {
                *data.last_mut()? ^= 1;
                Some(Rule::FrameChecksum)
            }
            Self::More if parts.plan.dialect.has_tar_split() => {
                data.extend(frame.encode());
                Some(Rule::PlainTar)
            }
            Self::Checksum | Self::More | Self::AfterFooter | Self::CutFooter => None,
        }
    }
}

fn set(text: &mut String, value: &str, rule: Rule) -> Rule {
    value.clone_into(text);
    rule
}

fn add(number: &mut u64, rule: Rule) -> Rule {
    *number += 1;
    rule
}

/// A digest of another algorithm, as it is written.
fn sha512() -> String {
    format!("sha512:{}", "0f".repeat(64))
}
