//! `watch`: packs, and again on each change, until somebody ends it.
//!
//! ```text
//! eyes ── sign ─▶ wait for calm ─▶ look (glance) ─▶ as it was: wait on
//!                                     │ changes
//!                                     ▼
//!                      pack ─▶ tell (words) ─▶ wait on, with a look soon after
//!                       ▲                           │
//!                       └── what changed meanwhile ─┘
//! ```
//!
//! | promise | kept by |
//! | --- | --- |
//! | it never wakes itself | a sign only leads to a look, and a look is at what packs do not write |
//! | a change that comes while it packs is packed | what was seen is what was there before the pack |
//! | a change that nobody told of is packed | it looks now and then without a sign, and soon after each change |
//! | what is there in the end is packed, whatever stood there in between | as above |
//! | a file that is half saved is rarely told as broken | bad news waits a moment for what makes it old |
//! | a game that draws on the terminal is not drawn over | lines are held back while the terminal is raw |
//!
//! # Where it stops
//!
//! The settings in the manifests are read once, when it begins. Whether the terminal is raw is not known outside of
//! Unix: a game that draws on it wants standard error elsewhere there.

mod game;
mod glance;
mod told;
mod words;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use prometeu_packer::Project;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::ops::{Blocker, BlockerCode, PackRequest, PackResult, Response, Status};

use self::game::Game;
use self::glance::{FileChange, Glance};
use self::told::Teller;
use crate::exit::{self, Exit};
use crate::eyes::{Sign, Told};
use crate::printer::{Printer, display_path};

/// The name in `operation`.
pub(crate) const OPERATION: &str = "watch";

/// Signs come in swarms: after the first it is calm once none has come for so long, and it is not waited for
/// longer than that.
const CALM: Duration = Duration::from_millis(15);
const SWARM: Duration = Duration::from_millis(250);

/// How soon after a change it is looked again without a sign: for what was written into a folder before the system
/// watched that.
const SOON: [Duration; 2] = [Duration::from_millis(300), Duration::from_secs(2)];

/// How often it is looked without a sign otherwise.
const SELDOM: Duration = Duration::from_secs(15);

/// How often it is looked where there are no signs, and how much longer than a look the pause is at least.
const OFTEN: Duration = Duration::from_millis(500);
const IDLE_SHARE: u32 = 10;

/// How long bad news waits for another change, and for how many of them in all.
const DOUBT: Duration = Duration::from_millis(150);
const DOUBTS: u32 = 5;

/// How long until it is packed again where something else than the files stood in the way.
const AGAIN: Duration = Duration::from_secs(2);

/// What to watch.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) project: Project,
    /// The pack that is made each time.
    pub(crate) make: PackRequest,
    /// Look without waiting for signs.
    pub(crate) polls: bool,
    /// The program beside it with its arguments; empty where there is none.
    pub(crate) command: Vec<OsString>,
}

/// What ends a wait before its time.
#[derive(Debug)]
enum Wake {
    Sign(Sign),
    Interrupted,
    Ended(ExitStatus),
}

impl From<Sign> for Wake {
    fn from(sign: Sign) -> Self {
        Self::Sign(sign)
    }
}

/// Why a wait is over.
#[derive(Debug)]
enum Next {
    Look,
    Interrupted,
    Ended(ExitStatus),
}

/// The watch.
#[derive(Debug)]
struct Watch<'a> {
    printer: &'a Printer,
    project: Project,
    make: PackRequest,
    assets: PathBuf,
    wakes: Receiver<Wake>,
    sender: Sender<Wake>,
    /// What tells of changes; none where it is looked often.
    eyes: Option<Told<Wake>>,
    /// What was there before the last pack.
    seen: Glance,
    /// How many looks there were without a sign since the last change.
    calm_looks: usize,
    /// How long the last look took.
    look: Duration,
    /// A pack that something else than the files stood in the way of.
    is_due_again: bool,
    /// Bad news that was not told yet, and how many came before it.
    doubt: Option<(Response<PackResult>, u32)>,
    command: Vec<OsString>,
    game: Option<Game>,
    teller: Teller,
}

