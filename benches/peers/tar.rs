//! The tar that everything is measured on: made from a fixed seed, in the likeness of documentation and programs of a
//! distribution.

use std::io::{self, Write as _};

/// How large a tar is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Entries: directories, files and links.
    pub entries: usize,
    /// Half of the files have at most so many bytes.
    pub median: f64,
}

impl Size {
    /// 56,001 entries of 950 MB together.
    pub const FULL: Self = Self {
        entries: 56_001,
        median: 4600.0,
    };

    /// A part of it, or several times as much.
    pub fn entries_times(self, factor: f64) -> Self {
        let entries = (self.entries as f64 * factor).round().max(40.0);
        Self {
            entries: entries as usize,
            ..self
        }
    }

    /// The same number of entries with other sizes.
    pub fn bytes_times(self, factor: f64) -> Self {
        Self {
            median: self.median * factor,
            ..self
        }
    }
}

/// What was made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Made {
    /// Bytes of the tar.
    pub bytes: u64,
    /// Its entries.
    pub entries: usize,
    /// Bytes of the largest file.
    pub largest: usize,
}

/// The most that a file has. The distribution of sizes has no end.
const LARGEST: f64 = 48e6;

/// How widely sizes differ: the deviation of their logarithm.
const SPREAD: f64 = 1.7;

/// Entries of a package: two folders, two links, and files.
const PACKAGE: usize = 28;

/// Writes a tar of this size.
pub fn make(out: impl io::Write, size: Size) -> io::Result<Made> {
    let mut tar = tar::Builder::new(Counted { out, bytes: 0 });
    let mut source = Source::new(0x1735_c0de);
    let mut made = Made::default();
    let mut folder = String::new();
    while made.entries < size.entries {
        let (package, at) = (made.entries / PACKAGE, made.entries % PACKAGE);
        let name = format!("{}{package}", source.word_of(package));
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(1_700_000_000 + (package as u64 * 977) % 10_000_000);
        match at {
            0 | 1 => {
                folder = ["usr/share/doc/", "usr/lib/x86_64-linux-gnu/"][at].to_owned() + &name + "/";
                header.set_entry_type(tar::EntryType::Directory);
                header.set_mode(0o755);
                tar.append_data(&mut header, &folder, io::empty())?;
            }
            2 | 3 => {
                header.set_entry_type(tar::EntryType::Symlink);
                header.set_mode(0o777);
                tar.append_link(
                    &mut header,
                    format!("{folder}lib{name}.so.{at}"),
                    format!("lib{name}.so.{at}.0.1"),
                )?;
            }
            _ => {
                let kind = source.kind();
                let content = source.file(kind, size.median);
                let extension = ["txt", "so.0.1", "gz"][kind as usize];
                header.set_size(content.len() as u64);
                header.set_mode(if kind == Kind::Program { 0o755 } else { 0o644 });
                made.largest = made.largest.max(content.len());
                tar.append_data(
                    &mut header,
                    format!("{folder}{name}-{at}.{extension}"),
                    content.as_slice(),
                )?;
            }
        }
        made.entries += 1;
    }
    let mut counted = tar.into_inner()?;
    counted.flush()?;
    Ok(Made {
        bytes: counted.bytes,
        ..made
    })
}

struct Counted<W> {
    out: W,
    bytes: u64,
}

impl<W: io::Write> io::Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Program,
    Compressed,
}

/// Random numbers and what is made of them, the same for the same seed.
struct Source {
    state: u64,
    words: Vec<Vec<u8>>,
    idioms: Vec<[u8; 6]>,
    phrases: Vec<Vec<u8>>,
    /// Where the words and idioms begin that the current file repeats.
    topic: usize,
}

impl Source {
    fn new(seed: u64) -> Self {
        let mut source = Self {
            state: seed,
            words: Vec::new(),
            idioms: Vec::new(),
            phrases: Vec::new(),
            topic: 0,
        };
        for _ in 0..6000 {
            let length = 2 + source.below(8);
            let word = (0..length)
                .map(|_| b"etaoinshrdlucmfwypvbgkjqxz"[source.skewed(26)])
                .collect();
            source.words.push(word);
        }
        for _ in 0..4000 {
            let idiom = source.next().to_le_bytes();
            source
                .idioms
                .push([idiom[0], idiom[1] & 0x1f, idiom[2] & 0x8f, idiom[3], 0x48, idiom[4]]);
        }
        for _ in 0..3000 {
            let length = 3 + source.below(7);
            let phrase = (0..length).flat_map(|_| {
                let word = source.skewed(6000);
                [source.words[word].as_slice(), b" "].concat()
            });
            let phrase = phrase.collect();
            source.phrases.push(phrase);
        }
        source
    }

    /// The next number of SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// From 0 to 1.
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number below this one, small ones more often.
    fn skewed(&mut self, end: usize) -> usize {
        let fraction = self.fraction();
        (fraction * fraction * fraction * end as f64) as usize
    }

    fn word_of(&self, number: usize) -> String {
        String::from_utf8_lossy(&self.words[number % self.words.len()]).into_owned()
    }

    fn kind(&mut self) -> Kind {
        match self.below(100) {
            0..48 => Kind::Text,
            48..92 => Kind::Program,
            _ => Kind::Compressed,
        }
    }

    /// A size of which the logarithm is normally distributed.
    fn size(&mut self, median: f64) -> usize {
        let normal: f64 = (0..12).map(|_| self.fraction()).sum::<f64>() - 6.0;
        (median * (normal * SPREAD).exp()).min(LARGEST) as usize
    }

    fn file(&mut self, kind: Kind, median: f64) -> Vec<u8> {
        let size = self.size(median);
        self.topic = self.below(6000);
        let mut content = Vec::with_capacity(size + 64);
        while content.len() < size {
            match kind {
                Kind::Text => self.text(&mut content),
                Kind::Program => self.program(&mut content),
                Kind::Compressed => content.extend_from_slice(&self.next().to_le_bytes()),
            }
        }
        content.truncate(size);
        content
    }

    /// A number below this one: one that the file repeats, or one that all files have.
    fn of_topic(&mut self, end: usize) -> usize {
        match self.below(10) {
            0..3 => self.skewed(end),
            _ => (self.topic + self.skewed(150)) % end,
        }
    }

    /// Words and phrases, in lines.
    fn text(&mut self, content: &mut Vec<u8>) {
        match self.below(16) {
            0..5 => {
                let phrase = self.of_topic(3000);
                content.extend_from_slice(&self.phrases[phrase]);
            }
            5 => content.extend_from_slice(b".\n"),
            _ => {
                let word = self.of_topic(6000);
                content.extend_from_slice(&self.words[word]);
                content.push(b' ');
            }
        }
    }

    /// Instructions that repeat, with other addresses, and tables.
    fn program(&mut self, content: &mut Vec<u8>) {
        match self.below(16) {
            0..3 => content.extend_from_slice(&(self.skewed(1 << 20) as u32).to_le_bytes()),
            3 => content.extend_from_slice(&[0; 12]),
            _ => {
                let idiom = self.of_topic(4000);
                content.extend_from_slice(&self.idioms[idiom]);
            }
        }
    }
}
