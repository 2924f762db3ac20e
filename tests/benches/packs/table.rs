//! What was measured, as tables that are pages as well.

use std::fmt::Write as _;

use crate::launcher::Sample;
use crate::measure::Series;
use crate::scenario::{Scenario, Target, target};

/// The head of a table of scenarios.
const HEAD: &str = "| scenario | program | wall ms | CPU ms | MiB | × floor | target |\n\
                    | --- | --- | ---: | ---: | ---: | ---: | --- |\n";

/// Milliseconds, with as many digits as mean something.
fn millis(number: f64) -> String {
    if number < 100.0 { format!("{number:.1}") } else { format!("{number:.0}") }
}

fn wall(sample: &Sample) -> f64 {
    sample.wall
}

/// A table of scenarios: of each, first what it is measured against, then the rest in the order in which
/// it ran.
pub(crate) fn of_scenarios(all: &[Series], shares: bool) -> String {
    let mut text = HEAD.to_owned();
    for scenario in Scenario::ALL {
        let mut rows = all.iter().filter(|series| series.scenario == scenario);
        let Some(floor) = rows.next() else { continue };
        for (n, series) in std::iter::once(floor).chain(rows).enumerate() {
            let name = if n == 0 { format!("`{}`", scenario.name()) } else { String::new() };
            let ratio = |of: fn(&Series) -> f64| of(series) / of(floor);
            let ratios = match n {
                0 => "1".to_owned(),
                _ => {
                    let median = ratio(|series| series.median(wall));
                    format!("{median:.2} ({:.2})", ratio(|series| series.minimum(wall)))
                }
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
                verdict(series, floor, all, shares),
            );
        }
    }
    text
}

/// `~` for each sample of a busy machine, and what is worse.
fn marks(series: &Series) -> String {
    let wrong = if series.right == Some(false) { " **WRONG BYTES**" } else { "" };
    let noisy = series.noisy();
    let noise = if noisy == 0 { String::new() } else { format!(" ~{noisy}") };
    format!("{noise}{wrong}")
}

/// The target and whether it was met, by median and by minimum; only when both say so it was not.
fn verdict(series: &Series, floor: &Series, all: &[Series], shares: bool) -> String {
    let Some(target) = series.form.and_then(|form| target(form, series.scenario, shares)) else {
        return String::new();
    };
    let own = |scenario| {
        let is_own = |other: &&Series| other.scenario == scenario && other.program == series.program;
        all.iter().find(is_own)
    };
    let (limit, beside, words) = match target {
        Target::Floor(limit) => (limit, Some(floor), format!("≤ {limit}")),
        Target::OwnNoop(limit) => (limit, own(Scenario::Noop), format!("≤ {limit} × own `noop`")),
    };
    let Some(beside) = beside else { return words };
    let ratios = [series.median(wall) / beside.median(wall), series.minimum(wall) / beside.minimum(wall)];
    let met = ratios.iter().filter(|ratio| **ratio <= limit).count();
    let found = match target {
        Target::Floor(_) => String::new(),
        Target::OwnNoop(_) => format!(", is {:.2}", ratios[0]),
    };
    match met {
        2 => format!("{words}{found}, met"),
        1 => format!("{words}{found}, in doubt"),
        _ => format!("{words}{found}, **missed**"),
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
