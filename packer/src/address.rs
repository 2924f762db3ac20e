//! Addresses: what an asset is called in Rust.
//!
//! An asset's address follows from its root's path alone (upstream's address surface): one module a
//! folder, one constant an asset, `ui/atlas` → `ui::ATLAS`; its artifacts are constants of the
//! module `ui::atlas`. Names become identifiers by one rule: words are told apart by `_` and by
//! humps, what Rust does not allow becomes `_`, a leading digit gets a `_` before it and a keyword a
//! `_` after it.
//!
//! Different folders must not become one module, nor different roots one constant: the rule
//! `address-collision` sees to that. Artifacts never collide: see [`artifact_constants`].

use std::collections::BTreeMap;
use std::fmt;

use unicode_ident::{is_xid_continue, is_xid_start};

use crate::path::AssetPath;

/// Strict and reserved keywords of edition 2024 in lower case; constants are in upper case, where
/// Rust has none.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield",
];

/// The place of an asset's constant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// The modules of its folders, from the outside.
    pub modules: Vec<String>,
    /// The module of its own artifacts, inside the last of those.
    pub module: String,
    /// Its constant.
    pub constant: String,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for module in &self.modules {
            write!(f, "{module}::")?;
        }
        f.write_str(&self.constant)
    }
}

/// The address of the asset in that root.
#[must_use]
pub fn of_root(root: &AssetPath) -> Address {
    let mut modules: Vec<String> = root.parts().map(module).collect();
    let module = modules.pop().expect("a path has at least one part");
    Address { modules, module, constant: constant(root.file_name()) }
}

/// The constants of an asset's artifacts, one for each file, all different.
///
/// A file gives its stem: `heart.png` is `HEART`. Files that would share one (`cave.txt` and
/// `cave.json`, or `a/door.png` and `b/door.png`) give their whole path: `CAVE_TXT`, `A_DOOR_PNG`;
/// where even that is one identifier, they are counted in the order of `files`.
#[must_use]
pub fn artifact_constants(files: &[&AssetPath]) -> Vec<String> {
    let stems: Vec<String> = files.iter().map(|file| constant(file.file_stem())).collect();
    let mut holders: BTreeMap<&str, usize> = BTreeMap::new();
    stems.iter().for_each(|stem| *holders.entry(stem).or_default() += 1);
    let mut names: Vec<String> = files
        .iter()
        .zip(&stems)
        .map(|(file, stem)| if holders[stem.as_str()] > 1 { constant(file.as_str()) } else { stem.clone() })
        .collect();
    // The longer names may meet others; then a number tells them apart, which may meet others again.
    loop {
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        let mut clash = false;
        for name in &mut names {
            let count = seen.entry(name.clone()).and_modify(|count| *count += 1).or_insert(1);
            if *count > 1 {
                clash = true;
                *name = format!("{name}_{count}");
            }
        }
        if !clash {
            return names;
        }
    }
}

fn module(name: &str) -> String {
    let mut module = words(name).to_lowercase();
    if KEYWORDS.contains(&module.as_str()) {
        module.push('_');
    }
    finished(&module)
}

fn constant(name: &str) -> String {
    finished(&words(name).to_uppercase())
}

/// Lower case then upper case begins a word, and so does the last of several upper-case letters
/// before a lower-case one: `heroIdle`, `HTTPServer`.
fn words(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (n, c) in chars.iter().enumerate() {
        let before = n.checked_sub(1).map(|n| chars[n]);
        let after = chars.get(n + 1);
        let hump = before.is_some_and(|before| {
            let rises = before.is_lowercase() || before.is_ascii_digit();
            let last_of_many = before.is_uppercase() && after.is_some_and(|after| after.is_lowercase());
            c.is_uppercase() && (rises || last_of_many)
        });
        if hump {
            out.push('_');
        }
        out.push(if is_xid_continue(*c) { *c } else { '_' });
    }
    out
}

/// What changing the letter case may have brought, and what an identifier may not begin with.
fn finished(name: &str) -> String {
    let mut name: String = name.chars().map(|c| if is_xid_continue(c) { c } else { '_' }).collect();
    if !name.starts_with(|first| is_xid_start(first) || first == '_') {
        name.insert(0, '_');
    }
    // `_` alone is no name.
    if name == "_" { "__".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(root: &str, address: &str) {
        assert_eq!(of_root(&AssetPath::parse(root).unwrap()).to_string(), address);
    }

    #[test]
    fn a_root_becomes_modules_and_a_constant() {
        check("atlas", "ATLAS");
        check("ui/atlas", "ui::ATLAS");
        check("levels/garden/first night", "levels::garden::FIRST_NIGHT");
        check("heroIdle/HTTPServer", "hero_idle::HTTP_SERVER");
        check("tiles16x16/V2Final", "tiles16x16::V2_FINAL");
        check("2d/3d", "_2d::_3D");
        check("type/match", "type_::MATCH");
        check("self/crate", "self_::CRATE");
        check("höhle/straße", "höhle::STRASSE");
        check("地図/光", "地図::光");
        check("a-b/c.d", "a_b::C_D");
        check("-/☃", "__::__");
    }

    #[track_caller]
    fn check_artifacts(files: &[&str], constants: &[&str]) {
        let files: Vec<AssetPath> = files.iter().map(|file| AssetPath::parse(file).unwrap()).collect();
        let found = artifact_constants(&files.iter().collect::<Vec<_>>());
        assert_eq!(found, constants);
    }

    #[test]
    fn artifacts_are_named_by_their_stem_where_that_is_enough() {
        check_artifacts(
            &["heart.png", "walk/left.png", "README", ".hidden"],
            &["HEART", "LEFT", "README", "_HIDDEN"],
        );
    }

    #[test]
    fn artifacts_that_share_a_stem_are_named_by_their_path() {
        check_artifacts(&["cave.txt", "cave.json", "x.txt"], &["CAVE_TXT", "CAVE_JSON", "X"]);
        check_artifacts(&["a/door.png", "b/door.png"], &["A_DOOR_PNG", "B_DOOR_PNG"]);
    }

    #[test]
    fn artifacts_never_get_the_same_constant() {
        check_artifacts(&["a-b.x", "a_b.x", "a b.x"], &["A_B_X", "A_B_X_2", "A_B_X_3"]);
        check_artifacts(&["a/b.c", "a_b_c", "x/b.c"], &["A_B_C", "A_B_C_2", "X_B_C"]);
    }
}
