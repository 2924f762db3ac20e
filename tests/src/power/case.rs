//! One mutation that meets with a power cut, and everything that must hold afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

use super::child::{end, start, tool};
use super::disk::Disk;
use super::mutations::{MUTATIONS, Mutation};
use super::project::{State, copy, difference, everything, leftovers, state};
use super::{Figures, Plan, project_in};
use crate::dice::Dice;
use crate::{cargo, journal};

/// When the power goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Aim {
    /// At any time while the command runs.
    AnyTime,
    /// At any time after the journal says that the change is decided.
    Decided,
    /// As soon as the command has ended.
    Acknowledged,
}

/// How it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// Without a word: what the file system had not written is lost.
    Sudden,
    /// The file system's log is written first, so that names are there and contents need not be.
    Flushed,
}

/// A disk, and all mutations that can be tried on it.
#[derive(Debug)]
pub(super) struct Bench<'p> {
    disk: Disk,
    program: &'p Path,
    without_syncs: bool,
    prepared: Vec<Prepared>,
}

/// One mutation, the project before it and what it makes of that.
#[derive(Debug)]
struct Prepared {
    mutation: &'static Mutation,
    before: PathBuf,
    old: State,
    new: State,
    /// How long it takes when the power stays.
    took: Duration,
    /// How much of that is over when its journal says `pending`.
    decided: Duration,
}

/// What a case met with, for the figures and for the text of one that failed.
#[derive(Debug, Default)]
struct Met {
    story: String,
    found: State,
    acknowledged: bool,
    pending: bool,
    nested: usize,
    pending_again: usize,
    is_new: bool,
}

impl<'p> Bench<'p> {
    pub(super) fn new(disk: Disk, plan: &'p Plan, folder: &Path) -> Result<Self, String> {
        if plan.without_syncs {
            tool(&["strace", "--version"])?;
        }
        let program = &plan.program;
        let mut bench = Self { disk, program, without_syncs: plan.without_syncs, prepared: Vec::new() };
        for (n, mutation) in MUTATIONS.iter().enumerate() {
            let before = folder.join(format!("before-{n}"));
            let project = project_in(&before);
            fs::create_dir_all(&project).expect("memory takes a folder");
            mutation.prepare(&project, |words| drop(ok(command(program, words, &project))));
            let old = state(&project);
            let zero = Duration::ZERO;
            let prepared =
                Prepared { mutation, before: project, old, new: State::new(), took: zero, decided: zero };
            let timed = bench.uncut(prepared);
            bench.prepared.push(timed);
        }
        Ok(bench)
    }

    /// Runs it once on the disk, with nothing in its way.
    fn uncut(&self, mut prepared: Prepared) -> Prepared {
        let project = self.place(&prepared);
        let begun = Instant::now();
        let mut child = start(self.subject(&prepared.mutation.words(), &project));
        while !journal::is_pending(&project) && child.try_wait().expect("a child of ours").is_none() {}
        prepared.decided = begun.elapsed();
        let output = end(child);
        prepared.took = begun.elapsed();
        assert!(output.status.success(), "{}: {output:?}", prepared.mutation.name);
        prepared.new = state(&project);
        assert_ne!(prepared.old, prepared.new, "{}", prepared.mutation.name);
        prepared
    }

    /// Sets the project back to before the mutation, so that it survives a cut.
    fn place(&self, prepared: &Prepared) -> PathBuf {
        let project = project_in(self.disk.folder());
        if project.exists() {
            fs::remove_dir_all(&project).expect("it is ours");
        }
        copy(&prepared.before, &project);
        self.disk.settle();
        project
    }

    /// The mutation, with its syncs or without.
    fn subject(&self, words: &[&str], project: &Path) -> Command {
        if !self.without_syncs {
            return command(self.program, words, project);
        }
        let swallow = [
            "--follow-forks",
            "--seccomp-bpf",
            "--quiet=all",
            "--output=/dev/null",
            "--trace=fsync,fdatasync,sync_file_range,syncfs,sync",
            "--inject=fsync,fdatasync,sync_file_range,syncfs,sync:retval=0",
        ];
        let mut subject = cargo::scrubbed("strace");
        subject.args(swallow).arg(self.program).args(words).current_dir(project);
        subject
    }

    /// Tries one case and adds what it came to.
    pub(super) fn cut(&mut self, which: usize, aim: Aim, cut: Cut, dice: &mut Dice, figures: &mut Figures) {
        let mut met = Met::default();
        let outcome = self.attempt(which, aim, cut, dice, &mut met);
        figures.cases += 1;
        figures.cuts += 1 + met.nested;
        figures.acknowledged += usize::from(met.acknowledged);
        figures.pending += usize::from(met.pending);
        figures.nested += met.nested;
        figures.pending_again += met.pending_again;
        match outcome {
            Ok(()) if met.is_new => figures.new += 1,
            Ok(()) => figures.old += 1,
            Err(why) => {
                let mut text =
                    format!("case {}, {}: {why}\n  after the first cut:", figures.cases, met.story);
                for (path, content) in &met.found {
                    text += &format!("\n    {path}: {content}");
                }
                figures.failed.push(text);
            }
        }
    }

