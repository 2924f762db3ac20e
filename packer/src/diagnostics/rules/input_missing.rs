//! `input-missing`: a declared input is not on disk.

use super::super::{Anchor, Code, Finding};
use super::case_collision::why;
use super::{Sink, inputs};
use crate::snapshot::Snapshot;
use crate::spelling;
use crate::workspace::InputFile;

pub(super) fn check(snapshot: &Snapshot, out: &mut Sink) {
    for input in inputs(snapshot) {
        let InputFile::Missing { similar } = input.file else { continue };
        let file = &input.declared.file;
        let help = match similar {
            Some(real) if spelling::key(real) == spelling::key(file) => {
                format!("There is `{real}`: {}. Write the name as it is on disk.", why(file, real))
            }
            Some(real) => format!("Did you mean `{real}`? If not, put the missing file there."),
            None => "Put the file there, or correct the path; it begins in the folder of this `asset.json`."
                .to_owned(),
        };
        let finding = Finding::new(
            Code::InputMissing,
            Anchor::Input(input.input),
            format!("the input `{file}` is not in `assets/{}`", input.of.entry.root),
        )
        .label("no such file")
        .help(help);
        out.declaration(input.asset, finding);
    }
}
