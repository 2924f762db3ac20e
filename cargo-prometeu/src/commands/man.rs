//! `man`: a page for each command, for `man cargo-prometeu` and `cargo help prometeu`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;
use prometeu_packer::Error;
use prometeu_packer::ops::{Blocker, OperationClass};
use serde_json::json;

use super::Context;
use super::own::{self, Answer};
use crate::exit::{self, Exit};
use crate::printer::display_path;
use crate::printer::human::counted;
use crate::{cli, project};

/// The name in `operation`.
pub(super) const OPERATION: &str = "man";

/// `man`
#[derive(Debug, Args)]
pub(crate) struct Manual {
    /// Folder to write them to, such as ~/.local/share/man/man1; what is there by these names is replaced
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

pub(super) fn run(context: &Context<'_>, request: &Manual) -> Result<Exit, Blocker> {
    let dir = project::absolute(&request.dir)?;
    let failed = |what, path: &Path, error| Blocker::from(&Error::io(what, path, error));
    fs::create_dir_all(&dir).map_err(|error| failed("create", &dir, error))?;
    let pages = pages();
    for (name, page) in &pages {
        let path = dir.join(name);
        if fs::read(&path).is_ok_and(|found| found == *page) {
            continue;
        }
        fs::write(&path, page).map_err(|error| failed("write", &path, error))?;
    }
    let (count, dir) = (counted(pages.len(), "page"), display_path(&dir));
    let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
    let answer = Answer {
        operation: OPERATION,
        class: OperationClass::Build,
        summary: &format!("wrote {count} to {dir}"),
        members: vec![("pages", json!(names))],
    };
    own::answer(context.printer, answer, |shell| {
        shell.status("Wrote", format_args!("{count} to {dir}"));
        let first = if dir == "." { "./".to_owned() } else { format!("{dir}/") };
        shell.hint(format_args!("`man {first}cargo-prometeu.1` shows the first one"));
    });
    Ok(exit::DONE)
}

/// Each page with its name: that of all commands, then theirs.
fn pages() -> Vec<(String, Vec<u8>)> {
    let mut all = cli::command().disable_help_subcommand(true);
    all.build();
    let mut pages = Vec::new();
    let mut commands = vec![&all];
    while let Some(command) = commands.pop() {
        pages.push(page(command));
        commands.extend(command.get_subcommands().filter(|command| !command.is_hide_set()));
    }
    pages.sort();
    pages
}

fn page(command: &Command) -> (String, Vec<u8>) {
    let page = Man::new(command.clone());
    let name = page.get_filename();
    let mut bytes = Vec::new();
    page.render(&mut bytes).expect("memory takes everything");
    let text = String::from_utf8(bytes).expect("the grammar is text");
    // The header that `clap_mangen` writes loses an empty date, and what follows moves up; a page has no
    // date, so that the same program writes the same bytes.
    let title = name.trim_end_matches(".1").to_uppercase().replace('-', "\\-");
    let version = env!("CARGO_PKG_VERSION");
    let header = format!(".TH {title} 1 \"\" \"cargo\\-prometeu {version}\" \"Prometeu\"");
    let lines = text.lines().map(|line| if line.starts_with(".TH ") { header.as_str() } else { line });
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    // What stands below the flags is examples, and manual pages have a name for that.
    (name, text.replace(".SH EXTRA\nExamples:\n", ".SH EXAMPLES\n").into_bytes())
}
