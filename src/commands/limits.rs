//! The limits of a reader, on the command line.

use crate::format::Limits;

/// How much may be held in memory.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct LimitArgs {
    /// Largest TOC, compressed and uncompressed (IDX-01): bytes, or a number with KiB, MiB, GiB, kB, MB or GB.
    #[arg(long, help_heading = "Limits", value_name = "SIZE", value_parser = parse_size, default_value = "150MiB")]
    max_toc: u64,
    /// Largest tar-split, compressed and uncompressed (IDX-01).
    #[arg(long, help_heading = "Limits", value_name = "SIZE", value_parser = parse_size, default_value = "512MiB")]
    max_tar_split: u64,
    /// Base-2 logarithm of the largest zstd window (FRM-05), 10 to 31.
    #[arg(long, help_heading = "Limits", value_name = "N", value_parser = clap::value_parser!(u32).range(10..=31), default_value_t = 27)]
    max_window_log: u32,
}

impl LimitArgs {
    pub(super) fn limits(self) -> Limits {
        Limits {
            toc: self.max_toc,
            tar_split: self.max_tar_split,
            window_log: self.max_window_log,
            ..Limits::default()
        }
    }
}

/// Reads a number of bytes: digits, and perhaps a unit. Units of two letters count in thousands, those of three and
/// single letters in 1024.
pub(super) fn parse_size(text: &str) -> Result<u64, String> {
    let (digits, unit) = text
        .find(|character: char| !character.is_ascii_digit())
        .map_or((text, ""), |end| text.split_at(end));
    let unit = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        _ => return Err("expected a number of bytes, such as 1048576, 64K or 150MiB".to_owned()),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| "expected a number of bytes, such as 1048576, 64K or 150MiB".to_owned())?;
    number
        .checked_mul(unit)
        .ok_or_else(|| "the size does not fit 64 bits".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::{LimitArgs, Limits, parse_size};

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        limits: LimitArgs,
    }

    #[test]
    fn without_options_the_limits_are_the_defaults() {
        assert_eq!(Line::parse_from(["line"]).limits.limits(), Limits::default());
    }

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("150MiB", Some(157_286_400)),
            ("64K", Some(65_536)),
            ("64kib", Some(65_536)),
            ("64kB", Some(64_000)),
            ("2G", Some(2_147_483_648)),
            ("3MB", Some(3_000_000)),
            ("1GB", Some(1_000_000_000)),
            ("1TiB", Some(1_099_511_627_776)),
            ("1tb", Some(1_000_000_000_000)),
            ("7b", Some(7)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("17179869184G", None),
            ("", None),
            ("MiB", None),
            ("-1", None),
            ("+1", None),
            ("1.5G", None),
            ("1 GiB", None),
            ("1PiB", None),
        ] {
            assert_eq!(parse_size(text).ok(), bytes, "{text}");
        }
    }
}
