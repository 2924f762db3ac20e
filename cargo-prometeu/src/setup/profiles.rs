//! The profile lines: which of the crates that loop over bytes a build script would run unoptimised.
//!
//! Cargo compiles build scripts and what they use without optimisation, in `--release` too. A line
//! `[profile.P.package] X = { opt-level = 3 }` in the manifest of the workspace's root is different for
//! one crate. It is not missing where
//!
//! - there is a line for the crate, whatever it says: it is a person's;
//! - `"*"` of the profile optimises, for crates that are no members of the workspace, as cargo has it;
//! - `build-override` of the profile optimises, there or by cargo's variable;
//! - one of cargo's configuration files says any of that, which is stronger than the manifest;
//! - the crate is a member of the workspace: whoever works on it decides.

use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata};
use prometeu_packer::ops::Blocker;
use toml_edit::{DocumentMut, InlineTable, Item};

use super::manifest::{at, descend, not_a_table, read, written};

/// The crate that packs in build scripts.
const PACKS: &str = "packer-build";

/// The crates that hash and decode the bytes of the art. Not those that the tree has for writing pictures:
/// a build writes none. Not our own: half a second of each 60 MB that are packed from nothing is little
/// for a first build that takes four times as long (`docs/build-script.md` has the figures).
const OPTIMISED: [&str; 5] = ["sha2", "png", "fdeflate", "crc32fast", "simd-adler32"];

/// Why they are optimised.
const WHY: &str =
    "# Build scripts run unoptimised whatever the profile; these loop over every byte of the art.";

/// The profiles that a build script can be compiled in, but for a person's own, which inherit from these.
const PROFILES: [&str; 2] = ["dev", "release"];

/// What is said of profiles elsewhere than in the root's manifest.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    /// The members of the workspace, by their names.
    members: Vec<String>,
    /// Cargo's configuration files.
    configurations: Vec<DocumentMut>,
    /// The profiles whose build scripts are optimised by a variable.
    by_variable: Vec<&'static str>,
}

impl Elsewhere {
    /// For the package in `folder`.
    pub(super) fn of(folder: &Path, metadata: &Metadata) -> Self {
        let home = std::env::var_os("CARGO_HOME").map(Into::into);
        let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
        let folders = folder.ancestors().map(|folder| folder.join(".cargo")).chain(home);
        let files = folders.flat_map(|folder| [folder.join("config.toml"), folder.join("config")]);
        // What cargo cannot read, it says itself.
        let configurations = files.filter_map(|file| std::fs::read_to_string(file).ok()?.parse().ok());
        let is_optimised = |profile: &&str| {
            let name = format!("CARGO_PROFILE_{}_BUILD_OVERRIDE_OPT_LEVEL", profile.to_uppercase());
            std::env::var(name).is_ok_and(|level| !level.is_empty() && level != "0")
        };
        Self {
            members: metadata.packages.iter().map(|package| package.name.to_string()).collect(),
            configurations: configurations.collect(),
            by_variable: PROFILES.into_iter().filter(is_optimised).collect(),
        }
    }
}

/// Whether the package in `folder` packs in its build script.
pub(super) fn packs(folder: &Path, metadata: &Metadata) -> bool {
    let manifest = folder.join("Cargo.toml");
    let is_here = |path: &Path| path == manifest || path.canonicalize().ok() == manifest.canonicalize().ok();
    let mut here = metadata.packages.iter().filter(|package| is_here(package.manifest_path.as_std_path()));
    here.any(|package| {
        let mut dependencies = package.dependencies.iter();
        dependencies.any(|of| of.kind == DependencyKind::Build && of.name == PACKS)
    })
}

