//! The rows of the table.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    Options, cores, floor,
    measure::{Line, Spent},
    peers, shown, size_of,
    table::{By, Figure, Report, Row, Target},
    tar::Size,
    work::Work,
};

/// Cases of the set when the time for all of them became a target.
const CASES: f64 = 1537.0;

/// What is known so far.
struct Rows<'a> {
    options: &'a Options,
    work: Work,
    report: Report,
}

/// Measures everything. What fails costs the rest of its part only: the report has what is known, and the problems come beside it.
pub fn report(options: &Options, ours: &Path, folder: &Path) -> Result<(Report, Vec<String>), String> {
    let work = Work::make(ours, folder, "work", Size::FULL.entries_times(options.scale))?;
    let mut rows = Rows {
        options,
        work,
        report: Report::default(),
    };
    let parts = [
        rows.about(),
        rows.layers(),
        rows.tar_splits(),
        rows.index(folder),
        rows.vectors(),
        rows.program(),
    ];
    let problems = parts.into_iter().filter_map(Result::err).collect();
    Ok((rows.report, problems))
}

impl Rows<'_> {
    fn about(&mut self) -> Result<(), String> {
        let Work { made, layer, .. } = &self.work;
        self.report.about = vec![
            format!(
                "A tar of {:.1} MB with {} entries, and its layer of {:.1} MB.",
                made.bytes as f64 / 1e6,
                made.entries,
                size_of(layer)? as f64 / 1e6
            ),
            format!("{} cores.", cores()),
            format!(
                "Each figure is the median of {} runs, or of {} for others.",
                self.options.runs, self.options.peer_runs
            ),
        ];
        Ok(())
    }

    /// Runs ours, and remembers the command.
    fn ours(&mut self, work: &str, line: &Line) -> Result<Spent, String> {
        eprintln!("{work}: {line}");
        self.report.commands.push((work.to_owned(), shown(line)));
        line.median(self.options.runs, || Ok(()))
    }

    /// Runs a peer. One that cannot be built or fails has a figure that says so.
    fn peer(&mut self, work: &str, line: Result<Line, String>, prepare: impl FnMut() -> io::Result<()>) -> Figure {
        let spent = line.and_then(|line| {
            eprintln!("{work}: {line}");
            self.report.commands.push((work.to_owned(), shown(&line)));
            line.median(self.options.peer_runs, prepare)
        });
        spent.map_or_else(Figure::Missing, Figure::Spent)
    }

    fn row(&mut self, work: &str, ours: Figure, beside: &str, other: Figure, by: By, target: Target) {
        self.report.rows.push(Row {
            work: work.to_owned(),
            ours,
            beside: beside.to_owned(),
            other,
            by,
            target,
        });
    }

    fn per_core(&self, time: Duration) -> Figure {
        Figure::Floor(time.div_f64(cores() as f64))
    }

    fn measure_floor(&self, level: i32) -> Result<floor::Steps, String> {
        eprintln!("floor, level {level}");
        let Work { layer, made, .. } = &self.work;
        // Before a file there may be headers, which are short.
        let mut all = Vec::new();
        for _ in 0..self.options.runs.min(3) {
            all.push(floor::measure(layer, made.largest + (1 << 20), level).map_err(|error| error.to_string())?);
        }
        all.sort_by_key(floor::Steps::write);
        Ok(all[all.len() / 2])
    }

    fn layers(&mut self) -> Result<(), String> {
        let ours = self.work.ours.clone();
        let podman = peers::build(&ours, "containers-storage").map(|out| out.join("adapter"));
        let steps = self.measure_floor(3)?;
        let level_9 = self.measure_floor(9)?;
        self.report.steps = [
            ("decode each frame", steps.decode),
            ("digest of the tar", steps.tar_digest),
            ("digests of the files", steps.file_digests),
            ("CRC-64 of the files", steps.crc),
            ("rolling sum over the files", steps.rolling_sum),
            ("compress each frame, level 3", steps.compress),
            ("compress each frame, level 9", level_9.compress),
        ]
        .map(|(step, time)| (step.to_owned(), time))
        .into();
        self.readers(&steps, &podman)?;
        self.writers(&[(3, steps), (9, level_9)], &podman)
    }

    fn readers(&mut self, steps: &floor::Steps, podman: &Result<PathBuf, String>) -> Result<(), String> {
        let least = self.per_core(steps.read());
        let verify = self.ours("verify", &self.work.read("verify"))?;
        self.row(
            "verify",
            Figure::Spent(verify),
            "floor",
            least.clone(),
            By::Wall,
            Target::AtMost(1.25),
        );
        let (layer, annotations) = (self.work.layer.clone(), self.work.annotations.clone());
        let into = self.work.path("pulled");
        let line = podman
            .clone()
            .map(|podman| Line::new(&podman).with(["differ"]).with([&layer, &annotations, &into]));
        let pulled = self.peer("verify, podman's library", line, || {
            if into.exists() {
                fs::remove_dir_all(&into)?;
            }
            fs::create_dir(&into)
        });
        let beside = "podman's library: `NewDiffer` and `ApplyDiff`, which also writes the files to a folder";
        self.row(
            "verify",
            Figure::Spent(verify),
            beside,
            pulled,
            By::Wall,
            Target::Faster(5.0),
        );
        let line = peers::installed("zstd").map(|zstd| Line::new(&zstd).with(["-dc"]).with([&layer]));
        let decoded = self.peer("verify, zstd", line, || Ok(()));
        self.row(
            "verify",
            Figure::Spent(verify),
            "`zstd -dc`, which checks no digest",
            decoded,
            By::Wall,
            Target::None,
        );
        let tar = self.work.tar.clone();
        let line = peers::installed("sha256sum").map(|sum| Line::new(&sum).with([&tar]));
        let summed = self.peer("verify, sha256sum", line, || Ok(()));
        self.row(
            "verify",
            Figure::Spent(verify),
            "`sha256sum` of the tar",
            summed,
            By::Wall,
            Target::None,
        );

        let rebuild = self.ours("reconstruct", &self.work.reconstruct())?;
        self.row(
            "reconstruct",
            Figure::Spent(rebuild),
            "floor",
            least,
            By::Wall,
            Target::AtMost(1.25),
        );
        let line = peers::this(peers::EXTRACT).map(|this| this.with([&layer, &annotations]));
        let extracted = self.peer("reconstruct, crate zstd-chunked", line, || Ok(()));
        let beside = "the crate zstd-chunked, which checks nothing";
        self.row(
            "reconstruct",
            Figure::Spent(rebuild),
            beside,
            extracted,
            By::Wall,
            Target::None,
        );

        let bound = Figure::Bytes(self.work.made.entries as u64 * 1024 + 20_000_000);
        for command in ["index", "inspect"] {
            let spent = self.ours(command, &self.work.read(command))?;
            self.memory(command, spent, &bound);
        }
        self.memory("verify", verify, &bound);
        Ok(())
    }

    fn memory(&mut self, command: &str, spent: Spent, bound: &Figure) {
        let work = format!("memory of {command}");
        let beside = "1 KiB an entry and 20 MB";
        self.row(
            &work,
            Figure::Spent(spent),
            beside,
            bound.clone(),
            By::Memory,
            Target::AtMost(1.0),
        );
    }

    fn writers(&mut self, levels: &[(i32, floor::Steps)], podman: &Result<PathBuf, String>) -> Result<(), String> {
        let (theirs, their_annotations) = (self.work.path("podman.tar.zst"), self.work.path("podman.json"));
        let tar = self.work.tar.clone();
        let line = podman.clone().map(|podman| {
            Line::new(&podman)
                .with(["write"])
                .with([&tar, &theirs, &their_annotations])
        });
        let written = self.peer("write, podman's library", line, || Ok(()));
        let their_size = match &written {
            Figure::Missing(reason) => Figure::Missing(reason.clone()),
            _ => Figure::Bytes(size_of(&theirs)?),
        };
        for (level, steps) in levels {
            let (layer, annotations) = (self.work.path("written.tar.zst"), self.work.path("written.json"));
            let work = format!("write, level {level}");
            let spent = self.ours(&work, &self.work.write(*level, &layer, &annotations))?;
            let (faster, larger) = if *level == 3 { (9.0, 1.05) } else { (3.0, 1.0) };
            let target = if *level == 3 {
                Target::AtMost(1.25)
            } else {
                Target::None
            };
            let least = self.per_core(steps.write());
            self.row(&work, Figure::Spent(spent), "floor", least, By::Wall, target);
            let beside = "podman's writer at its default";
            self.row(
                &work,
                Figure::Spent(spent),
                beside,
                written.clone(),
                By::Wall,
                Target::Faster(faster),
            );
            let size = Figure::Bytes(size_of(&layer)?);
            let work = format!("layer of level {level}");
            self.row(
                &work,
                size,
                beside,
                their_size.clone(),
                By::Bytes,
                Target::AtMost(larger),
            );
        }
        Ok(())
    }

    fn tar_splits(&mut self) -> Result<(), String> {
        let command = peers::build(&self.work.ours.clone(), "tar-split-command").map(|out| out.join("tar-split"));
        let (tar, files) = (self.work.tar.clone(), self.work.path("files"));
        let (tar_split, theirs) = (self.work.path("tar-split.json.gz"), self.work.path("go.json.gz"));
        let beside = "tar-split, the command in Go";

        let ours = self.ours("tarsplit disassemble", &self.work.disassemble())?;
        let go = command
            .clone()
            .map(|go| Line::new(&go).with(["disasm", "--output"]).with([&theirs, &tar]));
        let go = self.peer("tarsplit disassemble, Go", go, || Ok(()));
        self.row(
            "tarsplit disassemble",
            Figure::Spent(ours),
            beside,
            go,
            By::Wall,
            Target::Faster(3.0),
        );

        self.work.unpack()?;
        let ours = self.ours("tarsplit assemble", &self.work.assemble())?;
        let go = command.map(|go| {
            let go = Line::new(&go)
                .with(["asm", "--input"])
                .with([&tar_split])
                .with(["--path"])
                .with([&files]);
            go.with(["--output", "-"])
        });
        let go = self.peer("tarsplit assemble, Go", go, || Ok(()));
        self.row(
            "tarsplit assemble",
            Figure::Spent(ours),
            beside,
            go,
            By::Wall,
            Target::Faster(3.0),
        );
        fs::remove_dir_all(&files).map_err(|error| error.to_string())
    }

    /// TOC and tar-split of many entries, of which the files are small: little else is in the layer.
    fn index(&mut self, folder: &Path) -> Result<(), String> {
        let entries = (100_000.0 * self.options.scale).max(40.0) as usize;
        let size = Size { entries, median: 16.0 };
        let work = Work::make(&self.work.ours, folder, "index", size)?;
        let name = format!("TOC and tar-split of {entries} entries");
        let ours = self.ours(&name, &peers::this(peers::OPEN)?.with([&work.layer, &work.annotations]))?;
        let podman = peers::build(&work.ours, "containers-storage").map(|out| out.join("adapter"));
        let line = podman.map(|podman| {
            Line::new(&podman)
                .with(["differ"])
                .with([&work.layer, &work.annotations])
        });
        let differ = self.peer(&format!("{name}, podman's library"), line, || Ok(()));
        let beside = "podman's library: `NewDiffer`, beside `Layer::open`";
        self.row(
            &name,
            Figure::Spent(ours),
            beside,
            differ,
            By::Wall,
            Target::Faster(4.0),
        );
        Ok(())
    }

    fn vectors(&mut self) -> Result<(), String> {
        let index = fs::read(peers::root().join("vectors/index.json")).map_err(|error| error.to_string())?;
        let cases: Vec<BTreeMap<String, serde_json::Value>> =
            serde_json::from_slice(&index).map_err(|error| error.to_string())?;
        let times = cases.len() as f64 / CASES;
        for (work, seconds, options) in [
            ("vectors without `resource`", 1.0, &["--not-tag", "resource"][..]),
            ("all vectors", 4.0, &[]),
        ] {
            let line = self.work.line().with(["run", "--impl", "reference"]).with(options);
            let spent = self.ours(work, &line)?;
            let beside = format!("{seconds} s for each {CASES} cases");
            let other = Figure::Time(Duration::from_secs_f64(seconds * times));
            self.row(
                work,
                Figure::Spent(spent),
                &beside,
                other,
                By::Wall,
                Target::AtMost(1.0),
            );
        }
        Ok(())
    }

    fn program(&mut self) -> Result<(), String> {
        let size = Figure::Bytes(size_of(&self.work.ours)?);
        self.row(
            "program",
            size,
            "25 MB",
            Figure::Bytes(25_000_000),
            By::Bytes,
            Target::AtMost(1.0),
        );
        let line = Line::new(Path::new("cargo")).with(["build", "--release", "--locked", "--manifest-path"]);
        let target = self.work.path("target");
        let line = line
            .with([peers::root().join("Cargo.toml")])
            .with(["--target-dir"])
            .with([&target]);
        let built = if self.options.cold_build {
            self.report.commands.push(("cold build".to_owned(), shown(&line)));
            line.run().map_or_else(Figure::Missing, Figure::Spent)
        } else {
            Figure::Missing("not measured: `--cold-build`".to_owned())
        };
        let most = Figure::Time(Duration::from_secs(120));
        self.row("cold build", built, "2 minutes", most, By::Wall, Target::AtMost(1.0));
        Ok(())
    }
}