/// Packs and watches until it is interrupted, or the program beside it ends.
///
/// # Errors
///
/// When that program cannot be started, or what was typed makes no sense.
pub(crate) fn run(printer: &Printer, request: Request) -> Result<Exit, Blocker> {
    let Request { project, make, polls, command } = request;
    let (sender, wakes) = channel();
    let interrupted = sender.clone();
    printer.shell().interrupt().then(move || drop(interrupted.send(Wake::Interrupted)));
    let assets = project.layout().assets();
    let teller = Teller::new(&make.out_dir, command.first());
    let mut watch = Watch {
        printer,
        project,
        make,
        assets,
        wakes,
        sender,
        eyes: None,
        seen: Glance::default(),
        calm_looks: 0,
        look: Duration::ZERO,
        is_due_again: false,
        doubt: None,
        command,
        game: None,
        teller,
    };
    watch.open_eyes(polls);
    watch.seen = Glance::of(&watch.assets, &Glance::default());
    watch.teller.has_told(watch.seen.clone());
    let ended = watch.go_on();
    // Whatever it was, nothing goes on without us.
    if let Some(game) = &watch.game {
        game.end();
    }
    watch.teller.release(printer.shell());
    ended
}

impl Watch<'_> {
    /// Says what is watched, and begins to.
    fn open_eyes(&mut self, polls: bool) {
        let shell = self.printer.shell();
        if self.printer.for_people() {
            let how = if polls { ", by looking twice a second" } else { "" };
            shell.status("Watching", format_args!("{}{how}; Ctrl-C ends it", display_path(&self.assets)));
        }
        if !polls {
            match Told::of(&self.assets, self.sender.clone()) {
                Ok(told) => self.eyes = Some(told),
                Err(why) => self.tell_that_it_polls(&why),
            }
        }
    }

    /// From now on it is looked often, since not everything is told.
    fn poll_since(&mut self, why: &str) {
        if self.eyes.take().is_some() {
            self.tell_that_it_polls(why);
        }
    }

    fn tell_that_it_polls(&mut self, why: &str) {
        let words = format!("the files are looked at twice a second: {}", visible(why));
        self.teller.warn(self.printer.shell(), words, self.game.is_some());
    }

    /// Holds lines back while the program draws where they would stand, and tells them afterwards. Whether it draws.
    fn is_giving_way(&mut self) -> bool {
        let is_drawn_over = self.teller.is_drawn_over(self.game.is_some());
        if is_drawn_over {
            self.printer.shell().hold();
        } else {
            self.teller.release(self.printer.shell());
        }
        is_drawn_over
    }

    /// Packs, waits, looks, and so on.
    fn go_on(&mut self) -> Result<Exit, Blocker> {
        self.pack()?;
        loop {
            match self.wait() {
                Next::Interrupted => return Ok(self.interrupted()),
                Next::Ended(_) if self.is_interrupted() => return Ok(self.interrupted()),
                Next::Ended(status) => {
                    self.teller.release(self.printer.shell());
                    self.teller.ended(self.printer, status);
                    return Ok(game::exit_of(status));
                }
                Next::Look => {}
            }
            if let Some(Err(why)) = self.eyes.as_mut().map(Told::follow) {
                self.poll_since(&why);
            }
            let began = Instant::now();
            let now = Glance::of(&self.assets, &self.seen);
            self.look = began.elapsed();
            let changes = now.since(&self.seen);
            let is_changed = !changes.is_empty() || now.has_assets != self.seen.has_assets;
            self.seen = now;
            if is_changed {
                self.calm_looks = 0;
            } else {
                self.calm_looks += 1;
            }
            let is_gone = self.is_pack_gone();
            self.teller.pack_is_gone(is_gone);
            if is_changed || self.is_due_again || is_gone {
                self.pack()?;
            } else if let Some((response, _)) = self.doubt.take() {
                // It may draw only since then.
                self.is_giving_way();
                self.tell(&response)?;
            }
        }
    }

    /// Packs what is there, and tells what that came to, unless it may be old news in a moment.
    fn pack(&mut self) -> Result<(), Blocker> {
        if !self.is_giving_way() {
            self.printer.begin("Packing");
        }
        let response = self.project.pack(&self.make);
        if self.is_interrupted() {
            self.printer.settle();
            return Ok(());
        }
        // No file that changes makes sense of what was typed.
        if let Some(refused) =
            response.blockers.iter().find(|blocker| exit::of_blocker(blocker) == exit::USAGE)
        {
            return Err(refused.clone());
        }
        self.is_due_again = response.status == Status::Failed || !response.blockers.is_empty();
        let doubts = self.doubt.take().map_or(0, |(_, doubts)| doubts + 1);
        let may_wait = self.printer.for_people() && self.teller.is_anything_new(&self.seen);
        if response.status != Status::Ok && may_wait && doubts < DOUBTS {
            self.printer.settle();
            self.doubt = Some((response, doubts));
            return Ok(());
        }
        self.tell(&response)
    }

    fn tell(&mut self, response: &Response<PackResult>) -> Result<(), Blocker> {
        self.teller.tell(self.printer, response, &self.seen);
        let Some(result) = response.payload.as_ref().filter(|_| response.status == Status::Ok) else {
            return Ok(());
        };
        if self.game.is_none() && !self.command.is_empty() {
            let words: Vec<_> = self.command.iter().map(|word| word.to_string_lossy()).collect();
            self.printer.shell().status("Running", format_args!("`{}`", visible(&words.join(" "))));
            let sender = self.sender.clone();
            let ended = move |status| drop(sender.send(Wake::Ended(status)));
            let game = Game::start(&self.command, &result.artifact.path, ended)?;
            let last = game.clone();
            self.printer.shell().interrupt().at_last(move || last.kill());
            self.game = Some(game);
        }
        Ok(())
    }

    /// Whether somebody took the pack away that all was well with.
    fn is_pack_gone(&self) -> bool {
        self.teller.is_well() && !self.make.out_dir.join(told::PACK).is_file()
    }

    fn is_interrupted(&self) -> bool {
        self.printer.shell().interrupt().was_heard()
    }

    /// What is said in the end.
    fn interrupted(&mut self) -> Exit {
        if let Some(game) = self.game.take() {
            game.end();
        }
        self.teller.release(self.printer.shell());
        self.printer.settle();
        if self.printer.for_people() {
            self.printer.shell().status("Stopped", format_args!("watching {}", display_path(&self.assets)));
            return exit::INTERRUPTED;
        }
        self.printer.refuse_own(OPERATION, &Blocker::new(BlockerCode::Cancelled, "interrupted"))
    }

    /// When it is looked without a sign.
    fn due(&self) -> Duration {
        let due = match (&self.doubt, &self.eyes) {
            (Some(_), _) => DOUBT,
            (None, None) => OFTEN.max(self.look * IDLE_SHARE),
            (None, Some(_)) => SOON.get(self.calm_looks).copied().unwrap_or(SELDOM),
        };
        if self.is_due_again { due.min(AGAIN) } else { due }
    }

    /// Waits until it is time to look, or to end.
    fn wait(&mut self) -> Next {
        let mut until = Instant::now() + self.due();
        let mut first_sign = None;
        loop {
            if self.is_interrupted() {
                return Next::Interrupted;
            }
            match self.wakes.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Wake::Interrupted) => return Next::Interrupted,
                Ok(Wake::Ended(status)) => return Next::Ended(status),
                Ok(Wake::Sign(sign)) => {
                    if let Sign::Trouble(why) = sign {
                        self.poll_since(&why);
                    }
                    let now = Instant::now();
                    let first = *first_sign.get_or_insert(now);
                    until = (now + CALM).min(first + SWARM);
                }
                // We hold a sender ourselves.
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Next::Look,
            }
        }
    }
}

/// A panic leaves no game behind.
impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if let Some(game) = &self.game {
            game.kill();
        }
    }
}

/// The changes as programs read them.
fn members(changes: &[FileChange], before: &Glance, now: &Glance) -> serde_json::Value {
    let member = |change: &FileChange| {
        let root = words::root_of(change, before, now);
        let mut member = serde_json::Map::new();
        member.insert("change".to_owned(), change.how.as_str().into());
        member.insert("file".to_owned(), change.path.clone().into());
        member.extend(root.map(|root| ("root".to_owned(), root.into())));
        serde_json::Value::from(member)
    };
    changes.iter().map(member).collect()
}
