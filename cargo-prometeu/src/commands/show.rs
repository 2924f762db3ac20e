//! `show`: everything about one asset, with the names that a game has for it.

use clap::Args;
use prometeu_packer::diagnostics::render::visible;
use prometeu_packer::ops::{ArtifactDetails, AssetDetails, Blocker, DetailsRequest, InputDetails, Response};
use std::ffi::OsString;

use super::Context;
use crate::exit::Exit;
use crate::printer::findings;
use crate::printer::table::{Align, Table};
use crate::printer::{human, units};
use crate::shell::Shell;
use crate::{asset, session};

/// `show`
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Its id, its uuid, its root or a path to it, or a name that no other asset has
    asset: OsString,
}

pub(super) fn run(context: &Context<'_>, request: &Show) -> Result<Exit, Blocker> {
    let project = session::open(context.global, context.printer)?;
    let asset = asset::resolve(&project, &request.asset)?;
    let response = project.get_asset_details(&DetailsRequest { asset });
    Ok(context.printer.response(&response, print))
}

/// What is wrong was asked for as well, so it is on stdout.
fn print(shell: &Shell, response: &Response<AssetDetails>) {
    let Some(details) = &response.payload else { return human::trouble(shell, response) };
    facts(details).lines().for_each(|line| shell.print(line));
    if !details.inputs.is_empty() {
        shell.print("");
        files(&details.inputs).lines().for_each(|line| shell.print(line));
    }
    if !details.artifacts.is_empty() {
        shell.print("");
        artifacts(&details.artifacts).lines().for_each(|line| shell.print(line));
    }
    if !response.diagnostics.is_empty() {
        shell.print("");
        findings::print(shell, &response.diagnostics);
    }
}

/// One fact a line; what is not known is left out.
fn facts(details: &AssetDetails) -> String {
    let family = match (&details.asset_family, &details.format) {
        (Some(family), Some(format)) => Some(format!("{family}, {format}")),
        (family, format) => family.clone().or_else(|| format.clone()),
    };
    let build = match (details.included_in_build, details.preload, details.preload_slot) {
        (false, ..) => "excluded".to_owned(),
        (true, Some(true), Some(slot)) => format!("included, preloaded in slot {slot}"),
        (true, Some(true), None) => "included, preloaded".to_owned(),
        (true, ..) => "included".to_owned(),
    };
    let payload = details.payload_size.map(|size| match details.decoded_size {
        Some(decoded) if decoded != size => {
            format!("{}, {} in memory", units::bytes(size), units::bytes(decoded))
        }
        _ => units::bytes(size),
    });
    let facts = [
        ("root", Some(details.root.to_string())),
        ("id", Some(details.asset_id.to_string())),
        ("uuid", Some(details.asset_uuid.to_string())),
        ("name", details.asset_name.clone()),
        ("type", family),
        ("build", Some(build)),
        ("payload", payload),
        ("share", share(details)),
        ("artifacts", count(details)),
        ("modified", details.last_modified.map(units::utc)),
        ("constant", Some(format!("assets::{}", details.constant))),
    ];
    let known = facts.into_iter().filter_map(|(what, fact)| Some((what, fact?)));
    known.map(|(what, fact)| format!("{what:<9}  {}\n", visible(&fact))).collect()
}

/// `12.5 % of 278.5 kB`, of the payloads of the pack that it would be in.
fn share(details: &AssetDetails) -> Option<String> {
    let (own, all) = (details.payload_size?, details.pack_payload_size.filter(|all| *all > 0)?);
    let tenths = (u128::from(own) * 1000 + u128::from(all) / 2) / u128::from(all);
    Some(format!("{}.{} % of {}", tenths / 10, tenths % 10, units::bytes(all)))
}

/// `5, may be 1 to 256`, counted in indices; how many are possible where they are not known.
fn count(details: &AssetDetails) -> Option<String> {
    let limits = format!("may be {} to {}", details.min_artifact_count?, details.max_artifact_count?);
    let taken: u32 = details.artifacts.iter().map(|artifact| artifact.count).sum();
    Some(if taken == 0 { limits } else { format!("{taken}, {limits}") })
}

fn files(inputs: &[InputDetails]) -> Table {
    let mut table =
        Table::new([("FILE", Align::Left), ("ROLE", Align::Left), ("SIZE", Align::Right), ("", Align::Left)]);
    for input in inputs {
        table.row([
            visible(&input.file),
            visible(&input.role),
            input.size.map_or("-".to_owned(), units::bytes),
            if input.packed { "" } else { "not packed" }.to_owned(),
        ]);
    }
    table
}

fn artifacts(artifacts: &[ArtifactDetails]) -> Table {
    let mut table = Table::new([("INDEX", Align::Right), ("CONSTANT", Align::Left), ("FILE", Align::Left)]);
    for ArtifactDetails { file, index, count, constant } in artifacts {
        let index = match count {
            1 => index.to_string(),
            _ => format!("{index}-{}", u64::from(*index) + u64::from(*count) - 1),
        };
        table.row([index, format!("assets::{constant}"), visible(file.as_str())]);
    }
    table
}
