//! The build script: a new one, or a note what to add to the one that is there.

use prometeu_packer::ops::Blocker;

use super::draft::Drafts;
use super::manifest::{self, BuildScript};

/// The call that packs.
const CALL: &str = "packer_build::run();";

/// Drafts `build.rs` where cargo would look for one and finds none. A script that is there is a
/// person's code: it is not touched.
pub(super) fn plan(drafts: &mut Drafts) -> Result<Option<String>, Blocker> {
    let own = drafts.read("Cargo.toml")?.unwrap_or_default();
    let path = match manifest::build_script(&own) {
        BuildScript::Default => "build.rs".to_owned(),
        BuildScript::At(path) => path,
        BuildScript::Several | BuildScript::Off => {
            return Ok(Some(format!(
                "`package.build` in `Cargo.toml` is not one script: call `{CALL}` in the one that is to pack"
            )));
        }
    };
    match drafts.read(&path)? {
        Some(text) if text.contains("packer_build::") => Ok(None),
        Some(_) => Ok(Some(format!("`{path}` is yours: add `{CALL}` to its `main`"))),
        None => {
            let text = format!("fn main() {{\n    {CALL}\n}}\n");
            drafts.write(&path, text, vec!["packs `assets/` with the game".to_owned()])?;
            Ok(None)
        }
    }
}