/// The manifest with the lines that are missing, and the profiles in which any were: `` `profile.dev` ``.
///
/// # Errors
///
/// When it is not TOML.
pub(super) fn with_lines(text: &str, elsewhere: &Elsewhere) -> Result<(String, Vec<String>), Blocker> {
    let mut document = read(text)?;
    let mut added = Vec::new();
    for profile in PROFILES {
        let missing = missing(&document, profile, elsewhere);
        if missing.is_empty() {
            continue;
        }
        let path = ["profile", profile, "package"];
        // To look with `at` would make what is missing.
        let is_new = path.iter().try_fold(document.as_item(), |item, key| item.get(key)).is_none();
        let Some(table) = descend(document.as_table_mut(), &path) else {
            return Err(not_a_table("profile"));
        };
        for name in &missing {
            table.insert(name, Item::Value(InlineTable::from_iter([("opt-level", 3)]).into()));
        }
        if !is_new {
            let mut first = table.key_mut(missing[0]).expect("it was inserted above");
            first.leaf_decor_mut().set_prefix(format!("{WHY}\n"));
        } else if let Some(table) = at(&mut document, &path).and_then(Item::as_table_mut) {
            table.decor_mut().set_prefix(format!("\n{WHY}\n"));
        }
        added.push(format!("`profile.{profile}`"));
    }
    Ok((written(text, &document), added))
}

