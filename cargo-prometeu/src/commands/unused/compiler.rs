//! Which assets no code names: rustc knows, and says so when its lint is turned on.
//!
//! Each target of a package that has the constants is checked as `cargo check` would, with `--force-warn dead_code`
//! for that target alone: the attribute by which the constants allow to be unused does not hold against it, and
//! nothing of it is seen by any other build. An asset is unused where every target that has the constants says so.
//!
//! A library that exports its constants hides from rustc who uses them: then nothing is known, which is told.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use cargo_metadata::diagnostic::DiagnosticLevel;
use cargo_metadata::{Dependency, DependencyKind, Message, Metadata, Package, TargetKind};
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::family;
use prometeu_packer::id::AssetId;
use prometeu_packer::ops::{AssetRow, Blocker, BlockerCode};
use serde_json::{Value, json};

use crate::cli::Global;
use crate::printer::Printer;
use crate::project;
use crate::shell::Shell;

/// The file of constants in an output folder.
const CONSTANTS: &str = "assets.rs";

/// What came of asking.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// The targets that have the constants.
    pub(super) targets: Vec<Target>,
    /// The assets that none of them names.
    pub(super) unused: BTreeSet<AssetId>,
    /// The folders of the packages that have the constants.
    pub(super) packages: Vec<PathBuf>,
    /// What has to be said about it.
    pub(super) notes: Vec<String>,
}

/// A target of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    package: String,
    /// `bin`, `lib` or `example`.
    kind: &'static str,
    name: String,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind, self.name)
    }
}

impl Target {
    /// Whether this is what cargo talks of.
    fn is(&self, other: &cargo_metadata::Target) -> bool {
        self.name == other.name && kind(other) == Some(self.kind)
    }

    pub(super) fn member(&self) -> Value {
        json!({ "package": self.package, "kind": self.kind, "target": self.name })
    }
}

impl Asked {
    /// Nobody was, and that is why.
    pub(super) fn nobody(why: &str) -> Self {
        Self { notes: vec![why.to_owned()], ..Self::default() }
    }
}

/// What one target says.
#[derive(Debug)]
struct Said {
    /// Whether the constants are part of it.
    has_constants: bool,
    unused: BTreeSet<AssetId>,
}

/// Asks about these assets of the project in `folder`; within, the target that does not compile, which cargo and
/// rustc have told about.
///
/// # Errors
///
/// When cargo cannot be run.
pub(super) fn ask(
    global: &Global,
    folder: &Path,
    assets: &[AssetRow],
    printer: &Printer,
) -> Result<Result<Asked, Target>, Blocker> {
    let mut manifests = folder.ancestors().map(|folder| folder.join("Cargo.toml"));
    let nearest = manifests.find(|manifest| manifest.is_file());
    if nearest.is_none() && global.manifest_path.is_none() {
        return Ok(Ok(Asked::nobody(
            "this project is no cargo package, so nobody could be asked which assets no code names",
        )));
    }
    let metadata = project::metadata(global.manifest_path.as_deref().or(nearest.as_deref()))?;
    let mut asked = Asked::default();
    let mut unused: Option<BTreeSet<AssetId>> = None;
    for package in with_constants(&metadata, folder) {
        let mut has_constants = false;
        for target in targets(package, &mut asked.notes) {
            let Some(said) = check(package, &target, assets, printer.shell())? else {
                return Ok(Err(target));
            };
            if !said.has_constants {
                continue;
            }
            has_constants = true;
            if target.kind == "lib" && said.unused.is_empty() {
                asked.notes.push(format!(
                    "{target} names every asset, or exports its constants: then rustc cannot tell which are used"
                ));
            }
            unused = Some(match unused {
                None => said.unused,
                Some(before) => before.intersection(&said.unused).copied().collect(),
            });
            asked.targets.push(target);
        }
        if has_constants {
            asked.packages.push(package.manifest_path.parent().map_or_else(PathBuf::new, Into::into));
        }
    }
    if asked.targets.is_empty() {
        asked.notes.push(
            "no package here has the constants of these assets, so nobody could be asked which of them no code names"
                .to_owned(),
        );
    }
    asked.unused = unused.unwrap_or_default();
    Ok(Ok(asked))
}

