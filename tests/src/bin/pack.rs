//! Packs a project as another build system would, for tests that need another process: one with its
//! own language, umask, user or memory limit, or one that was compiled otherwise.
//!
//! `pack PROJECT OUT [CACHE]` packs quietly; `pack --script PROJECT OUT` does what a build script does,
//! directives and all. On Linux it says last on standard error how much memory it had at most, and
//! how much of a processor's time it took.

use std::path::PathBuf;
use std::process::ExitCode;

#[expect(clippy::print_stderr, reason = "it is a program, and this is what it has to say")]
fn main() -> ExitCode {
    let mut arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let script = arguments.first().is_some_and(|first| first.as_os_str() == "--script");
    if script {
        arguments.remove(0);
    }
    let (project, out, cache) = match &arguments[..] {
        [project, out] => (project, out, None),
        [project, out, cache] => (project, out, Some(cache)),
        _ => {
            eprintln!("pack [--script] PROJECT OUT [CACHE]");
            return ExitCode::from(2);
        }
    };
    let mut config = packer_build::Config::new().project_dir(project).out_dir(out);
    if let Some(cache) = cache {
        config = config.cache_dir(cache);
    }
    let packed = if script {
        config.run();
        Ok(())
    } else {
        config.cargo_directives(false).build().map(drop)
    };
    if let Err(error) = &packed {
        eprintln!("{error}");
    }
    if let (Some(peak), Some(time)) = (peak_kib(), processor_millis()) {
        eprintln!("peak memory: {peak} KiB, processor time: {time} ms");
    }
    if packed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The most memory that this process had, in KiB, where the system says.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

/// The time that processors spent on this process, in milliseconds, where the system says.
fn processor_millis() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the program's name, which may hold anything: the 12th and 13th, in hundredths.
    let fields = stat.rsplit(')').next()?.split_whitespace().skip(11).take(2);
    let ticks: Option<u64> = fields.map(|field| field.parse::<u64>().ok()).sum();
    Some(ticks? * 10)
}
