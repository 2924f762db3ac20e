//! Looking at the files while a host is served: what wakes the library's observer.
//!
//! Where the system tells of changes, it is woken a moment after the first of them, so that what a
//! program saves in several steps is seen once; and it looks every [`SELDOM`], for what the system does
//! not tell (a network drive). Where it does not, or nobody wants that, the observer looks every [`OFTEN`].
//!
//! Being woken says only that something may have changed. What did, the observer finds out.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use prometeu_packer::Project;
use prometeu_packer::observe::Observer;

use crate::eyes::{Sign, Told};
use crate::shell::Shell;

/// How often the files are looked at when nothing wakes us.
const OFTEN: Duration = Duration::from_secs(2);

/// How often they are looked at when something does.
const SELDOM: Duration = Duration::from_secs(15);

/// How long to wait after the first sign of a change.
const MOMENT: Duration = Duration::from_millis(100);

/// How a host wants the files to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looking {
    /// When the system tells of a change, where it does.
    WhenTold,
    /// Every two seconds.
    Often,
    /// Not at all.
    Never,
}

/// What looks. It stops when this is dropped.
#[derive(Debug)]
pub(crate) struct Eyes(#[expect(dead_code, reason = "held for as long as this is")] Arc<Observer>);

/// Begins to look. What cannot be had is told, and costs nothing else.
pub(crate) fn open(project: &Arc<Project>, looking: Looking, shell: &Shell) -> Option<Eyes> {
    let start = |every| {
        let observer = Observer::start(Arc::clone(project), every);
        let failed = |error| shell.warn(format_args!("the files are not looked at: {error}"));
        observer.map(Arc::new).map_err(failed).ok()
    };
    if looking != Looking::Never {
        // What is there before anybody asks is read once, so that nobody is answered from an earlier
        // reading than the one that the files are held against. Where it cannot be read, answers say so.
        drop(project.snapshot());
    }
    match looking {
        Looking::Never => None,
        Looking::WhenTold => {
            let (sender, signs) = channel();
            match Told::of(&project.layout().assets(), sender) {
                Ok(told) => {
                    let observer = start(SELDOM)?;
                    wake(&observer, told, signs);
                    Some(Eyes(observer))
                }
                Err(why) => {
                    shell.detail("Polling", format_args!("the files every two seconds: {why}"));
                    Some(Eyes(start(OFTEN)?))
                }
            }
        }
        Looking::Often => Some(Eyes(start(OFTEN)?)),
    }
}

/// Wakes `observer` a moment after each sign, once for all that came meanwhile. Ends with the first
/// after the observer is gone.
fn wake(observer: &Arc<Observer>, mut told: Told<Sign>, signs: Receiver<Sign>) {
    let observer = Arc::downgrade(observer);
    super::spawn("wakes", move || {
        while signs.recv().is_ok() {
            std::thread::sleep(MOMENT);
            while signs.try_recv().is_ok() {}
            // Where that cannot be, it is looked now and then all the same.
            drop(told.follow());
            match observer.upgrade() {
                Some(observer) => observer.look_now(),
                None => return,
            }
        }
    });
}
