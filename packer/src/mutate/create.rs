//! `create_asset`: a new root with a valid declaration and its inputs, registered, so that it packs
//! at once. The inputs are files that were handed in ([`super::given`]), or a small one to begin
//! with.

use super::given::{Contents, Given, contents, inputs_text};
use super::readback::check_declaration;
use super::{EditKind, Expected, FileEdit, Plan, Planner, Refused};
use crate::event::AffectedAsset;
use crate::family::{self, Family};
use crate::id::AssetUuid;
use crate::ops::{Blocker, BlockerCode, Operation};
use crate::path::AssetPath;
use crate::schema::SCHEMA_VERSION;
use crate::schema::json::quote;
use crate::schema::suggest::nearest;
use crate::storage::FileKind;
use crate::workspace::layout::DECLARATION;

/// What to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateAsset {
    /// The new root, relative to `assets/`.
    pub root: AssetPath,
    /// The family's name.
    pub family: String,
    /// The asset's name; the root's last part unless given.
    pub name: Option<String>,
    /// The files that it is made of; a small one to begin with unless given.
    pub from: Option<Given>,
}

pub(super) fn plan(planner: &Planner<'_>, request: &CreateAsset) -> Result<Plan, Refused> {
    let root = &request.root;
    let family = family::by_name(&request.family).ok_or_else(|| unknown_family(&request.family))?;
    planner.registry()?;
    planner.check_root(root, None)?;
    let mut edits = folders(planner, root)?;
    let name = request.name.clone().unwrap_or_else(|| root.file_name().to_owned());
    if name.trim().is_empty() {
        let help = "Give it one, or none: then it is called as its folder.";
        return Err(Blocker::new(BlockerCode::InvalidArgument, "the name is empty").help(help).into());
    }
    let asset_uuid = planner.ids.asset_uuid();
    let text_of = |contents: &Contents| declaration_text(asset_uuid, &name, family, contents);
    let contents = match &request.from {
        Some(given) => contents(family, given, &text_of)?,
        None => starter(family),
    };
    let text = text_of(&contents);
    check_declaration(&text, &format!("assets/{root}/{DECLARATION}"), asset_uuid, Some(&name))?;
    let names: Vec<String> = contents.files.iter().map(|(file, _)| file.clone()).collect();
    // The declaration first: whatever is interrupted after it can be registered or mended.
    let declaration = (DECLARATION.to_owned(), text.into_bytes());
    for (file, bytes) in [declaration].into_iter().chain(contents.files) {
        edits.push(FileEdit {
            path: format!("assets/{root}/{file}"),
            kind: EditKind::CreateFile(bytes),
            expected: Expected::Absent,
        });
    }
    let (asset_id, registration) = planner.registration(root, asset_uuid, true)?;
    edits.push(registration);
    let affected =
        AffectedAsset { asset_id: Some(asset_id), asset_uuid: Some(asset_uuid), root: root.clone() };
    let mut arguments = vec![
        ("root", root.to_string().into()),
        ("type", request.family.clone().into()),
        ("name", name.into()),
    ];
    let mut title = format!("create the {} `{root}` as asset {asset_id}", family.name());
    if let Some(given) = &request.from {
        // No name holds a line break.
        arguments.push(("from", names.into()));
        arguments.extend(given.tile_size.map(|size| ("tile_size", size.into())));
        title += &format!(": {}", contents.summary);
    }
    let operation = (Operation::CreateAsset, Operation::CreateAsset.class());
    Ok(Plan::new(planner.operation_id, operation, arguments, title, vec![affected], edits))
}

fn unknown_family(used: &str) -> Blocker {
    let names: Vec<&str> = family::ALL.iter().map(|family| family.name()).collect();
    let help = match nearest(used, names.iter().copied()) {
        Some(name) => format!("Did you mean `{name}`?"),
        None => format!("The types are: {}.", names.join(", ")),
    };
    Blocker::new(BlockerCode::InvalidArgument, format!("there is no asset type `{used}`")).help(help)
}

