//! Files that are handed in for a new asset: their names made fit for an input, and what a
//! declaration says of them.
//!
//! The packer does not read outside the project: the host hands in names and bytes. A name that
//! could not stand in every copy of the project is made one that can (`what?.png` becomes
//! `what_.png`); the plan shows each. Two files that would become one are refused, and so is
//! whatever the family would refuse at the next build: a new asset packs at once.

use std::collections::BTreeMap;

use super::Refused;
use crate::diagnostics::{Finding, Severity};
use crate::family::{Derived, Family, NewInput, new_asset, proof};
use crate::ops::{Blocker, BlockerCode};
use crate::path::AssetPath;
use crate::schema::declaration;
use crate::schema::json::quote;
use crate::spelling;
use crate::workspace::layout::DECLARATION;

/// The files of a new asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// In the order of their indices.
    pub files: Vec<GivenFile>,
    /// The tiles' size, where it is not to follow from the pictures.
    pub tile_size: Option<u32>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenFile {
    /// Its name, without a folder.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What a new asset begins with: its inputs, and what its declaration says of them.
#[derive(Debug)]
pub(super) struct Contents {
    /// Path in the asset and content.
    pub(super) files: Vec<(String, Vec<u8>)>,
    /// What was made of them, in a few words; empty for a starter.
    pub(super) summary: String,
    /// `output.metadata` as JSON.
    pub(super) metadata: Option<String>,
    /// `output.pipeline` as JSON.
    pub(super) pipeline: Option<String>,
}

/// How many refusals are told one by one.
const TOLD: usize = 100;

impl Given {
    /// The most bytes of all files together: a plan is held in memory.
    pub const LIMIT: u64 = 256 << 20;
}

/// What an asset of `family` made of these files begins with. `text_of` writes its declaration.
pub(super) fn contents(
    family: &dyn Family,
    given: &Given,
    text_of: &dyn Fn(&Contents) -> String,
) -> Result<Contents, Refused> {
    if given.files.is_empty() {
        let help = "Name at least one, or create the asset without files: then it has one to begin with.";
        return Err(invalid("no file is given".to_owned()).help(help).into());
    }
    let names = names(&given.files)?;
    for file in &given.files {
        let (size, limit) = (file.bytes.len() as u64, family.input_limit());
        if size > limit {
            let message = format!(
                "`{}` has {size} bytes, and a file of a `{}` has at most {limit}",
                file.name,
                family.name()
            );
            return Err(invalid(message).help("Split it.").into());
        }
    }
    let inputs: Vec<NewInput<'_>> = names
        .iter()
        .zip(&given.files)
        .map(|(name, file)| NewInput { file: name, bytes: &file.bytes })
        .collect();
    let Derived { summary, metadata, pipeline } =
        new_asset(family).derive(&inputs, given.tile_size).map_err(|findings| refuse(&findings))?;
    let files = names.iter().zip(&given.files).map(|(name, file)| (name.clone(), file.bytes.clone()));
    let contents = Contents { files: files.collect(), summary, metadata, pipeline };

    let (_, reading) = declaration::read_bytes(text_of(&contents).into_bytes());
    let mut findings = reading.findings;
    if let Some(declaration) = &reading.declaration {
        findings.extend(proof(family, declaration, &inputs));
    }
    findings.retain(|finding| finding.code.severity() == Severity::Error);
    if findings.is_empty() { Ok(contents) } else { Err(refuse(&findings)) }
}

/// Findings about files that are not in the project yet.
fn refuse(findings: &[Finding]) -> Refused {
    let blocker =
        |finding: &Finding| Blocker { help: finding.help.clone(), ..invalid(finding.message.clone()) };
    let mut blockers: Vec<Blocker> = findings.iter().take(TOLD).map(blocker).collect();
    if let Some(more @ 1..) = findings.len().checked_sub(TOLD) {
        blockers.push(invalid(format!("{more} more of the files cannot be taken")));
    }
    all(blockers)
}

/// Several refusals; a help that is the same for the next one is told with that.
fn all(mut blockers: Vec<Blocker>) -> Refused {
    for n in 1..blockers.len() {
        if blockers[n - 1].help == blockers[n].help {
            blockers[n - 1].help = None;
        }
    }
    Refused::Blocked(blockers)
}

fn invalid(message: String) -> Blocker {
    Blocker::new(BlockerCode::InvalidArgument, message)
}

/// The paths of the files in the asset, all different on every system.
fn names(files: &[GivenFile]) -> Result<Vec<String>, Refused> {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    let (mut names, mut blockers) = (Vec::new(), Vec::new());
    for file in files {
        let name = input_name(&file.name);
        let key = spelling::key(&name);
        if key == DECLARATION {
            let help = "It would stand where the asset's own declaration does. A folder that has one already is \
                        taken in with `cargo prometeu register`.";
            blockers.push(invalid(format!("a file named `{name}` cannot be an input")).help(help));
        }
        if let Some(other) = taken.insert(key, &file.name) {
            let message = if other == file.name {
                format!("two of the files are named `{other}`")
            } else {
                format!("`{other}` and `{}` would be one file, `{name}`", file.name)
            };
            let help = "Give one of them another name, or make two assets.";
            blockers.push(invalid(message).help(help));
        }
        names.push(name);
    }
    if blockers.is_empty() { Ok(names) } else { Err(all(blockers)) }
}

/// A name that every system can hold and a declaration can spell.
fn input_name(name: &str) -> String {
    let fit = |c: char| !c.is_control() && !r#"/\:?*<>|""#.contains(c) && c != char::REPLACEMENT_CHARACTER;
    let name: String = name.chars().map(|c| if fit(c) { c } else { '_' }).collect();
    let name =
        name.trim_matches(char::is_whitespace).trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    let name = if name.is_empty() { "file" } else { name };
    match AssetPath::parse(name).map(|path| path.unportable()) {
        Ok(None) => name.to_owned(),
        // The name of a device.
        _ => format!("_{name}"),
    }
}

/// The `inputs` of a declaration: one line while it is short, else a file a line.
pub(super) fn inputs_text(role: &str, files: &[(String, Vec<u8>)]) -> String {
    let names: Vec<String> = files.iter().map(|(name, _)| quote(name)).collect();
    let line = format!("{{ {}: [{}] }}", quote(role), names.join(", "));
    if line.chars().count() <= 90 {
        return line;
    }
    format!("{{\n    {}: [\n      {}\n    ]\n  }}", quote(role), names.join(",\n      "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_one_that_every_system_can_hold() {
        for (given, name) in [
            ("heart.png", "heart.png"),
            ("tür 2.png", "tür 2.png"),
            (" what?.png ", "what_.png"),
            ("a\\b/c:d.png", "a_b_c_d.png"),
            ("nul.png", "_nul.png"),
            ("x\u{fffd}\n.png", "x__.png"),
            ("dot. .", "dot"),
            ("..", "file"),
            ("", "file"),
        ] {
            assert_eq!(input_name(given), name, "{given:?}");
            let path = AssetPath::parse(name).unwrap();
            assert_eq!(path.unportable(), None);
        }
    }

    #[test]
    fn files_that_would_become_one_are_refused() {
        let refused = |given: &[&str]| {
            let files = given.iter().map(|name| GivenFile { name: (*name).to_owned(), bytes: Vec::new() });
            match names(&files.collect::<Vec<_>>()) {
                Err(Refused::Blocked(blockers)) => blockers[0].message.clone(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(refused(&["a.png", "b.png", "a.png"]), "two of the files are named `a.png`");
        assert_eq!(refused(&["a.png", "A.png"]), "`a.png` and `A.png` would be one file, `A.png`");
        assert_eq!(refused(&["a?", "a*"]), "`a?` and `a*` would be one file, `a_`");
        assert_eq!(refused(&["\u{fc}", "u\u{308}"]), "`\u{fc}` and `u\u{308}` would be one file, `u\u{308}`");
        assert_eq!(refused(&["Asset.JSON"]), "a file named `Asset.JSON` cannot be an input");
    }
}
