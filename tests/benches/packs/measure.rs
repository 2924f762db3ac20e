//! Rounds: in each, the same edit, and then every program once. So a machine whose speed drifts is as fast
//! for one as for the other, and the ratio of two programs means something where their milliseconds do not.
//!
//! The first round is thrown away. After the last, what was packed is compared with what a pack from
//! nothing makes of the same files; then the project is put back as it was, dates too.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use packer_tests::packing::SET;

use crate::ground::Ground;
use crate::launcher::{Sample, sample};
use crate::program::{Packer, Program, run};
use crate::scenario::{Form, Scenario};

/// What was measured of one program in one scenario.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) scenario: Scenario,
    pub(crate) program: String,
    pub(crate) form: Option<Form>,
    pub(crate) samples: Vec<Sample>,
    /// Whether what was packed is what a pack from nothing makes; nothing, where that was not asked.
    pub(crate) right: Option<bool>,
}

impl Series {
    /// The middle one of the samples' numbers; of an even count, the upper of the two.
    pub(crate) fn median(&self, of: impl Fn(&Sample) -> f64) -> f64 {
        let mut numbers: Vec<f64> = self.samples.iter().map(of).collect();
        numbers.sort_by(f64::total_cmp);
        numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// The least of the samples' numbers.
    pub(crate) fn minimum(&self, of: impl Fn(&Sample) -> f64) -> f64 {
        self.samples.iter().map(of).fold(f64::NAN, f64::min)
    }

    /// The most of the samples' numbers.
    pub(crate) fn maximum(&self, of: impl Fn(&Sample) -> f64) -> f64 {
        self.samples.iter().map(of).fold(f64::NAN, f64::max)
    }

    /// How many samples were taken while others were at work.
    pub(crate) fn noisy(&self) -> usize {
        self.samples.iter().filter(|sample| sample.noisy).count()
    }
}

/// How often and how patiently.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Care {
    /// Rounds that count; one more is thrown away.
    pub(crate) rounds: u64,
    /// How long to wait for an idle machine before each sample.
    pub(crate) patience: Duration,
}

/// All that is needed to measure.
pub(crate) struct Bench<'b> {
    pub(crate) ground: &'b Ground,
    pub(crate) programs: &'b [Box<dyn Program>],
    /// A packer that is nobody else's, for packs from nothing; without one nothing is compared.
    pub(crate) anew: Option<&'b Packer>,
    pub(crate) care: Care,
}

impl Bench<'_> {
    /// Brings every program up to date.
    ///
    /// # Errors
    ///
    /// In words.
    pub(crate) fn settle(&self, of_cargo: bool) -> Result<(), String> {
        // What changed in this very tick of the file system's clock is distrusted, and rightly.
        sleep(Duration::from_millis(50));
        for program in self.programs {
            if (program.form() == Some(Form::Cargo) || program.command(Scenario::CargoNoop).is_some())
                == of_cargo
            {
                run(program.settle())?;
            }
        }
        Ok(())
    }

    /// Measures a scenario, and all that come with it.
    ///
    /// # Errors
    ///
    /// In words: a program failed, or the disk did.
    pub(crate) fn run(&self, scenario: Scenario) -> Result<Vec<Series>, String> {
        let steps = scenario.steps();
        let edits: Vec<_> = steps.iter().map(|(edit, _)| *edit).collect();
        let io = |error: io::Error| format!("{}: {error}", scenario.name());
        let mut all: Vec<Series> = Vec::new();
        for round in 0..=self.care.rounds {
            for (edit, scenario) in &steps {
                self.ground.edit(*edit, round).map_err(io)?;
                for program in self.programs {
                    let Some(command) = program.command(*scenario) else { continue };
                    program.ready(*scenario).map_err(io)?;
                    let sample = sample(&command, self.care.patience)?;
                    if round > 0 {
                        add(&mut all, *scenario, &**program, sample);
                    }
                }
            }
            if scenario.starts_over() && round < self.care.rounds {
                self.ground.restore(&edits).map_err(io)?;
                self.settle(false)?;
            }
        }
        if scenario.writes() {
            self.compare(&mut all)?;
        }
        self.ground.restore(&edits).map_err(io)?;
        self.settle(scenario.is_of_cargo())?;
        Ok(all)
    }

    /// Compares what the last step left with a pack from nothing.
    fn compare(&self, all: &mut [Series]) -> Result<(), String> {
        let Some((last, packer)) = all.last().map(|series| series.scenario).zip(self.anew) else {
            return Ok(());
        };
        packer.wipe().map_err(|error| error.to_string())?;
        run(packer.settle())?;
        let anew = packer.set().expect("a packer has a set");
        for series in all.iter_mut().filter(|series| series.scenario == last) {
            let program = self.programs.iter().find(|program| program.name() == series.program);
            let Some(set) = program.and_then(|program| program.set()) else { continue };
            let same = SET.iter().map(|name| is_same(&anew.join(name), &set.join(name)));
            let same = same.collect::<io::Result<Vec<bool>>>();
            series.right = Some(same.is_ok_and(|same| same.into_iter().all(|same| same)));
        }
        packer.wipe().map_err(|error| error.to_string())
    }
}

fn add(all: &mut Vec<Series>, scenario: Scenario, program: &dyn Program, sample: Sample) {
    let name = program.name();
    if let Some(series) = all.iter_mut().find(|s| s.scenario == scenario && s.program == name) {
        series.samples.push(sample);
    } else {
        let (form, samples) = (program.form(), vec![sample]);
        all.push(Series { scenario, program: name, form, samples, right: None });
    }
}

/// Whether two files hold the same bytes, read piece by piece.
fn is_same(a: &Path, b: &Path) -> io::Result<bool> {
    let [mut a, mut b] = [File::open(a)?, File::open(b)?];
    if a.metadata()?.len() != b.metadata()?.len() {
        return Ok(false);
    }
    let (mut of_a, mut of_b) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    loop {
        let read = a.read(&mut of_a)?;
        b.read_exact(&mut of_b[..read])?;
        if of_a[..read] != of_b[..read] {
            return Ok(false);
        }
        if read == 0 {
            return Ok(true);
        }
    }
}
