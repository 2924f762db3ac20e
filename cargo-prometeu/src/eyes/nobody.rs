//! Where the command was built without the feature `notify`: nobody tells.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::path::Path;
use std::sync::mpsc::Sender;

use super::Sign;

/// What would be told. There is none.
#[derive(Debug)]
pub(crate) struct Told<S>(Infallible, PhantomData<S>);

impl<S: From<Sign>> Told<S> {
    /// Says why not.
    pub(crate) fn of(_assets: &Path, _signs: Sender<S>) -> Result<Self, String> {
        Err("this command was built without the feature `notify`".to_owned())
    }

    /// Nobody is told of anything.
    pub(crate) fn follow(&mut self) -> Result<(), String> {
        match self.0 {}
    }
}