    fn attempt(
        &mut self,
        which: usize,
        aim: Aim,
        cut: Cut,
        dice: &mut Dice,
        met: &mut Met,
    ) -> Result<(), String> {
        let prepared = &self.prepared[which];
        let mutation = prepared.mutation;
        let project = self.place(prepared);
        let delay = match aim {
            Aim::AnyTime => any_below(prepared.took, dice),
            Aim::Decided => any_below(prepared.took - prepared.decided, dice),
            Aim::Acknowledged => Duration::ZERO,
        };
        met.story = format!("{}, {aim:?} and {delay:?}, {cut:?}", mutation.name);
        let mut child = start(self.subject(&mutation.words(), &project));
        let mut is_gone = || child.try_wait().expect("a child of ours").is_some();
        match aim {
            Aim::AnyTime => {}
            Aim::Decided => while !journal::is_pending(&project) && !is_gone() {},
            Aim::Acknowledged => while !is_gone() {},
        }
        wait(delay);
        let ended = self.power_cut(child, cut);
        met.acknowledged = ended.status.success();
        sound(&ended)?;

        met.found = everything(&project);
        let mut pending = journal::is_pending(&project);
        met.pending = pending;
        // The next one recovers, and the power goes again, and perhaps a third time.
        let next = mutation.next();
        while pending && met.nested < 2 && (met.nested == 0 || dice.once_in(2)) {
            let delay = any_below(self.prepared[which].took, dice);
            let cut = *dice.pick(&[Cut::Sudden, Cut::Flushed]);
            met.story += &format!(", again in recovery after {delay:?}, {cut:?}");
            let child = start(command(self.program, &next, &project));
            wait(delay);
            let ended = self.power_cut(child, cut);
            sound(&ended)?;
            met.nested += 1;
            pending = journal::is_pending(&project);
            met.pending_again += usize::from(pending);
        }
        let decided = met.pending || met.acknowledged;
        self.look(which, &project, pending, decided, met)
    }

    /// Cuts the power under a program, which dies with it, and mounts the disk again.
    fn power_cut(&mut self, mut child: Child, cut: Cut) -> Output {
        self.disk.cut(cut == Cut::Flushed);
        // What is told to swallow its syncs is two processes: those end by themselves, by errors.
        if !self.without_syncs {
            child.kill().expect("a child of ours");
        }
        let output = end(child);
        self.disk.plug_again();
        output
    }

    /// That everything is as it must be after the last cut.
    fn look(
        &self,
        which: usize,
        project: &Path,
        pending: bool,
        decided: bool,
        met: &mut Met,
    ) -> Result<(), String> {
        let prepared = &self.prepared[which];
        let opened = end(start(command(self.program, &prepared.mutation.next(), project)));
        if !opened.status.success() {
            return Err(format!("the next command fails: {}", said(&opened)));
        }
        let recovered = said(&opened).lines().filter(|line| line.starts_with("   Recovered ")).count();
        if recovered != usize::from(pending) {
            return Err(format!("it was pending: {pending}, and that was told: {}", said(&opened)));
        }
        let state = state(project);
        met.is_new = state == prepared.new;
        if !met.is_new && state != prepared.old {
            let [old, new] = [&prepared.old, &prepared.new].map(|should| difference(&state, should));
            return Err(format!("neither\n  the state before:{old}\n  nor the one after:{new}"));
        }
        if decided && !met.is_new {
            let what = if met.acknowledged { "acknowledged" } else { "decided" };
            return Err(format!("what was {what} is gone"));
        }
        let next = end(start(command(self.program, &["create", "zz/next", "--type", "blob_bank"], project)));
        if !next.status.success() {
            return Err(format!("the next mutation fails: {}", said(&next)));
        }
        let left = leftovers(project);
        if journal::is_pending(project) || !left.is_empty() {
            return Err(format!("left over: {left:?}"));
        }
        Ok(())
    }
}

/// The program on a project, not yet begun.
fn command(program: &Path, words: &[&str], project: &Path) -> Command {
    let mut command = cargo::scrubbed(program);
    command.args(words).current_dir(project);
    command
}

/// Runs what cannot fail.
fn ok(command: Command) -> Output {
    let output = end(start(command));
    assert!(output.status.success(), "{}", said(&output));
    output
}

/// That a program did not take a dying disk for a mistake of its own.
fn sound(ended: &Output) -> Result<(), String> {
    let text = said(ended);
    if ended.status.code() == Some(101) || text.contains("panicked") {
        return Err(format!("it panicked: {text}"));
    }
    Ok(())
}

fn said(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{}\n{out}{err}", output.status)
}

/// Any time that is shorter.
fn any_below(time: Duration, dice: &mut Dice) -> Duration {
    let micros = usize::try_from(time.as_micros()).expect("it is a matter of seconds");
    Duration::from_micros(dice.below(micros + 1) as u64)
}

/// Waits to the microsecond, near enough.
fn wait(time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        std::hint::spin_loop();
    }
}