/// The crates that run unoptimised in the build scripts of that profile.
fn missing(manifest: &DocumentMut, profile: &'static str, elsewhere: &Elsewhere) -> Vec<&'static str> {
    if elsewhere.by_variable.contains(&profile) {
        return Vec::new();
    }
    let documents = || std::iter::once(manifest).chain(&elsewhere.configurations);
    let said = || documents().filter_map(|document| document.get("profile")?.get(profile));
    if said().any(|said| said.get("build-override").is_some_and(optimises)) {
        return Vec::new();
    }
    let lines = || said().filter_map(|said| said.get("package")?.as_table_like());
    let all = lines().any(|lines| lines.get("*").is_some_and(optimises));
    let is_missing = |name: &&str| {
        let is_member = elsewhere.members.iter().any(|member| member == name);
        let has_its_own = || lines().any(|lines| lines.iter().any(|(spec, _)| named(spec) == *name));
        !is_member && !all && !has_its_own()
    };
    OPTIMISED.into_iter().filter(is_missing).collect()
}

/// Whether it asks for more than no optimisation. Levels that are words are about size, and optimise.
fn optimises(said: &Item) -> bool {
    let level = said.get("opt-level");
    level.is_some_and(|level| level.as_integer().is_some_and(|level| level > 0) || level.is_str())
}

/// The crate that a package id specification names: `sha2`, `sha2@0.11`, `registry+https://…#sha2@0.11.1`.
fn named(spec: &str) -> &str {
    let end = spec.rsplit(['#', '/']).next().unwrap_or(spec);
    end.split(['@', ':']).next().unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRESH: &str =
        "[package]\nname = \"game\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n";

    /// What is added to a manifest when nothing is said elsewhere; nothing is the second time.
    #[track_caller]
    fn check(text: &str, profiles: &[&str]) -> DocumentMut {
        let (found, added) = with_lines(text, &Elsewhere::default()).unwrap();
        assert_eq!(added, profiles, "{found}");
        assert_eq!(with_lines(&found, &Elsewhere::default()).unwrap(), (found.clone(), Vec::new()));
        found.parse().unwrap()
    }

    fn level(document: &DocumentMut, profile: &str, name: &str) -> Option<i64> {
        document.get("profile")?.get(profile)?.get("package")?.get(name)?.get("opt-level")?.as_integer()
    }

    #[test]
    fn they_are_added_once_with_their_reason() {
        let (text, added) = with_lines(FRESH, &Elsewhere::default()).unwrap();
        assert_eq!(added, ["`profile.dev`", "`profile.release`"]);
        assert!(text.starts_with(FRESH), "{text}");
        for profile in PROFILES {
            let lines = format!("\n\n{WHY}\n[profile.{profile}.package]\nsha2 = {{ opt-level = 3 }}\n");
            assert!(text.contains(&lines), "{text}");
        }
        assert_eq!(text.matches("opt-level = 3").count(), 2 * OPTIMISED.len());
        check(FRESH, &["`profile.dev`", "`profile.release`"]);
    }

    #[test]
    fn those_of_a_person_stay_whatever_they_say() {
        let text = "[profile.dev]\nopt-level = 1 # mine\n\n[profile.dev.package.png]\nopt-level = 0\n\n\
                    [profile.dev.package.\"sha2@0.11\"]\ndebug = true\n\n\
                    [profile.release.package.\"*\"]\nopt-level = \"s\"\n";
        let found = check(text, &["`profile.dev`"]);
        assert_eq!(level(&found, "dev", "png"), Some(0));
        assert_eq!(level(&found, "dev", "sha2"), None, "cargo refuses two lines for one crate");
        assert_eq!(level(&found, "dev", "fdeflate"), Some(3));
        assert!(found.to_string().starts_with("[profile.dev]\nopt-level = 1 # mine\n"));
        assert!(found.to_string().contains("[profile.dev.package.png]\nopt-level = 0\n"), "{found}");
    }

    #[test]
    fn what_optimises_every_crate_or_every_script_covers_them() {
        for how in ["package.\"*\"", "build-override"] {
            let one =
                |profile: &str, level: &str| format!("[profile.{profile}.{how}]\nopt-level = {level}\n");
            check(&one("dev", "1"), &["`profile.release`"]);
            check(&one("release", "3"), &["`profile.dev`"]);
            check(&(one("dev", "\"z\"") + &one("release", "2")), &[]);
            check(&one("dev", "0"), &["`profile.dev`", "`profile.release`"]);
            let no_level =
                format!("[profile.dev.{how}]\ndebug = false\n[profile.release.{how}]\nopt-level = 1\n");
            check(&no_level, &["`profile.dev`"]);
        }
        // These do not reach build scripts.
        check(
            "[profile.dev]\nopt-level = 3\n[profile.release]\nopt-level = 3\n",
            &["`profile.dev`", "`profile.release`"],
        );
    }

    #[test]
    fn what_is_said_elsewhere_counts() {
        let with = |elsewhere: &Elsewhere| with_lines(FRESH, elsewhere).unwrap().1;
        let configuration = "[profile.dev.build-override]\nopt-level = 3\n".parse().unwrap();
        let elsewhere = Elsewhere { configurations: vec![configuration], ..Elsewhere::default() };
        assert_eq!(with(&elsewhere), ["`profile.release`"]);
        let elsewhere = Elsewhere { by_variable: vec!["release"], ..Elsewhere::default() };
        assert_eq!(with(&elsewhere), ["`profile.dev`"]);
        let members = ["png", "game"].map(str::to_owned).to_vec();
        let elsewhere = Elsewhere { members, ..Elsewhere::default() };
        let (text, _) = with_lines(FRESH, &elsewhere).unwrap();
        assert!(text.contains("\nsimd-adler32 = ") && !text.contains("\npng = "), "{text}");
    }

    #[test]
    fn a_specification_names_a_crate() {
        for spec in [
            "sha2",
            "sha2@0.11",
            "sha2:0.11.1",
            "https://github.com/rust-lang/crates.io-index#sha2@0.11.1",
            "file:///somewhere/sha2",
            "path+file:///somewhere#sha2@0.1.0",
        ] {
            assert_eq!(named(spec), "sha2", "{spec}");
        }
        assert_ne!(named("sha2-asm"), "sha2");
    }

    #[test]
    fn the_page_on_build_scripts_shows_the_lines() {
        const PAGE: &str = include_str!("../../../docs/build-script.md");
        let lines: Vec<String> =
            OPTIMISED.iter().map(|name| format!("{name} = {{ opt-level = 3 }}\n")).collect();
        let block = format!("```toml\n[profile.dev.package]\n{}```\n", lines.concat());
        assert!(PAGE.contains(&block), "the page lacks:\n{block}");
    }

    #[test]
    fn what_is_no_table_is_refused_and_line_ends_stay() {
        assert!(with_lines("profile = 1\n", &Elsewhere::default()).is_err());
        let text = FRESH.replace('\n', "\r\n");
        let (found, _) = with_lines(&text, &Elsewhere::default()).unwrap();
        assert!(found.starts_with(&text), "{found:?}");
        assert_eq!(found.matches('\n').count(), found.matches("\r\n").count());
    }
}
