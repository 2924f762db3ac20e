//! How costs grow: the same scenarios on projects of more and more files, and of more and more bytes.
//!
//! Here the packer is measured beside the floor alone, and what is packed is not compared with a pack from
//! nothing: it would take the room of one more pack, and other workloads do it.

use std::fmt::Write as _;

use packer_tests::say;
use packer_tests::workload::Workload;

use crate::Result;
use crate::measure::{Bench, Care, Series};
use crate::program::{Floor, Packer, Program, Script, run};
use crate::scenario::Scenario;
use crate::session::Built;
use packer_tests::bench::ground::Ground;
use packer_tests::bench::picture::{Line, Panel, picture};

/// Assets and bytes, first of those that differ in assets.
const MANY_FILES: [(u64, u64); 4] =
    [(500, 500_000), (2_500, 2_500_000), (5_000, 5_000_000), (10_000, 10_000_000)];

/// Then of those that differ in bytes.
const MANY_BYTES: [(u64, u64); 4] =
    [(200, 50_000_000), (200, 150_000_000), (200, 300_000_000), (200, 600_000_000)];

/// One project and what was measured on it.
struct Point {
    assets: u64,
    files: u64,
    bytes: u64,
    all: Vec<Series>,
}

/// What is said of the points: a table, and a picture where the usual ones were asked for.
pub(crate) struct Scale {
    pub(crate) table: String,
    pub(crate) picture: Option<String>,
}

/// Measures these projects, or the usual ones if none are named.
///
/// # Errors
///
/// In words, as for any measurement.
pub(crate) fn measure(named: &[(u64, u64)], built: &Built, care: Care) -> Result<Scale> {
    if !named.is_empty() {
        let points = points(named, &[Scenario::Cold, Scenario::Noop, Scenario::One], built, care)?;
        return Ok(Scale { table: table(&points), picture: None });
    }
    let files = points(&MANY_FILES, &[Scenario::Noop], built, care)?;
    let bytes = points(&MANY_BYTES, &[Scenario::Cold, Scenario::One], built, care)?;
    let picture = picture(&[by_files(&files), by_bytes(&bytes)]);
    Ok(Scale { table: table(&files) + "\n" + &table(&bytes), picture: Some(picture) })
}

fn points(sizes: &[(u64, u64)], scenarios: &[Scenario], built: &Built, care: Care) -> Result<Vec<Point>> {
    let point = |size: &(u64, u64)| point(*size, scenarios, built, care);
    sizes.iter().map(point).collect()
}

fn point((assets, bytes): (u64, u64), scenarios: &[Scenario], built: &Built, care: Care) -> Result<Point> {
    say(&format!("{assets} assets, {bytes} bytes"));
    let ground = Ground::prepare(Workload::scaled(assets, bytes), &built.top)?;
    let packer = Packer::new(&built.command, &ground, "command")?;
    run(packer.settle())?;
    let mut floor = Floor::new(&ground)?;
    floor.size = packer.size()?;
    let mut programs: Vec<Box<dyn Program>> = vec![Box::new(floor), Box::new(packer)];
    if scenarios == [Scenario::Noop] {
        programs.push(Box::new(Script::new(built.script.clone(), &ground, false)?));
    }
    let bench = Bench { ground: &ground, programs: &programs, anew: None, care };
    bench.settle(false)?;
    let all: Result<Vec<_>> = scenarios.iter().map(|scenario| bench.run(*scenario)).collect();
    let point =
        Point { assets, files: ground.files, bytes: ground.bytes, all: all?.into_iter().flatten().collect() };
    ground.remove()?;
    Ok(point)
}

fn table(points: &[Point]) -> String {
    let Some(first) = points.first() else { return String::new() };
    let columns: Vec<(Scenario, &str)> =
        first.all.iter().map(|series| (series.scenario, series.program.as_str())).collect();
    let mut text = "| assets | files | MB |".to_owned();
    for (scenario, program) in &columns {
        let _ = write!(text, " `{}`, {program} |", scenario.name());
    }
    text += &format!("\n|{}\n", " ---: |".repeat(columns.len() + 3));
    for point in points {
        let _ = write!(text, "| {} | {} | {:.0} |", point.assets, point.files, megabytes(point.bytes));
        for series in &point.all {
            let wall = |sample: &crate::launcher::Sample| sample.wall;
            let (median, least) = (series.median(wall), series.minimum(wall));
            let memory = series.maximum(|sample| sample.memory);
            let _ = write!(text, " {median:.0} ({least:.0}) ms, {memory:.0} MiB |");
        }
        text += "\n";
    }
    text
}

fn by_files(points: &[Point]) -> Panel {
    let thousands = |point: &Point| megabytes(point.files) * 1_000.0;
    Panel {
        title: "nothing changed",
        across: "thousand files",
        up: "ms",
        lines: lines(points, thousands, 1.0, &|series| {
            series.program.split(':').next().unwrap_or_default().to_owned()
        }),
    }
}

fn by_bytes(points: &[Point]) -> Panel {
    Panel {
        title: "from nothing, and after an edit of one blob",
        across: "GB",
        up: "s",
        lines: lines(points, |point| megabytes(point.bytes) / 1_000.0, 1e-3, &|series| {
            let program = series.program.split(':').next().unwrap_or_default();
            format!("{} {program}", series.scenario.name())
        }),
    }
}

/// A line for each series: the medians, times `unit`.
fn lines(
    points: &[Point],
    x: impl Fn(&Point) -> f64,
    unit: f64,
    name: &dyn Fn(&Series) -> String,
) -> Vec<Line> {
    let Some(first) = points.first() else { return Vec::new() };
    let line = |(n, series): (usize, &Series)| Line {
        name: name(series),
        points: points
            .iter()
            .filter_map(|point| Some((x(point), point.all.get(n)?.median(|sample| sample.wall) * unit)))
            .collect(),
    };
    first.all.iter().enumerate().map(line).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
