//! How time and memory grow.

use std::path::Path;

use crate::{
    Options, cores,
    table::{mebibytes, seconds, table},
    tar::Size,
    work::Work,
};

/// Measures our commands on tars of several sizes, and with several numbers of cores.
pub fn report(options: &Options, ours: &Path, folder: &Path) -> Result<String, String> {
    let base = Size::FULL.entries_times(options.scale);
    let mut rows = Vec::new();
    for factor in [0.5, 1.0, 2.0] {
        rows.extend(measure(options, ours, folder, base.entries_times(factor), None)?);
    }
    // As many bytes of data in half, and in twice, the entries.
    for factor in [0.5, 2.0] {
        let size = base.entries_times(factor).bytes_times(1.0 / factor);
        rows.extend(measure(options, ours, folder, size, None)?);
    }
    for count in (1..cores()).filter(|count| count.is_power_of_two()) {
        rows.extend(measure(options, ours, folder, base, Some(count))?);
    }
    let head = ["entries", "tar", "cores", "command", "takes", "CPU", "memory"].map(str::to_owned);
    Ok(table(&head, rows.into_iter()))
}

fn measure(
    options: &Options,
    ours: &Path,
    folder: &Path,
    size: Size,
    count: Option<usize>,
) -> Result<Vec<[String; 7]>, String> {
    let mut work = Work::make(ours, folder, "growth", size)?;
    work.cores = count;
    let (layer, annotations) = (work.path("written.tar.zst"), work.path("written.json"));
    let lines = [
        ("verify", work.read("verify")),
        ("reconstruct", work.reconstruct()),
        ("index", work.read("index")),
        ("inspect", work.read("inspect")),
        ("write", work.write(3, &layer, &annotations)),
        ("tarsplit disassemble", work.disassemble()),
    ];
    let rows = lines.into_iter().map(|(command, line)| {
        eprintln!("{} entries: {line}", work.made.entries);
        let spent = line.median(options.runs, || Ok(()))?;
        Ok([
            work.made.entries.to_string(),
            format!("{:.1} MB", work.made.bytes as f64 / 1e6),
            count.unwrap_or_else(cores).to_string(),
            command.to_owned(),
            seconds(spent.wall),
            seconds(spent.processor),
            mebibytes(spent.memory),
        ])
    });
    let rows = rows.collect::<Result<_, String>>();
    // The files of one size make place for the next.
    std::fs::remove_dir_all(&work.folder).map_err(|error| error.to_string())?;
    rows
}
