//! The constants of a game's assets, as Rust source.
//!
//! One module a folder, one constant an asset, one module with a constant for each of its artifacts;
//! which identifiers they get is [`address`](prometeu_packer::address)'s business. The text is a
//! function of the pack set alone: sorted, without a path of this machine, the same everywhere. Of
//! what is in the files it says nothing, so that a build that packs and one that opens no file write
//! the same.
//!
//! It is valid Rust whatever people call their files: identifiers come from a closed set of
//! characters, and people's own words stand in comments only, escaped. It brings no warning into the
//! crate that includes it: everything is documented, and each item outside allows what a list of
//! names needs. Two things are beyond its reach: a crate that *forbids* one of those lints, and
//! `mixed_script_confusables`, which rustc asks of whole crates only (folders whose Cyrillic or Greek
//! names could be taken for Latin ones).
//!
//! An artifact's constant is written with its asset's, so that rustc takes an asset for used where one
//! of its artifacts is. With [`Unused::Warned`] it may say what it knows of that: of assets alone, since
//! a game may well reach an artifact by its number.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use prometeu_packer::address::{artifact_constants, of_root};
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::ops::{NamedArtifact, NamedAsset};

/// How a family looks from a game.
struct Kind {
    family: &'static str,
    /// In comments: what the asset is, what it is made of, and what has to be said of those.
    words: [&'static str; 4],
    /// The types in `packer_format` of an asset and of an artifact, and the function from one to the
    /// other.
    asset: &'static str,
    artifact: &'static str,
    function: &'static str,
}

/// A family is a line here.
const KINDS: &[Kind] = &[
    Kind {
        family: "glyph_bank",
        words: ["glyph bank", "tile", "tiles", "; of a sheet, the first"],
        asset: "GlyphBankId",
        artifact: "Tile",
        function: "tile",
    },
    Kind {
        family: "sound_bank",
        words: ["sound bank", "sample", "samples", ""],
        asset: "SoundBankId",
        artifact: "Sample",
        function: "sample",
    },
    Kind {
        family: "blob_bank",
        words: ["blob bank", "blob", "blobs", ""],
        asset: "BlobBankId",
        artifact: "Blob",
        function: "blob",
    },
];

const HEADER: &str = "\
// The assets of this package, written by its build script from `assets/`. What is changed here is
// lost: a constant is renamed by renaming its folder or file.
";

/// On each outermost item, so that it holds for all inside. The last one is about this line itself.
const ALLOW: &str = "#[allow(dead_code, unreachable_pub, non_snake_case, non_upper_case_globals, \
                     clippy::allow_attributes, reason = \"names of assets, as their folders have them; \
                     a game need not use all\")]";

/// The same where rustc is to say which assets nothing names. What imports is an artifact's name.
const ALLOW_BUT_UNUSED: &str = "#[allow(unused_imports, unreachable_pub, non_snake_case, \
                                non_upper_case_globals, clippy::allow_attributes, reason = \"names of \
                                assets, as their folders have them; a game need not use every artifact\")]";

/// What rustc says of an asset that no code names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Unused {
    /// Nothing.
    #[default]
    Allowed,
    /// That its constant is never used, as it says it of any other.
    Warned,
}

#[derive(Default)]
struct Module {
    comment: String,
    modules: BTreeMap<String, Module>,
    constants: BTreeMap<String, Constant>,
}

struct Constant {
    comment: String,
    /// Everything after the name.
    value: String,
    is_artifact: bool,
}

/// The text of `assets.rs`.
///
/// Two assets of one address are a diagnostic that a build does not get past; where it was told to
/// skip the assets, the first of them by id has the constant.
pub(crate) fn generate(assets: &[NamedAsset], unused: Unused) -> String {
    let mut top = Module::default();
    for asset in assets {
        // A family that no game can name yet has nothing to write here.
        if let Some(kind) = KINDS.iter().find(|kind| kind.family == asset.family) {
            add(&mut top, asset, kind);
        }
    }
    let mut text = HEADER.to_owned();
    write(&mut text, &top, unused, 0);
    text
}

fn add(top: &mut Module, asset: &NamedAsset, kind: &Kind) {
    let address = of_root(&asset.root);
    let root = asset.root.as_str();
    let mut module = top;
    for (name, (end, _)) in address.modules.into_iter().zip(root.match_indices('/')) {
        module = module.modules.entry(name).or_default();
        module.comment = format!("{}.", code(&format!("assets/{}", &root[..end])));
    }
    let Kind { words: [bank, one, many, more], asset: of_asset, artifact: of_artifact, function, .. } = kind;
    let (name, id) = (code(&asset.name), asset.asset_id);
    let comment = format!("{name}, asset {id}: the {bank} in {}.", code(&format!("assets/{root}")));
    let value = format!("::packer_format::{of_asset} = ::packer_format::{of_asset}::new({id})");
    if module.constants.contains_key(&address.constant) || asset.artifacts.is_empty() {
        return;
    }
    module.constants.insert(address.constant.clone(), Constant { comment, value, is_artifact: false });
    let bank = format!("super::{}", address.constant);
    let module = module.modules.entry(address.module).or_default();
    module.comment = format!("The {many} of `{}`{more}.", address.constant);
    let files: Vec<_> = asset.artifacts.iter().map(|artifact| &artifact.file).collect();
    for (constant, NamedArtifact { file, index }) in
        artifact_constants(&files).into_iter().zip(&asset.artifacts)
    {
        let comment = format!("{} {index} of {name}: {}.", capital(one), code(file.as_str()));
        let value = format!("::packer_format::{of_artifact} = {bank}.{function}({index})");
        // An asset that lies in this one, which only a build that skips the assets gets past, was first:
        // its own artifacts are written with its constant.
        let constant = module.constants.entry(constant);
        constant.or_insert(Constant { comment, value, is_artifact: true });
    }
}

fn write(text: &mut String, module: &Module, unused: Unused, depth: usize) {
    let indent = "    ".repeat(depth);
    let allow = match (depth, unused) {
        (0, Unused::Allowed) => format!("{ALLOW}\n"),
        (0, Unused::Warned) => format!("{ALLOW_BUT_UNUSED}\n"),
        _ => String::new(),
    };
    let mut first = depth > 0;
    let mut item = |text: &mut String, comment: &str| {
        if !std::mem::take(&mut first) {
            text.push('\n');
        }
        let _ = write!(text, "{indent}/// {comment}\n{allow}{indent}pub ");
    };
    for (n, (name, Constant { comment, value, is_artifact })) in module.constants.iter().enumerate() {
        item(text, comment);
        let _ = if *is_artifact && unused == Unused::Warned {
            // Rustc calls nothing unused whose name begins with `_`; and unlike what is allowed to be unused,
            // such a constant does not make its asset used. No other name here has a small letter in it.
            writeln!(text, "const _at_{n}: {value};\n{indent}pub use self::_at_{n} as {name};")
        } else {
            writeln!(text, "const {name}: {value};")
        };
    }
    for (name, inner) in &module.modules {
        item(text, &inner.comment);
        let _ = writeln!(text, "mod {name} {{");
        write(text, inner, unused, depth + 1);
        let _ = writeln!(text, "{indent}}}");
    }
}

/// People's words in a comment: on one line, without what an editor would obey, and as code, so that
/// rustdoc and clippy read nothing into them.
fn code(words: &str) -> String {
    let words = visible(words);
    let longest = words.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A blank within the fences is cut off again, and a fence next to a backtick would be longer.
    if longest == 0 { format!("{fence}{words}{fence}") } else { format!("{fence} {words} {fence}") }
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

#[cfg(test)]
mod tests;
