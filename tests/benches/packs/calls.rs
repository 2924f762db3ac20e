//! How many system calls of each kind a program makes, as `strace` counts them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use crate::Result;
use crate::measure::Bench;
use crate::program::run;
use crate::scenario::Scenario;

/// Calls of fewer than this many, in all programs, are left out.
const WORTH_A_LINE: usize = 10;

/// A table of calls for each scenario: the floor and ours.
///
/// # Errors
///
/// In words, also when there is no `strace`.
pub(crate) fn count(bench: &Bench<'_>, scenarios: &[Scenario]) -> Result<String> {
    let log = bench.ground.beside("calls")?.join("log");
    let mut text = String::new();
    for scenario in scenarios {
        let mut counts: Vec<(String, BTreeMap<String, usize>)> = Vec::new();
        for (edit, scenario) in scenario.steps() {
            bench.ground.edit(edit, 0)?;
            for program in bench.programs {
                let (true, Some(command)) =
                    (program.form().is_some() || program.name() == "floor", program.command(scenario))
                else {
                    continue;
                };
                program.ready(scenario)?;
                run(traced(&command, &log))?;
                let log = fs::read_to_string(&log)?;
                counts.push((format!("{}, {}", scenario.name(), program.name()), of_log(&log)));
            }
        }
        let edits: Vec<_> = scenario.steps().iter().map(|(edit, _)| *edit).collect();
        bench.ground.restore(&edits)?;
        bench.settle(false)?;
        text += &table(&counts);
        text += "\n";
    }
    Ok(text)
}

fn traced(program: &Command, log: &std::path::Path) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "signal=none", "-o"]).arg(log);
    command.arg("--").arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    if let Some(folder) = program.get_current_dir() {
        command.current_dir(folder);
    }
    command.env_remove("LD_LIBRARY_PATH");
    command
}

/// The calls in a log by name. One that another thread interrupted is in two lines and counted once.
fn of_log(log: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in log.lines() {
        let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let name = call.split('(').next().unwrap_or_default();
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            *counts.entry(name.to_owned()).or_default() += 1;
        }
    }
    counts
}

fn table(counts: &[(String, BTreeMap<String, usize>)]) -> String {
    let mut text = "| call |".to_owned();
    for (name, _) in counts {
        let _ = write!(text, " {name} |");
    }
    text += &format!("\n| --- |{}\n", " ---: |".repeat(counts.len()));
    let mut all: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, count) in counts.iter().flat_map(|(_, counts)| counts) {
        *all.entry(name).or_default() += count;
    }
    let mut all: Vec<_> = all.into_iter().filter(|(_, count)| *count >= WORTH_A_LINE).collect();
    all.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    for (call, _) in all {
        let _ = write!(text, "| {call} |");
        for (_, counts) in counts {
            let _ = write!(text, " {} |", counts.get(call).copied().unwrap_or(0));
        }
        text += "\n";
    }
    text
}
