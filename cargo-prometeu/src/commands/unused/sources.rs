//! What the words in Rust sources speak against: an asset that no compiled code names may be named by what was not
//! compiled (a test, another platform), or be asked for by its name while the game runs.
//!
//! A search for words, in comments too: it makes advice less sure, and decides nothing.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use prometeu_packer::address::Address;
use walkdir::{DirEntry, WalkDir};

/// Larger sources are generated, and not read.
const LARGEST: u64 = 4 << 20;

/// Words, each with the first place that has it.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// Names as code has them, any two parts that follow each other: `ui::ATLAS`.
    paths: HashMap<String, Place>,
    /// What stands between quotes.
    strings: HashMap<String, Place>,
    /// The last part of each of those that may be a path.
    files: HashMap<String, Place>,
    makes_ids: Option<Place>,
}

/// A line of a source.
#[derive(Debug, Clone)]
pub(super) struct Place {
    file: String,
    line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl Sources {
    /// Those of these packages. What cannot be read says nothing.
    pub(super) fn read(packages: &[PathBuf]) -> Self {
        let mut sources = Self::default();
        for package in packages {
            let entries = WalkDir::new(package).sort_by_file_name().into_iter().filter_entry(is_source);
            for entry in entries.flatten().filter(|entry| entry.file_type().is_file()) {
                let is_small = entry.metadata().is_ok_and(|metadata| metadata.len() <= LARGEST);
                if let (true, Ok(text)) = (is_small, std::fs::read_to_string(entry.path())) {
                    sources.take(&shown(entry.path(), package), &text);
                }
            }
        }
        sources
    }

    fn take(&mut self, file: &str, text: &str) {
        for (n, line) in text.lines().enumerate() {
            let place = || Place { file: file.to_owned(), line: n + 1 };
            let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
            // The module that the braces of `use assets::ui::{A, B}` are about.
            let mut group = None;
            for path in line.split(|c| !is_part(c)) {
                if let Some(module) = path.strip_suffix("::") {
                    group = module.rsplit("::").next();
                }
                let parts: Vec<&str> = path.split("::").collect();
                for pair in parts.windows(2) {
                    self.paths.entry(format!("{}::{}", pair[0], pair[1])).or_insert_with(place);
                }
                match (&parts[..], group) {
                    ([.., before, "new"], _) if before.ends_with("BankId") => {
                        self.makes_ids.get_or_insert_with(place);
                    }
                    ([name], Some(module)) if !name.is_empty() => {
                        self.paths.entry(format!("{module}::{name}")).or_insert_with(place);
                    }
                    _ => {}
                }
            }
            // Quotes that are not closed on the line are rare, and a wrong word more does no harm.
            for string in line.split('"').skip(1) {
                let file = string.rsplit(['/', '\\']).next().unwrap_or(string);
                self.files.entry(file.to_owned()).or_insert_with(place);
                self.strings.entry(string.to_owned()).or_insert_with(place);
            }
        }
    }

    /// Where an id is made of a number.
    pub(super) const fn makes_ids(&self) -> Option<&Place> {
        self.makes_ids.as_ref()
    }

    /// Where an asset's constant, or one of its artifacts', is named with the module that it is in.
    pub(super) fn names_constant(&self, address: &Address) -> Option<&Place> {
        let module = address.modules.last().map_or("assets", String::as_str);
        // Its artifacts stand in a module of its own.
        let names = [&address.constant, &address.module];
        names.into_iter().find_map(|name| self.paths.get(&format!("{module}::{name}")))
    }

    /// Where exactly that string stands.
    pub(super) fn quotes(&self, words: &str) -> Option<&Place> {
        self.strings.get(words)
    }

    /// Where a string stands that ends with that name of a file.
    pub(super) fn quotes_path_to(&self, name: &str) -> Option<&Place> {
        self.files.get(name)
    }
}

fn is_source(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    if entry.depth() == 0 {
        return true;
    }
    if !entry.file_type().is_dir() {
        return name.ends_with(".rs");
    }
    // What cargo makes, the assets, and what hides.
    let is_cargos = entry.path().join("CACHEDIR.TAG").is_file();
    let is_assets = entry.depth() == 1 && name == "assets";
    !(name.starts_with('.') || is_cargos || is_assets)
}

/// Relative to the package, with `/`.
fn shown(path: &Path, package: &Path) -> String {
    let parts = path.strip_prefix(package).unwrap_or(path).iter();
    parts.map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use prometeu_packer::address::of_root;
    use prometeu_packer::path::AssetPath;

    use super::*;

    fn sources(text: &str) -> Sources {
        let mut sources = Sources::default();
        sources.take("src/main.rs", text);
        sources
    }

    fn place(place: Option<&Place>) -> String {
        place.map(ToString::to_string).unwrap_or_default()
    }

    #[test]
    fn a_constant_is_named_with_the_module_that_it_is_in() {
        let sources = sources("// old\nuse assets::ui::ATLAS;\nlet x = assets::STEPS;\n");
        let named = |root: &str| place(sources.names_constant(&of_root(&AssetPath::parse(root).unwrap())));
        assert_eq!(named("ui/atlas"), "src/main.rs:2");
        assert_eq!(named("steps"), "src/main.rs:3");
        assert_eq!(named("old/atlas"), "", "another module's constant of that name");
    }

    #[test]
    fn an_artifact_and_a_name_in_braces_name_their_asset() {
        let sources = sources("use assets::maps::{first, SECOND};\nlet x = assets::ui::atlas::HEART;\n");
        let named = |root: &str| place(sources.names_constant(&of_root(&AssetPath::parse(root).unwrap())));
        assert_eq!([named("maps/first"), named("maps/second")], ["src/main.rs:1", "src/main.rs:1"]);
        assert_eq!(named("ui/atlas"), "src/main.rs:2");
        assert_eq!(named("maps/third"), "");
    }

    #[test]
    fn strings_are_found_whole_and_files_by_the_end_of_their_path() {
        let sources = sources("let a = pack.find(\"ui/atlas\");\ninclude_bytes!(\"../assets/ui/old.png\")\n");
        assert_eq!(place(sources.quotes("ui/atlas")), "src/main.rs:1");
        assert_eq!(place(sources.quotes("atlas")), "");
        assert_eq!(place(sources.quotes_path_to("old.png")), "src/main.rs:2");
        assert_eq!(place(sources.quotes_path_to("d.png")), "", "a part of a name");
    }

    #[test]
    fn an_id_made_of_a_number_is_seen() {
        assert_eq!(
            place(sources("let id = packer_format::GlyphBankId::new(3);").makes_ids()),
            "src/main.rs:1"
        );
        assert_eq!(place(sources("let v = Vec::new();").makes_ids()), "");
    }
}
