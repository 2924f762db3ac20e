//! One mutation that meets with a power cut, and everything that must hold afterwards.

use std::fs;
use std::path::Path;
use std::process::{Child, Output};
use std::time::{Duration, Instant};

use super::Figures;
use super::bench::Bench;
use super::child::{end, said, start, until};
use super::project::{State, difference, everything, leftovers, state};
use super::syncs::{Syncs, command};
use crate::dice::Dice;
use crate::journal;

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

impl Bench<'_> {
    /// Tries one case and adds what it came to.
    pub(super) fn cut(&mut self, which: usize, aim: Aim, cut: Cut, dice: &mut Dice, figures: &mut Figures) {
        let mut met = Met::default();
        let outcome = self.attempt(which, aim, cut, dice, &mut met);
        figures.cases += 1;
        figures.cuts += 1 + met.nested + usize::from(outcome.is_ok());
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
        let prepared = self.prepared(which);
        let mutation = prepared.mutation;
        let project = self.place(prepared);
        let delay = match aim {
            Aim::AnyTime => any_below(prepared.took, dice),
            Aim::Decided => any_below(prepared.in_change, dice),
            Aim::Acknowledged => Duration::ZERO,
        };
        met.story = format!("{}, {aim:?} and {delay:?}, {cut:?}", mutation.name);
        let mut child = start(self.subject(mutation, &project));
        let at_once = Duration::ZERO;
        match aim {
            Aim::AnyTime => {}
            Aim::Decided => until(&mut child, at_once, || journal::is_pending(&project)),
            Aim::Acknowledged => until(&mut child, at_once, || false),
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
            // It looks at everything as well, and that takes as long again.
            let delay = any_below(2 * self.prepared(which).in_change, dice);
            let cut = *dice.pick(&[Cut::Sudden, Cut::Flushed]);
            met.story += &format!(", again in recovery after {delay:?}, {cut:?}");
            let before = holder(&project);
            let mut child = start(command(self.program, &next, &project));
            until(&mut child, at_once, || holder(&project) != before);
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
        if self.syncs == Syncs::Kept {
            child.kill().expect("a child of ours");
        }
        let output = end(child);
        self.disk.plug_again();
        output
    }

    /// That everything is as it must be after the last cut.
    fn look(
        &mut self,
        which: usize,
        project: &Path,
        pending: bool,
        decided: bool,
        met: &mut Met,
    ) -> Result<(), String> {
        let prepared = self.prepared(which);
        let opened = end(start(command(self.program, &prepared.mutation.next(), project)));
        if !opened.status.success() {
            return Err(format!("the next command fails: {}", said(&opened)));
        }
        let recovered = said(&opened).lines().filter(|line| line.starts_with("   Recovered ")).count();
        if recovered != usize::from(pending) {
            return Err(format!("it was pending: {pending}, and that was told: {}", said(&opened)));
        }
        let is = state(project);
        met.is_new = is == prepared.new;
        if !met.is_new && is != prepared.old {
            let [old, new] = [&prepared.old, &prepared.new].map(|should| difference(&is, should));
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
        // What these two commands did was acknowledged as well.
        let before = state(project);
        self.disk.cut(false);
        self.disk.plug_again();
        let after = state(project);
        if journal::is_pending(project) || after != before {
            return Err(format!("what came next is gone:{}", difference(&after, &before)));
        }
        Ok(())
    }
}

/// Who is said to have the project's lane: it changes when the next one takes it.
fn holder(project: &Path) -> Option<Vec<u8>> {
    fs::read(project.join("assets/.prometeu/local/holder.json")).ok()
}

/// That a program did not take a dying disk for a mistake of its own.
fn sound(ended: &Output) -> Result<(), String> {
    let text = said(ended);
    if ended.status.code() == Some(101) || text.contains("panicked") {
        return Err(format!("it panicked: {text}"));
    }
    Ok(())
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
