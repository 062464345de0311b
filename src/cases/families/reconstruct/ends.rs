//! Tars in the tar-split that end after an extension header (TAR-04), in every dialect that has a tar-split.

use super::{Builder, Choice, EditInPlace, G3, G4, G5, Line, Plan, Rule, Tag, TarEntry, samples, sealed, tar};

impl Builder<'_> {
    pub(super) fn ends_of_tars(&mut self) {
        self.cut_after_extensions();
        self.global_headers_last();
    }

    fn cut_after_extensions(&mut self) {
        const WHY: &str = "An extension header belongs to the entry after it. Where the tar ends first, the entry was lost, and a \
                           short layer passes for a whole one.";
        let pax = tar::extension_of(b'x', &tar::record("path", b"lost"));
        let long = "n".repeat(150);
        let gnu = |entry: TarEntry| entry.edit(|entry| entry.gnu = true).header()[..1024].to_vec();
        let (name, link) = (gnu(TarEntry::file(&long, "")), gnu(TarEntry::symlink("l", &long)));
        let rows = [
            ("cut-after-pax", "a PAX header instead of the end", pax.clone()),
            (
                "cut-in-gnu-name-padding",
                "a GNU long name without all of its padding instead of the end",
                name[..700].to_vec(),
            ),
            (
                "end-after-pax",
                "a PAX header before the end of the archive",
                [pax, tar::end()].concat(),
            ),
            (
                "end-after-gnu-link",
                "a GNU long link target before the end of the archive",
                [link, tar::end()].concat(),
            ),
        ];
        for dialect in [G3, G4, G5] {
            for (slug, change, tail) in &rows {
                let plan = Plan::new(dialect, samples::small()).edit(|plan| plan.tail.clone_from(tail));
                let layer = plan.layer();
                let add = |builder: &mut Self| {
                    builder.invalid(
                        &format!("{dialect}-{slug}"),
                        dialect.name(),
                        change,
                        WHY,
                        &[Rule::TarTruncated],
                        &layer,
                    );
                };
                if dialect == G5 {
                    add(self);
                    continue;
                }
                self.alone(add);
                self.index
                    .either(
                        self.blobs,
                        &format!("{dialect}-tar-split-{slug}"),
                        &format!("{change}, in the tar-split of {dialect}"),
                        WHY,
                        Choice("tar-split-in-index"),
                        &layer,
                    )
                    .rules(&[Rule::TarTruncated])
                    .dialects(&[dialect]);
            }
        }
    }

    /// A global header extends no entry in particular, so an archive can end with it.
    fn global_headers_last(&mut self) {
        let records = tar::record("comment", b"0123456789abcdef");
        let global = tar::extension_of(b'g', &records);
        let length = 512 + records.len();
        for (slug, title, entries, tail) in [
            (
                "g5-global-header-alone",
                "a global PAX header and nothing else in the tar-split, as `git archive` writes an empty tree",
                vec![],
                [global.clone(), tar::end()].concat(),
            ),
            (
                "g5-global-header-padding-short",
                "a tar that ends within the padding of a global PAX header",
                samples::small(),
                global[..600].to_vec(),
            ),
        ] {
            let parts = Plan::new(G5, entries)
                .edit(|plan| plan.tail.clone_from(&tail))
                .parts()
                .edit(|parts| {
                    let Some(Line::Segment(mut first)) = parts.tar_split.pop() else {
                        return;
                    };
                    let rest = first.split_off(first.len() - tail.len() + length);
                    parts.tar_split.extend([
                        Line::Segment(first),
                        Line::file("./PaxHeaders.0/entry", b""),
                        Line::Segment(rest),
                    ]);
                });
            self.either(
                slug,
                title,
                "A reader that waits for the entry of every extension header takes the tar for a truncated one. Go's tar reader \
                 decides: a global header is an entry of size 0, whose padding may be cut short as that of a last file.",
                Choice("global-header"),
                Rule::TarTruncated,
                &sealed(parts),
            )
            .tags(&[Tag("interop"), Tag("boundary")]);
        }
    }
}