/// The folders that are missing on the way to the root, and the root. It must be new: what a person
/// put there is not ours to build around.
fn folders(planner: &Planner<'_>, root: &AssetPath) -> Result<Vec<FileEdit>, Refused> {
    let way = planner.way(root)?;
    let mut edits = way.missing;
    let path = format!("assets/{root}");
    let place = planner.snapshot.layout.root(root);
    match way.end {
        None => edits.push(new_root(path)),
        Some(FileKind::Folder) if planner.is_empty(&place)? => edits.push(new_root(path)),
        Some(_) => {
            let declared = matches!(planner.source.stat(&place.join(DECLARATION)), Ok(Some(_)));
            let help = if declared {
                format!("It holds an `asset.json`: `cargo prometeu register {root}` takes it in.")
            } else {
                "Choose a new folder; `--from` copies files that lie here into it.".to_owned()
            };
            let message = format!("`{path}` is there already");
            return Err(Blocker::new(BlockerCode::AlreadyExists, message).help(help).at(path).into());
        }
    }
    Ok(edits)
}

fn new_root(path: String) -> FileEdit {
    FileEdit { path, kind: EditKind::CreateRoot, expected: Expected::EmptyOrAbsent }
}

/// What an asset of `family` begins with when nobody gives it files.
fn starter(family: &dyn Family) -> Contents {
    let starter = family::new_asset(family).starter();
    let files = starter.files.into_iter().map(|(file, bytes)| (file.to_owned(), bytes));
    Contents {
        files: files.collect(),
        summary: String::new(),
        metadata: starter.metadata.map(str::to_owned),
        pipeline: starter.pipeline.map(str::to_owned),
    }
}

/// A declaration as a person would write it: members in the order of the documentation.
fn declaration_text(uuid: AssetUuid, name: &str, family: &dyn Family, contents: &Contents) -> String {
    let role = family::new_asset(family).starter().role;
    let mut output =
        vec![format!("\"format\": {}", quote(family.format())), "\"codec\": \"NONE\"".to_owned()];
    output.extend(contents.metadata.as_ref().map(|metadata| format!("\"metadata\": {metadata}")));
    output.extend(contents.pipeline.as_ref().map(|pipeline| format!("\"pipeline\": {pipeline}")));
    let members = [
        format!("\"schema_version\": {SCHEMA_VERSION}"),
        format!("\"asset_uuid\": \"{uuid}\""),
        format!("\"name\": {}", quote(name)),
        format!("\"type\": {}", quote(family.name())),
        format!("\"inputs\": {}", inputs_text(role, &contents.files)),
        format!("\"output\": {{\n    {}\n  }}", output.join(",\n    ")),
        "\"preload\": { \"enabled\": false }".to_owned(),
    ];
    format!("{{\n  {}\n}}\n", members.join(",\n  "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutate::Mutation;
    use crate::schema::SourceText;
    use crate::schema::declaration;
    use crate::testing::Fixture;

    #[test]
    fn an_asset_is_never_made_with_a_name_that_no_build_takes() {
        for name in ["", " ", "\t"] {
            let fixture = Fixture::blobs(&["seed"]);
            let root = AssetPath::parse("new").unwrap();
            let request =
                CreateAsset { root, family: "blob_bank".into(), name: Some(name.into()), from: None };
            let response = fixture.project().preview(&Mutation::CreateAsset(request), None);
            let [blocker] = &response.blockers[..] else { panic!("{response:?}") };
            assert_eq!(
                (blocker.code, &*blocker.message),
                (BlockerCode::InvalidArgument, "the name is empty")
            );
        }
    }

    #[test]
    fn every_family_begins_with_a_declaration_that_reads_without_a_finding() {
        let uuid = AssetUuid::parse("0198c0de-0000-7000-8000-000000000001").unwrap();
        for family in family::ALL {
            let text = declaration_text(uuid, "a \"name\"", *family, &starter(*family));
            let reading = declaration::read(&SourceText::new(text.as_str()));
            assert_eq!(reading.findings, [], "{text}");
            assert_eq!(reading.name.as_deref(), Some("a \"name\""));
        }
    }
}