/// The packages that may have the constants: they call the packer in their build script, and if they have assets of
/// their own, those are the project's.
fn with_constants<'m>(metadata: &'m Metadata, folder: &Path) -> Vec<&'m Package> {
    let is_us = |needed: &Dependency| needed.name == "packer-build" && needed.kind == DependencyKind::Build;
    let calls_us = |package: &&Package| package.dependencies.iter().any(is_us);
    let is_ours = |package: &&Package| {
        let Some(at) = package.manifest_path.parent() else { return false };
        let own = at.as_std_path();
        let is_project = own.canonicalize().ok() == folder.canonicalize().ok();
        is_project || !own.join("assets/.prometeu").is_dir()
    };
    metadata.workspace_packages().into_iter().filter(calls_us).filter(is_ours).collect()
}

fn kind(target: &cargo_metadata::Target) -> Option<&'static str> {
    target.kind.iter().find_map(|kind| match kind {
        TargetKind::Bin => Some("bin"),
        TargetKind::Example => Some("example"),
        TargetKind::Lib
        | TargetKind::RLib
        | TargetKind::DyLib
        | TargetKind::CDyLib
        | TargetKind::StaticLib => Some("lib"),
        _ => None,
    })
}

fn targets(package: &Package, notes: &mut Vec<String>) -> Vec<Target> {
    let mut targets = Vec::new();
    for target in &package.targets {
        let Some(kind) = kind(target) else { continue };
        let found = Target { package: package.name.to_string(), kind, name: target.name.clone() };
        if target.required_features.is_empty() {
            targets.push(found);
        } else {
            notes.push(format!("{found} was not asked: it needs features that are not on by themselves"));
        }
    }
    targets
}

/// What a target says; nothing if it does not compile.
fn check(
    package: &Package,
    target: &Target,
    assets: &[AssetRow],
    shell: &Shell,
) -> Result<Option<Said>, Blocker> {
    let mut cargo =
        project::cargo(&["rustc", "--profile", "check", "--message-format", "json"], package, shell);
    match target.kind {
        "lib" => cargo.arg("--lib"),
        kind => cargo.arg(format!("--{kind}")).arg(&target.name),
    };
    cargo.args(["--", "--force-warn", "dead_code"]);
    let failed = |error: std::io::Error| {
        Blocker::new(
            BlockerCode::IoError,
            format!("cargo cannot be asked which assets no code names: {error}"),
        )
    };
    let mut child = cargo.spawn().map_err(failed)?;
    let stdout = child.stdout.take().expect("it was asked for");
    let mut reading = Reading::default();
    for message in Message::parse_stream(BufReader::new(stdout)) {
        match message {
            Ok(message) => reading.take(message, package, target),
            Err(error) => {
                // Who is not listened to must not be left behind.
                drop(child.kill());
                drop(child.wait());
                return Err(failed(error));
            }
        }
    }
    if !child.wait().map_err(failed)?.success() {
        reading.errors.iter().for_each(|error| shell.err(error.trim_end()));
        return Ok(None);
    }
    Ok(Some(reading.said(assets)))
}

/// Cargo's messages about one target.
#[derive(Debug, Default)]
struct Reading {
    out_dir: Option<PathBuf>,
    /// The files that cargo made of the target.
    made: Vec<PathBuf>,
    /// Where something is never used: the file and the text of the line.
    dead: Vec<(PathBuf, String)>,
    /// As rustc draws them.
    errors: Vec<String>,
}

