//! What an asset brings into a pack, as words.

use prometeu_packer::ops::{ArtifactDetails, AssetDetails, InputDetails};

use crate::printer::human::counted;
use crate::printer::units;

/// So many files are named.
const NAMED: usize = 8;

/// One fact a line; what is not known is left out.
pub(super) fn of(details: &AssetDetails) -> Vec<(&'static str, String)> {
    let payload = details.payload_size.map(|size| {
        let in_memory = match details.decoded_size {
            Some(decoded) if decoded != size => format!(", {} in memory", units::bytes(decoded)),
            _ => String::new(),
        };
        let share = details.pack_payload_size.filter(|all| *all > 0).map_or(String::new(), |all| {
            match u128::from(size) * 100 / u128::from(all) {
                0 => ", less than 1 % of all payloads".to_owned(),
                percent => format!(", {percent} % of all payloads"),
            }
        });
        format!("{}{in_memory}{share}", units::bytes(size))
    });
    let preload = match (details.preload, details.preload_slot) {
        (Some(true), Some(slot)) => Some(format!("yes, slot {slot}")),
        (Some(true), None) => Some("asked for, without a slot".to_owned()),
        (Some(false), _) => Some("no".to_owned()),
        (None, _) => None,
    };
    let constants = match details.artifacts.len() {
        0 => format!("assets::{}", details.constant),
        more => format!("assets::{}, and {} in it", details.constant, counted(more, "artifact")),
    };
    let facts = [
        ("payload", payload),
        ("preload", preload),
        ("constants", Some(constants)),
        ("inputs", Some(inputs(details)).filter(|inputs| !inputs.is_empty())),
        (
            "changed",
            details.last_modified.map(|at| {
                let (ago, moment) = (units::ago(at, units::now()), units::utc(at));
                // Of what is long ago the day is told, which begins the moment.
                if moment.starts_with(&ago) { moment } else { format!("{ago}, {moment}") }
            }),
        ),
    ];
    facts.into_iter().filter_map(|(what, fact)| Some((what, fact?))).collect()
}

fn inputs(details: &AssetDetails) -> String {
    let inputs = details.inputs.iter().take(NAMED).map(|input| {
        let what = match (input.size, input.packed) {
            (None, _) => "not there".to_owned(),
            (Some(_), false) => "not packed".to_owned(),
            (Some(size), true) => units::bytes(size),
        };
        format!("{} ({what})", input.file)
    });
    let mut words: Vec<String> = inputs.collect();
    if let more @ 1.. = details.inputs.len().saturating_sub(NAMED) {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}

/// What becomes of a file in the folder of an asset.
pub(super) fn of_file(details: &AssetDetails, file: &str, is_there: bool) -> String {
    if file == "asset.json" {
        return "is its declaration, which is not packed itself".to_owned();
    }
    let below =
        |input: &&InputDetails| input.file.strip_prefix(file).is_some_and(|rest| rest.starts_with('/'));
    let inside = details.inputs.iter().filter(below).count();
    if inside > 0 {
        return format!("is a folder in it, with {inside} of its inputs");
    }
    let Some(input) = details.inputs.iter().find(|input| input.file == file) else {
        let gone = if is_there { "" } else { "is not there, and " };
        return format!("{gone}is none of its inputs, so it is not packed");
    };
    let artifacts: Vec<&ArtifactDetails> =
        details.artifacts.iter().filter(|artifact| artifact.file.as_str() == file).collect();
    match &artifacts[..] {
        _ if !input.packed => {
            "is one of its inputs, and no artifact names it, so it is not packed".to_owned()
        }
        [] => "is one of its inputs".to_owned(),
        [only] if only.count > 1 => {
            let last = u64::from(only.index) + u64::from(only.count) - 1;
            format!("is packed as its artifacts {} to {last}, `assets::{}`", only.index, only.constant)
        }
        [only] => format!("is packed as its artifact {}, `assets::{}`", only.index, only.constant),
        several => {
            let indices: Vec<String> = several.iter().map(|artifact| artifact.index.to_string()).collect();
            format!("is packed as its artifacts {}", indices.join(", "))
        }
    }
}
