//! Rounds: in each, the same edit, and then every program once. So a machine whose speed drifts is as fast
//! for one as for the other, and the ratio of two programs means something where their milliseconds do not.
//!
//! The first round is thrown away. After the last, what was packed is compared with what a pack from
//! nothing makes of the same files; then the project is put back as it was, dates too.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use packer_tests::bench::ground::{Edit, Ground};
use packer_tests::packing::SET;

use crate::Result;
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
    pub(crate) verdict: Verdict,
}

/// What came out, besides time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing is wrong with it.
    Fine,
    /// A pack that was right was written again.
    Rewritten,
    /// It is not what a pack from nothing makes.
    Wrong,
}

impl Series {
    pub(crate) fn new(scenario: Scenario, program: String, form: Option<Form>) -> Self {
        Self { scenario, program, form, samples: Vec::new(), verdict: Verdict::Fine }
    }

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
    pub(crate) fn settle(&self, of_cargo: bool) -> Result<()> {
        // What changed less than two seconds ago is distrusted, and looked into once more.
        sleep(Duration::from_millis(2_100));
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
    pub(crate) fn run(&self, scenario: Scenario) -> Result<Vec<Series>> {
        let steps = scenario.steps();
        let edits: Vec<_> = steps.iter().map(|(edit, _)| *edit).collect();
        let mut all: Vec<Series> = Vec::new();
        for round in 0..=self.care.rounds {
            for (edit, scenario) in &steps {
                if *scenario == Scenario::Young {
                    self.young_round(*edit, round, &mut all)?;
                } else {
                    self.ground.edit(*edit, round)?;
                    self.round(*scenario, round, &mut all)?;
                }
            }
            if scenario.starts_over() && round < self.care.rounds {
                self.ground.restore(&edits)?;
                self.settle(false)?;
            }
        }
        let last = steps.last().map(|(_, last)| *last);
        if scenario != Scenario::Young && scenario.writes() {
            self.compare(all.iter_mut().filter(|series| Some(series.scenario) == last))?;
        }
        self.ground.restore(&edits)?;
        self.settle(scenario.is_of_cargo())?;
        Ok(all)
    }

    /// Every program once.
    fn round(&self, scenario: Scenario, round: u64, all: &mut Vec<Series>) -> Result<()> {
        for program in self.programs {
            let Some(command) = program.command(scenario) else { continue };
            program.ready(scenario)?;
            let before = pack_of(&**program);
            let sample = sample(&command, self.care.patience)?;
            let series = series_of(&**program, scenario, all);
            if round > 0 {
                series.samples.push(sample);
            }
            if scenario.leaves_the_pack() && before != pack_of(&**program) {
                series.verdict = Verdict::Rewritten;
            }
        }
        Ok(())
    }

    /// Every program once, each right after an edit that came right after a pack: so nobody waits for an
    /// idle machine, and every program has a project of its own.
    fn young_round(&self, edit: Edit, round: u64, all: &mut Vec<Series>) -> Result<()> {
        for program in self.programs {
            let Some(command) = program.command(Scenario::Young) else { continue };
            self.ground.edit(Edit::OtherBytes, round)?;
            run(program.settle())?;
            self.ground.edit(edit, round)?;
            let sample = sample(&command, Duration::ZERO)?;
            let series = series_of(&**program, Scenario::Young, all);
            if round > 0 {
                series.samples.push(sample);
            }
            if program.form().is_some() {
                self.compare(std::iter::once(series))?;
            }
        }
        Ok(())
    }

    /// Compares what programs left with a pack from nothing.
    fn compare<'s>(&self, all: impl Iterator<Item = &'s mut Series>) -> Result<()> {
        let Some(packer) = self.anew else { return Ok(()) };
        packer.wipe()?;
        run(packer.settle())?;
        let anew = packer.set().expect("a packer has a set");
        for series in all {
            let program = self.programs.iter().find(|program| program.name() == series.program);
            let Some(set) = program.and_then(|program| program.set()) else { continue };
            let same = SET.iter().map(|name| is_same(&anew.join(name), &set.join(name)));
            let same = same.collect::<io::Result<Vec<bool>>>();
            if !same.is_ok_and(|same| same.into_iter().all(|same| same)) {
                series.verdict = Verdict::Wrong;
            }
        }
        Ok(packer.wipe()?)
    }
}

/// Which file the pack of a program is, and since when.
fn pack_of(program: &dyn Program) -> Option<(u64, SystemTime)> {
    let pack = fs::metadata(program.set()?.join(SET[0])).ok()?;
    Some((pack.ino(), pack.modified().ok()?))
}

/// The series of a program in a scenario, a new one if there is none yet.
fn series_of<'s>(program: &dyn Program, scenario: Scenario, all: &'s mut Vec<Series>) -> &'s mut Series {
    let name = program.name();
    let found = all.iter().position(|s| s.scenario == scenario && s.program == name);
    let n = found.unwrap_or_else(|| {
        all.push(Series::new(scenario, name, program.form()));
        all.len() - 1
    });
    &mut all[n]
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
