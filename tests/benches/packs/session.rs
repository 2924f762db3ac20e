//! One run of the bench: what was asked for, what has to be built first, and what is said at the end.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use packer_tests::workload::Workload;
use packer_tests::{cargo, say, skip};

use crate::Result;
use crate::floor;
use crate::launcher::{self, sample};
use crate::machine::Machine;
use crate::measure::{Bench, Care, Series, Verdict};
use crate::package::{build, write_game, write_printer};
use crate::peers::Peers;
use crate::program::{AsTyped, Build, Floor, Packer, Program, Script, run};
use crate::scenario::Scenario;
use crate::{calls, micro, page, scale, table};
use packer_tests::bench::ground::Ground;

/// What was asked for.
#[derive(Debug)]
struct Options {
    workloads: Vec<String>,
    scenarios: Vec<Scenario>,
    care: Care,
    floor_only: bool,
    peers: bool,
    plain: bool,
    calls: bool,
    micro: bool,
    scale: bool,
    points: Vec<(u64, u64)>,
    /// Where projects lie, if not below the target directory.
    place: Option<PathBuf>,
    write: bool,
}

impl Options {
    fn parse(arguments: &[OsString]) -> Result<Self> {
        let care = Care { rounds: 7, patience: Duration::from_secs(10) };
        let mut options = Self {
            workloads: Vec::new(),
            scenarios: Vec::new(),
            care,
            floor_only: false,
            peers: true,
            plain: false,
            calls: false,
            micro: false,
            scale: false,
            points: Vec::new(),
            place: None,
            write: false,
        };
        let mut words = arguments.iter().map(|word| word.to_string_lossy());
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` takes a value"));
            let mut number = || value()?.parse::<u64>().map_err(|error| format!("`{word}`: {error}"));
            match &*word {
                "--rounds" => options.care.rounds = number()?.max(1),
                "--idle" => options.care.patience = Duration::from_secs(number()?),
                "--floor-only" => options.floor_only = true,
                "--no-peers" => options.peers = false,
                "--plain" => options.plain = true,
                "--calls" => options.calls = true,
                "--micro" => options.micro = true,
                "--scale" => options.scale = true,
                "--point" => {
                    options.scale = true;
                    options.points.push((number()?.max(100), number()?));
                }
                "--in" => options.place = Some(std::path::absolute(&*value()?)?),
                "--write" => options.write = true,
                // Cargo says so to every bench.
                "--bench" => {}
                _ => match (Workload::named(&word), Scenario::named(&word)) {
                    (Some(workload), _) => options.workloads.push(workload.name().to_owned()),
                    (_, Some(scenario)) => options.scenarios.push(scenario),
                    (None, None) => return Err(unknown(&word).into()),
                },
            }
        }
        if options.workloads.is_empty() {
            options.workloads.push("game".to_owned());
        }
        if options.scenarios.is_empty() {
            options.scenarios.extend(Scenario::ALL);
        }
        // `remove` comes with `add`.
        if options.scenarios.contains(&Scenario::Add) {
            options.scenarios.retain(|scenario| *scenario != Scenario::Remove);
        }
        Ok(options)
    }
}

fn unknown(word: &str) -> String {
    let scenarios: Vec<&str> = Scenario::ALL.iter().map(|scenario| scenario.name()).collect();
    format!(
        "`{word}` is no workload (small, game, huge), no scenario ({}) and no flag (--rounds N, --idle SECONDS, \
         --floor-only, --no-peers, --plain, --calls, --micro, --scale, --point ASSETS BYTES, --in FOLDER, --write)",
        scenarios.join(", ")
    )
}

/// What is the same for all workloads.
pub(crate) struct Built {
    /// The folder below which projects lie, and what is made of them.
    pub(crate) top: PathBuf,
    /// The folder below which packages are built.
    builds: PathBuf,
    /// The optimised command.
    pub(crate) command: PathBuf,
    /// The build script of a game.
    pub(crate) script: PathBuf,
    /// The same, compiled without the profile lines.
    plain: Option<PathBuf>,
    machine: Machine,
}

/// Does what the arguments ask for.
///
/// # Errors
///
/// In words: wrong arguments, something that does not build, a program that fails, a pack that is wrong.
pub(crate) fn main(arguments: &[OsString]) -> Result<()> {
    let options = Options::parse(arguments)?;
    let done = session(&options, arguments);
    launcher::tidy();
    done
}

fn session(options: &Options, arguments: &[OsString]) -> Result<()> {
    if options.micro {
        return Ok(print(&micro::table()?)?);
    }
    let built = Built::make(options)?;
    say(&format!("{}\n", built.machine.line()));
    let command: Vec<_> = arguments.iter().map(|word| word.to_string_lossy()).collect();
    if options.scale {
        let scale = scale::measure(&options.points, &built, options.care)?;
        print(&scale.table)?;
        if options.write {
            let shown = scale.picture.as_deref().map(page::draw).transpose()?.unwrap_or_default();
            page::write("scale", &built.machine, &command, &format!("{shown}\n{}", scale.table))?;
        }
        return Ok(());
    }
    let mut wrong = 0;
    for workload in &options.workloads {
        let workload = Workload::named(workload).expect("only names of workloads were taken");
        let elsewhere = if options.place.is_some() { "-elsewhere" } else { "" };
        let section = format!("{}{elsewhere}", workload.name());
        let (text, bad) = measure(workload, options, &built)?;
        print(&text)?;
        wrong += bad;
        if options.write {
            page::write(&section, &built.machine, &command, &text)?;
        }
    }
    if wrong > 0 {
        return Err(format!("{wrong} times a pack is not what it should be").into());
    }
    Ok(())
}

fn print(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{text}")
}

impl Built {
    fn make(options: &Options) -> io::Result<Self> {
        let builds = cargo::checkout_target_dir().join("packs");
        let top = options.place.clone().unwrap_or_else(|| builds.clone());
        fs::create_dir_all(&builds)?;
        fs::create_dir_all(&top)?;
        let command = cargo::program("cargo-prometeu", "cargo-prometeu", true);
        let target = builds.join("target");
        let script = |lines: bool| {
            let name = if lines { "bench-script" } else { "bench-script-plain" };
            let folder = builds.join(name);
            write_game(&folder, name, lines)?;
            let registry = "{\n  \"schema_version\": 1,\n  \"next_asset_id\": 1,\n  \"assets\": []\n}\n";
            fs::create_dir_all(folder.join("assets/.prometeu"))?;
            fs::write(folder.join("assets/.prometeu/index.json"), registry)?;
            Ok::<_, io::Error>(build(&folder, &target)?.script)
        };
        let plain = if options.plain { Some(script(false)?) } else { None };
        let machine = Machine::look(&top);
        Ok(Self { command, script: script(true)?, plain, machine, top, builds })
    }

    /// The games and packages that cargo builds whole: first what ours is measured against.
    fn builds(&self, ground: &Ground) -> io::Result<Vec<Box<dyn Program>>> {
        let folder = self.builds.join("builds").join(ground.workload.name());
        // One for all: what they depend on is compiled once.
        let target = self.builds.join("target");
        let project = ground.project();
        let of = |what: &str| format!("bench-{what}-{}", ground.workload.name());
        write_game(&project, &of("game"), true)?;
        let game = build(&project, &target)?;
        let hint = "cargo::rerun-if-changed=";
        let absolute = |line: &str| match line.strip_prefix(hint) {
            Some(path) => format!("{hint}{}\n", project.join(path).display()),
            None => format!("{line}\n"),
        };
        let same: String = game.printed()?.lines().map(absolute).collect();
        let one = format!("{hint}{}\n", ground.assets().display());
        let packages = [
            ("same-hints-and-tree", "cargo: an empty script, same dependencies and hints", &same, true),
            ("same-hints", "cargo: no dependencies, same hints", &same, false),
            ("one-hint", "cargo: no dependencies, one hint", &one, false),
        ];
        let mut programs: Vec<Box<dyn Program>> = Vec::new();
        for (name, label, printed, tree) in packages {
            let package = folder.join(name);
            write_printer(&package, &of(name), printed, tree)?;
            build(&package, &target)?;
            programs.push(Box::new(Build::new(label, &package, &target, None)));
        }
        let ours = Build::new("C: `cargo build` of the game", &project, &target, Some(game.out));
        programs.push(Box::new(ours));
        Ok(programs)
    }
}

/// Measures one workload, and yields its section of the page and how many packs were wrong.
fn measure(workload: Workload, options: &Options, built: &Built) -> Result<(String, usize)> {
    say(&format!("preparing `{}`", workload.name()));
    let ground = Ground::prepare(workload, &built.top)?;
    // The command asks cargo about a game when no cache folder is named.
    write_game(&ground.project(), &format!("bench-game-{}", ground.workload.name()), true)?;
    let mut floor = Floor::new(&ground)?;
    let anew = Packer::new(&built.command, &ground, "anew")?;
    run(anew.settle())?;
    floor.size = anew.size()?;
    let title = format!(
        "{}: {} assets, {} files, {:.1} MB, a pack of {:.1} MB",
        ground.workload.name(),
        ground.workload.assets(),
        ground.files,
        megabytes(ground.bytes),
        megabytes(floor.size)
    );
    let mut text = format!("**{title}**\n\n");

    if options.floor_only {
        let series = floors(&floor, options.care)?;
        text += &table::of_floor(&series);
        return Ok((text, 0));
    }

    let peers = if options.peers { Peers::find(&ground, &floor)? } else { Peers::default() };
    for missing in &peers.missing {
        skip("packs", &format!("`{missing}` is not installed, and is missing in the table"));
    }
    let mut programs: Vec<Box<dyn Program>> = vec![Box::new(floor)];
    let of_cargo = options.scenarios.iter().any(|scenario| scenario.is_of_cargo()) && !options.calls;
    if of_cargo {
        programs.extend(built.builds(&ground)?);
    }
    programs.push(Box::new(Packer::new(&built.command, &ground, "command")?));
    programs.push(Box::new(AsTyped::new(&built.command, &ground)?));
    programs.push(Box::new(Script::new(built.script.clone(), &ground, false)?));
    if let Some(plain) = &built.plain {
        programs.push(Box::new(Script::new(plain.clone(), &ground, true)?));
    }
    programs.extend(peers.found);

    let bench = Bench { ground: &ground, programs: &programs, anew: Some(&anew), care: options.care };
    for program in &programs {
        program.wipe()?;
    }
    bench.settle(false)?;
    let mut all: Vec<Series> = Vec::new();
    if options.calls {
        text += &calls::count(&bench, &options.scenarios)?;
        return Ok((text, 0));
    }
    for scenario in &options.scenarios {
        if !scenario.steps().iter().all(|(edit, _)| ground.allows(*edit)) {
            continue;
        }
        let measured = bench.run(*scenario)?;
        say(&format!("`{}`, {}", ground.workload.name(), table::in_a_line(&measured)));
        all.extend(measured);
    }
    let how = table::How { shares: built.machine.shares, small: ground.workload == Workload::small() };
    text += &table::of_scenarios(&all, how);
    if !peers.versions.is_empty() {
        text += &format!("\nOthers: {}.\n", peers.versions.join("; "));
    }
    let wrong = all.iter().filter(|series| series.verdict != Verdict::Fine).count();
    Ok((text, wrong))
}

/// Measures the programs of the floor alone.
fn floors(floor: &Floor, care: Care) -> Result<Vec<Series>> {
    run(floor.settle())?;
    let programs = floor::Program::all();
    let series = |program: &floor::Program| Series::new(Scenario::Noop, program.label(), None);
    let mut all: Vec<Series> = programs.iter().map(series).collect();
    for round in 0..=care.rounds {
        for (program, series) in programs.iter().zip(&mut all) {
            let sample = sample(&floor.run(*program), care.patience)?;
            if round > 0 {
                series.samples.push(sample);
            }
        }
    }
    Ok(all)
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
