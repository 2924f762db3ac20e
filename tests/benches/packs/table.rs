//! What was measured, as tables that are pages as well.

use std::fmt::Write as _;

use crate::launcher::Sample;
use crate::measure::{Series, Verdict};
use crate::scenario::{Scenario, Target, target};

/// The head of a table of scenarios.
const HEAD: &str = "| scenario | program | wall ms | CPU ms | MiB | × floor | CPU × | target |\n\
                    | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |\n";

/// On what it was measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    /// Whether the file system lets files share blocks.
    pub(crate) shares: bool,
    /// Whether there is so little to do that ratios say nothing.
    pub(crate) small: bool,
}

/// Milliseconds, with as many digits as mean something.
fn millis(number: f64) -> String {
    if number < 100.0 { format!("{number:.1}") } else { format!("{number:.0}") }
}

fn wall(sample: &Sample) -> f64 {
    sample.wall
}

/// A table of scenarios: of each, first what it is measured against, then the rest in the order in which
/// it ran.
pub(crate) fn of_scenarios(all: &[Series], how: How) -> String {
    let mut text = HEAD.to_owned();
    for scenario in Scenario::ALL {
        let mut rows = all.iter().filter(|series| series.scenario == scenario);
        let Some(floor) = rows.next() else { continue };
        for (n, series) in std::iter::once(floor).chain(rows).enumerate() {
            let name = if n == 0 { format!("`{}`", scenario.name()) } else { String::new() };
            let ratio = |of: fn(&Series) -> f64| of(series) / of(floor);
            let ratios = match n {
                0 => "1 | 1".to_owned(),
                _ => format!(
                    "{:.2} ({:.2}) | {:.2}",
                    ratio(|series| series.median(wall)),
                    ratio(|series| series.minimum(wall)),
                    ratio(|series| series.median(|sample| sample.cpu))
                ),
            };
            let _ = writeln!(
                text,
                "| {name} | {}{} | {} ({}) | {} | {:.0} | {ratios} | {} |",
                series.program,
                marks(series),
                millis(series.median(wall)),
                millis(series.minimum(wall)),
                millis(series.median(|sample| sample.cpu)),
                series.maximum(|sample| sample.memory),
                verdict(series, floor, all, how),
            );
        }
    }
    text
}

/// The medians of a scenario, for somebody who waits for more.
pub(crate) fn in_a_line(all: &[Series]) -> String {
    let Some(first) = all.first() else { return "nothing was measured".to_owned() };
    let of = |series: &Series| {
        let program = series.program.split(':').next().unwrap_or_default();
        format!("{program} {}{}", millis(series.median(wall)), marks(series))
    };
    let programs: Vec<String> = all.iter().map(of).collect();
    format!("`{}` in ms: {}", first.scenario.name(), programs.join(", "))
}

/// `~` for each sample of a busy machine, and what is worse.
fn marks(series: &Series) -> String {
    let wrong = match series.verdict {
        Verdict::Fine => "",
        Verdict::Rewritten => " **WRITTEN AGAIN**",
        Verdict::Wrong => " **WRONG BYTES**",
    };
    let noisy = series.noisy();
    let noise = if noisy == 0 { String::new() } else { format!(" ~{noisy}") };
    format!("{noise}{wrong}")
}

/// The target and whether it was met, by median and by minimum; only when both say so it was not.
fn verdict(series: &Series, floor: &Series, all: &[Series], how: How) -> String {
    let target = series.form.and_then(|form| target(form, series.scenario, how.shares, how.small));
    let Some(target) = target else { return String::new() };
    // By median and by minimum.
    let of = |series: &Series| [series.median(wall), series.minimum(wall)];
    let [ours, base] = [of(series), of(floor)];
    let (words, limit, found) = match target {
        Target::Floor(limit) => (format!("≤ {limit}"), limit, [0, 1].map(|n| ours[n] / base[n])),
        Target::OwnNoop(limit) => {
            let words = format!("≤ {limit} × own `noop`");
            let is_own = |s: &&Series| s.scenario == Scenario::Noop && s.program == series.program;
            let Some(noop) = all.iter().find(is_own).map(of) else { return words };
            (words, limit, [0, 1].map(|n| ours[n] / noop[n]))
        }
        Target::Beyond(limit) => (format!("≤ floor + {limit} ms"), limit, [0, 1].map(|n| ours[n] - base[n])),
        Target::Millis(limit) => (format!("≤ {limit} ms"), limit, ours),
    };
    let is = match target {
        Target::OwnNoop(_) | Target::Beyond(_) => format!(", is {:.2}", found[0]),
        Target::Floor(_) | Target::Millis(_) => String::new(),
    };
    match found.iter().filter(|found| **found <= limit).count() {
        2 => format!("{words}{is}, met"),
        1 => format!("{words}{is}, in doubt"),
        _ => format!("{words}{is}, **missed**"),
    }
}

/// A table of programs of the floor.
pub(crate) fn of_floor(all: &[Series]) -> String {
    let mut text = "| program | wall ms | CPU ms | MiB |\n| --- | ---: | ---: | ---: |\n".to_owned();
    for series in all {
        let _ = writeln!(
            text,
            "| {}{} | {} ({}) | {} | {:.0} |",
            series.program,
            marks(series),
            millis(series.median(wall)),
            millis(series.minimum(wall)),
            millis(series.median(|sample| sample.cpu)),
            series.maximum(|sample| sample.memory),
        );
    }
    text
}