impl Reading {
    fn take(&mut self, message: Message, package: &Package, target: &Target) {
        match message {
            Message::BuildScriptExecuted(script) if script.package_id == package.id => {
                self.out_dir = Some(script.out_dir.into_std_path_buf());
            }
            Message::CompilerArtifact(made) if made.package_id == package.id && target.is(&made.target) => {
                self.made = made.filenames.into_iter().map(Into::into).collect();
            }
            Message::CompilerMessage(told) => {
                // What else is compiled on the way, such as the package's library, says its own.
                let is_its = told.package_id == package.id && target.is(&told.target);
                let message = told.message;
                if message.level == DiagnosticLevel::Error {
                    self.errors.extend(message.rendered);
                } else if is_its && message.code.is_some_and(|code| code.code == "dead_code") {
                    for span in message.spans.into_iter().filter(|span| span.is_primary) {
                        let line = span.text.into_iter().next().map(|line| line.text);
                        self.dead.push((span.file_name.into(), line.unwrap_or_default()));
                    }
                }
            }
            _ => {}
        }
    }

    fn said(self, assets: &[AssetRow]) -> Said {
        let Some(constants) = self.out_dir.map(|folder| folder.join(CONSTANTS)) else {
            return Said { has_constants: false, unused: BTreeSet::new() };
        };
        let text = std::fs::read_to_string(&constants).unwrap_or_default();
        let has_constants = is_of(&text, assets) && self.made.iter().any(|made| is_made_of(made, &constants));
        let dead = self.dead.iter().filter(|(file, _)| *file == constants);
        Said { has_constants, unused: dead.filter_map(|(_, line)| asset_of(line)).collect() }
    }
}

/// Whether constants are those of these assets: another project's in the same workspace have ids of their own.
fn is_of(constants: &str, assets: &[AssetRow]) -> bool {
    let comments = constants.lines().map(str::trim).filter(|line| line.starts_with("///"));
    let ids = comments.filter_map(|line| {
        let (id, rest) = line.rsplit_once(", asset ")?.1.split_once(':')?;
        Some((id.parse::<u32>().ok()?, rest))
    });
    let places: HashMap<u32, &str> = ids.collect();
    let is_there = |asset: &&AssetRow| {
        let place = asset.asset_id.and_then(|id| places.get(&id.get()));
        place.is_some_and(|place| place.contains(&visible(&format!("assets/{}", asset.root))))
    };
    let families: Vec<&str> = family::ALL.iter().map(|family| family.name()).collect();
    let mut packed = assets.iter().filter(|asset| {
        let is_known = asset.asset_family.as_deref().is_some_and(|family| families.contains(&family));
        asset.included_in_build && asset.artifact_count > 0 && is_known
    });
    packed.all(|asset| is_there(&asset))
}

/// Whether rustc read `source` for what it made: it lists what it read beside it.
fn is_made_of(made: &Path, source: &Path) -> bool {
    let Some(stem) = made.file_stem().and_then(|stem| stem.to_str()) else { return false };
    let listed = [stem, stem.strip_prefix("lib").unwrap_or(stem)]
        .into_iter()
        .find_map(|stem| std::fs::read_to_string(made.with_file_name(format!("{stem}.d"))).ok());
    listed.is_some_and(|listed| {
        // As paths: one may have two kinds of separators.
        let ends = listed.lines().filter_map(|line| line.strip_suffix(':'));
        ends.map(|path| path.replace("\\ ", " ")).any(|path| Path::new(&path) == source)
    })
}

/// The asset whose constant a line defines; `None` of an artifact's.
fn asset_of(line: &str) -> Option<AssetId> {
    let (_, value) = line.split_once("Id::new(")?;
    let (id, rest) = value.split_once(')')?;
    (rest.trim() == ";").then(|| AssetId::try_from(id.parse::<u64>().ok()?).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_read_from_the_line_of_its_constant_and_from_no_other() {
        let bank =
            "    pub const ATLAS: ::packer_format::GlyphBankId = ::packer_format::GlyphBankId::new(12);";
        assert_eq!(asset_of(bank), AssetId::try_from(12_u64).ok());
        for other in [
            "        pub const HEART: ::packer_format::Tile = super::ATLAS.tile(1);",
            "pub const OLD: ::packer_format::Tile = ::packer_format::GlyphBankId::new(1).tile(0);",
            "pub const ZERO: ::packer_format::BlobBankId = ::packer_format::BlobBankId::new(0);",
            "fn unused() {}",
            "",
        ] {
            assert_eq!(asset_of(other), None, "{other}");
        }
    }
}
