//! How a project relates to the disk, as members of a response.

use prometeu_packer::observe::{AssetChange, ChangeKind};
use prometeu_packer::ops;
use prometeu_packer::snapshot::Divergence;
use serde_json::{Value, json};

use super::{Payload, present};

impl Payload for ops::WorkspaceStatus {
    fn members(&self) -> Value {
        json!({
            "state": self.state.as_str(),
            "changes": changes(&self.changes),
            "registry_changed": self.registry_changed,
            "divergences": self.divergences.iter().map(divergence).collect::<Vec<_>>(),
            "counts": counts(self.counts),
        })
    }
}

/// How many of what there are.
pub(crate) fn counts(counts: ops::Counts) -> Value {
    let ops::Counts { assets, included, unregistered, quarantined, blocking, warnings } = counts;
    json!({
        "assets": assets,
        "included": included,
        "unregistered": unregistered,
        "quarantined": quarantined,
        "blocking": blocking,
        "warnings": warnings,
    })
}

impl Payload for ops::Refreshed {
    fn members(&self) -> Value {
        json!({
            "state": self.state.as_str(),
            "changes": changes(&self.changes),
            "registry_changed": self.registry_changed,
        })
    }
}

fn changes(changes: &[AssetChange]) -> Vec<Value> {
    let one = |change: &AssetChange| {
        let from = match &change.kind {
            ChangeKind::Moved { from } => Some(json!(from)),
            _ => None,
        };
        present([
            ("change", Some(json!(change.kind.as_str()))),
            ("asset_id", change.asset_id.map(|id| json!(id.get()))),
            ("asset_uuid", change.asset_uuid.map(|uuid| json!(uuid.to_string()))),
            ("root", Some(json!(change.folder))),
            ("from", from),
        ])
    };
    changes.iter().map(one).collect()
}

fn divergence(found: &Divergence) -> Value {
    let asset = found.asset.as_ref();
    let ways: Vec<&str> = found.ways.iter().map(|way| way.action_id.as_str()).collect();
    present([
        ("kind", Some(json!(found.kind.as_str()))),
        ("asset_id", asset.and_then(|asset| asset.asset_id).map(|id| json!(id.get()))),
        ("asset_uuid", asset.and_then(|asset| asset.asset_uuid).map(|uuid| json!(uuid.to_string()))),
        ("root", found.folder.as_ref().map(|folder| json!(folder))),
        ("message", Some(json!(found.message))),
        ("can_be_reconciled", Some(json!(found.can_be_reconciled))),
        ("actions", Some(json!(ways))),
    ])
}
