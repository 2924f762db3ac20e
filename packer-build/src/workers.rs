//! Threads under cargo.
//!
//! A build script has one thread by right; cargo counts it. Each further one takes a token from the pool
//! that cargo's programs share (its jobserver), so that a machine is never asked to do more at once than
//! `cargo build -j` says. A token is taken when there is one, never waited for, and given back when the
//! work is done. Outside cargo there is no pool, and the machine's own number counts.
//!
//! The pool is a pipe whose bytes are the tokens; its ends are inherited, and opened anew here by their
//! numbers, so that trying does not change how cargo's own programs wait. Where that cannot be done
//! (everywhere but on Linux, and where the variable says something else), a script works alone.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::sync::Arc;

use prometeu_packer::Workers;
use prometeu_packer::host::{Alone, UpTo};

use crate::environment::Environment;

/// Who gives leave for threads to a build in that environment.
pub(crate) fn of(environment: &Environment) -> Arc<dyn Workers> {
    let jobs = environment.jobs;
    let Some(flags) = &environment.makeflags else {
        return Arc::new(jobs.map_or_else(UpTo::available, UpTo::new));
    };
    match flags.to_str().and_then(Pool::find) {
        Some(pool) if jobs != Some(1) => Arc::new(pool),
        _ => Arc::new(Alone),
    }
}

/// The pool of tokens.
#[derive(Debug)]
struct Pool {
    tokens: File,
    back: Arc<File>,
}

/// One token, which goes back when this is dropped.
#[derive(Debug)]
struct Token {
    token: [u8; 1],
    back: Arc<File>,
}

impl Pool {
    /// The pool that `--jobserver-auth` of the flags names, as two numbers of open files or as a named
    /// pipe.
    fn find(flags: &str) -> Option<Self> {
        let auth = flags.split_whitespace().rev().find_map(|flag| flag.strip_prefix("--jobserver-auth="))?;
        let (read, write) = match auth.strip_prefix("fifo:") {
            Some(path) => (path.to_owned(), path.to_owned()),
            None => {
                let (read, write) = auth.split_once(',')?;
                let (read, write): (u32, u32) = (read.parse().ok()?, write.parse().ok()?);
                (format!("/proc/self/fd/{read}"), format!("/proc/self/fd/{write}"))
            }
        };
        // In this order: the writing end of a named pipe opens only where somebody reads.
        let tokens = open(OpenOptions::new().read(true), &read)?;
        let back = open(OpenOptions::new().write(true), &write)?;
        Some(Self { tokens, back: Arc::new(back) })
    }
}

/// Opens an end of a pipe so that nobody waits at it; nothing else than a pipe.
#[cfg(target_os = "linux")]
fn open(options: &mut OpenOptions, path: &str) -> Option<File> {
    use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
    const O_NONBLOCK: i32 = 0o4000;
    let file = options.custom_flags(O_NONBLOCK).open(path).ok()?;
    file.metadata().ok()?.file_type().is_fifo().then_some(file)
}

#[cfg(not(target_os = "linux"))]
fn open(_options: &mut OpenOptions, _path: &str) -> Option<File> {
    None
}

impl Workers for Pool {
    fn hire(&self) -> Option<Box<dyn Send + Sync>> {
        let mut token = [0];
        match (&self.tokens).read(&mut token) {
            Ok(1) => Some(Box::new(Token { token, back: Arc::clone(&self.back) })),
            _ => None,
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        // There is room: it was taken out of there.
        drop((&*self.back).write_all(&self.token));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(jobs: Option<usize>, makeflags: Option<&str>) -> Environment {
        Environment { jobs, makeflags: makeflags.map(Into::into), ..Environment::default() }
    }

    /// How many threads an environment has leave for at once.
    fn leave(workers: &dyn Workers) -> usize {
        let mut given = Vec::new();
        while let Some(leave) = workers.hire() {
            given.push(leave);
            assert!(given.len() < 100);
        }
        given.len()
    }

    #[test]
    fn outside_cargo_the_variable_or_the_machine_counts() {
        assert_eq!(leave(&*of(&environment(Some(3), None))), 2);
        assert_eq!(leave(&*of(&environment(Some(1), None))), 0);
        let machine = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        assert_eq!(leave(&*of(&environment(None, None))), machine - 1);
    }

    #[test]
    fn a_pool_that_cannot_be_found_leaves_a_script_alone() {
        for flags in [
            "",
            "-j",
            "--jobserver-auth=",
            "--jobserver-auth=x,y",
            "--jobserver-auth=998,999",
            "--jobserver-auth=fifo:/dev/null",
        ] {
            assert_eq!(leave(&*of(&environment(Some(4), Some(flags)))), 0, "{flags}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn tokens_are_taken_from_the_pool_while_there_are_some_and_given_back() {
        use std::os::fd::AsRawFd as _;
        let (read, mut write) = std::io::pipe().unwrap();
        write.write_all(b"ab").unwrap();
        let flags =
            format!("-j --jobserver-fds=7,8 --jobserver-auth={},{}", read.as_raw_fd(), write.as_raw_fd());
        let workers = of(&environment(Some(8), Some(&flags)));
        let (one, two) = (workers.hire(), workers.hire());
        assert!(one.is_some() && two.is_some());
        assert!(workers.hire().is_none());
        drop(one);
        assert_eq!(leave(&*workers), 1);
        drop(two);
        assert_eq!(leave(&*workers), 2);
        // The very tokens are there again.
        let mut back = [0; 2];
        (&read).read_exact(&mut back).unwrap();
        back.sort_unstable();
        assert_eq!(&back, b"ab");
        // Without a second thread nobody asks.
        assert_eq!(leave(&*of(&environment(Some(1), Some(&flags)))), 0);
    }
}
